#pragma once

#include "bot/model/finding.hpp"
#include "bot/ports/clock.hpp"
#include "bot/ports/task.hpp"

#include <memory>

namespace jitbot {

// One look at something, under way beside the others, that is given up after its time.
class DoctorErrand {
 public:
  // Runs at once. `otherwise`: what is found when it does not come back in time, or fails by itself.
  DoctorErrand(const Executor& executor, Clock& clock, Millis patience, Task<Findings> task,
               Findings otherwise);

  // Once.
  Task<Findings> findings();
  // It was given up and would not end when told to: what it uses must live on.
  bool stuck() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace jitbot
