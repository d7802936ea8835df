#pragma once

#include "bot/ports/clock.hpp"

#include <memory>
#include <optional>

namespace jitbot::testing {

// A clock that moves only when told. Belongs to one thread: advance it on the loop's thread. Timers whose
// time has come are woken in order of their deadlines; the loop must then run for the wakened to go on.
class ManualClock : public Clock {
 public:
  explicit ManualClock(Time start = time_from_ms(1'772'330'400'000));  // 2026-03-01T02:00:00Z
  ~ManualClock() override;

  Time now() const override;
  Millis steady() const override;
  std::unique_ptr<Timer> make_timer() override;

  void advance(Millis by);    // wall clock and monotonic clock together
  void step_wall(Millis by);  // the wall clock alone jumps, either way
  // The time until the earliest deadline anybody waits for; nothing when nobody waits.
  std::optional<Millis> until_next() const;

 private:
  class ManualTimer;
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace jitbot::testing
