#include "bot/workflow/access.hpp"

#include "bot/workflow/ask.hpp"
#include "tests/unit/workflow/people.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

// Several grants and the entitlement they hold.
namespace jitbot::testing {

namespace {

using S = EntitlementState;

Entitlement at_rest() {
  Entitlement it;
  it.id.value = 1;
  it.key = {"pg", {{"role", "ro"}}, "bea"};
  return it;
}

Access see(const Access& access, Presence presence, Time at) {
  Access asked = access;
  asked.entitlement.next_call = Call::observe;
  asked.entitlement = with_lease(asked.entitlement, wanted_by(asked.grants), at, 30s);
  const Observation seen{presence, {}, false, "seen so"};
  return entitlement_event(asked, observed(asked.entitlement, wanted_by(asked.grants), seen, at, at, {}), at)
      .access;
}

Access called(const Access& access, const Result<void>& result, Time at) {
  Access asked = access;
  asked.entitlement = with_lease(asked.entitlement, wanted_by(asked.grants), at, 30s);
  return entitlement_event(asked, returned(asked.entitlement, result, at), at).access;
}

// Confirmed at k_start + 2 s.
Access given(std::vector<Grant> grants) {
  Access access = settle({at_rest(), std::move(grants)}, k_start).access;
  access = see(access, Presence::absent, k_start);
  access = called(access, Result<void>(), k_start + 1s);
  return see(access, Presence::present, k_start + 2s);
}

const Grant& find(const Access& access, const std::string& id) {
  const auto found = std::ranges::find(access.grants, RequestId{id}, &Grant::id);
  REQUIRE(found != access.grants.end());
  return *found;
}

Grant longer(const std::string& id, Millis duration) {
  Request request = sample_request();
  request.id.value = id;
  request.asked.duration = duration;
  return make_grant(request, EntitlementId{1}, k_start);
}

GrantInput input(GrantEvent event, Time now) {
  return {.event = event, .actor = id_of("bea"), .now = now};
}

}  // namespace

TEST_CASE("a grant from asking to proven absence") {
  Access access = settle({at_rest(), {sample_grant()}}, k_start).access;
  CHECK(access.entitlement.state == S::baseline);
  access = see(access, Presence::absent, k_start);
  CHECK(access.entitlement.state == S::ours);
  CHECK(access.entitlement.next_call == Call::present);
  access = called(access, Result<void>(), k_start + 1s);
  CHECK(find(access, "G001").state == GrantState::activating);
  access = see(access, Presence::present, k_start + 2s);
  CHECK(find(access, "G001").state == GrantState::active);
  CHECK(find(access, "G001").end() == k_start + 2s + 1h);
  const Time end = find(access, "G001").end();
  access = settle(access, end).access;
  CHECK(find(access, "G001").state == GrantState::ending);
  CHECK(access.entitlement.state == S::removing);
  CHECK(access.entitlement.next_call == Call::absent);
  access = called(access, Result<void>(), end + 1s);
  access = see(access, Presence::absent, end + 2s);
  CHECK(find(access, "G001").ended_as == EndedAs::absent);
  CHECK(access.entitlement.state == S::settling);
  CHECK(see(access, Presence::absent, end + 62s).entitlement.state == S::rest);
}

TEST_CASE("what is wanted: the latest end of those in activating or active, and since when absence is owed") {
  Grant ending = tell(active_grant("G001"), input(GrantEvent::done, k_start + 10s));
  Grant earlier = tell(active_grant("G002"), input(GrantEvent::done, k_start + 8s));
  CHECK(wanted_by({ending, earlier}).removal_since == k_start + 8s);
  CHECK_FALSE(wanted_by({ending, earlier}).present);
  const Wanted wanted = wanted_by({active_grant("G003"), longer("G004", 2h), ending});
  CHECK(wanted.present);
  CHECK(wanted.unconfirmed);
  CHECK(wanted.until == k_start + 15min + 2h);
  CHECK_FALSE(wanted_by({active_grant("G003")}).unconfirmed);
}

TEST_CASE("ending, another live grant holds the entitlement: ended held, says which and until when") {
  const Access access = given({sample_grant("G001"), longer("G002", 2h)});
  const auto out = grant_event(access, RequestId{"G001"}, input(GrantEvent::done, k_start + 10min));
  CHECK(find(out.access, "G001").ended_as == EndedAs::held);
  CHECK(find(out.access, "G001").note == "JIT-G002 until 2026-03-01T04:00:02Z");
  CHECK(find(out.access, "G002").state == GrantState::active);
  CHECK(out.access.entitlement.state == S::ours);
  CHECK(out.access.entitlement.next_call == Call::observe);
}

TEST_CASE("a grant that joins one that is confirmed already is active at the next observation") {
  Access access = given({sample_grant("G001")});
  access.grants.push_back(longer("G002", 2h));
  access = settle(access, k_start + 2min).access;
  CHECK(access.entitlement.state == S::ours);
  CHECK(access.entitlement.next_call == Call::observe);
  CHECK(access.entitlement.next_at <= k_start + 2min);
  access = see(access, Presence::present, k_start + 2min);
  CHECK(find(access, "G002").state == GrantState::active);
  CHECK(find(access, "G002").confirmed == k_start + 2min);
}

TEST_CASE(
    "what is due is applied oldest first: the grant that ended first was held by the one that ended later") {
  const Access access = given({longer("G002", 2h), sample_grant("G001")});
  const Time late = k_start + 4h;
  const auto out = settle(access, late);
  CHECK(find(out.access, "G001").ended_as == EndedAs::held);
  CHECK(find(out.access, "G002").state == GrantState::ending);
  CHECK(out.access.entitlement.state == S::removing);
  // Absence is owed since the last of them ended.
  CHECK(out.access.entitlement.removal_wanted == k_start + 2s + 2h);
}

TEST_CASE("an event at a grant comes after what was due before it") {
  const Access access = given({sample_grant("G001")});
  const Time end = find(access, "G001").end();
  SECTION("extension approved after the end: the grant stays as it ends") {
    auto extend = input(GrantEvent::extended, end);
    extend.by = 1h;
    const auto out = grant_event(access, RequestId{"G001"}, extend);
    CHECK(find(out.access, "G001").state == GrantState::ending);
    CHECK(find(out.access, "G001").end() == end);
  }
  SECTION("extension approved before the end: it moves") {
    auto extend = input(GrantEvent::extended, end - 1ms);
    extend.by = 1h;
    const auto out = grant_event(access, RequestId{"G001"}, extend);
    CHECK(find(out.access, "G001").state == GrantState::active);
    CHECK(find(out.access, "G001").end() == end + 1h);
    CHECK(out.access.entitlement.next_at <= end);  // the target is touched when the end moves
  }
  SECTION("done after the end was due anyway") {
    const auto out = grant_event(access, RequestId{"G001"}, input(GrantEvent::done, end + 1min));
    CHECK(find(out.access, "G001").cause == EndCause::due);
    CHECK(find(out.access, "G001").end_wanted_at == end);
  }
}

TEST_CASE("standing access is kept: its grant is active, ends standing, and no call is made") {
  Access access = settle({at_rest(), {sample_grant("G001")}}, k_start).access;
  access = see(access, Presence::present, k_start + 1s);
  CHECK(access.entitlement.state == S::standing);
  CHECK(find(access, "G001").state == GrantState::active);
  CHECK(find(access, "G001").standing);
  access.grants.push_back(longer("G002", 2h));
  access = settle(access, k_start + 5s).access;
  CHECK(find(access, "G002").state == GrantState::active);
  CHECK(find(access, "G002").standing);
  access = grant_event(access, RequestId{"G002"}, input(GrantEvent::done, k_start + 10s)).access;
  CHECK(find(access, "G002").ended_as == EndedAs::held);
  access = grant_event(access, RequestId{"G001"}, input(GrantEvent::done, k_start + 11s)).access;
  CHECK(find(access, "G001").ended_as == EndedAs::standing);
  CHECK(access.entitlement.state == S::rest);
}

TEST_CASE("standing access is refused where the connector says so: the target is not touched") {
  Entitlement it = at_rest();
  it.on_existing = OnExisting::refuse;
  Access access = settle({it, {sample_grant("G001")}}, k_start).access;
  access = see(access, Presence::present, k_start + 1s);
  CHECK(find(access, "G001").ended_as == EndedAs::not_started);
  CHECK(find(access, "G001").cause == EndCause::existing_refused);
  CHECK(access.entitlement.state == S::rest);
  CHECK_FALSE(access.entitlement.present_started);
}

TEST_CASE("given back before the target was touched: ended not_started") {
  Access access = settle({at_rest(), {sample_grant("G001")}}, k_start).access;
  SECTION("before the baseline is seen") {}
  SECTION("after the baseline, before the present") {
    access = see(access, Presence::absent, k_start + 1s);
  }
  SECTION("while the baseline is being observed") {
    access.entitlement = with_lease(access.entitlement, wanted_by(access.grants), k_start, 30s);
  }
  const auto out = grant_event(access, RequestId{"G001"}, input(GrantEvent::done, k_start + 5s));
  CHECK(find(out.access, "G001").ended_as == EndedAs::not_started);
  CHECK(out.access.entitlement.state == S::rest);
  CHECK_FALSE(out.access.entitlement.lease);
}

TEST_CASE("the window is over with a present started: ending (failing), and absence is proven like any end") {
  Access access = settle({at_rest(), {sample_grant("G001")}}, k_start).access;
  access = see(access, Presence::absent, k_start + 1s);
  access = called(access, fail(ErrorKind::unavailable, "no route"), k_start + 2s);
  access = settle(access, k_start + 15min).access;
  CHECK(find(access, "G001").state == GrantState::ending);
  CHECK(find(access, "G001").failing);
  CHECK(find(access, "G001").end_reason == "no route");
  CHECK(access.entitlement.state == S::removing);
  access = see(access, Presence::absent, k_start + 16min);
  CHECK(find(access, "G001").ended_as == EndedAs::failed);
}

TEST_CASE("the target refuses: activating grants end, active ones stay") {
  Access access = given({sample_grant("G001")});
  access.grants.push_back(longer("G002", 2h));
  access.entitlement.next_call = Call::present;
  access = called(access, fail(ErrorKind::refused, "quota"), k_start + 1min);
  CHECK(find(access, "G001").state == GrantState::active);
  CHECK(find(access, "G002").ended_as == EndedAs::held);
  CHECK(find(access, "G002").failing);
}

TEST_CASE("somebody else removed it: nothing is put back, and it is looked at again") {
  Access access = given({sample_grant("G001")});
  access = see(access, Presence::absent, k_start + 5min);
  CHECK(find(access, "G001").state == GrantState::active);
  access = see(access, Presence::absent, k_start + 5min + 5s);
  CHECK(find(access, "G001").ended_as == EndedAs::removed_outside);
  CHECK(access.entitlement.state == S::settling);
  CHECK(access.entitlement.next_call == Call::observe);
}

TEST_CASE("seen again after it was proven absent: removed again, the ended grant stays ended") {
  Access access = given({sample_grant("G001")});
  access = grant_event(access, RequestId{"G001"}, input(GrantEvent::done, k_start + 5min)).access;
  access = see(access, Presence::absent, k_start + 5min + 1s);
  const Grant ended = find(access, "G001");
  access = see(access, Presence::present, k_start + 6min + 1s);
  CHECK(access.entitlement.state == S::removing);
  CHECK(find(access, "G001") == ended);
}

TEST_CASE("abandoned: every grant on it ends abandoned and nothing is called any more") {
  Access access = given({sample_grant("G001"), longer("G002", 2h)});
  const auto out = entitlement_event(
      access, abandon(access.entitlement, id_of("lena"), "scrap", k_start + 5min), k_start + 5min);
  CHECK(find(out.access, "G001").ended_as == EndedAs::abandoned);
  CHECK(find(out.access, "G002").ended_as == EndedAs::abandoned);
  CHECK(out.access.entitlement.state == S::rest);
}

TEST_CASE("each change of a grant is told with what it was before, and audited") {
  const Access access = given({sample_grant("G001"), longer("G002", 2h)});
  const auto out = settle(access, k_start + 4h);
  std::size_t grant_events = 0;
  for (const AuditEvent& happened : out.audit)
    grant_events += happened.action.starts_with("grant.") ? 1U : 0U;
  CHECK(grant_events == out.changes.size());
  for (const GrantChange& change : out.changes) CHECK(change.before != change.after);
  CHECK(settle(out.access, k_start + 4h).changes.empty());
  CHECK(settle(out.access, k_start + 4h).audit.empty());
}

}  // namespace jitbot::testing
