#include "bot/record/record.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>

// A target whose truth is our own store is never called: what a call would find out is known in the
// transaction that would start it. So a grant there is active with its approval, and its absence proven with
// its end.
namespace jitbot {

namespace {

Target target_of(const Access& access) {
  Target target{access.entitlement.key, access.entitlement.resource, access.entitlement.role, {}, false};
  target.untouched = !access.entitlement.present_started;
  return target;
}

// What is told of a call at a target; there was none.
bool is_of_a_call(const AuditEvent& event) {
  return event.action.starts_with("target.");
}

void append(AccessOutcome& all, AccessOutcome more) {
  std::erase_if(more.audit, is_of_a_call);
  all.access = std::move(more.access);
  std::ranges::move(more.changes, std::back_inserter(all.changes));
  std::ranges::move(more.audit, std::back_inserter(all.audit));
  all.reappeared = all.reappeared || more.reappeared;
  all.resolved = all.resolved || more.resolved;
}

}  // namespace

const Connector* Recorder::in_store(const Entitlement& it) const {
  const auto found = settings_.in_store.find(it.key.connector);
  return found == settings_.in_store.end() ? nullptr : found->second.connector.get();
}

bool Recorder::call_is_due(const Entitlement& it) const {
  const bool quiet = it.state == EntitlementState::rest || it.state == EntitlementState::standing;
  if (quiet || it.lease || it.next_at > now_) return false;
  return it.next_call != Call::present || !settings_.starts_held || !*settings_.starts_held;
}

AccessOutcome Recorder::followed_in_store(AccessOutcome outcome) const {
  const Connector* const connector = in_store(outcome.access.entitlement);
  if (connector == nullptr) return outcome;
  Timing timing;
  timing.drift = settings_.in_store.at(outcome.access.entitlement.key.connector).drift;
  constexpr int k_most_in_a_row = 16;
  for (int i = 0; i < k_most_in_a_row && call_is_due(outcome.access.entitlement); ++i) {
    Access& access = outcome.access;
    const Wanted wanted = wanted_by(access.grants);
    access.entitlement = with_lease(access.entitlement, wanted, now_, connector->timeout());
    EntitlementOutcome happened;
    if (access.entitlement.lease->call == Call::observe) {
      const Observation seen = connector->seen_in_store(target_of(access), access.grants, now_);
      happened = observed(access.entitlement, wanted, seen, now_, now_, timing);
    } else {
      happened = returned(access.entitlement, Result<void>(), now_);
    }
    std::erase_if(happened.audit, is_of_a_call);
    append(outcome, entitlement_event(access, happened, now_));
  }
  return outcome;
}

}  // namespace jitbot
