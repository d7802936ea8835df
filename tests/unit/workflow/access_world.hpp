#pragma once

#include "bot/workflow/access.hpp"
#include "tests/unit/workflow/simulated_target.hpp"

#include <optional>
#include <random>
#include <string>
#include <vector>

namespace jitbot::testing {

// Grants on one entitlement, a bad target and the loop between them, in simulated time. Keeps what was
// promised and gives up with the broken promise's name.
class AccessWorld {
 public:
  explicit AccessWorld(std::uint64_t seed);

  void misbehave(int moves);  // random people, a random target, restarts
  void be_honest();
  void run_for(Millis span);  // the loop is awake: everything happens when it is due
  void end_all();             // everybody gives back

  const Access& access() const { return access_; }
  bool target_has_access() const { return target_.has_access(); }
  const std::vector<Grant>& ended() const { return ended_; }
  bool was_standing() const { return was_standing_; }
  const std::vector<std::string>& broken() const { return broken_; }
  int audits() const { return audits_; }

 private:
  void move();
  void ask();
  void person_acts();
  void restart();
  void sleep(Millis span);  // the loop is not awake: due times pass
  void wake();              // one round: outcome, settle, next call
  std::optional<Time> next_event() const;
  void finish();
  void start_call();
  void take(AccessOutcome outcome);
  void check_changes(const AccessOutcome& outcome);
  void check_agreement();
  void check_access_stays();
  void promise(bool kept, const std::string& what);
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  std::mt19937_64 random_;
  SimulatedTarget target_;
  Access access_;
  std::optional<SimulatedTarget::Answer>
      answer_;  // of the call under way, unknown to the loop until it is due
  std::vector<Grant> ended_;
  Time now_;
  Millis timeout_{0};  // of the connector
  std::optional<Time> honest_since_;
  int grants_ = 0;
  int audits_ = 0;
  bool given_before_ = false;
  bool was_standing_ = false;
  std::vector<std::string> broken_;
};

}  // namespace jitbot::testing
