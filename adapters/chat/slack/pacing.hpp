#pragma once

#include "adapters/net/backoff.hpp"
#include "bot/model/time.hpp"

namespace jitbot::slack {

using net::Backoff;

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
