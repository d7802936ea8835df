#include "tests/unit/workflow/access_world.hpp"

#include "bot/workflow/ask.hpp"
#include "tests/unit/workflow/people.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace jitbot::testing {

using S = EntitlementState;

AccessWorld::AccessWorld(std::uint64_t seed) : random_(seed), target_(random_), now_(k_start) {
  access_.entitlement.id.value = 1;
  access_.entitlement.key = {"pg", {{"role", "ro"}}, "bea"};
  access_.entitlement.on_existing = below(2) == 0 ? OnExisting::keep : OnExisting::refuse;
  target_.advance(now_);
  timeout_ = below(2) == 0 ? Millis(30s) : Millis(5min);
  given_before_ = below(10) == 0;
  if (given_before_) target_.give();
}

void AccessWorld::promise(bool kept, const std::string& what) {
  if (kept) return;
  broken_.push_back(fmt::format("{} at +{} ms, entitlement {}", what, (now_ - k_start).count(),
                                to_string(access_.entitlement.state)));
}

void AccessWorld::misbehave(int moves) {
  for (int i = 0; i < moves && broken_.empty(); ++i) move();
}

void AccessWorld::move() {
  switch (below(12)) {
    case 0:
    case 1:
      return ask();
    case 2:
    case 3:
      return person_acts();
    case 4:
      return restart();
    case 5:
      if (target_.has_access()) target_.take_away();
      return;
    case 6:
      return sleep(Millis(static_cast<std::int64_t>(below(30UL * 60'000))));
    case 7:
      return run_for(Millis(static_cast<std::int64_t>(below(20UL * 60'000))));
    default:
      return run_for(Millis(static_cast<std::int64_t>(below(20'000))));
  }
}

void AccessWorld::ask() {
  const auto live = std::ranges::count_if(
      access_.grants, [](const Grant& grant) { return grant.state != GrantState::ended; });
  if (live >= 4) return;
  Request request = sample_request();
  request.id.value = fmt::format("G{:03}", ++grants_);
  request.asked.duration = Millis(1min) * static_cast<int>(1 + below(40));
  access_.grants.push_back(make_grant(request, access_.entitlement.id, now_));
  take(settle(access_, now_));
}

void AccessWorld::person_acts() {
  if (access_.grants.empty()) return;
  const Grant grant = access_.grants[below(access_.grants.size())];
  constexpr GrantEvent k_acts[] = {GrantEvent::done, GrantEvent::revoked, GrantEvent::deactivated,
                                   GrantEvent::extended, GrantEvent::extended};
  GrantInput input{.event = k_acts[below(5)], .actor = id_of("bea"), .now = now_};
  if (input.event == GrantEvent::extended) input.by = Millis(1min) * static_cast<int>(1 + below(20));
  take(grant_event(access_, grant.id, input));
}

// What was under way is lost to us, not to the target.
void AccessWorld::restart() {
  answer_.reset();
  access_.entitlement = recovered(access_.entitlement, now_);
}

void AccessWorld::sleep(Millis span) {
  now_ += span;
  target_.advance(now_);
}

void AccessWorld::be_honest() {
  target_.be_honest();
  // A call of before is over by its deadline; its outcome is whatever it was.
  run_for(timeout_ + 1min);
  target_.be_honest();
  honest_since_ = now_;
}

void AccessWorld::end_all() {
  while (broken_.empty()) {
    const auto live =
        std::ranges::find_if(access_.grants, [](const Grant& grant) { return grant.wants_access(); });
    if (live == access_.grants.end()) return;
    take(grant_event(access_, live->id, {.event = GrantEvent::done, .actor = id_of("bea"), .now = now_}));
  }
}

std::optional<Time> AccessWorld::next_event() const {
  std::optional<Time> next = target_.next_effect();
  const auto sooner = [&next](std::optional<Time> at) {
    if (at && (!next || *at < *next)) next = at;
  };
  const Entitlement& it = access_.entitlement;
  if (answer_) {
    sooner(answer_->at);
  } else if (it.state != S::rest && it.state != S::standing) {
    sooner(it.next_at);
  }
  for (const Grant& grant : access_.grants) sooner(next_due(grant));
  return next;
}

void AccessWorld::run_for(Millis span) {
  const Time end = now_ + span;
  constexpr int k_bound = 20'000;
  for (int i = 0; i < k_bound && broken_.empty(); ++i) {
    wake();
    const auto next = next_event();
    if (!next || *next > end) {
      now_ = end;
      target_.advance(now_);
      return;
    }
    now_ = std::max(now_, *next);
    target_.advance(now_);
    check_access_stays();
  }
  promise(!broken_.empty(), "the loop comes to rest between events");
}

void AccessWorld::wake() {
  if (answer_ && answer_->at <= now_) finish();
  take(settle(access_, now_));
  if (!answer_) start_call();
}

void AccessWorld::start_call() {
  Entitlement& it = access_.entitlement;
  if (it.state == S::rest || it.state == S::standing || it.next_at > now_) return;
  promise(!it.lease, "there is at most one lease");
  const Wanted wanted = wanted_by(access_.grants);
  it = with_lease(it, wanted, now_, timeout_);
  if (it.lease->call == Call::present) promise(wanted.present, "nothing is given that nobody wants");
  if (it.lease->call == Call::absent) promise(!wanted.present, "nothing is taken that somebody wants");
  answer_ = target_.call(*it.lease, wanted.until);
}

void AccessWorld::finish() {
  const auto answer = *answer_;
  answer_.reset();
  if (!access_.entitlement.lease) return;  // it went to rest meanwhile: the outcome has no token any more
  const Lease lease = *access_.entitlement.lease;
  take(settle(access_, now_));
  if (!access_.entitlement.lease) return;
  const Wanted wanted = wanted_by(access_.grants);
  const auto happened = answer.seen ? observed(access_.entitlement, wanted, *answer.seen, lease.started, now_,
                                               {.jitter = static_cast<double>(below(1000)) / 1000})
                                    : returned(access_.entitlement, answer.result, now_);
  take(entitlement_event(access_, happened, now_));
}

void AccessWorld::take(AccessOutcome outcome) {
  check_changes(outcome);
  audits_ += static_cast<int>(outcome.audit.size());
  access_ = std::move(outcome.access);
  was_standing_ = was_standing_ || access_.entitlement.state == S::standing;
  promise(!was_standing_ || given_before_, "what we gave is never taken for standing");
  check_agreement();
  std::erase_if(access_.grants, [](const Grant& grant) { return grant.state == GrantState::ended; });
}

void AccessWorld::check_changes(const AccessOutcome& outcome) {
  for (const GrantChange& change : outcome.changes) {
    const Grant& grant = change.after;
    promise(change.before.state != GrantState::ended, "ended stays ended");
    promise(grant.end() <= grant.latest_end, "no end is later than the latest end");
    if (change.event != GrantEvent::extended)
      promise(grant.end() <= change.before.end(), "an end moves by extension alone");
    if (grant.state != GrantState::ended) continue;
    ended_.push_back(grant);
    const bool proven = grant.ended_as == EndedAs::absent || grant.ended_as == EndedAs::failed;
    if (proven) {
      promise(target_.last_without() >= target_.presents_settled(),
              to_string(grant.id) + " is called absent and is absent");
    }
  }
}

// wants_access and the entitlement's state agree, and who waits for proof of absence waits for a removal.
void AccessWorld::check_agreement() {
  const S state = access_.entitlement.state;
  const bool holds = state == S::baseline || state == S::ours || state == S::standing;
  bool wants = false;
  bool ending = false;
  for (const Grant& grant : access_.grants) {
    wants = wants || grant.wants_access();
    ending = ending || grant.state == GrantState::ending;
    promise(!grant.wants_access() || grant.end() > now_, to_string(grant.id) + " does not outlive its end");
  }
  promise(wants == holds, "the entitlement follows its grants");
  promise(!ending || state == S::removing, "what is ending is being removed");
}

// Once the target is honest, what becomes active has access while it is active.
void AccessWorld::check_access_stays() {
  if (!honest_since_) return;
  for (const Grant& grant : access_.grants) {
    if (grant.state != GrantState::active || !grant.confirmed || *grant.confirmed < *honest_since_) continue;
    promise(target_.has_access(), to_string(grant.id) + " is active and has its access");
  }
}

}  // namespace jitbot::testing
