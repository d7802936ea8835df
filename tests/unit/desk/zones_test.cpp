#include "bot/desk/zones.hpp"

#include "bot/model/duration.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace jitbot {
namespace {

const Zones k_berlin{"Europe/Berlin", "UTC"};

// 2026-03-01 02:00 UTC, a Sunday; 03:00 in Berlin.
constexpr Time k_now{Millis{1'772'330'400'000}};
// The clocks of Berlin: forward on 2026-03-29 at 01:00 UTC, back on 2026-10-25 at 01:00 UTC.
constexpr Time k_before_forward{Millis{1'774'738'800'000}};  // 2026-03-28 23:00 UTC
constexpr Time k_before_back{Millis{1'792'879'200'000}};     // 2026-10-24 22:00 UTC

std::string at(const std::string& text, Meaning meaning = Meaning::end, Time now = k_now,
               const Zones& zones = k_berlin) {
  const auto words = parse_time_words(text);
  INFO(text);
  REQUIRE(words);
  const auto instant = instant_of(*words, meaning, zones, now);
  return instant ? format_utc(*instant) : instant.error().message;
}

TEST_CASE("a time of day is the next one in the asker's zone") {
  CHECK(at("18:00") == "2026-03-01T17:00:00Z");
  CHECK(at("3:01") == "2026-03-01T02:01:00Z");
  CHECK(at("3:00") == "2026-03-02T02:00:00Z");  // not behind now: tomorrow's
  CHECK(at("2:00") == "2026-03-02T01:00:00Z");
  CHECK(at("midnight") == "2026-03-01T23:00:00Z");
  CHECK(at("today 18:00") == "2026-03-01T17:00:00Z");
  CHECK(at("tomorrow 2:00") == "2026-03-02T01:00:00Z");
  CHECK(at("18:00", Meaning::end, k_now, {"America/Los_Angeles", "UTC"}) == "2026-03-02T02:00:00Z");
  CHECK(at("18:30", Meaning::end, k_now, {"America/Los_Angeles", "UTC"}) == "2026-03-01T02:30:00Z");
  CHECK(at("18:00", Meaning::end, k_now, {"Asia/Kathmandu", "UTC"}) == "2026-03-01T12:15:00Z");
}

TEST_CASE("a weekday is the next one, today while the time is still ahead") {
  CHECK(at("sunday 18:00") == "2026-03-01T17:00:00Z");
  CHECK(at("sunday 2:00") == "2026-03-08T01:00:00Z");
  CHECK(at("monday 9:00") == "2026-03-02T08:00:00Z");
  CHECK(at("saturday 9:00") == "2026-03-07T08:00:00Z");
}

TEST_CASE("what has passed and names its day is refused") {
  CHECK(at("today 2:00") == "has passed already");
  CHECK(at("2026-02-28 18:00") == "has passed already");
  CHECK(at("2026-03-01T02:00:00Z") == "has passed already");
  CHECK(at("2026-03-01T02:00:01Z") == "2026-03-01T02:00:01Z");
}

TEST_CASE("an offset that was said needs no zone") {
  CHECK(at("18:00 UTC") == "2026-03-01T18:00:00Z");
  CHECK(at("2026-03-01T18:00:00+09:00") == "2026-03-01T09:00:00Z");
  CHECK(at("1:00 UTC") == "2026-03-02T01:00:00Z");
  CHECK(at("tomorrow 1:00-08:00") == "2026-03-01T09:00:00Z");  // tomorrow of that zone
}

TEST_CASE("a zone that this machine does not know is the configuration's, and else UTC") {
  for (const std::string odd : {"", "Mars/Olympus", "../../etc/passwd", "Europe/Berlin\n"}) {
    CHECK(at("18:00", Meaning::end, k_now, {odd, "Europe/Berlin"}) == "2026-03-01T17:00:00Z");
    CHECK(at("18:00", Meaning::end, k_now, {odd, odd}) == "2026-03-01T18:00:00Z");
  }
}

TEST_CASE("a time that the clock jumps over is the next instant that exists") {
  for (const Meaning meaning : {Meaning::end, Meaning::start}) {
    CHECK(at("2:30", meaning, k_before_forward) == "2026-03-29T01:00:00Z");  // 03:00 in summer time
    CHECK(at("3:00", meaning, k_before_forward) == "2026-03-29T01:00:00Z");
    CHECK(at("1:59", meaning, k_before_forward) == "2026-03-29T00:59:00Z");
  }
}

TEST_CASE("of a time that comes twice, an end is the earlier one still to come and a start the later") {
  CHECK(at("2:30", Meaning::end, k_before_back) == "2026-10-25T00:30:00Z");
  CHECK(at("2:30", Meaning::start, k_before_back) == "2026-10-25T01:30:00Z");
  // Between the two: the second is sooner than tomorrow's.
  CHECK(at("2:30", Meaning::end, k_before_back + 2h + 45min) == "2026-10-25T01:30:00Z");
  CHECK(at("2026-10-25 2:30", Meaning::end, k_before_back + 2h + 45min) == "2026-10-25T01:30:00Z");
  CHECK(at("2:30", Meaning::start, k_before_back + 3h + 45min) == "2026-10-26T01:30:00Z");
}

}  // namespace
}  // namespace jitbot
