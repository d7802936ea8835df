#pragma once

#include "bot/ports/clock.hpp"

#include <optional>

namespace jitbot {

// Effective time: never behind the durable high-water mark, never backwards, advanced by the monotonic clock
// while the wall clock lags. A wall clock that jumps ahead is believed: ends may come too early, never too
// late.
class EffectiveClock {
 public:
  EffectiveClock(Clock& clock, std::optional<Time> high_water);

  Time now();
  Clock& clock() { return clock_; }

  // A step of the wall clock by more than 30 s against the monotonic one, since the last time this was asked.
  std::optional<Millis> take_step();

 private:
  Clock& clock_;
  Time last_;
  Time last_wall_;
  Millis last_steady_;
  std::optional<Millis> step_;
};

}  // namespace jitbot
