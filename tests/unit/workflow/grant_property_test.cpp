#include "tests/unit/workflow/people.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include <algorithm>

namespace jitbot::testing {

namespace {

using S = GrantState;
using E = GrantEvent;

bool is_row(S from, E event, S to) {
  return std::ranges::any_of(grant_table(), [&](const GrantRow& row) {
    return row.from == from && row.event == event && row.to == to;
  });
}

void check_step(const Grant& before, const GrantInput& input, const GrantOutcome& out) {
  const Grant& after = out.grant;
  if (!out.changed) {
    RC_ASSERT(after == before);
    RC_ASSERT(out.audit.empty());
    return;
  }
  RC_ASSERT(is_row(before.state, input.event, after.state));
  RC_ASSERT(out.audit.size() == 1U);
  RC_ASSERT(before.state != S::ended);
  RC_ASSERT(after.end() <= after.latest_end);
  if (input.event == E::extended) {
    RC_ASSERT(after.end() == before.end() + input.by);
  } else {
    RC_ASSERT(after.end() <= before.end());
    RC_ASSERT(after.latest_end == before.latest_end);
  }
  RC_ASSERT(after.ended_as.has_value() == (after.state == S::ended));
  RC_ASSERT(after.ended_at.has_value() == (after.state == S::ended));
  RC_ASSERT(after.cause == before.cause || !before.cause);
  RC_ASSERT(after.confirmed == before.confirmed || !before.confirmed);
  if (after.ended_as == EndedAs::absent) RC_ASSERT(!after.failing && input.event == E::absence_proven);
  if (after.ended_as == EndedAs::failed) RC_ASSERT(!after.confirmed && input.event == E::absence_proven);
  if (after.ended_as == EndedAs::abandoned) RC_ASSERT(input.event == E::abandoned);
  RC_ASSERT(after.warned <= static_cast<int>(after.warn_before.size()) || input.event == E::warn_due);
}

// What the clock alone does to a grant ends it: within its due events, and not before.
void check_due(Grant grant) {
  if (!grant.can_be_ended()) {
    RC_ASSERT(!next_due(grant));
    return;
  }
  for (int i = 0; i < 8 && grant.can_be_ended(); ++i) {
    const auto at = next_due(grant);
    RC_ASSERT(at.has_value());
    RC_ASSERT(*at <= grant.end());
    RC_ASSERT(!due_event(grant, *at - 1ms));
    const auto event = due_event(grant, *at);
    RC_ASSERT(event.has_value());
    grant = tell(grant, {.event = *event, .now = *at, .touched = true});
  }
  RC_ASSERT(!grant.can_be_ended());
}

}  // namespace

TEST_CASE(
    "whatever happens to a grant, it takes rows of its table, and its end moves later by extensions alone") {
  int ended = 0;
  CHECK(rc::check("grant machine", [&ended] {
    const auto bits = rc::gen::inRange<std::uint32_t>(0, 0x7fffffff);
    const auto numbers = *rc::gen::resize(200, rc::gen::container<std::vector<std::uint32_t>>(bits));
    Grant grant = numbers.size() % 2 == 0 ? sample_grant() : scheduled_grant();
    if (!numbers.empty() && numbers.front() % 3 == 0) grant.until = grant.latest_end = k_start + 40min;
    grant.warn_before = {30min, 10min, 1min};
    Time now = k_start;
    for (std::uint32_t number : numbers) {
      number *= 2654435761U;
      GrantInput input{.event = static_cast<E>(number % (static_cast<unsigned>(E::abandoned) + 1)),
                       .now = now};
      // Extensions and warnings keep a grant alive: most moves are those.
      if (number / 64 % 4 > 0) input.event = number / 256 % 2 == 0 ? E::extended : E::warn_due;
      if (number / 64 % 4 > 1 && grant.state == S::activating) input.event = E::confirmed;
      if (input.event == E::warn_due && due_event(grant, now) != E::warn_due) continue;
      input.touched = number / 1024 % 2 == 0;
      input.by = Millis(1min) * static_cast<int>(1 + number / 2048 % 60);
      const auto out = apply(grant, input);
      check_step(grant, input, out);
      if (out.grant.state == S::ended && grant.state != S::ended) ++ended;
      grant = out.grant;
      check_due(grant);
      now += Millis(1s) * static_cast<int>(number / 4096 % 600);
    }
  }));
  CHECK(ended > 20);
}

}  // namespace jitbot::testing
