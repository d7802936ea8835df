#pragma once

#include "bot/model/time.hpp"
#include "bot/ports/random.hpp"

namespace jitbot::net {

// When to dial next after failures: full jitter, so that many instances do not dial together.
class Backoff {
 public:
  static constexpr Millis k_base = 1s;
  static constexpr Millis k_cap = 60s;

  Millis next(Random& random);  // grows with each call
  void reset() { failures_ = 0; }

 private:
  unsigned failures_ = 0;
};

}  // namespace jitbot::net
