#include "bot/workflow/entitlement_machine.hpp"
#include "tests/unit/workflow/people.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include <algorithm>

// Any order of wants, calls, outcomes, restarts and alarms.
namespace jitbot::testing {

namespace {

using S = EntitlementState;
using E = EntitlementEvent;

bool is_row(S from, E event, S to) {
  return std::ranges::any_of(entitlement_table(), [&](const EntitlementRow& row) {
    return row.from == from && row.event == event && row.to == to;
  });
}

E event_of(Presence presence) {
  switch (presence) {
    case Presence::present:
      return E::seen_present;
    case Presence::absent:
      return E::seen_absent;
    case Presence::gone:
      return E::seen_gone;
    case Presence::unknown:
      return E::seen_unknown;
  }
  return E::seen_unknown;
}

class Walk {
 public:
  void step(std::uint32_t number) {
    now_ += Millis(100) * static_cast<int>(number % 50) * (number / 50 % 4 == 0 ? 10 : 1);
    number /= 200;
    switch (number % 10) {
      case 0:
      case 1:
        return want(number / 10);
      case 2:
        return number / 10 % 5 == 0 ? give_up() : alarm();
      case 3:
        return number / 10 % 3 == 0 ? restart() : alarm();
      default:
        return it_.lease ? outcome(number / 10) : call(number / 10);
    }
  }

  int proofs() const { return proofs_; }

 private:
  void want(std::uint32_t number) {
    wanted_.present = number % 3 != 0;
    wanted_.unconfirmed = number / 3 % 2 == 0;
    if (number / 6 % 2 == 0) wanted_.until = now_ + 1h;
    wanted_.removal_since.reset();
    if (!wanted_.present) wanted_.removal_since = now_ - Millis(1s) * static_cast<int>(number / 12 % 100);
    take(follow(it_, wanted_, now_), wanted_.present ? E::wanted : E::unwanted);
    const bool holds = it_.state == S::baseline || it_.state == S::ours || it_.state == S::standing;
    RC_ASSERT(holds == wanted_.present);
  }

  void call(std::uint32_t number) {
    if (it_.state == S::rest || it_.state == S::standing) return;
    const auto token = it_.next_token;
    it_ = with_lease(it_, wanted_, now_, Millis(1s) * static_cast<int>(10 + number % 300));
    RC_ASSERT(it_.lease.has_value());
    RC_ASSERT(it_.lease->token == token);
    RC_ASSERT(it_.next_token == token + 1);
    // Nothing is given before the baseline is seen, nothing is taken that is wanted.
    if (it_.lease->call == Call::present) {
      RC_ASSERT(it_.state == S::ours);
      RC_ASSERT(it_.present_started);
      running_until_ = std::max(running_until_, it_.lease->deadline);
    }
    if (it_.lease->call == Call::absent) RC_ASSERT(it_.state == S::removing);
  }

  void outcome(std::uint32_t number) {
    const Lease lease = *it_.lease;
    if (lease.call == Call::observe) return see(lease, number);
    Result<void> result;
    const std::vector<ErrorKind> kinds{ErrorKind::unavailable, ErrorKind::outcome_unknown, ErrorKind::refused,
                                       ErrorKind::internal};
    if (number % 2 == 0) result = fail(kinds[number / 2 % kinds.size()], "the target says so");
    const bool may_run = !result && result.error().kind == ErrorKind::outcome_unknown;
    if (lease.call == Call::present) present_is_over(may_run);
    const S before = it_.state;
    take(returned(it_, result, now_), E::seen_unknown);
    RC_ASSERT(it_.state == before);  // the observation that follows decides
    RC_ASSERT(it_.next_call == Call::observe);
    RC_ASSERT(it_.next_at == now_);
  }

  // The present under way returned, or is lost: then it may run on until its deadline.
  void present_is_over(bool may_run) {
    if (may_run) {
      unreturned_ = running_until_;
    } else {
      returned_ = std::max(returned_, now_);
      running_until_ = unreturned_;
    }
  }

  void see(const Lease& lease, std::uint32_t number) {
    Observation seen;
    const std::uint32_t what = number % 16;
    seen.presence = what < 6    ? Presence::absent
                    : what < 11 ? Presence::present
                    : what < 15 ? Presence::unknown
                                : Presence::gone;
    if (number / 16 % 3 == 0) seen.until = wanted_.until + Millis(1s) * static_cast<int>(number / 48 % 5);
    const S before = it_.state;
    const Entitlement was = it_;
    const auto out = observed(it_, wanted_, seen, lease.started, now_, {.jitter = 0.5});
    const bool proven = std::ranges::count(out.signals, GrantEvent::absence_proven) > 0;
    if (seen.presence == Presence::unknown) {
      RC_ASSERT(out.signals.empty());
      RC_ASSERT(out.entitlement.state == before);
      RC_ASSERT(out.entitlement.absences == was.absences);
    }
    if (proven) {
      ++proofs_;
      RC_ASSERT(seen.presence == Presence::absent);
      RC_ASSERT(lease.started >= returned_);
      RC_ASSERT(lease.started >= running_until_);
    }
    if (before == S::settling && out.entitlement.state == S::rest && seen.presence == Presence::absent) {
      RC_ASSERT(lease.started >= running_until_);
    }
    if (std::ranges::count(out.signals, GrantEvent::confirmed) > 0)
      RC_ASSERT(seen.presence == Presence::present);
    take(out, event_of(seen.presence));
    if (it_.state == S::removing) check_tries_on();
  }

  void give_up() { take(abandon(it_, id_of("lena"), "scrap", now_), E::abandoned); }

  void restart() {
    if (it_.lease && it_.lease->call == Call::present) present_is_over(true);
    const S before = it_.state;
    it_ = recovered(it_, now_);
    RC_ASSERT(it_.state == before);
    RC_ASSERT(!it_.lease);
  }

  void alarm() {
    const auto out = alarm_due(it_, now_);
    RC_ASSERT(out.entitlement.state == it_.state);
    RC_ASSERT(out.alarm == !out.audit.empty());
    if (out.alarm) RC_ASSERT(it_.removal_wanted.has_value());
    it_ = out.entitlement;
    if (const auto at = next_alarm(it_)) RC_ASSERT(*at > now_);
  }

  // Removal never gives up: a call is always due, at the latest after five minutes or when a present may
  // still run.
  void check_tries_on() {
    RC_ASSERT(!it_.lease);
    const Time latest = std::max(now_ + Millis(5min), it_.last_present_returned.value_or(now_) + Millis(1s));
    RC_ASSERT(it_.next_at <= latest);
    RC_ASSERT(it_.next_call != Call::present);
    RC_ASSERT(next_alarm(it_).has_value());
  }

  void take(const EntitlementOutcome& out, E event) {
    const S from = it_.state;
    const S to = out.entitlement.state;
    if (from != to) {
      RC_ASSERT(is_row(from, event, to));
      RC_ASSERT(!out.audit.empty());
    }
    if (it_.lease && it_.lease->call == Call::present && !out.entitlement.lease && event == E::abandoned)
      present_is_over(true);
    it_ = out.entitlement;
    if (to == S::rest) {
      RC_ASSERT(!it_.lease);
      RC_ASSERT(!next_alarm(it_));
    }
  }

  Entitlement it_;
  Wanted wanted_;
  Time now_ = k_start;
  Time returned_ = {};       // the last return of a present
  Time running_until_ = {};  // until when a present that has not returned may still take effect
  Time unreturned_ = {};     // the same, without the one under way
  int proofs_ = 0;
};

}  // namespace

TEST_CASE(
    "whatever order things happen in, an entitlement takes rows of its table and proves absence honestly") {
  int proofs = 0;
  CHECK(rc::check("entitlement machine", [&proofs] {
    const auto bits = rc::gen::inRange<std::uint32_t>(0, 0x7fffffff);
    const auto numbers = *rc::gen::resize(600, rc::gen::container<std::vector<std::uint32_t>>(bits));
    Walk walk;
    for (const std::uint32_t number : numbers) walk.step(number * 2654435761U);
    proofs += walk.proofs();
  }));
  CHECK(proofs > 20);
}

}  // namespace jitbot::testing
