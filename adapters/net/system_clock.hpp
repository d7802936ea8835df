#pragma once

#include "bot/ports/clock.hpp"

namespace jitbot::net {

// The machine's clocks. Timers belong to the loop of the coroutine that waits.
class SystemClock : public Clock {
 public:
  Time now() const override;
  Millis steady() const override;
  std::unique_ptr<Timer> make_timer() override;
};

}  // namespace jitbot::net
