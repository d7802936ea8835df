#pragma once

#include "bot/ports/clock.hpp"
#include "bot/ports/task.hpp"

#include <functional>
#include <memory>

namespace jitbot::story {

// Waits for something to become true: looked at after every change and once more at the deadline. One wait at
// a time. Belongs to the loop's thread.
class Watch {
 public:
  explicit Watch(Clock& clock);

  void changed() { timer_->poke(); }
  std::function<void()> trigger() const;  // calls changed(), and outlives the watch
  Task<bool> until(std::function<bool()> there, Millis patience);

 private:
  Clock& clock_;
  std::shared_ptr<Timer> timer_;
};

}  // namespace jitbot::story
