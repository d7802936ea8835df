#include "bot/model/time_words.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <string>
#include <vector>

namespace jitbot {
namespace {

using namespace std::chrono_literals;
using Day = TimeWords::Day;

struct Said {
  std::string text;
  Day day;
  std::chrono::seconds time;
  std::optional<std::chrono::minutes> offset{};
};

TEST_CASE("points of time are read as people say them") {
  const std::vector<Said> cases{
      {"18:00", Day::open, 18h},
      {"9:30", Day::open, 9h + 30min},
      {" 09:30:15 ", Day::open, 9h + 30min + 15s},
      {"6pm", Day::open, 18h},
      {"6 PM", Day::open, 18h},
      {"6:30 p.m.", Day::open, 18h + 30min},
      {"12am", Day::open, 0h},
      {"12:05 pm", Day::open, 12h + 5min},
      {"noon", Day::open, 12h},
      {"midnight", Day::open, 0h},
      {"today 18:00", Day::today, 18h},
      {"tomorrow 9:00", Day::tomorrow, 9h},
      {"Tomorrow at 9am", Day::tomorrow, 9h},
      {"tomorrow noon", Day::tomorrow, 12h},
      {"9:00 tomorrow", Day::tomorrow, 9h},
      {"18:00 UTC", Day::open, 18h, 0min},
      {"6pm utc", Day::open, 18h, 0min},
      {"18:00Z", Day::open, 18h, 0min},
      {"18:00+05:45", Day::open, 18h, 345min},
      {"18:00 -0330", Day::open, 18h, -210min},
  };
  for (const Said& said : cases) {
    INFO(said.text);
    const auto words = parse_time_words(said.text);
    REQUIRE(words);
    CHECK(words->day == said.day);
    CHECK(words->time_of_day == said.time);
    CHECK(words->utc_offset == said.offset);
  }
}

TEST_CASE("weekdays and dates are read, RFC 3339 too") {
  for (const std::string text : {"monday 9:00", "Mon 9:00", "mon at 9am", "9:00 monday", "monday, 9:00"}) {
    INFO(text);
    const auto words = parse_time_words(text);
    REQUIRE(words);
    CHECK(words->day == Day::weekday);
    CHECK(words->weekday == std::chrono::Monday);
    CHECK(words->time_of_day == 9h);
  }
  for (const std::string text :
       {"2026-03-01 18:00", "2026-3-1 6pm", "2026-03-01T18:00", "18:00 2026-03-01"}) {
    INFO(text);
    const auto words = parse_time_words(text);
    REQUIRE(words);
    CHECK(words->day == Day::date);
    CHECK(words->date == std::chrono::year{2026} / 3 / 1);
    CHECK_FALSE(words->utc_offset);
  }
  const auto exact = parse_time_words("2026-03-01T18:00:30.5+01:00");
  REQUIRE(exact);
  CHECK(exact->time_of_day == 18h + 30s);
  CHECK(exact->utc_offset == 60min);
  CHECK(parse_time_words("2026-03-01t18:00:00z")->utc_offset == 0min);
}

TEST_CASE("what is no point of time is not taken for one") {
  for (const std::string text : {"",
                                 " ",
                                 "18",
                                 "1800",
                                 "24:00",
                                 "18:60",
                                 "18:0",
                                 "18:00:60",
                                 "13pm",
                                 "0am",
                                 "6pmm",
                                 "6 o'clock",
                                 "2026-02-29 18:00",
                                 "2026-13-01 18:00",
                                 "1999-01-01 18:00",
                                 "2200-01-01 18:00",
                                 "26-03-01 18:00",
                                 "tomorrow tomorrow 9:00",
                                 "9:00 9:00",
                                 "9:00 10:00",
                                 "at 9:00",
                                 "tomorrow at",
                                 "9:00 mon",
                                 "18:00+15:00",
                                 "18:00+1",
                                 "18:00 CET",
                                 "soon",
                                 "2026-03-01T",
                                 "T18:00",
                                 "-1:00",
                                 "١٨:٠٠",
                                 "18:00\n18:00"}) {
    INFO(text);
    const auto words = parse_time_words(text);
    REQUIRE_FALSE(words);
    CHECK(words.error().message.starts_with("is not a point of time I can use; try 18:00, 6pm"));
  }
  for (const std::string day : {"tomorrow", "monday", "2026-03-01"})
    CHECK(parse_time_words(day).error().message == "is a day; say at what time of it, as in tomorrow 9:00");
  CHECK_FALSE(parse_time_words("18:00" + std::string(100, ' ')));
}

TEST_CASE("any bytes are read as a point of time or refused, never thrown at") {
  const std::vector<std::string> pieces{"18:00",      "6",      "pm",    " ",          "tomorrow", "T",
                                        "2026-03-01", "+",      "01:00", "at",         "mon",      ":",
                                        "\xFF",       "\u00A0", "z",     "99999999999"};
  std::mt19937 random(17);
  int read = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (auto left = random() % 6; left > 0; --left) {
      text += pieces[random() % pieces.size()];
      if (random() % 2 == 0) text += ' ';
    }
    const auto words = parse_time_words(text);
    if (!words) continue;
    ++read;
    CHECK(words->time_of_day >= 0s);
    CHECK(words->time_of_day < 24h);
  }
  CHECK(read > 100);
}

}  // namespace
}  // namespace jitbot
