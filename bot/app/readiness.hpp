#pragma once

#include "adapters/http/answers.hpp"
#include "bot/ports/effective_clock.hpp"
#include "bot/ports/store.hpp"

#include <optional>

namespace jitbot {

// What /readyz tells of the store. Only a write proves that it can be written, and whoever may ask may ask
// often: it is tried at most every 5 s, and the last finding holds in between. Belongs to the event loop;
// store and clock outlive it.
class Readiness {
 public:
  Readiness(Store& store, EffectiveClock& clock) : store_(store), clock_(clock) {}

  Task<http::Health> look();  // but for the chat, which is not asked here

 private:
  struct Finding {
    bool writable = false;
    std::optional<Time> overdue_since;  // of the oldest
  };
  Task<Finding> find_out();

  Store& store_;
  EffectiveClock& clock_;
  std::optional<Finding> last_;
  Millis tried_{0};  // monotonic
};

}  // namespace jitbot
