#pragma once

#include "bot/model/result.hpp"

#include <chrono>
#include <optional>
#include <string_view>

namespace jitbot {

// A point of time as people say it, in whoever's zone: "18:00", "6pm", "noon", "tomorrow 9:00",
// "monday 9:00", "2026-03-01 18:00", "18:00 UTC", RFC 3339. Which instant that is, only a zone and the
// present tell.
struct TimeWords {
  enum class Day { open, today, tomorrow, weekday, date };  // open: the next such time of day
  Day day = Day::open;
  std::chrono::weekday weekday{};       // Day::weekday: the next one, today where the time is still ahead
  std::chrono::year_month_day date{};   // Day::date
  std::chrono::seconds time_of_day{0};  // 0 to 23:59:59
  std::optional<std::chrono::minutes> utc_offset;  // said, so no zone is needed
  bool operator==(const TimeWords&) const = default;
};

// Any bytes may come in; case-blind. The error goes on behind what was said ("is not a point of time …").
Result<TimeWords> parse_time_words(std::string_view text);

}  // namespace jitbot
