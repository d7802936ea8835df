#include "tests/unit/workflow/entitlement_samples.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>

namespace jitbot::testing {

namespace {

using S = EntitlementState;

struct Example {
  std::string sentence;
  std::function<EntitlementOutcome()> happens;
  S to;
  std::optional<Call> call = {};  // the next one; nothing: none
  Millis in{0};                   // from k_now
  std::vector<GrantEvent> signals = {};
  std::vector<std::string> audit = {};
  std::function<void(const EntitlementOutcome&)> also = {};
};

std::vector<Example> before_ours() {
  return {
      {.sentence = "rest, wanted: baseline, observe",
       .happens = [] { return follow(at_rest(), k_wanted, k_now); },
       .to = S::baseline,
       .call = Call::observe,
       .audit = {"entitlement.baseline"},
       .also = [](const EntitlementOutcome& out) { CHECK_FALSE(out.entitlement.present_started); }},
      {.sentence = "rest, not wanted: nothing",
       .happens = [] { return follow(at_rest(), k_unwanted, k_now); },
       .to = S::rest},
      {.sentence = "baseline, absent: ours, present(T)",
       .happens = [] { return see(in_baseline(), Presence::absent, k_wanted, k_now); },
       .to = S::ours,
       .call = Call::present,
       .audit = {"target.observed", "entitlement.ours"}},
      {.sentence = "baseline, present, keep: standing, nothing",
       .happens = [] { return see(in_baseline(), Presence::present, k_wanted, k_now); },
       .to = S::standing,
       .signals = {GrantEvent::found_standing},
       .audit = {"target.observed", "entitlement.standing"}},
      {.sentence = "baseline, present, refuse: its grants end not_started, rest",
       .happens = [] { return see(in_baseline(OnExisting::refuse), Presence::present, k_wanted, k_now); },
       .to = S::rest,
       .signals = {GrantEvent::existing_refused},
       .audit = {"target.observed", "entitlement.refused"}},
      {.sentence = "baseline, unknown: baseline, observe again with back-off; nothing is given",
       .happens = [] { return see(in_baseline(), Presence::unknown, k_wanted, k_now); },
       .to = S::baseline,
       .call = Call::observe,
       .in = 1s,
       .audit = {"target.observed"},
       .also =
           [](const EntitlementOutcome& out) {
             CHECK(out.entitlement.last_error == "seen so");
             const auto again = see(out.entitlement, Presence::unknown, k_wanted, k_now);
             CHECK(again.entitlement.next_at == k_now + 2s);
           }},
      {.sentence = "baseline, no longer wanted: rest, nothing was touched",
       .happens = [] { return follow(in_baseline(), k_unwanted, k_now); },
       .to = S::rest,
       .audit = {"entitlement.rest"}},
      {.sentence = "baseline, gone: rest, live grants end gone",
       .happens = [] { return see(in_baseline(), Presence::gone, k_wanted, k_now); },
       .to = S::rest,
       .signals = {GrantEvent::gone},
       .audit = {"target.observed", "entitlement.gone"}},
      {.sentence = "standing, no longer wanted: rest, nothing",
       .happens = [] { return follow(standing(), k_unwanted, k_now); },
       .to = S::rest,
       .audit = {"entitlement.rest"}},
  };
}

std::vector<Example> while_ours() {
  return {
      {.sentence = "ours, absent, not yet confirmed since 0→1: present(T), then observe",
       .happens = [] { return see(ours_touched(), Presence::absent, k_wanted, k_now); },
       .to = S::ours,
       .call = Call::present,
       .in = 1s,
       .audit = {"target.observed"}},
      {.sentence = "ours, a present returned: observe at once",
       .happens = [] { return returned(leased(ours_untouched(), k_wanted, k_now), Result<void>(), k_now); },
       .to = S::ours,
       .call = Call::observe,
       .audit = {"target.present_returned"},
       .also = [](const EntitlementOutcome& out) { CHECK(out.entitlement.last_present_returned == k_now); }},
      {.sentence = "ours, a present failed: followed by observe, which decides",
       .happens =
           [] {
             return returned(leased(ours_untouched(), k_wanted, k_now),
                             fail(ErrorKind::unavailable, "no route"), k_now);
           },
       .to = S::ours,
       .call = Call::observe,
       .audit = {"target.present_returned"},
       .also = [](const EntitlementOutcome& out) { CHECK(out.entitlement.last_error == "no route"); }},
      {.sentence = "ours, the target refuses: its activating grants are told",
       .happens =
           [] {
             return returned(leased(ours_untouched(), k_wanted, k_now), fail(ErrorKind::refused, "not you"),
                             k_now);
           },
       .to = S::ours,
       .call = Call::observe,
       .signals = {GrantEvent::target_refused},
       .audit = {"target.present_returned"},
       .also = [](const EntitlementOutcome& out) { CHECK(out.text == "not you"); }},
      {.sentence = "ours, native end differs from T by more than 1 s: present(T), then observe",
       .happens = [] { return see(ours_touched(), Presence::present, k_confirmed, k_now, k_until + 1001ms); },
       .to = S::ours,
       .call = Call::present,
       .in = 1s,
       .signals = {GrantEvent::confirmed},
       .audit = {"target.observed"}},
      {.sentence = "ours, T moved and the native end is still the old one: present(T) at once",
       .happens =
           [] {
             Wanted later = k_confirmed;
             later.until = k_until + 30min;
             return see(ours_confirmed(), Presence::present, later, k_now, k_until);
           },
       .to = S::ours,
       .call = Call::present,
       .signals = {GrantEvent::confirmed},
       .audit = {"target.observed"}},
      {.sentence = "ours, native end off by a second: as wanted",
       .happens = [] { return see(ours_touched(), Presence::present, k_confirmed, k_now, k_until - 1s); },
       .to = S::ours,
       .call = Call::observe,
       .in = 5min,
       .signals = {GrantEvent::confirmed},
       .audit = {"target.observed"}},
      {.sentence = "ours, present: confirmed, observe again each drift interval",
       .happens = [] { return see(ours_touched(), Presence::present, k_wanted, k_now); },
       .to = S::ours,
       .call = Call::observe,
       .in = 5min,
       .signals = {GrantEvent::confirmed},
       .audit = {"target.observed"},
       .also = [](const EntitlementOutcome& out) { CHECK(out.entitlement.confirmed); }},
      {.sentence = "ours, T moved: observe at once",
       .happens =
           [] {
             Wanted later = k_confirmed;
             later.until = k_until + 30min;
             return follow(ours_confirmed(), later, k_now - 6min);
           },
       .to = S::ours,
       .call = Call::observe,
       .in = -6min},
      {.sentence = "ours, another grant joins and has not seen it: observe at once",
       .happens = [] { return follow(ours_confirmed(), k_wanted, k_now - 6min); },
       .to = S::ours,
       .call = Call::observe,
       .in = -6min},
      {.sentence = "ours, unknown: never absent; observe again",
       .happens = [] { return see(ours_confirmed(), Presence::unknown, k_confirmed, k_now); },
       .to = S::ours,
       .call = Call::observe,
       .in = 1s,
       .audit = {"target.observed"},
       .also = [](const EntitlementOutcome& out) { CHECK(out.entitlement.absences == 0); }},
      {.sentence = "ours, unknown, not yet confirmed: present again, with back-off",
       .happens = [] { return see(ours_touched(), Presence::unknown, k_wanted, k_now); },
       .to = S::ours,
       .call = Call::present,
       .in = 1s,
       .audit = {"target.observed"}},
      {.sentence = "ours, absent, was confirmed, first time: observe again after 5 s; no present",
       .happens = [] { return see(ours_confirmed(), Presence::absent, k_confirmed, k_now); },
       .to = S::ours,
       .call = Call::observe,
       .in = 5s,
       .audit = {"target.observed"}},
      {.sentence = "ours, absent, was confirmed, second time: settling, its grants end removed_outside",
       .happens = [] { return see(absent_once(), Presence::absent, k_confirmed, k_now); },
       .to = S::settling,
       .call = Call::observe,
       .in = 60s,
       .signals = {GrantEvent::removed_outside},
       .audit = {"target.observed", "entitlement.removed_outside"}},
      {.sentence = "ours, absent once and then present: nothing happened",
       .happens = [] { return see(absent_once(), Presence::present, k_confirmed, k_now); },
       .to = S::ours,
       .call = Call::observe,
       .in = 5min,
       .signals = {GrantEvent::confirmed},
       .audit = {"target.observed"},
       .also = [](const EntitlementOutcome& out) { CHECK(out.entitlement.absences == 0); }},
      {.sentence = "ours, no longer wanted: removing; absent, then observe",
       .happens = [] { return follow(ours_confirmed(), k_unwanted, k_now); },
       .to = S::removing,
       .call = Call::absent,
       .audit = {"entitlement.removing"},
       .also = [](const EntitlementOutcome& out) { CHECK(out.entitlement.removal_wanted == k_now - 2s); }},
      {.sentence = "ours, no longer wanted before any present was started: rest, nothing was touched",
       .happens = [] { return follow(ours_untouched(), k_unwanted, k_now); },
       .to = S::rest,
       .audit = {"entitlement.rest"}},
      {.sentence = "ours, gone: rest, live grants end gone",
       .happens = [] { return see(ours_confirmed(), Presence::gone, k_confirmed, k_now); },
       .to = S::rest,
       .signals = {GrantEvent::gone},
       .audit = {"target.observed", "entitlement.gone"}},
  };
}

std::vector<Example> on_the_way_out() {
  return {
      {.sentence = "removing, an absent returned: observe at once",
       .happens = [] { return returned(leased(removing(), k_unwanted, k_now), Result<void>(), k_now); },
       .to = S::removing,
       .call = Call::observe,
       .audit = {"target.absent_returned"}},
      {.sentence = "removing, an absent that was refused: tried on for ever",
       .happens =
           [] {
             return returned(leased(removing(), k_unwanted, k_now), fail(ErrorKind::refused, "not you"),
                             k_now);
           },
       .to = S::removing,
       .call = Call::observe,
       .audit = {"target.absent_returned"}},
      {.sentence = "removing, present: absent again, with back-off",
       .happens = [] { return see(removing(), Presence::present, k_unwanted, k_now); },
       .to = S::removing,
       .call = Call::absent,
       .in = 1s,
       .audit = {"target.observed"}},
      {.sentence = "removing, unknown: absent again, with back-off",
       .happens = [] { return see(removing(), Presence::unknown, k_unwanted, k_now); },
       .to = S::removing,
       .call = Call::absent,
       .in = 1s,
       .audit = {"target.observed"}},
      {.sentence = "removing, absent, after the last present returned: settling, its grants end absent",
       .happens = [] { return see(removing(), Presence::absent, k_unwanted, k_now); },
       .to = S::settling,
       .call = Call::observe,
       .in = 60s,
       .signals = {GrantEvent::absence_proven},
       .audit = {"target.observed", "entitlement.absent"},
       .also = [](const EntitlementOutcome& out) { CHECK_FALSE(out.entitlement.removal_wanted); }},
      {.sentence = "removing, absent, asked before the last present returned: proves nothing, observe again",
       .happens =
           [] {
             Entitlement it = removing();
             it.last_present_returned = k_now + 20s;
             return see(it, Presence::absent, k_unwanted, k_now);
           },
       .to = S::removing,
       .call = Call::observe,
       .in = 20s + 100ms,
       .audit = {"target.observed"}},
      {.sentence = "removing, gone: rest",
       .happens = [] { return see(removing(), Presence::gone, k_unwanted, k_now); },
       .to = S::rest,
       .signals = {GrantEvent::gone},
       .audit = {"target.observed", "entitlement.gone"}},
      {.sentence = "removing, wanted again: ours, present(T), baseline kept",
       .happens = [] { return follow(removing(), k_wanted, k_now); },
       .to = S::ours,
       .call = Call::present,
       .audit = {"entitlement.ours"},
       .also =
           [](const EntitlementOutcome& out) {
             CHECK(out.entitlement.present_started);
             CHECK_FALSE(out.entitlement.confirmed);
             CHECK_FALSE(out.entitlement.removal_wanted);
           }},
      {.sentence = "settling, wanted again: ours, present(T), baseline kept",
       .happens = [] { return follow(settling(), k_wanted, k_now); },
       .to = S::ours,
       .call = Call::present,
       .audit = {"entitlement.ours"},
       .also = [](const EntitlementOutcome& out) { CHECK(out.entitlement.present_started); }},
      {.sentence = "settling, absent, 60 s later: rest",
       .happens = [] { return see(settling(), Presence::absent, k_unwanted, k_now); },
       .to = S::rest,
       .audit = {"target.observed", "entitlement.rest"}},
      {.sentence = "settling, absent, but a present may still be running: settling",
       .happens =
           [] {
             Entitlement it = settling();
             it.last_present_returned = k_now + 20s;
             return see(it, Presence::absent, k_unwanted, k_now);
           },
       .to = S::settling,
       .call = Call::observe,
       .in = 20s + 100ms,
       .audit = {"target.observed"}},
      {.sentence = "settling, unknown: settling, observe again",
       .happens = [] { return see(settling(), Presence::unknown, k_unwanted, k_now); },
       .to = S::settling,
       .call = Call::observe,
       .in = 1s,
       .audit = {"target.observed"}},
      {.sentence = "settling, present: removing, overdue at once",
       .happens = [] { return see(settling(), Presence::present, k_unwanted, k_now); },
       .to = S::removing,
       .call = Call::absent,
       .audit = {"target.observed", "entitlement.reappeared"},
       .also =
           [](const EntitlementOutcome& out) {
             CHECK(out.reappeared);
             CHECK(out.entitlement.overdue_since == k_now);
             CHECK(alarm_due(out.entitlement, k_now).alarm);
           }},
      {.sentence = "settling, gone: rest",
       .happens = [] { return see(settling(), Presence::gone, k_unwanted, k_now); },
       .to = S::rest,
       .signals = {GrantEvent::gone},
       .audit = {"target.observed", "entitlement.gone"}},
  };
}

void check(const Example& example) {
  const auto out = example.happens();
  CHECK(to_string(out.entitlement.state) == to_string(example.to));
  CHECK(out.signals == example.signals);
  CHECK_FALSE(out.entitlement.lease);
  if (example.call) {
    CHECK(to_string(out.entitlement.next_call) == to_string(*example.call));
    CHECK(out.entitlement.next_at == k_now + example.in);
  }
  std::vector<std::string> actions;
  for (const AuditEvent& happened : out.audit) {
    actions.push_back(happened.action);
    CHECK(happened.subject == "entitlement:12");
  }
  CHECK(actions == example.audit);
  if (example.also) example.also(out);
}

}  // namespace

TEST_CASE("the entitlement machine takes each row of its table") {
  for (const auto& examples : {before_ours(), while_ours(), on_the_way_out()}) {
    for (const Example& example : examples) {
      DYNAMIC_SECTION(example.sentence) {
        check(example);
      }
    }
  }
}

TEST_CASE("abandoned: rest, no calls, from every state but rest, never called absent") {
  for (const Entitlement& it :
       {in_baseline(), ours_untouched(), ours_confirmed(), standing(), removing(), settling()}) {
    CAPTURE(to_string(it.state));
    const auto out = abandon(it, id_of("lena"), "the machine is scrap", k_now);
    CHECK(out.entitlement.state == S::rest);
    CHECK(out.signals == std::vector<GrantEvent>{GrantEvent::abandoned});
    CHECK(out.text == "the machine is scrap");
    REQUIRE(out.audit.size() == 1);
    CHECK(out.audit.front().action == "entitlement.abandoned");
    CHECK(out.audit.front().actor == id_of("lena"));
    CHECK_FALSE(out.entitlement.removal_wanted);
    CHECK_FALSE(next_alarm(out.entitlement));
  }
  CHECK(abandon(at_rest(), id_of("lena"), "why not", k_now).signals.empty());
}

TEST_CASE("an observation at rest or standing changes no state") {
  for (const Entitlement& it : {at_rest(), standing()}) {
    for (const Presence presence : {Presence::present, Presence::absent, Presence::unknown}) {
      const auto out = see(it, presence, k_wanted, k_now);
      CHECK(out.entitlement.state == it.state);
      CHECK(out.signals.empty());
    }
  }
}

}  // namespace jitbot::testing
