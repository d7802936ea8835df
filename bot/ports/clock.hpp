#pragma once

#include "bot/model/time.hpp"
#include "bot/ports/task.hpp"

#include <memory>

namespace jitbot {

// A timer that can be woken early. Belongs to the event loop's thread. At most one wait at a time.
class Timer {
 public:
  virtual ~Timer() = default;

  enum class Wake { elapsed, poked };
  // Returns after `duration` of the clock's monotonic time, or earlier when poked. A poke while nobody waits
  // is remembered once, so a wake-up between two waits is not lost. Honours asio cancellation (throws).
  virtual Task<Wake> wait(Millis duration) = 0;
  virtual void poke() = 0;
};

// Time comes from here alone, so tests can inject it.
class Clock {
 public:
  virtual ~Clock() = default;

  virtual Time now() const = 0;       // wall clock, may step
  virtual Millis steady() const = 0;  // monotonic, since an arbitrary origin
  virtual std::unique_ptr<Timer> make_timer() = 0;
};

}  // namespace jitbot
