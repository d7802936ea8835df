#include "asking.hpp"

#include <catch2/catch.hpp>

using namespace jitbot::testing;

TEST_CASE("points and lengths of time are read and written", "[cel][times]") {
  const auto expression = GENERATE(values<std::string>({
      "string(timestamp('2026-03-01T03:00:00Z')) == '2026-03-01T03:00:00Z'",
      "string(timestamp('2026-03-01T03:00:00.120+01:30')) == '2026-03-01T01:30:00.12Z'",
      "string(timestamp('1969-12-31T23:59:59.5Z')) == '1969-12-31T23:59:59.5Z'",
      "timestamp('2026-03-01T03:00:00.1234567891Z') == timestamp('2026-03-01T03:00:00.123456789Z')",
      "int(timestamp('1970-01-01T00:01:00Z')) == 60 && timestamp(60) == timestamp('1970-01-01T00:01:00Z')",
      "string(timestamp('0001-01-01T00:00:00Z')) == '0001-01-01T00:00:00Z'",
      "timestamp('2024-02-29T00:00:00Z').getDayOfYear() == 59",
      "string(duration('1h30m')) == '5400s' && string(duration('-1.5s')) == '-1.5s' && string(duration('0')) "
      "== '0s'",
      "duration('1.5h') == duration('90m') && duration('1m1s1ms1us1ns') == duration('61001001001ns')",
      "duration('-9223372036854775808ns') < duration('9223372036854775807ns')",
      "duration('1\xC2\xB5s') == duration('1us') && duration('.5s') == duration('500ms')",
      "duration('+5s') == duration('5s')",
  }));
  INFO(expression);
  CHECK(holds(expression));
}

TEST_CASE("what is no point or length of time is an error", "[cel][times]") {
  const auto text = GENERATE(values<std::string>({
      "timestamp('2026-02-30T00:00:00Z')",
      "timestamp('2026-03-01')",
      "timestamp('2026-03-01T24:00:00Z')",
      "timestamp('2026-03-01T00:00:60Z')",
      "timestamp('2026-03-01T00:00:00')",
      "timestamp('2026-03-01T00:00:00.Z')",
      "timestamp('2026-03-01T00:00:00+0100')",
      "timestamp('0000-12-31T23:59:59Z')",
      "timestamp('9999-12-31T23:59:59-01:00')",
      "timestamp(253402300800)",
      "timestamp('2026-03-01T00:00:00Zx')",
      "duration('1')",
      "duration('h')",
      "duration('1d')",
      "duration('1h 30m')",
      "duration('--1s')",
      "duration('9223372036854775808ns')",
      "duration('99999999999999999999h')",
      "duration('.s')",
      "duration('-')",
  }));
  INFO(text);
  CHECK(fails(text, "cannot be read") != fails(text, "beyond"));
}

TEST_CASE("time is reckoned within its range", "[cel][times]") {
  CHECK(holds(
      "timestamp(10) + duration('5s') == timestamp(15) && duration('5s') + timestamp(10) == timestamp(15)"));
  CHECK(holds(
      "timestamp(10) - duration('20s') == timestamp(-10) && timestamp(10) - timestamp(4) == duration('6s')"));
  CHECK(holds("duration('1s') - duration('3s') == duration('-2s') && duration('1s') < duration('1001ms')"));
  CHECK(
      holds("timestamp('1970-01-01T00:00:00.5Z') - timestamp('1970-01-01T00:00:01Z') == duration('-500ms')"));
  CHECK(fails("timestamp('9999-12-31T23:59:59Z') + duration('1s')", "out of range"));
  CHECK(fails("timestamp('0001-01-01T00:00:00Z') - duration('1ns')", "out of range"));
  CHECK(fails("duration('9223372036854775807ns') + duration('1ns')", "out of range"));
  CHECK(fails("timestamp(0) - duration('-9223372036854775808ns')", "out of range"));
  CHECK(fails("timestamp('9999-12-31T23:59:59Z') - timestamp('0001-01-01T00:00:00Z')", "out of range"));
}

TEST_CASE("a clock shows the time of its zone", "[cel][times]") {
  const auto expression = GENERATE(values<std::string>({
      "t.getFullYear() == 2026 && t.getMonth() == 0 && t.getDate() == 1 && t.getDayOfMonth() == 0",
      "t.getHours() == 2 && t.getMinutes() == 3 && t.getSeconds() == 4 && t.getMilliseconds() == 567",
      "t.getDayOfWeek() == 4 && t.getDayOfYear() == 0",
      "t.getFullYear('America/New_York') == 2025 && t.getMonth('America/New_York') == 11",
      "t.getDate('America/New_York') == 31 && t.getDayOfYear('America/New_York') == 364",
      "t.getDayOfWeek('America/New_York') == 3 && t.getHours('America/New_York') == 21",
      "t.getHours('+05:30') == 7 && t.getMinutes('+05:30') == 33 && t.getHours('-02:30') == 23",
      "t.getHours('05:00') == 7 && t.getHours('UTC') == 2",
      "timestamp('2026-03-29T01:30:00Z').getHours('Europe/Berlin') == 3",
      "timestamp('2026-03-29T00:30:00Z').getHours('Europe/Berlin') == 1",
      "timestamp('2060-07-01T12:00:00Z').getHours('Europe/Berlin') == 14",
      "timestamp('9999-01-01T12:00:00Z').getHours('Europe/Berlin') == 13",
      "timestamp('1969-12-31T23:59:59.999Z').getMilliseconds() == 999",
      "duration('90m5s').getHours() == 1 && duration('90m5s').getMinutes() == 90",
      "duration('90m5s').getSeconds() == 5405 && duration('1.234s').getMilliseconds() == 234",
      "duration('-90m').getHours() == -1",
  }));
  INFO(expression);
  CHECK(holds("[timestamp('2026-01-01T02:03:04.567Z')].all(t, " + expression + ")"));
}

TEST_CASE("a zone that does not exist is an error", "[cel][times]") {
  const auto zone =
      GENERATE(values<std::string>({"Mars/Olympus", "../../etc/passwd", "+24:00", "+1:00", "europe/berlin"}));
  INFO(zone);
  CHECK(fails("timestamp(0).getHours(z)", "no time zone", {{"z", jitbot::cel::Value::string(zone)}}));
}
