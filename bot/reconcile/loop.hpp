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

// When a loop has something to do next, as far as it knows: from the store when it asked, from commits since.
// Belongs to the loop's thread.
class Agenda {
 public:
  explicit Agenda(Clock& clock) : timer_(clock.make_timer()) {}

  // There is something to do at `at`. Wakes the loop where that is sooner than what it waits for.
  void add(Time at);
  // There may be something that nobody told of.
  void poke();
  // Whether the store is to be asked at `now`.
  bool due(Time now) const { return !next_ || *next_ <= now; }
  // Before the store is asked; what is added from then on is not known to its answer.
  void asking() { heard_.reset(); }
  // What it answered: nothing: never, as things are.
  void answered(std::optional<Time> next);
  // Until something is due or somebody pokes, at most `longest`; after that the store is to be asked anyway.
  Task<void> rest(EffectiveClock& clock, Millis longest);
  Task<void> pause(Millis duration);  // after a failure; a poke ends it too

 private:
  std::unique_ptr<Timer> timer_;
  std::optional<Time> next_;  // nothing: not known, the store is to be asked
  std::optional<Time> heard_;
};

// Sleeps at most `longest`, less when the next thing is due earlier or somebody pokes.
Task<void> rest(EffectiveClock& clock, Timer& timer, std::optional<Time> next, Millis longest);

// What is under way and must be over before its owner goes. Belongs to the loop's thread.
class Running {
 public:
  explicit Running(Clock& clock) : clock_(clock) {}
  void spawn(const Executor& executor, Task<void> task, std::string what);
  int count() const { return *count_; }
  // Until nothing is under way: what runs uses its owner, so there is no giving up. Every call that somebody
  // waits for has a deadline of its own; what takes longer than `patience` is logged.
  Task<void> drain(Millis patience);

 private:
  Clock& clock_;
  std::shared_ptr<int> count_ = std::make_shared<int>(0);
  std::shared_ptr<std::unique_ptr<Timer>> quiet_ = std::make_shared<std::unique_ptr<Timer>>();
};

}  // namespace jitbot
