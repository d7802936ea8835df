#include "bot/model/duration.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <string>
#include <vector>

using namespace jitbot;

TEST_CASE("durations are read as people write them", "[duration]") {
  const std::vector<std::pair<std::string, Millis>> cases = {
      {"45s", 45s},          {"30m", 30min},    {"1h30m", 90min},      {"1h 30m", 90min},
      {"90min", 90min},      {"2d", 48h},       {"1 hour", 1h},        {"1 Hour 30 Minutes", 90min},
      {"1w", 7 * 24h},       {"1W2D", 9 * 24h}, {"  15 mins ", 15min}, {"1d 1h 1m 1s", 25h + 61s},
      {"3650d", 3650 * 24h}, {"007m", 7min},
  };
  for (const auto& [text, expected] : cases) {
    INFO(text);
    const auto parsed = parse_duration(text);
    REQUIRE(parsed.has_value());
    CHECK(*parsed == expected);
  }
}

TEST_CASE("what is not a duration is refused with what was not understood", "[duration]") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "a duration is missing; write for example 45s, 30m, 1h30m or 2d"},
      {"   ", "a duration is missing; write for example 45s, 30m, 1h30m or 2d"},
      {"soon", "\"soon\" is not a duration; write for example 45s, 30m, 1h30m or 2d"},
      {"90", "\"90\" has no unit; write for example 45s, 30m, 1h30m or 2d"},
      {"1h30", "\"1h30\" has no unit; write for example 45s, 30m, 1h30m or 2d"},
      {"5 parsecs", "\"parsecs\" is not a unit of time; use s, m, h, d or w, for example 1h30m"},
      {"1.5h", "\"1.5h\" is not a duration; write for example 45s, 30m, 1h30m or 2d"},
      {"-1h", "\"-1h\" is not a duration; write for example 45s, 30m, 1h30m or 2d"},
      {"30m1h", "\"30m1h\" is not a duration; write for example 45s, 30m, 1h30m or 2d"},
      {"1h1h", "\"1h1h\" is not a duration; write for example 45s, 30m, 1h30m or 2d"},
      {"0s", "a duration must be longer than 0; write for example 45s, 30m, 1h30m or 2d"},
      {"3651d", "\"3651d\" is too long; at most 10 years (3650d)"},
      {"99999999999999999999w", "\"99999999999999999999w\" is too long; at most 10 years (3650d)"},
      {"3650d 1s", "\"3650d 1s\" is too long; at most 10 years (3650d)"},
      {"1\nh", "\"1?h\" is not a duration; write for example 45s, 30m, 1h30m or 2d"},
  };
  for (const auto& [text, message] : cases) {
    INFO(text);
    const auto parsed = parse_duration(text);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().kind == ErrorKind::invalid);
    CHECK(parsed.error().message == message);
  }
}

TEST_CASE("a long wrong duration is quoted shortly and between whole characters", "[duration]") {
  std::string text = "x";
  while (text.size() < 300) text += "é";
  const auto parsed = parse_duration(text);
  REQUIRE_FALSE(parsed.has_value());
  CHECK(parsed.error().message.size() < 130);
  CHECK(parsed.error().message.find("é…\" is not a duration") != std::string::npos);
}

TEST_CASE("a long wrong duration that is no UTF-8 is quoted shortly too", "[duration]") {
  const auto parsed = parse_duration(std::string(300, '\xA6'));
  REQUIRE_FALSE(parsed.has_value());
  CHECK(parsed.error().message.size() < 130);
}

TEST_CASE("durations are shown to the second under five minutes, else to the minute, rounded up",
          "[duration]") {
  const std::vector<std::pair<Millis, std::string>> cases = {
      {Millis{0}, "0s"},        {Millis{-5}, "0s"},     {Millis{1}, "1s"},        {45s, "45s"},
      {90s, "1m 30s"},          {4min + 59s, "4m 59s"}, {4min + 59s + 1ms, "5m"}, {5min, "5m"},
      {5min + 1s, "6m"},        {90min, "1h 30m"},      {59min + 1s, "1h"},       {48h, "2d"},
      {25h + 1min, "1d 1h 1m"}, {7 * 24h, "7d"},
  };
  for (const auto& [duration, text] : cases) {
    INFO(duration.count());
    CHECK(format_duration(duration) == text);
  }
}

TEST_CASE("what is shown reads back as the same duration or the next one up", "[duration]") {
  std::mt19937_64 random{7};  // NOLINT: a fixed seed makes the property repeatable
  std::uniform_int_distribution<std::int64_t> any{1, std::int64_t{3649} * 24 * 3600 * 1000};
  for (int i = 0; i < 2000; ++i) {
    const Millis duration{any(random) >> (random() % 30U)};
    if (duration <= Millis{0}) continue;
    INFO(duration.count());
    const auto back = parse_duration(format_duration(duration));
    REQUIRE(back.has_value());
    CHECK(*back >= duration);
    CHECK(*back - duration < 1min);
    CHECK(format_duration(*back) == format_duration(duration));
  }
}

TEST_CASE("times are shown in UTC", "[duration]") {
  const Time time = time_from_ms(1772334000123);  // 2026-03-01T03:00:00.123Z
  CHECK(format_utc(time) == "2026-03-01T03:00:00Z");
  CHECK(format_clock_utc(time) == "03:00 UTC");
  CHECK(format_utc(time_from_ms(0)) == "1970-01-01T00:00:00Z");
  CHECK(format_utc(time_from_ms(-1000)) == "1969-12-31T23:59:59Z");
}
