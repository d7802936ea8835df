#include "bot/workflow/entitlement_machine.hpp"

#include "bot/workflow/audit_detail.hpp"

#include <algorithm>

namespace jitbot {

namespace {

using S = EntitlementState;
using E = EntitlementEvent;
using C = EntitlementCase;

constexpr EntitlementRow k_table[] = {
    {S::rest, E::wanted, C::always, S::baseline, "entitlement.baseline"},
    {S::baseline, E::seen_absent, C::always, S::ours, "entitlement.ours"},
    {S::baseline, E::seen_present, C::keep, S::standing, "entitlement.standing"},
    {S::baseline, E::seen_present, C::refuse, S::rest, "entitlement.refused"},
    {S::baseline, E::seen_unknown, C::always, S::baseline, ""},
    {S::baseline, E::seen_gone, C::always, S::rest, "entitlement.gone"},
    {S::baseline, E::unwanted, C::always, S::rest, "entitlement.rest"},
    {S::ours, E::seen_absent, C::not_confirmed, S::ours, ""},
    {S::ours, E::seen_absent, C::first_absence, S::ours, ""},
    {S::ours, E::seen_absent, C::second_absence, S::settling, "entitlement.removed_outside"},
    {S::ours, E::seen_present, C::end_differs, S::ours, ""},
    {S::ours, E::seen_present, C::as_wanted, S::ours, ""},
    {S::ours, E::seen_unknown, C::always, S::ours, ""},
    {S::ours, E::seen_gone, C::always, S::rest, "entitlement.gone"},
    {S::ours, E::unwanted, C::touched, S::removing, "entitlement.removing"},
    {S::ours, E::unwanted, C::untouched, S::rest, "entitlement.rest"},
    {S::removing, E::seen_present, C::always, S::removing, ""},
    {S::removing, E::seen_unknown, C::always, S::removing, ""},
    {S::removing, E::seen_absent, C::too_early, S::removing, ""},
    {S::removing, E::seen_absent, C::proven, S::settling, "entitlement.absent"},
    {S::removing, E::seen_gone, C::always, S::rest, "entitlement.gone"},
    {S::removing, E::wanted, C::always, S::ours, "entitlement.ours"},
    {S::settling, E::seen_absent, C::too_early, S::settling, ""},
    {S::settling, E::seen_absent, C::proven, S::rest, "entitlement.rest"},
    {S::settling, E::seen_present, C::always, S::removing, "entitlement.reappeared"},
    {S::settling, E::seen_unknown, C::always, S::settling, ""},
    {S::settling, E::seen_gone, C::always, S::rest, "entitlement.gone"},
    {S::settling, E::wanted, C::always, S::ours, "entitlement.ours"},
    {S::standing, E::unwanted, C::always, S::rest, "entitlement.rest"},
    {S::standing, E::seen_gone, C::always, S::rest, "entitlement.gone"},
    {S::baseline, E::abandoned, C::always, S::rest, "entitlement.abandoned"},
    {S::ours, E::abandoned, C::always, S::rest, "entitlement.abandoned"},
    {S::standing, E::abandoned, C::always, S::rest, "entitlement.abandoned"},
    {S::removing, E::abandoned, C::always, S::rest, "entitlement.abandoned"},
    {S::settling, E::abandoned, C::always, S::rest, "entitlement.abandoned"},
};

const PrincipalId k_access_loop = system_principal("access");

void next(Entitlement& entitlement, Call call, Time at) {
  entitlement.next_call = call;
  entitlement.next_at = at;
}

void retry(Entitlement& entitlement, Call call, Time now, const Timing& timing) {
  next(entitlement, call, now + back_off(entitlement.failures, timing.jitter));
  ++entitlement.failures;
}

void forget_alarm(Entitlement& entitlement) {
  entitlement.removal_wanted.reset();
  entitlement.overdue_since.reset();
  entitlement.alarms = 0;
  entitlement.tries = 0;
}

// A `present` that is not known to have returned counts as running until its deadline, whatever a later one
// does.
void present_runs_until(Entitlement& entitlement, Time at) {
  entitlement.last_present_returned = std::max(entitlement.last_present_returned.value_or(at), at);
}

void drop_lease(Entitlement& entitlement) {
  if (entitlement.lease && entitlement.lease->call == Call::present) {
    present_runs_until(entitlement, entitlement.lease->deadline);
  }
  entitlement.lease.reset();
}

// Asked while a `present` may still have been running: absence proves nothing.
bool too_early(const Entitlement& entitlement, Time asked_at) {
  return entitlement.last_present_returned && asked_at < *entitlement.last_present_returned;
}

void observe_when_presents_are_over(Entitlement& entitlement, Time now) {
  next(entitlement, Call::observe, std::max(now, *entitlement.last_present_returned) + 100ms);
}

nlohmann::json detail_of(const Entitlement& entitlement) {
  nlohmann::json detail{{"connector", entitlement.key.connector},
                        {"account", entitlement.key.account},
                        {"params", entitlement.key.params},
                        {"state", to_string(entitlement.state)}};
  if (!entitlement.last_error.empty()) detail["error"] = entitlement.last_error;
  return detail;
}

// Applies the row of (state, event, when), if there is one; false: nothing changes.
bool move(EntitlementOutcome& out, EntitlementEvent what, EntitlementCase when, Time now,
          const PrincipalId& actor) {
  const auto* row = find_row(entitlement_table(), out.entitlement.state, what, when);
  if (row == nullptr) return false;
  out.entitlement.state = row->to;
  if (!row->audit.empty()) {
    out.audit.push_back(event(now, actor, row->audit, out.entitlement.id, detail_of(out.entitlement)));
  }
  if (row->to == S::rest) {
    forget_alarm(out.entitlement);
    drop_lease(out.entitlement);
    out.entitlement.failures = 0;
    out.entitlement.absences = 0;
    out.entitlement.confirmed = false;
  }
  return true;
}

void want(EntitlementOutcome& out, const Wanted& wanted, Time now) {
  Entitlement& it = out.entitlement;
  if (it.state == S::ours) {
    const bool other_end = it.present_started && it.asked_until != wanted.until;
    // A present that is due already tells the target the newest end; a look in its stead would never let it
    // run.
    const bool quiet = !it.lease && it.failures == 0 && it.absences == 0 && it.next_call == Call::observe;
    if (quiet && it.confirmed && (other_end || wanted.unconfirmed))
      next(it, Call::observe, std::min(it.next_at, now));
    return;
  }
  const S before = it.state;
  if (!move(out, E::wanted, C::always, now, k_access_loop)) return;
  it.confirmed = false;
  it.failures = 0;
  it.absences = 0;
  forget_alarm(it);
  if (before == S::rest) {
    it.present_started = false;
    it.asked_until.reset();
    it.last_error.clear();
    next(it, Call::observe, now);
  } else {
    next(it, Call::present, now);
  }
}

void no_longer_want(EntitlementOutcome& out, const Wanted& wanted, Time now) {
  Entitlement& it = out.entitlement;
  EntitlementCase when = C::always;
  if (it.state == S::ours) when = it.present_started ? C::touched : C::untouched;
  if (!move(out, E::unwanted, when, now, k_access_loop)) return;
  if (it.state != S::removing) return;
  it.failures = 0;
  it.absences = 0;
  it.removal_wanted = wanted.removal_since.value_or(now);
  next(it, Call::absent, now);
}

void seen_in_baseline(EntitlementOutcome& out, const Observation& seen, Time now, const Timing& timing) {
  Entitlement& it = out.entitlement;
  switch (seen.presence) {
    case Presence::absent:
      move(out, E::seen_absent, C::always, now, k_access_loop);
      it.failures = 0;
      next(it, Call::present, now);
      return;
    case Presence::present:
      if (it.on_existing == OnExisting::keep) {
        move(out, E::seen_present, C::keep, now, k_access_loop);
        out.signals.push_back(GrantEvent::found_standing);
      } else {
        move(out, E::seen_present, C::refuse, now, k_access_loop);
        out.signals.push_back(GrantEvent::existing_refused);
      }
      return;
    case Presence::unknown:
      retry(it, Call::observe, now, timing);
      return;
    case Presence::gone:
      return;
  }
}

bool end_differs(const Observation& seen, const Wanted& wanted) {
  return seen.until && (*seen.until > wanted.until + 1s || *seen.until < wanted.until - 1s);
}

void seen_present_of_ours(EntitlementOutcome& out, const Wanted& wanted, const Observation& seen, Time now,
                          const Timing& timing) {
  Entitlement& it = out.entitlement;
  it.absences = 0;
  it.confirmed = true;
  out.signals.push_back(GrantEvent::confirmed);
  if (end_differs(seen, wanted)) {
    // At once the first time; a target that keeps another end is not hammered.
    const bool asked_already = it.asked_until == wanted.until;
    if (asked_already) {
      retry(it, Call::present, now, timing);
    } else {
      next(it, Call::present, now);
    }
    return;
  }
  it.asked_until = wanted.until;
  it.failures = 0;
  it.last_error.clear();
  next(it, Call::observe, now + timing.drift);
}

void seen_absent_of_ours(EntitlementOutcome& out, Time now, const Timing& timing) {
  Entitlement& it = out.entitlement;
  if (!it.confirmed) {
    if (it.present_started) {
      retry(it, Call::present, now, timing);
    } else {
      next(it, Call::present, now);
    }
    return;
  }
  if (it.absences == 0) {
    it.absences = 1;
    next(it, Call::observe, now + timing.second_look);
    return;
  }
  move(out, E::seen_absent, C::second_absence, now, k_access_loop);
  out.signals.push_back(GrantEvent::removed_outside);
  it.failures = 0;
  next(it, Call::observe, now + timing.settle);
}

void seen_in_ours(EntitlementOutcome& out, const Wanted& wanted, const Observation& seen, Time now,
                  const Timing& timing) {
  switch (seen.presence) {
    case Presence::present:
      return seen_present_of_ours(out, wanted, seen, now, timing);
    case Presence::absent:
      return seen_absent_of_ours(out, now, timing);
    case Presence::unknown:
      // Not seen since 0→1: giving again is harmless, and after a restart it is what lets a target tell our
      // doing from what it finds. Seen before: only looked at again.
      return retry(out.entitlement, out.entitlement.confirmed ? Call::observe : Call::present, now, timing);
    case Presence::gone:
      return;
  }
}

void seen_in_removing(EntitlementOutcome& out, const Observation& seen, Time asked_at, Time now,
                      const Timing& timing) {
  Entitlement& it = out.entitlement;
  if (seen.presence != Presence::absent) return retry(it, Call::absent, now, timing);
  if (too_early(it, asked_at)) return observe_when_presents_are_over(it, now);
  out.resolved = it.alarms > 0;
  move(out, E::seen_absent, C::proven, now, k_access_loop);
  out.signals.push_back(GrantEvent::absence_proven);
  forget_alarm(it);
  it.failures = 0;
  it.last_error.clear();
  next(it, Call::observe, now + timing.settle);
}

void seen_in_settling(EntitlementOutcome& out, const Observation& seen, Time asked_at, Time now,
                      const Timing& timing) {
  Entitlement& it = out.entitlement;
  switch (seen.presence) {
    case Presence::absent:
      if (too_early(it, asked_at)) return observe_when_presents_are_over(it, now);
      move(out, E::seen_absent, C::proven, now, k_access_loop);
      return;
    case Presence::present:
      move(out, E::seen_present, C::always, now, k_access_loop);
      out.reappeared = true;
      it.failures = 0;
      it.removal_wanted = now;
      it.overdue_since = now;
      it.alarm_at = now;
      next(it, Call::absent, now);
      return;
    case Presence::unknown:
      retry(it, Call::observe, now, timing);
      return;
    case Presence::gone:
      return;
  }
}

nlohmann::json observation_detail(const Entitlement& entitlement, const Observation& seen) {
  auto detail = detail_of(entitlement);
  detail["seen"] = to_string(seen.presence);
  if (seen.until) detail["until"] = to_ms(*seen.until);
  if (!seen.detail.empty()) detail["detail"] = seen.detail;
  return detail;
}

}  // namespace

std::span<const EntitlementRow> entitlement_table() {
  return k_table;
}

EntitlementOutcome follow(const Entitlement& entitlement, const Wanted& wanted, Time now) {
  EntitlementOutcome out;
  out.entitlement = entitlement;
  if (wanted.present) {
    want(out, wanted, now);
  } else {
    no_longer_want(out, wanted, now);
  }
  return out;
}

EntitlementOutcome observed(const Entitlement& entitlement, const Wanted& wanted, const Observation& seen,
                            Time asked_at, Time now, const Timing& timing) {
  EntitlementOutcome out;
  out.entitlement = entitlement;
  out.entitlement.lease.reset();
  out.text = seen.detail;
  if (seen.presence == Presence::unknown) out.entitlement.last_error = seen.detail;
  out.audit.push_back(
      event(now, k_access_loop, "target.observed", entitlement.id, observation_detail(entitlement, seen)));
  if (seen.presence == Presence::gone) {
    if (move(out, E::seen_gone, C::always, now, k_access_loop)) {
      out.resolved = entitlement.alarms > 0;
      out.signals.push_back(GrantEvent::gone);
    }
    return out;
  }
  switch (entitlement.state) {
    case S::baseline:
      seen_in_baseline(out, seen, now, timing);
      break;
    case S::ours:
      seen_in_ours(out, wanted, seen, now, timing);
      break;
    case S::removing:
      seen_in_removing(out, seen, asked_at, now, timing);
      break;
    case S::settling:
      seen_in_settling(out, seen, asked_at, now, timing);
      break;
    case S::rest:
    case S::standing:
      break;
  }
  return out;
}

EntitlementOutcome returned(const Entitlement& entitlement, const Result<void>& result, Time now) {
  EntitlementOutcome out;
  out.entitlement = entitlement;
  Entitlement& it = out.entitlement;
  if (!it.lease) return out;
  const Lease lease = *it.lease;
  it.lease.reset();
  it.last_error = result ? std::string() : result.error().message;
  if (lease.call == Call::present) {
    const bool may_still_run = !result && result.error().kind == ErrorKind::outcome_unknown;
    present_runs_until(it, may_still_run ? std::max(now, lease.deadline) : now);
    if (!result && result.error().kind == ErrorKind::refused) {
      out.signals.push_back(GrantEvent::target_refused);
      out.text = result.error().message;
    }
  }
  auto detail = detail_of(it);
  detail["result"] = result ? std::string("ok") : std::string(to_string(result.error().kind));
  out.audit.push_back(event(
      now, k_access_loop, lease.call == Call::present ? "target.present_returned" : "target.absent_returned",
      it.id, detail));
  next(it, Call::observe, now);
  return out;
}

EntitlementOutcome abandon(const Entitlement& entitlement, const PrincipalId& by, const std::string& reason,
                           Time now) {
  EntitlementOutcome out;
  out.entitlement = entitlement;
  if (move(out, E::abandoned, C::always, now, by)) out.signals.push_back(GrantEvent::abandoned);
  out.text = reason;
  return out;
}

Entitlement with_lease(const Entitlement& entitlement, const Wanted& wanted, Time now, Millis timeout) {
  Entitlement out = entitlement;
  out.lease = Lease{entitlement.next_call, now, now + timeout, entitlement.next_token};
  ++out.next_token;
  if (out.lease->call == Call::present) {
    out.present_started = true;
    out.asked_until = wanted.until;
  }
  if (out.lease->call == Call::absent) ++out.tries;
  return out;
}

Entitlement recovered(const Entitlement& entitlement, Time now) {
  Entitlement out = entitlement;
  if (!out.lease) return out;
  drop_lease(out);
  next(out, Call::observe, now);
  return out;
}

Millis back_off(int failures, double jitter) {
  const Millis whole = failures >= 9 ? Millis(5min) : std::min(Millis(1s) * (1 << failures), Millis(5min));
  return whole / 2 + Millis(static_cast<std::int64_t>(static_cast<double>(whole.count()) / 2 * jitter));
}

std::optional<Time> next_alarm(const Entitlement& entitlement) {
  if (entitlement.overdue_since) return entitlement.alarm_at;
  if (entitlement.removal_wanted) return *entitlement.removal_wanted + 60s;
  return std::nullopt;
}

AlarmOutcome alarm_due(const Entitlement& entitlement, Time now) {
  AlarmOutcome out{entitlement, false, {}};
  const auto at = next_alarm(entitlement);
  if (!at || *at > now) return out;
  Entitlement& it = out.entitlement;
  const Time end = it.removal_wanted.value_or(now);
  if (!it.overdue_since) it.overdue_since = now;
  out.alarm = true;
  ++it.alarms;
  if (it.alarms == 1) {
    it.alarm_at = std::max(end + 5min, now + 1s);
  } else if (it.alarms == 2) {
    it.alarm_at = std::max(end + 30min, now + 1s);
  } else {
    it.alarm_at = now + 1h;
  }
  auto detail = detail_of(it);
  detail["since"] = to_ms(end);
  detail["tries"] = it.tries;
  out.audit.push_back(event(now, k_access_loop, "entitlement.overdue", it.id, detail));
  return out;
}

}  // namespace jitbot
