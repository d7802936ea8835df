#pragma once

#include "adapters/chat/slack/decode.hpp"
#include "bot/ports/chat.hpp"
#include "bot/ports/clock.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace jitbot::slack {

// Whose Home was opened lately, and how it was published last. Each is shown anew when something changed, at
// most every few seconds, and only where it then looks different. Belongs to the loop.
class Homes {
 public:
  explicit Homes(Clock& clock) : clock_(clock) {}

  struct Entry {
    Millis opened{0};                 // monotonic, as all of these
    std::optional<Millis> published;  // none: never
    std::string shown;                // the view, as it was published
    bool stale = false;               // to be made anew
    bool at_work = false;             // a coroutine sees to it
    std::shared_ptr<Timer> timer;     // it waits with this
  };

  // From now on that Home is kept up to date for a while. Whoever opened his the longest ago makes room.
  Entry& opened(const PrincipalId& who);
  Entry* find(const PrincipalId& who);    // null: not opened lately
  std::vector<PrincipalId> all();         // opened lately
  Millis wait(const Entry& entry) const;  // until it may be published again
  void wake_all();

 private:
  void forget_old();

  Clock& clock_;
  std::map<PrincipalId, Entry> entries_;
};

}  // namespace jitbot::slack
