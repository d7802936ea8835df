#include "tests/unit/workflow/access_world.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

// Grants, one entitlement and a hostile target, for many seeds. A failure names its seed.
namespace jitbot::testing {

namespace {

constexpr std::uint64_t k_worlds = 400;
constexpr int k_moves = 120;

std::string first_broken(const AccessWorld& world) {
  return world.broken().empty() ? "" : world.broken().front();
}

}  // namespace

TEST_CASE("no grant is called absent that is not, whatever the target does") {
  std::map<EndedAs, int> endings;
  for (std::uint64_t seed = 1; seed <= k_worlds; ++seed) {
    AccessWorld world(seed);
    world.misbehave(k_moves);
    CAPTURE(seed);
    REQUIRE(first_broken(world) == "");
    for (const Grant& grant : world.ended()) ++endings[*grant.ended_as];
  }
  // The worlds are wild enough to reach every ending that a target can cause.
  for (const EndedAs as : {EndedAs::absent, EndedAs::held, EndedAs::standing, EndedAs::removed_outside,
                           EndedAs::failed, EndedAs::not_started}) {
    CAPTURE(to_string(as));
    CHECK(endings[as] > 5);
  }
}

TEST_CASE("once the target is honest every ended grant's access is gone within the longest back-off") {
  for (std::uint64_t seed = 1; seed <= k_worlds; ++seed) {
    AccessWorld world(seed * 7919);
    world.misbehave(k_moves);
    world.be_honest();
    world.end_all();
    world.run_for(15min);
    CAPTURE(seed);
    REQUIRE(first_broken(world) == "");
    CHECK(world.access().grants.empty());
    CHECK(world.access().entitlement.state == EntitlementState::rest);
    if (!world.was_standing()) CHECK_FALSE(world.target_has_access());
  }
}

TEST_CASE("while a grant is active at an honest target its access stays, and everything ends by itself") {
  for (std::uint64_t seed = 1; seed <= k_worlds; ++seed) {
    AccessWorld world(seed * 104729);
    world.misbehave(k_moves);
    world.be_honest();
    world.run_for(24h);
    CAPTURE(seed);
    REQUIRE(first_broken(world) == "");
    CHECK(world.access().grants.empty());
    CHECK(world.access().entitlement.state == EntitlementState::rest);
  }
}

}  // namespace jitbot::testing
