#include "bot/workflow/access.hpp"

#include "bot/model/duration.hpp"

#include <algorithm>
#include <stdexcept>

namespace jitbot {

namespace {

const PrincipalId k_time = system_principal("time");
constexpr std::string_view k_not_checked = "whether it may start could not be checked in time";
const PrincipalId k_access_loop = system_principal("access");

class Settling {
 public:
  explicit Settling(const Access& access) { out_.access = access; }

  void tell(Grant& grant, const GrantInput& input) {
    auto step = apply(grant, input);
    if (!step.changed) return;
    out_.changes.push_back(GrantChange{input.event, grant, step.grant});
    grant = std::move(step.grant);
    append(step.audit);
  }

  void take(const EntitlementOutcome& step, Time now) {
    const bool touched = out_.access.entitlement.present_started;
    out_.access.entitlement = step.entitlement;
    out_.reappeared = out_.reappeared || step.reappeared;
    out_.resolved = out_.resolved || step.resolved;
    append(step.audit);
    for (const GrantEvent signal : step.signals) {
      for (Grant& grant : out_.access.grants) {
        tell(grant,
             {.event = signal, .actor = k_access_loop, .now = now, .text = step.text, .touched = touched});
      }
    }
  }

  // Due events first, oldest first; then what each machine makes of the other, until both are quiet.
  void settle(Time now) {
    apply_due(now);
    constexpr int k_rounds = 16;
    for (int round = 0; round < k_rounds; ++round) {
      const auto changes = out_.changes.size();
      const auto state = out_.access.entitlement.state;
      release_ending(now);
      take(follow(out_.access.entitlement, wanted_by(out_.access.grants), now), now);
      join_standing(now);
      if (changes == out_.changes.size() && state == out_.access.entitlement.state) return;
    }
    throw std::logic_error("entitlement " + std::to_string(out_.access.entitlement.id.value) +
                           " does not settle");
  }

  AccessOutcome take_out() { return std::move(out_); }
  Access& access() { return out_.access; }

 private:
  // The grant whose next event is due first; nothing: none is due.
  Grant* first_due(Time now) {
    Grant* first = nullptr;
    for (Grant& grant : out_.access.grants) {
      if (!due_event(grant, now)) continue;
      if (first == nullptr || *next_due(grant) < *next_due(*first)) first = &grant;
    }
    return first;
  }

  // As if each had been applied when it was due: what ended first was held by what ended later.
  void apply_due(Time now) {
    std::size_t most = 0;
    // A grant has at most one event a warning, one for the window and one for the end.
    for (const Grant& grant : out_.access.grants) most += grant.warn_before.size() + 3;
    for (std::size_t i = 0; i < most; ++i) {
      Grant* grant = first_due(now);
      if (grant == nullptr) return;
      const GrantEvent due = *due_event(*grant, now);
      tell(*grant, {.event = due,
                    .actor = k_time,
                    .now = now,
                    .text = why_window_over(*grant, due),
                    .touched = out_.access.entitlement.present_started});
      release_ending(now);
    }
  }

  std::string why_window_over(const Grant& grant, GrantEvent due) const {
    if (due != GrantEvent::window_over) return "";
    if (grant.state == GrantState::scheduled) return std::string(k_not_checked);
    return out_.access.entitlement.last_error;
  }

  const Grant* other_holder(const Grant& ending) const {
    const Grant* holder = nullptr;
    for (const Grant& grant : out_.access.grants) {
      if (grant.id == ending.id || !grant.wants_access()) continue;
      if (holder == nullptr || grant.end() > holder->end()) holder = &grant;
    }
    return holder;
  }

  // An ending grant whose access stays for a reason, or never was, waits for no proof of absence.
  void release_ending(Time now) {
    for (Grant& grant : out_.access.grants) {
      if (grant.state != GrantState::ending) continue;
      GrantInput input{.event = GrantEvent::untouched, .actor = k_access_loop, .now = now};
      if (const Grant* holder = other_holder(grant)) {
        input.event = GrantEvent::held_by_other;
        input.text = to_string(holder->id) + " until " + format_utc(holder->end());
      } else if (out_.access.entitlement.state == EntitlementState::standing) {
        input.event = GrantEvent::kept_standing;
      } else if (!untouched()) {
        continue;
      }
      tell(grant, input);
    }
  }

  bool untouched() const {
    const Entitlement& it = out_.access.entitlement;
    return it.state == EntitlementState::rest || it.state == EntitlementState::baseline ||
           (it.state == EntitlementState::ours && !it.present_started);
  }

  void join_standing(Time now) {
    if (out_.access.entitlement.state != EntitlementState::standing) return;
    for (Grant& grant : out_.access.grants) {
      tell(grant, {.event = GrantEvent::found_standing, .actor = k_access_loop, .now = now});
    }
  }

  void append(const std::vector<AuditEvent>& events) {
    out_.audit.insert(out_.audit.end(), events.begin(), events.end());
  }

  AccessOutcome out_;
};

}  // namespace

Wanted wanted_by(const std::vector<Grant>& grants) {
  Wanted wanted;
  for (const Grant& grant : grants) {
    if (grant.wants_access()) {
      wanted.present = true;
      wanted.until = std::max(wanted.until, grant.end());
      wanted.unconfirmed = wanted.unconfirmed || grant.state == GrantState::activating;
    } else if (grant.state == GrantState::ending && grant.end_wanted_at) {
      wanted.removal_since =
          std::min(wanted.removal_since.value_or(*grant.end_wanted_at), *grant.end_wanted_at);
    }
  }
  return wanted;
}

AccessOutcome settle(const Access& access, Time now) {
  Settling settling(access);
  settling.settle(now);
  return settling.take_out();
}

AccessOutcome grant_event(const Access& access, const RequestId& id, const GrantInput& input) {
  return grants_event(access, {id}, input);
}

AccessOutcome grants_event(const Access& access, const std::set<RequestId>& grants, const GrantInput& input) {
  Settling settling(access);
  settling.settle(input.now);
  GrantInput exact = input;
  exact.touched = settling.access().entitlement.present_started;
  for (Grant& grant : settling.access().grants) {
    if (grants.contains(grant.id)) settling.tell(grant, exact);
  }
  settling.settle(input.now);
  return settling.take_out();
}

AccessOutcome entitlement_event(const Access& access, const EntitlementOutcome& happened, Time now) {
  Settling settling(access);
  settling.take(happened, now);
  settling.settle(now);
  return settling.take_out();
}

}  // namespace jitbot
