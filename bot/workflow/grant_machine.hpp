#pragma once

#include "bot/model/audit_event.hpp"
#include "bot/model/grant.hpp"
#include "bot/workflow/table.hpp"

#include <span>
#include <string>
#include <vector>

// Access in time: scheduled → activating → active → ending → ended.
namespace jitbot {

enum class GrantEvent {
  started,           // its start has come, and the beneficiary is still active
  confirmed,         // observed present
  found_standing,    // it was there before us: kept
  existing_refused,  // it was there before us: refused
  window_over,       // not confirmed within the activation window, or latest end reached
  target_refused,
  warn_due,
  end_due,
  done,
  revoked,
  deactivated,
  barred,  // its start has come, and the beneficiary may not have it any more
  extended,
  held_by_other,  // another live grant holds the entitlement
  kept_standing,  // the end of a grant whose access stays
  absence_proven,
  untouched,  // nothing was ever started at the target
  gone,
  vanished,  // what it is for is listed nowhere any more: taken away and proven like any end
  removed_outside,
  abandoned,
};

enum class GrantCase { always, touched, untouched, failing, vanished };

using GrantRow = Row<GrantState, GrantEvent, GrantCase>;
std::span<const GrantRow> grant_table();

struct GrantInput {
  GrantEvent event = GrantEvent::end_due;
  PrincipalId actor = {};
  Time now = {};
  std::string text = {};  // a person's reason, the target's words, or by whom it is held
  bool touched = false;   // a `present` was started at the target since the baseline
  Millis by{0};           // extended: by how much
};

struct GrantOutcome {
  bool changed = false;
  Grant grant;
  std::vector<AuditEvent> audit;
};

GrantOutcome apply(const Grant& grant, const GrantInput& input);

// When this grant next needs attention by itself (warning, window, end); nothing: never. A start is not among
// them: it needs the directory.
std::optional<Time> next_due(const Grant& grant);
// The event that is due at `now`, if one is.
std::optional<GrantEvent> due_event(const Grant& grant, Time now);

}  // namespace jitbot
