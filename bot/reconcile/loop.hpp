#pragma once

#include "bot/ports/effective_clock.hpp"
#include "bot/ports/store.hpp"
#include "bot/record/record.hpp"

#include <functional>
#include <memory>
#include <string>

// What every loop of reconcile shares.
namespace jitbot {

struct LoopPorts {
  Executor executor;
  Store& store;
  EffectiveClock& clock;
  const RecordSettings& record;
};

// A transaction of a loop: a Recorder at effective now, and the high-water mark with it.
Task<Result<void>> record(LoopPorts ports, std::function<Result<void>(Recorder&)> work);

// Sleeps at most `longest`, less when the next thing is due earlier or somebody pokes.
Task<void> rest(EffectiveClock& clock, Timer& timer, std::optional<Time> next, Millis longest);

// What is under way and must be over before its owner goes. Belongs to the loop's thread.
class Running {
 public:
  explicit Running(Clock& clock) : clock_(clock) {}
  void spawn(const Executor& executor, Task<void> task, std::string what);
  int count() const { return *count_; }
  Task<void> drain(Millis patience);

 private:
  Clock& clock_;
  std::shared_ptr<int> count_ = std::make_shared<int>(0);
  std::shared_ptr<std::unique_ptr<Timer>> quiet_ = std::make_shared<std::unique_ptr<Timer>>();
};

}  // namespace jitbot
