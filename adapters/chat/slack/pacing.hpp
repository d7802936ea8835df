#pragma once

#include "bot/model/time.hpp"
#include "bot/ports/random.hpp"

namespace jitbot::slack {

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

// At most one apps.connections.open per 10 s on average (it is a tier 1 method), a few at once after a start
// or a refresh of all connections.
class DialBudget {
 public:
  static constexpr Millis k_per_dial = 10s;
  static constexpr int k_burst = 4;

  Millis wait(Millis now) const;
  void spend(Millis now);

 private:
  Millis full_at_{0};
};

}  // namespace jitbot::slack
