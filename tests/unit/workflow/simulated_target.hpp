#pragma once

#include "bot/model/entitlement.hpp"
#include "bot/model/result.hpp"

#include <optional>
#include <random>
#include <vector>

namespace jitbot::testing {

// A target as bad as they come: calls take effect late, fail after their effect, hang to their deadline, say
// "done" and did nothing; somebody else takes access away. What it answers to observe is the truth or
// unknown. Never does a call take effect after it returned, or after the deadline of one whose outcome is
// unknown.
class SimulatedTarget {
 public:
  explicit SimulatedTarget(std::mt19937_64& random) : random_(random) {}

  struct Answer {
    Time at;                          // when the call returns
    Result<void> result;              // of present and absent
    std::optional<Observation> seen;  // of observe
  };
  Answer call(const Lease& lease, Time until);

  void be_honest();                    // from now on; what is under way lands now
  void take_away() { change(false); }  // by somebody else
  void give() { change(true); }        // the same, before we come
  // Effects land in their order.
  void advance(Time now);

  bool has_access() const { return access_; }
  // When it last had no access; now, when it has none.
  Time last_without() const { return access_ ? last_without_ : now_; }
  // Until when a present that was called may take effect, as far as its caller was told.
  Time presents_settled() const { return presents_settled_; }
  std::optional<Time> next_effect() const;
  int presents() const { return presents_; }
  int absents() const { return absents_; }

 private:
  struct Effect {
    Time at;
    bool access = false;
  };
  Answer prompt(const Lease& lease, bool access);
  Answer misbehave(const Lease& lease, bool access);
  Answer look(const Lease& lease);
  void land(Time at, bool access);
  Time between(Time from, Time to);
  void settle_by(Call call, Time at);
  void change(bool access);
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  std::mt19937_64& random_;
  bool honest_ = false;
  bool access_ = false;
  Time now_;
  Time last_without_;
  Time presents_settled_;
  std::vector<Effect> effects_;  // by time
  int presents_ = 0;
  int absents_ = 0;
};

}  // namespace jitbot::testing
