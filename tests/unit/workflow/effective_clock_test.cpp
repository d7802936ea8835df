#include "bot/ports/effective_clock.hpp"

#include "tests/support/manual_clock.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

namespace jitbot::testing {

namespace {
constexpr Time k_wall{Millis{1'772'330'400'000}};
}

TEST_CASE("effective time is the wall clock where nothing is remembered") {
  ManualClock wall(k_wall);
  EffectiveClock clock(wall, std::nullopt);
  CHECK(clock.now() == k_wall);
  wall.advance(90min);
  CHECK(clock.now() == k_wall + 90min);
  CHECK_FALSE(clock.take_step());
}

TEST_CASE("effective time is never behind the durable high-water mark, and the monotonic clock moves it on") {
  ManualClock wall(k_wall);
  EffectiveClock clock(wall, k_wall + 2h);
  CHECK(clock.now() == k_wall + 2h);
  wall.advance(10min);
  CHECK(clock.now() == k_wall + 2h + 10min);
  // When the wall clock has come past it, the wall clock counts.
  wall.step_wall(5h);
  CHECK(clock.now() == k_wall + 5h + 10min);
}

TEST_CASE("a mark in the past changes nothing") {
  ManualClock wall(k_wall);
  EffectiveClock clock(wall, k_wall - 24h);
  CHECK(clock.now() == k_wall);
}

TEST_CASE("a backwards step is not followed: time goes on by the monotonic clock") {
  ManualClock wall(k_wall);
  EffectiveClock clock(wall, std::nullopt);
  wall.advance(1min);
  CHECK(clock.now() == k_wall + 1min);
  wall.step_wall(-1h);
  CHECK(clock.now() == k_wall + 1min);
  CHECK(clock.take_step() == Millis(-1h));
  wall.advance(1min);
  CHECK(clock.now() == k_wall + 2min);
  CHECK_FALSE(clock.take_step());
}

TEST_CASE("a forwards step is believed at once: too early is safe, too late is not") {
  ManualClock wall(k_wall);
  EffectiveClock clock(wall, std::nullopt);
  wall.step_wall(1h);
  CHECK(clock.now() == k_wall + 1h);
  CHECK(clock.take_step() == Millis(1h));
  CHECK_FALSE(clock.take_step());
  // Once believed it stays, whatever the wall clock says later.
  wall.step_wall(-1h);
  CHECK(clock.now() == k_wall + 1h);
  CHECK(clock.take_step() == Millis(-1h));
}

TEST_CASE("a step is one of more than 30 s, smaller ones are only followed") {
  ManualClock wall(k_wall);
  EffectiveClock clock(wall, std::nullopt);
  wall.advance(10s);
  wall.step_wall(30s);
  CHECK(clock.now() == k_wall + 40s);
  CHECK_FALSE(clock.take_step());
  wall.step_wall(-30s);
  CHECK(clock.now() == k_wall + 40s);
  CHECK_FALSE(clock.take_step());
  wall.step_wall(30s + 1ms);
  CHECK(clock.now() == k_wall + 40s + 1ms);
  CHECK(clock.take_step() == Millis(30s + 1ms));
  wall.step_wall(-(30s + 1ms));
  (void)clock.now();
  CHECK(clock.take_step() == -Millis(30s + 1ms));
}

TEST_CASE("a machine that slept is no step of the wall clock against the monotonic one") {
  ManualClock wall(k_wall);
  EffectiveClock clock(wall, std::nullopt);
  wall.advance(12h);
  CHECK(clock.now() == k_wall + 12h);
  CHECK_FALSE(clock.take_step());
}

TEST_CASE(
    "whatever the wall clock does, effective time never goes backwards nor slower than the monotonic clock") {
  CHECK(rc::check("effective clock", [] {
    const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(-7200, 7200));
    const auto ahead = *rc::gen::inRange(-3600, 3600);
    ManualClock wall(k_wall);
    EffectiveClock clock(wall, k_wall + Millis(1s) * ahead);
    Time last = clock.now();
    RC_ASSERT(last >= k_wall + Millis(1s) * ahead);
    for (const int step : steps) {
      const Millis passed = Millis(1s) * (std::abs(step) % 97);
      wall.advance(passed);
      if (step % 3 == 0) wall.step_wall(Millis(1s) * step);
      const Time now = clock.now();
      RC_ASSERT(now >= last + passed);
      RC_ASSERT(now >= wall.now());
      RC_ASSERT(clock.take_step().has_value() == (step % 3 == 0 && std::abs(step) > 30));
      last = now;
    }
  }));
}

}  // namespace jitbot::testing
