#pragma once

#include "bot/model/time.hpp"

#include <map>
#include <string>

namespace jitbot::slack {

// Whether we keep Slack's limits before Slack must. `unlimited` is for a Slack that has none.
enum class Pace { within_limits, unlimited };

// A rate: on average `per_minute`, at most `burst` at once.
struct Rate {
  int per_minute = 60;
  int burst = 1;
};

// Keeps us below Slack's limits before Slack has to say so, per lane (a method, or a method and a channel).
// Lanes are fair: who asked first goes first. Times are of one monotonic clock.
class RateGate {
 public:
  // How long to wait for one's turn, which is then taken.
  Millis take(const std::string& lane, Rate rate, Millis now);
  // The wait that take() would give, taking nothing.
  Millis would_wait(const std::string& lane, Rate rate, Millis now) const;
  // Slack said 429: nobody of this lane goes before `until`, and then one after the other, without a burst.
  // Whoever waited meanwhile takes a new turn.
  void pause(const std::string& lane, Rate rate, Millis until);
  Millis paused_until(const std::string& lane) const;

 private:
  struct Lane {
    Millis full_at{0};  // when the whole burst is there again
    Millis paused_until{0};
  };
  void forget_idle(Millis now);

  std::map<std::string, Lane> lanes_;
};

}  // namespace jitbot::slack
