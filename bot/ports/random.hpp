#pragma once

#include <cstdint>
#include <string>

namespace jitbot {

// Unpredictable numbers (ids, tokens) and jitter. Tests give a seeded one.
class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t below(std::uint64_t bound) = 0;  // uniform in [0, bound); bound > 0
  virtual std::string bytes(std::size_t count) = 0;      // raw random bytes
};

}  // namespace jitbot
