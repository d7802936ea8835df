#include "tests/unit/workflow/simulated_target.hpp"

#include <algorithm>

namespace jitbot::testing {

Time SimulatedTarget::between(Time from, Time to) {
  return from + Millis(static_cast<std::int64_t>(below(static_cast<std::uint64_t>((to - from).count()) + 1)));
}

void SimulatedTarget::change(bool access) {
  if (access_) {
    if (!access) last_without_ = now_;
  } else {
    last_without_ = now_;
  }
  access_ = access;
}

void SimulatedTarget::land(Time at, bool access) {
  effects_.insert(std::ranges::upper_bound(effects_, at, {}, &Effect::at), Effect{at, access});
}

void SimulatedTarget::advance(Time now) {
  while (!effects_.empty() && effects_.front().at <= now) {
    now_ = std::max(now_, effects_.front().at);
    change(effects_.front().access);
    effects_.erase(effects_.begin());
  }
  now_ = now;
}

std::optional<Time> SimulatedTarget::next_effect() const {
  if (effects_.empty()) return std::nullopt;
  return effects_.front().at;
}

void SimulatedTarget::be_honest() {
  honest_ = true;
  for (const Effect& effect : effects_) change(effect.access);
  effects_.clear();
}

SimulatedTarget::Answer SimulatedTarget::call(const Lease& lease, Time until) {
  (void)until;
  now_ = lease.started;
  if (lease.call == Call::observe) return look(lease);
  const bool access = lease.call == Call::present;
  ++(access ? presents_ : absents_);
  return honest_ || below(3) == 0 ? prompt(lease, access) : misbehave(lease, access);
}

void SimulatedTarget::settle_by(Call call, Time at) {
  if (call == Call::present) presents_settled_ = std::max(presents_settled_, at);
}

SimulatedTarget::Answer SimulatedTarget::prompt(const Lease& lease, bool access) {
  const Time at = between(lease.started, std::min(lease.started + 2s, lease.deadline));
  land(between(lease.started, at), access);
  settle_by(lease.call, at);
  return {at, {}, {}};
}

SimulatedTarget::Answer SimulatedTarget::misbehave(const Lease& lease, bool access) {
  const Time at = between(lease.started, lease.deadline);
  switch (below(7)) {
    case 0:  // says done, did nothing
      settle_by(lease.call, at);
      return {at, {}, {}};
    case 1:  // did nothing and says so
      settle_by(lease.call, at);
      return {at, fail(ErrorKind::unavailable, "no route"), {}};
    case 2:  // fails after its effect
      land(between(lease.started, at), access);
      settle_by(lease.call, at);
      return {at, fail(ErrorKind::internal, "500"), {}};
    case 3:  // refuses, sometimes after the effect
      if (below(2) == 0) land(between(lease.started, at), access);
      settle_by(lease.call, at);
      return {at, fail(ErrorKind::refused, "not you"), {}};
    case 4:  // the connection is lost, the effect comes later
      land(between(lease.started, lease.deadline), access);
      settle_by(lease.call, lease.deadline);
      return {at, fail(ErrorKind::outcome_unknown, "connection lost"), {}};
    case 5:  // hangs to the deadline, with its effect
      land(between(lease.started, lease.deadline), access);
      settle_by(lease.call, lease.deadline);
      return {lease.deadline, fail(ErrorKind::outcome_unknown, "time-out"), {}};
    default:  // slow, with its effect somewhere before it returns
      land(between(lease.started, at), access);
      settle_by(lease.call, at);
      return {at, {}, {}};
  }
}

// The truth of when it was asked, which may be old when the answer comes.
SimulatedTarget::Answer SimulatedTarget::look(const Lease& lease) {
  Observation seen;
  seen.presence = access_ ? Presence::present : Presence::absent;
  Time at = between(lease.started, lease.started + 500ms);
  if (!honest_) {
    if (below(3) == 0) at = between(lease.started, lease.deadline);
    if (below(5) == 0) seen = {Presence::unknown, {}, false, "no answer"};
  }
  return {at, {}, seen};
}

}  // namespace jitbot::testing
