#include "bot/workflow/grant_machine.hpp"

#include "bot/workflow/audit_detail.hpp"

#include <algorithm>

namespace jitbot {

namespace {

using S = GrantState;
using E = GrantEvent;
using C = GrantCase;

constexpr GrantRow k_table[] = {
    {S::scheduled, E::started, C::always, S::activating, "grant.started"},
    {S::scheduled, E::window_over, C::untouched, S::ended, "grant.ended"},
    {S::scheduled, E::window_over, C::touched, S::ended, "grant.ended"},  // touched for another grant
    {S::scheduled, E::done, C::always, S::ended, "grant.ended"},
    {S::scheduled, E::revoked, C::always, S::ended, "grant.ended"},
    {S::scheduled, E::deactivated, C::always, S::ended, "grant.ended"},
    {S::scheduled, E::barred, C::always, S::ended, "grant.ended"},
    {S::scheduled, E::vanished, C::always, S::ended, "grant.ended"},
    {S::activating, E::confirmed, C::always, S::active, "grant.active"},
    {S::activating, E::found_standing, C::always, S::active, "grant.standing"},
    {S::activating, E::existing_refused, C::always, S::ended, "grant.ended"},
    {S::activating, E::window_over, C::untouched, S::ended, "grant.ended"},
    {S::activating, E::window_over, C::touched, S::ending, "grant.ending"},
    {S::activating, E::target_refused, C::untouched, S::ended, "grant.ended"},
    {S::activating, E::target_refused, C::touched, S::ending, "grant.ending"},
    {S::activating, E::done, C::always, S::ending, "grant.ending"},
    {S::activating, E::revoked, C::always, S::ending, "grant.ending"},
    {S::activating, E::deactivated, C::always, S::ending, "grant.ending"},
    {S::activating, E::vanished, C::always, S::ending, "grant.ending"},
    {S::activating, E::gone, C::always, S::ended, "grant.ended"},
    {S::activating, E::abandoned, C::always, S::ended, "grant.ended"},
    {S::active, E::warn_due, C::always, S::active, "grant.warned"},
    {S::active, E::end_due, C::always, S::ending, "grant.ending"},
    {S::active, E::done, C::always, S::ending, "grant.ending"},
    {S::active, E::revoked, C::always, S::ending, "grant.ending"},
    {S::active, E::deactivated, C::always, S::ending, "grant.ending"},
    {S::active, E::extended, C::always, S::active, "grant.extended"},
    {S::active, E::vanished, C::always, S::ending, "grant.ending"},
    {S::active, E::gone, C::always, S::ended, "grant.ended"},
    {S::active, E::removed_outside, C::always, S::ended, "grant.ended"},
    {S::active, E::abandoned, C::always, S::ended, "grant.ended"},
    {S::ending, E::held_by_other, C::always, S::ended, "grant.ended"},
    {S::ending, E::kept_standing, C::always, S::ended, "grant.ended"},
    {S::ending, E::absence_proven, C::always, S::ended, "grant.ended"},
    {S::ending, E::absence_proven, C::failing, S::ended, "grant.ended"},
    {S::ending, E::absence_proven, C::vanished, S::ended, "grant.ended"},
    {S::ending, E::untouched, C::always, S::ended, "grant.ended"},
    {S::ending, E::gone, C::always, S::ended, "grant.ended"},
    {S::ending, E::abandoned, C::always, S::ended, "grant.ended"},
};

GrantCase case_of(const Grant& grant, const GrantInput& input) {
  if (input.event == E::window_over || input.event == E::target_refused) {
    return input.touched ? C::touched : C::untouched;
  }
  if (input.event == E::absence_proven && grant.failing) return C::failing;
  if (input.event == E::absence_proven && grant.cause == EndCause::gone) return C::vanished;
  return C::always;
}

std::optional<EndCause> cause_of(GrantEvent event) {
  switch (event) {
    case E::end_due:
      return EndCause::due;
    case E::done:
      return EndCause::done;
    case E::revoked:
      return EndCause::revoked;
    case E::deactivated:
      return EndCause::deactivated;
    case E::barred:
      return EndCause::barred;
    case E::window_over:
      return EndCause::window_over;
    case E::target_refused:
      return EndCause::target_refused;
    case E::existing_refused:
      return EndCause::existing_refused;
    case E::gone:
    case E::vanished:
      return EndCause::gone;
    case E::removed_outside:
      return EndCause::removed_outside;
    case E::abandoned:
      return EndCause::abandoned;
    case E::started:
    case E::confirmed:
    case E::found_standing:
    case E::warn_due:
    case E::extended:
    case E::held_by_other:
    case E::kept_standing:
    case E::absence_proven:
    case E::untouched:
      return std::nullopt;
  }
  return std::nullopt;
}

EndedAs ended_as(GrantEvent event, GrantCase when) {
  switch (event) {
    case E::held_by_other:
      return EndedAs::held;
    case E::kept_standing:
      return EndedAs::standing;
    case E::absence_proven:
      if (when == C::vanished) return EndedAs::gone;
      return when == C::failing ? EndedAs::failed : EndedAs::absent;
    case E::gone:
      return EndedAs::gone;
    case E::removed_outside:
      return EndedAs::removed_outside;
    case E::abandoned:
      return EndedAs::abandoned;
    case E::existing_refused:
    case E::window_over:
    case E::target_refused:
    case E::untouched:
    case E::started:
    case E::confirmed:
    case E::found_standing:
    case E::warn_due:
    case E::end_due:
    case E::done:
    case E::revoked:
    case E::deactivated:
    case E::barred:
    case E::vanished:
    case E::extended:
      return EndedAs::not_started;
  }
  return EndedAs::not_started;
}

void begin_end(Grant& grant, const GrantInput& input) {
  if (!grant.cause) {
    grant.cause = cause_of(input.event);
    grant.ended_by = input.actor;
    grant.end_reason = input.text;
  }
  // A due end is counted from when it was due, not from when somebody noticed.
  if (!grant.end_wanted_at) {
    grant.end_wanted_at = input.event == E::end_due ? std::min(grant.end(), input.now) : input.now;
  }
}

void change(Grant& grant, const GrantInput& input, const GrantRow& row) {
  if (input.event == E::confirmed || input.event == E::found_standing) grant.confirmed = input.now;
  if (input.event == E::found_standing) grant.standing = true;
  if (input.event == E::warn_due) ++grant.warned;
  if (input.event == E::extended) {
    const Time end = grant.end() + input.by;
    grant.latest_end = end;
    grant.duration = end - *grant.confirmed;
    grant.warned = 0;
  }
  if (row.to == S::ending) {
    begin_end(grant, input);
    grant.failing = !grant.confirmed && (input.event == E::window_over || input.event == E::target_refused);
  }
  if (row.to == S::ended) {
    begin_end(grant, input);
    grant.ended_as = ended_as(input.event, row.when);
    grant.ended_at = input.now;
    if (input.event == E::held_by_other) grant.note = input.text;
  }
  grant.state = row.to;
}

nlohmann::json detail_of(const Grant& grant, const GrantInput& input) {
  nlohmann::json detail{{"state", to_string(grant.state)},
                        {"end", to_ms(grant.end())},
                        {"entitlement", grant.entitlement.value}};
  if (grant.cause) detail["cause"] = to_string(*grant.cause);
  if (grant.ended_as) detail["as"] = to_string(*grant.ended_as);
  if (grant.ended_as == EndedAs::absent && grant.end_wanted_at) {
    detail["lag_ms"] = (*grant.ended_at - *grant.end_wanted_at).count();
  }
  if (!input.text.empty()) detail["text"] = input.text;
  if (input.by != Millis{0}) detail["by_ms"] = input.by.count();
  return detail;
}

}  // namespace

std::span<const GrantRow> grant_table() {
  return k_table;
}

GrantOutcome apply(const Grant& grant, const GrantInput& input) {
  GrantOutcome out{false, grant, {}};
  const auto* row = find_row(grant_table(), grant.state, input.event, case_of(grant, input));
  if (row == nullptr) return out;
  change(out.grant, input, *row);
  out.changed = true;
  out.audit.push_back(event(input.now, input.actor, row->audit, grant.id, detail_of(out.grant, input)));
  return out;
}

std::optional<Time> next_due(const Grant& grant) {
  switch (grant.state) {
    case S::scheduled:
    case S::activating:
      return std::min(grant.window_end, grant.end());
    case S::active: {
      const auto warning = grant.next_warning();
      return warning ? std::min(*warning, grant.end()) : grant.end();
    }
    case S::ending:
    case S::ended:
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<GrantEvent> due_event(const Grant& grant, Time now) {
  const auto at = next_due(grant);
  if (!at || *at > now) return std::nullopt;
  if (grant.state == S::scheduled || grant.state == S::activating) return E::window_over;
  if (grant.state == S::active) return now >= grant.end() ? E::end_due : E::warn_due;
  return std::nullopt;
}

}  // namespace jitbot
