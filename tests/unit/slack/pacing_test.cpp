#include "adapters/chat/slack/pacing.hpp"

#include "adapters/chat/slack/rate_gate.hpp"
#include "tests/support/seeded_random.hpp"

#include <catch2/catch.hpp>

using namespace jitbot;
using namespace jitbot::slack;

TEST_CASE("back-off grows to its cap, with full jitter, and starts again after a reset", "[slack]") {
  jitbot::testing::SeededRandom random(3);
  Backoff backoff;
  Millis most{0};
  Millis cap = Backoff::k_base;
  for (int i = 0; i < 200; ++i) {
    const Millis pause = backoff.next(random);
    CHECK(pause >= Millis{0});
    CHECK(pause <= cap);
    most = std::max(most, pause);
    cap = std::min(cap * 2, Backoff::k_cap);
  }
  CHECK(most > Backoff::k_cap * 3 / 4);
  backoff.reset();
  CHECK(backoff.next(random) <= Backoff::k_base);
}

TEST_CASE("dials are one per ten seconds, but for a small burst", "[slack]") {
  DialBudget budget;
  Millis now{1'000'000};
  for (int i = 0; i < DialBudget::k_burst; ++i) {
    CHECK(budget.wait(now) == Millis{0});
    budget.spend(now);
  }
  CHECK(budget.wait(now) == 10s);
  int dials = 0;
  for (int second = 0; second < 600; ++second) {
    now += 1s;
    if (budget.wait(now) > Millis{0}) continue;
    budget.spend(now);
    ++dials;
  }
  CHECK(dials == 60);
}

TEST_CASE("a lane keeps its rate, first come first served", "[slack]") {
  RateGate gate;
  const Rate rate{60, 3};
  const Millis now{5'000};
  CHECK(gate.take("a", rate, now) == 0s);
  CHECK(gate.take("a", rate, now) == 0s);
  CHECK(gate.take("a", rate, now) == 0s);
  CHECK(gate.take("a", rate, now) == 1s);
  CHECK(gate.take("a", rate, now) == 2s);
  CHECK(gate.take("b", rate, now) == 0s);
  CHECK(gate.would_wait("a", rate, now + 10s) == 0s);
}

TEST_CASE("a paused lane opens when Slack said, without a burst", "[slack]") {
  RateGate gate;
  const Rate rate{60, 3};
  gate.pause("a", rate, 30s);
  CHECK(gate.take("a", rate, 10s) == 20s);
  CHECK(gate.take("a", rate, 10s) == 21s);
  CHECK(gate.paused_until("a") == 30s);
  CHECK(gate.paused_until("b") == 0s);
  gate.pause("a", rate, 20s);  // an older answer shortens nothing
  CHECK(gate.paused_until("a") == 30s);
}
