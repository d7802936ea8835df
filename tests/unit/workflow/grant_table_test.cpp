#include "bot/workflow/ask.hpp"
#include "tests/unit/workflow/people.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace jitbot::testing {

namespace {

using S = GrantState;
using E = GrantEvent;

constexpr Time k_now = k_start + 20s;

struct Example {
  std::string sentence;
  std::vector<S> from;
  std::vector<E> events;
  std::vector<bool> touched = {false, true};  // whether a `present` was ever started
  bool failing = false;
  S to;
  std::optional<EndedAs> ended_as = {};
  std::string audit;
};

const std::vector<Example>& rows() {
  static const std::vector<Example> all{
      {.sentence = "scheduled, due: start, the beneficiary is active: activating",
       .from = {S::scheduled},
       .events = {E::started},
       .to = S::activating,
       .audit = "grant.started"},
      {.sentence =
           "scheduled, the window is over, or done, revoke, deactivated, barred, vanished: ended not_started",
       .from = {S::scheduled},
       .events = {E::window_over, E::done, E::revoked, E::deactivated, E::barred, E::vanished},
       .to = S::ended,
       .ended_as = EndedAs::not_started,
       .audit = "grant.ended"},
      {.sentence = "activating, confirmed present: active",
       .from = {S::activating},
       .events = {E::confirmed},
       .to = S::active,
       .audit = "grant.active"},
      {.sentence = "activating, baseline present, keep: active, marked standing",
       .from = {S::activating},
       .events = {E::found_standing},
       .to = S::active,
       .audit = "grant.standing"},
      {.sentence = "activating, baseline present, refuse: ended not_started",
       .from = {S::activating},
       .events = {E::existing_refused},
       .to = S::ended,
       .ended_as = EndedAs::not_started,
       .audit = "grant.ended"},
      {.sentence =
           "activating, window over or the target refuses, no present was ever started: ended not_started",
       .from = {S::activating},
       .events = {E::window_over, E::target_refused},
       .touched = {false},
       .to = S::ended,
       .ended_as = EndedAs::not_started,
       .audit = "grant.ended"},
      {.sentence = "activating, the same, a present was started: ending (failing)",
       .from = {S::activating},
       .events = {E::window_over, E::target_refused},
       .touched = {true},
       .to = S::ending,
       .audit = "grant.ending"},
      {.sentence = "activating, active: done, revoke, deactivated, or what it is for vanished: ending",
       .from = {S::activating, S::active},
       .events = {E::done, E::revoked, E::deactivated, E::vanished},
       .to = S::ending,
       .audit = "grant.ending"},
      {.sentence = "activating, active, ending: the target says gone: ended gone",
       .from = {S::activating, S::active, S::ending},
       .events = {E::gone},
       .to = S::ended,
       .ended_as = EndedAs::gone,
       .audit = "grant.ended"},
      {.sentence = "active, due: warn",
       .from = {S::active},
       .events = {E::warn_due},
       .to = S::active,
       .audit = "grant.warned"},
      {.sentence = "active, extension approved: end and due times move",
       .from = {S::active},
       .events = {E::extended},
       .to = S::active,
       .audit = "grant.extended"},
      {.sentence = "active, due: end: ending",
       .from = {S::active},
       .events = {E::end_due},
       .to = S::ending,
       .audit = "grant.ending"},
      {.sentence = "active, removed_outside: ended removed_outside",
       .from = {S::active},
       .events = {E::removed_outside},
       .to = S::ended,
       .ended_as = EndedAs::removed_outside,
       .audit = "grant.ended"},
      {.sentence = "ending, another live grant holds the entitlement: ended held",
       .from = {S::ending},
       .events = {E::held_by_other},
       .to = S::ended,
       .ended_as = EndedAs::held,
       .audit = "grant.ended"},
      {.sentence = "ending, standing, keep: ended standing",
       .from = {S::ending},
       .events = {E::kept_standing},
       .to = S::ended,
       .ended_as = EndedAs::standing,
       .audit = "grant.ended"},
      {.sentence = "ending, absence counts: ended absent",
       .from = {S::ending},
       .events = {E::absence_proven},
       .to = S::ended,
       .ended_as = EndedAs::absent,
       .audit = "grant.ended"},
      {.sentence = "ending, absence counts, it was failing: ended failed",
       .from = {S::ending},
       .events = {E::absence_proven},
       .failing = true,
       .to = S::ended,
       .ended_as = EndedAs::failed,
       .audit = "grant.ended"},
      {.sentence = "ending, the target was never touched: ended not_started",
       .from = {S::ending},
       .events = {E::untouched},
       .to = S::ended,
       .ended_as = EndedAs::not_started,
       .audit = "grant.ended"},
      {.sentence = "activating, active, ending: abandoned: ended abandoned, never called confirmed absent",
       .from = {S::activating, S::active, S::ending},
       .events = {E::abandoned},
       .to = S::ended,
       .ended_as = EndedAs::abandoned,
       .audit = "grant.ended"},
  };
  return all;
}

constexpr E k_last_event = E::abandoned;
constexpr S k_states[] = {S::scheduled, S::activating, S::active, S::ending, S::ended};

Grant in_state(S state, bool failing) {
  switch (state) {
    case S::scheduled:
      return scheduled_grant();
    case S::activating:
      return sample_grant();
    case S::active:
      return active_grant();
    case S::ending:
      return failing ? tell(sample_grant(), {.event = E::window_over, .now = k_start + 10s, .touched = true})
                     : tell(active_grant(), {.event = E::done, .now = k_start + 10s});
    case S::ended:
      return tell(tell(active_grant(), {.event = E::done, .now = k_start + 10s}),
                  {.event = E::absence_proven, .now = k_start + 11s});
  }
  return sample_grant();
}

GrantInput input_of(E event, bool touched) {
  return {
      .event = event, .actor = id_of("lena"), .now = k_now, .text = "because", .touched = touched, .by = 1h};
}

bool has_row(S state, E event, bool touched, bool failing) {
  return std::ranges::any_of(rows(), [&](const Example& row) {
    return std::ranges::count(row.from, state) > 0 && std::ranges::count(row.events, event) > 0 &&
           std::ranges::count(row.touched, touched) > 0 &&
           (event != E::absence_proven || row.failing == failing);
  });
}

void check(const Example& row, S from, E event, bool touched) {
  const Grant before = in_state(from, row.failing);
  REQUIRE(before.state == from);
  const auto out = apply(before, input_of(event, touched));
  CHECK(out.changed);
  CHECK(out.grant.state == row.to);
  CHECK(out.grant.ended_as == row.ended_as);
  REQUIRE(out.audit.size() == 1);
  CHECK(out.audit.front().action == row.audit);
  CHECK(out.audit.front().actor == id_of("lena"));
  CHECK(out.audit.front().subject == "JIT-G001");
  CHECK(out.audit.front().at == k_now);
  CHECK((row.to == S::ended) == out.grant.ended_at.has_value());
  CHECK((row.to == S::ended || row.to == S::ending) == out.grant.end_wanted_at.has_value());
}

}  // namespace

TEST_CASE("the grant machine takes each row of its table") {
  for (const Example& row : rows()) {
    DYNAMIC_SECTION(row.sentence) {
      for (const S from : row.from) {
        for (const E event : row.events) {
          for (const bool touched : row.touched) {
            CAPTURE(to_string(from), static_cast<int>(event), touched);
            check(row, from, event, touched);
          }
        }
      }
    }
  }
}

TEST_CASE("a grant event without a row in the state changes nothing and leaves no event") {
  for (const S state : k_states) {
    for (int e = 0; e <= static_cast<int>(k_last_event); ++e) {
      for (const bool touched : {false, true}) {
        for (const bool failing : {false, true}) {
          const E event = static_cast<E>(e);
          if (has_row(state, event, touched, failing)) continue;
          CAPTURE(to_string(state), e, touched, failing);
          const Grant before = in_state(state, failing);
          const auto out = apply(before, input_of(event, touched));
          CHECK_FALSE(out.changed);
          CHECK(out.grant == before);
          CHECK(out.audit.empty());
        }
      }
    }
  }
}

TEST_CASE("a grant is made with its latest end: the window and the duration, or the absolute end") {
  Request request = sample_request();
  const Grant grant = make_grant(request, EntitlementId{7}, k_start);
  CHECK(grant.state == S::activating);
  CHECK(grant.latest_end == k_start + 15min + 1h);
  CHECK(grant.window_end == k_start + 15min);
  CHECK(grant.end() == grant.latest_end);
  CHECK(grant.id == request.id);
  CHECK(grant.entitlement == EntitlementId{7});
  request.asked.until = k_start + 30min;
  CHECK(make_grant(request, EntitlementId{7}, k_start).latest_end == k_start + 30min);
}

TEST_CASE("a grant for later is scheduled, and its window and latest end count from its start") {
  const Grant grant = scheduled_grant();
  CHECK(grant.state == S::scheduled);
  CHECK(grant.start() == k_start + 1h);
  CHECK(grant.window_end == k_start + 1h + 15min);
  CHECK(grant.latest_end == k_start + 1h + 15min + 1h);
  CHECK_FALSE(grant.wants_access());
  CHECK(grant.can_be_ended());
  // Its start is nobody's but the directory's; without it the window ends it.
  CHECK(due_event(grant, k_start + 1h) == std::nullopt);
  CHECK(due_event(grant, grant.window_end) == E::window_over);
  const Grant late = tell(grant, {.event = E::started, .now = k_start + 1h + 10min});
  CHECK(late.state == S::activating);
  CHECK(late.latest_end == grant.latest_end);
  CHECK(late.window_end == grant.window_end);

  Request request = sample_request();
  request.asked.start = k_start + 1h;
  request.asked.until = k_start + 1h + 5min;
  const Grant fixed = make_grant(request, EntitlementId{7}, k_start);
  CHECK(fixed.latest_end == k_start + 1h + 5min);
  CHECK(due_event(fixed, fixed.latest_end) == E::window_over);  // its end comes before its window is over
}

TEST_CASE("approved after the start that was asked for, a grant starts at once") {
  Request request = sample_request();
  request.asked.start = k_start + 1h;
  const Grant grant = make_grant(request, EntitlementId{7}, k_start + 1h + 1ms);
  CHECK(grant.state == S::activating);
  CHECK(grant.start() == k_start + 1h + 1ms);
}

TEST_CASE("the end is min(latest end, confirmed + duration): a confirmation only brings it forward") {
  Grant grant = sample_grant();
  CHECK(tell(grant, {.event = E::confirmed, .now = k_start + 5s}).end() == k_start + 5s + 1h);
  CHECK(tell(grant, {.event = E::confirmed, .now = k_start + 20min}).end() == k_start + 15min + 1h);
  grant.until = grant.latest_end = k_start + 30min;
  CHECK(tell(grant, {.event = E::confirmed, .now = k_start + 5s}).end() == k_start + 30min);
}

TEST_CASE("warnings stand at max(end - warn_before, half-way), each is given once, then the end is due") {
  Grant grant = sample_grant();
  grant.warn_before = {45min, 10min};
  grant = tell(grant, {.event = E::confirmed, .now = k_start});
  CHECK(grant.next_warning() == k_start + 30min);  // half-way is later than 45 min before the end
  CHECK(next_due(grant) == k_start + 30min);
  CHECK(due_event(grant, k_start + 30min - 1ms) == std::nullopt);
  CHECK(due_event(grant, k_start + 30min) == E::warn_due);
  grant = tell(grant, {.event = E::warn_due, .now = k_start + 30min});
  CHECK(grant.next_warning() == k_start + 50min);
  CHECK(due_event(grant, k_start + 55min) == E::warn_due);
  // A warning that comes with the end is none.
  CHECK(due_event(grant, k_start + 1h) == E::end_due);
  grant = tell(grant, {.event = E::warn_due, .now = k_start + 50min});
  CHECK(grant.next_warning() == std::nullopt);
  CHECK(next_due(grant) == k_start + 1h);
  CHECK(due_event(grant, k_start + 1h - 1ms) == std::nullopt);
}

TEST_CASE("the window is due at its end, or at the latest end where that is earlier") {
  Grant grant = sample_grant();
  CHECK(next_due(grant) == k_start + 15min);
  CHECK(due_event(grant, k_start + 15min) == E::window_over);
  CHECK(due_event(grant, k_start + 15min - 1ms) == std::nullopt);
  grant.until = grant.latest_end = k_start + 5min;
  CHECK(due_event(grant, k_start + 5min) == E::window_over);
}

TEST_CASE("an extension moves the end by what was asked, warnings are due anew") {
  Grant grant = active_grant();
  const Time end = grant.end();
  grant = tell(grant, {.event = E::warn_due, .now = *grant.next_warning()});
  REQUIRE(grant.next_warning() == std::nullopt);
  grant = tell(grant, {.event = E::extended, .now = k_start + 55min, .by = 30min});
  CHECK(grant.end() == end + 30min);
  CHECK(grant.latest_end == end + 30min);
  CHECK(grant.next_warning() == end + 20min);
  grant = tell(grant, {.event = E::extended, .now = k_start + 56min, .by = 15min});
  CHECK(grant.end() == end + 45min);
}

TEST_CASE("a due end is counted from when it was due, an early one from when it was wanted") {
  const Grant grant = active_grant();
  const Grant late = tell(grant, {.event = E::end_due, .now = grant.end() + 2h});
  CHECK(late.end_wanted_at == grant.end());
  CHECK(late.cause == EndCause::due);
  CHECK(tell(grant, {.event = E::done, .now = k_start + 5min}).end_wanted_at == k_start + 5min);
  const auto proven = apply(late, {.event = E::absence_proven, .now = grant.end() + 2h + 3s});
  const auto detail = nlohmann::json::parse(proven.audit.front().detail);
  CHECK(detail.at("lag_ms") == Millis(2h + 3s).count());
  CHECK(detail.at("as") == "absent");
}

TEST_CASE("what a grant is for is gone: its access is proven absent, and it ended as gone") {
  const GrantInput vanished{.event = E::vanished,
                            .actor = system_principal("catalog"),
                            .now = k_now,
                            .text = "preview-42 does not exist any more"};
  for (const Grant& live : {active_grant(), sample_grant()}) {
    const Grant ending = tell(live, vanished);
    CHECK(ending.state == S::ending);
    CHECK(ending.cause == EndCause::gone);
    CHECK(ending.end_reason == "preview-42 does not exist any more");
    CHECK_FALSE(ending.failing);
    CHECK(tell(ending, {.event = E::absence_proven, .now = k_now + 3s}).ended_as == EndedAs::gone);
    CHECK(tell(ending, {.event = E::gone, .now = k_now + 3s}).ended_as == EndedAs::gone);
    CHECK(tell(ending, {.event = E::untouched, .now = k_now + 3s}).ended_as == EndedAs::not_started);
    CHECK(tell(ending, {.event = E::abandoned, .now = k_now + 3s}).ended_as == EndedAs::abandoned);
  }
  const Grant never = tell(scheduled_grant(), vanished);
  CHECK(never.ended_as == EndedAs::not_started);
  CHECK(never.cause == EndCause::gone);
  // Whoever gave it back before is not told another reason.
  const Grant done = tell(active_grant(), {.event = E::done, .now = k_start + 10s});
  CHECK_FALSE(apply(done, vanished).changed);
  CHECK(tell(done, {.event = E::absence_proven, .now = k_now}).ended_as == EndedAs::absent);
}

TEST_CASE("why a grant ended stays what it was first") {
  Grant grant = tell(active_grant(),
                     {.event = E::revoked, .actor = id_of("lena"), .now = k_now, .text = "incident over"});
  grant = tell(grant, {.event = E::done, .actor = id_of("bea"), .now = k_now + 1s});
  grant = tell(
      grant,
      {.event = E::gone, .actor = system_principal("access"), .now = k_now + 2s, .text = "no such role"});
  CHECK(grant.cause == EndCause::revoked);
  CHECK(grant.ended_by == id_of("lena"));
  CHECK(grant.end_reason == "incident over");
  CHECK(grant.end_wanted_at == k_now);
  CHECK(grant.ended_as == EndedAs::gone);
}

TEST_CASE("a grant that was given back while activating is not called failed") {
  Grant grant = tell(sample_grant(), {.event = E::done, .now = k_now, .touched = true});
  CHECK_FALSE(grant.failing);
  CHECK(tell(grant, {.event = E::absence_proven, .now = k_now + 1s}).ended_as == EndedAs::absent);
}

TEST_CASE("the one that holds a grant's entitlement is named") {
  const Grant ending = tell(active_grant(), {.event = E::done, .now = k_now});
  const Grant grant = tell(ending, {.event = E::held_by_other, .now = k_now, .text = "JIT-G002 until 04:00"});
  CHECK(grant.note == "JIT-G002 until 04:00");
}

}  // namespace jitbot::testing
