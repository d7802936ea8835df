#pragma once

#include "bot/model/audit_event.hpp"
#include "bot/model/entitlement.hpp"
#include "bot/model/result.hpp"
#include "bot/workflow/grant_machine.hpp"
#include "bot/workflow/table.hpp"

#include <span>
#include <string>
#include <vector>

// What the target knows. One call at a time, under a lease; every call is followed by an observation, which
// decides; unknown is never absent.
namespace jitbot {

enum class EntitlementEvent {
  wanted,
  unwanted,
  seen_absent,
  seen_present,
  seen_unknown,
  seen_gone,
  abandoned
};

enum class EntitlementCase {
  always,
  keep,       // on_existing: keep
  refuse,     // on_existing: refuse
  untouched,  // no `present` was started since the baseline
  touched,
  not_confirmed,  // since 0→1
  first_absence,  // was confirmed, now absent for the first time
  second_absence,
  end_differs,  // the target's own end is off by more than a second
  as_wanted,
  too_early,  // observed before the last `present` returned: proves nothing
  proven,
};

using EntitlementRow = Row<EntitlementState, EntitlementEvent, EntitlementCase>;
std::span<const EntitlementRow> entitlement_table();

// What the grants that hold it want of it.
struct Wanted {
  bool present = false;
  bool unconfirmed = false;           // one of those that want it has not seen it yet
  Time until;                         // the latest end of those that want it
  std::optional<Time> removal_since;  // the earliest end that is not proven yet
};

struct EntitlementOutcome {
  Entitlement entitlement;
  std::vector<GrantEvent> signals;  // to every grant on it that has a row for them
  std::string text;                 // the target's words, with them
  std::vector<AuditEvent> audit;
  bool reappeared = false;  // seen again after it was proven absent
  bool resolved = false;    // proven absent after an alarm was given
};

struct Timing {
  Millis drift{5min};  // between observations of what is as wanted
  Millis settle{60s};  // absence is looked at again after this
  Millis second_look{5s};
  double jitter = 0.5;  // [0, 1): this call's share of randomness
};

// Wanted or no longer wanted: derived from the grants, applied until nothing changes.
EntitlementOutcome follow(const Entitlement& entitlement, const Wanted& wanted, Time now);

// An observation came back. `asked_at` is when the call started.
EntitlementOutcome observed(const Entitlement& entitlement, const Wanted& wanted, const Observation& seen,
                            Time asked_at, Time now, const Timing& timing);

// `present` or `absent` came back (or its lease ran out: error outcome_unknown). An observation follows at
// once.
EntitlementOutcome returned(const Entitlement& entitlement, const Result<void>& result, Time now);

// An administrator gives it up, with a reason.
EntitlementOutcome abandon(const Entitlement& entitlement, const PrincipalId& by, const std::string& reason,
                           Time now);

// The next call is due: the lease that must be durable before it starts.
Entitlement with_lease(const Entitlement& entitlement, const Wanted& wanted, Time now, Millis timeout);
// After a restart nobody waits for the calls of before: a `present` counts as running until its deadline.
Entitlement recovered(const Entitlement& entitlement, Time now);

// Back-off: 1 s, 2 s, 4 s … 5 min, each between half and whole.
Millis back_off(int failures, double jitter);

// Overdue: 60 s past the end and not proven absent; alarms at 60 s, 5 min, 30 min, then hourly.
struct AlarmOutcome {
  Entitlement entitlement;
  bool alarm = false;
  std::vector<AuditEvent> audit;
};
AlarmOutcome alarm_due(const Entitlement& entitlement, Time now);
std::optional<Time> next_alarm(const Entitlement& entitlement);

}  // namespace jitbot
