#include "bot/workflow/entitlement_machine.hpp"
#include "tests/unit/workflow/people.hpp"

#include <catch2/catch.hpp>

// Overdue: 60 s past the end and not proven absent.
namespace jitbot::testing {

namespace {

Entitlement owed_since(Time end) {
  Entitlement it;
  it.id.value = 12;
  it.key = {"pg", {{"role", "ro"}}, "bea"};
  it.state = EntitlementState::removing;
  it.present_started = true;
  it.removal_wanted = end;
  it.next_call = Call::absent;
  return it;
}

EntitlementOutcome see(const Entitlement& it, Presence presence, Time at) {
  return observed(it, {}, Observation{presence, {}, false, ""}, at, at, {});
}

}  // namespace

TEST_CASE("removing, 60 s past the end: overdue, alarm, again at 5 min, 30 min, hourly") {
  const Time end = k_start;
  Entitlement it = owed_since(end);
  CHECK(next_alarm(it) == end + 60s);
  CHECK_FALSE(alarm_due(it, end + 60s - 1ms).alarm);
  CHECK(alarm_due(it, end + 60s - 1ms).entitlement == it);
  const std::vector<Millis> times{60s, 5min, 30min, 90min, 150min, 210min};
  for (const Millis time : times) {
    REQUIRE(next_alarm(it) == end + time);
    CHECK_FALSE(alarm_due(it, end + time - 1ms).alarm);
    const auto out = alarm_due(it, end + time);
    CHECK(out.alarm);
    CHECK(out.entitlement.state == EntitlementState::removing);
    CHECK(out.entitlement.overdue_since == end + 60s);
    REQUIRE(out.audit.size() == 1);
    CHECK(out.audit.front().action == "entitlement.overdue");
    it = out.entitlement;
  }
}

TEST_CASE("an alarm that comes late is given once, and the next one in the future") {
  const Time late = k_start + 3h;
  const auto out = alarm_due(owed_since(k_start), late);
  CHECK(out.alarm);
  CHECK_FALSE(alarm_due(out.entitlement, late).alarm);
  REQUIRE(next_alarm(out.entitlement));
  CHECK(*next_alarm(out.entitlement) > late);
}

TEST_CASE("resolved is told to whoever was alarmed, and to nobody else") {
  const Entitlement quiet = owed_since(k_start);
  CHECK_FALSE(see(quiet, Presence::absent, k_start + 5s).resolved);
  const Entitlement alarmed = alarm_due(quiet, k_start + 60s).entitlement;
  CHECK_FALSE(see(alarmed, Presence::present, k_start + 2min).resolved);
  CHECK_FALSE(see(alarmed, Presence::unknown, k_start + 2min).resolved);
  const auto proven = see(alarmed, Presence::absent, k_start + 2min);
  CHECK(proven.resolved);
  CHECK_FALSE(next_alarm(proven.entitlement));
  CHECK(proven.entitlement.alarms == 0);
  CHECK(see(alarmed, Presence::gone, k_start + 2min).resolved);
  CHECK_FALSE(abandon(alarmed, id_of("lena"), "scrap", k_start + 2min).resolved);
}

TEST_CASE("what is wanted again is owed no more") {
  const Entitlement alarmed = alarm_due(owed_since(k_start), k_start + 60s).entitlement;
  const Wanted wanted{.present = true, .unconfirmed = true, .until = k_start + 1h, .removal_since = {}};
  const auto out = follow(alarmed, wanted, k_start + 2min).entitlement;
  CHECK_FALSE(next_alarm(out));
  CHECK_FALSE(out.overdue_since);
}

TEST_CASE("the back-off doubles from a second to five minutes, each between half and whole") {
  Millis whole = 1s;
  for (int failures = 0; failures < 40; ++failures) {
    CHECK(back_off(failures, 0.0) == whole / 2);
    CHECK(back_off(failures, 0.999999) >= whole * 99 / 100);
    CHECK(back_off(failures, 0.999999) <= whole);
    whole = std::min(whole * 2, Millis(5min));
  }
  CHECK(back_off(1'000'000, 0.5) <= 5min);
}

}  // namespace jitbot::testing
