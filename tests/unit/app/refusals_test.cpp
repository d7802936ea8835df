#include "bot/app/refusals.hpp"

#include <catch2/catch.hpp>

using namespace jitbot;

TEST_CASE("refused callbacks cannot fill the audit log, and none goes uncounted") {
  RefusalMeter meter;
  int told = 0;
  for (int i = 0; i < 1000; ++i) {
    if (meter.take(Millis{i})) ++told;
  }
  CHECK(told == 20);
  const auto later = meter.take(7s);
  REQUIRE(later);
  CHECK(*later == 980);
  CHECK_FALSE(meter.take(7s));
  CHECK(meter.take(1h) == 1);
  told = 0;
  while (meter.take(1h)) ++told;
  CHECK(told == 19);
}
