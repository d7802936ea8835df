#pragma once

#include "bot/ports/clock.hpp"
#include "bot/ports/task.hpp"

#include <set>

namespace jitbot::net {

// Calls that wait for their turn and can all be woken: whoever is told to close waits for none of them.
// Belongs to the loop; `clock` outlives it.
class Sleepers {
 public:
  explicit Sleepers(Clock& clock) : clock_(clock) {}

  // `duration` of the clock's monotonic time, or until wake_all().
  Task<void> sleep(Millis duration);
  void wake_all();

 private:
  Clock& clock_;
  std::set<Timer*> asleep_;
};

}  // namespace jitbot::net
