#include "bot/workflow/voters.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace jitbot::testing {

namespace {

StepVoters step(int needed, const std::vector<std::string>& people) {
  StepVoters step;
  step.needed = needed;
  for (const std::string& one : people) step.people.insert(PrincipalId{"slack:T1", one});
  return step;
}

using Left = std::vector<std::size_t>;

}  // namespace

TEST_CASE("steps that have enough different people are left out") {
  CHECK(steps_left_over({}) == Left{});
  CHECK(steps_left_over({step(0, {})}) == Left{});
  CHECK(steps_left_over({step(1, {"lena"})}) == Left{});
  CHECK(steps_left_over({step(2, {"lena", "leo", "lia"}), step(1, {"sam"})}) == Left{});
}

TEST_CASE("a step without enough people is named") {
  CHECK(steps_left_over({step(1, {})}) == Left{0});
  CHECK(steps_left_over({step(1, {"lena"}), step(2, {"sam"})}) == Left{1});
  CHECK(steps_left_over({step(3, {"lena", "leo"}), step(1, {})}) == Left{0, 1});
}

TEST_CASE("a person counts for one step only, and is taken where nobody else can serve") {
  // Each could be met alone.
  CHECK(steps_left_over({step(1, {"lena"}), step(1, {"lena"})}) == Left{1});
  // The first step takes leo, so that lena is free for the second.
  CHECK(steps_left_over({step(1, {"lena", "leo"}), step(1, {"lena"})}) == Left{});
  // A chain: each step moves on to its other one.
  CHECK(steps_left_over({step(1, {"a", "b"}), step(1, {"b", "c"}), step(1, {"c", "d"}), step(1, {"a"})}) ==
        Left{});
  CHECK(steps_left_over({step(1, {"a", "b"}), step(1, {"a", "b"}), step(1, {"a", "b"})}) == Left{2});
}

}  // namespace jitbot::testing
