#pragma once

#include "bot/ports/random.hpp"

#include <random>

namespace jitbot::testing {

// The same numbers in each run of a test.
class SeededRandom : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed = 7) : engine_(seed) {}

  std::uint64_t below(std::uint64_t bound) override {
    return std::uniform_int_distribution<std::uint64_t>(0, bound - 1)(engine_);
  }
  std::string bytes(std::size_t count) override {
    std::string out(count, '\0');
    for (char& byte : out) byte = static_cast<char>(below(256));
    return out;
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace jitbot::testing
