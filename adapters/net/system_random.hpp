#pragma once

#include "bot/ports/random.hpp"

namespace jitbot::net {

// The kernel's random numbers (getrandom). Throws std::system_error when the kernel has none to give.
// Thread-safe.
class SystemRandom : public Random {
 public:
  std::uint64_t below(std::uint64_t bound) override;
  std::string bytes(std::size_t count) override;
};

}  // namespace jitbot::net
