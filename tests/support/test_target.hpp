#pragma once

#include "bot/ports/clock.hpp"
#include "bot/ports/connector.hpp"

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace jitbot::testing {

// How a target answers one kind of call.
enum class Manner {
  honest,
  failing,            // unavailable, nothing done; observe: unknown
  refusing,           // `refused`, nothing done
  lying,              // says done, does nothing
  hanging,            // no answer until the call's time-out, nothing done
  slow,               // done after `slowness`, then answered
  late,               // outcome unknown at once, and done after `slowness` all the same
  effect_then_error,  // done, then the answer is lost
  gone,               // observe: the resource is no more
};

struct TargetCall {
  Call call = Call::observe;
  Time at;
  std::string who;  // "alice role=staging_ro"
  Time until;       // of a `present`
};

// A target in memory: who has what, how it answers, and what it was asked. It outlives the bots that use it.
// Belongs to the loop's thread.
class TestTarget : public std::enable_shared_from_this<TestTarget> {
 public:
  explicit TestTarget(Clock& clock) : clock_(clock) {}

  Manner presenting = Manner::honest;
  Manner removing = Manner::honest;
  Manner observing = Manner::honest;
  // Only calls about these entitlements hang; empty: all do.
  std::set<std::string> hangs_for;
  Millis slowness = 5s;
  Millis timeout = 30s;
  bool native_end = false;
  bool lists = false;
  bool enforce = false;
  std::string words = "the database is on fire";  // of every failure

  // What is there, whoever put it there. `who` as in TargetCall.
  bool has(const std::string& who);
  void give(const std::string& who) { given_[who] = Given{}; }
  void give(const EntitlementKey& key);  // also what no bot ever asked about: `list` names it
  void take(const std::string& who) { given_.erase(who); }

  const std::vector<TargetCall>& calls() const { return calls_; }
  int count(Call call, const std::string& who = {}) const;
  int running() const { return running_; }  // calls that have not returned
  int most_at_once() const { return most_at_once_; }

  std::shared_ptr<Connector> connector(std::string name);

  static std::string who(const EntitlementKey& key);

 private:
  friend class TestConnector;
  struct Given {
    std::optional<Time> until;
  };
  bool hangs(Manner manner, const std::string& who) const;

  Clock& clock_;
  std::map<std::string, Given> given_;
  std::map<std::string, EntitlementKey> keys_;
  std::vector<TargetCall> calls_;
  int running_ = 0;
  int most_at_once_ = 0;
};

}  // namespace jitbot::testing
