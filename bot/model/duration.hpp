#pragma once

#include "bot/model/result.hpp"
#include "bot/model/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace jitbot {

// "45s", "30m", "1h30m", "90min", "2d", "1 hour", "1w": units s, m, h, d, w and their usual words,
// case-blind. Positive, at most 10 years. The error says what was not understood and gives an example.
Result<Millis> parse_duration(std::string_view text);

// For people: "1h 30m", "2d", "45s"; to the second under 5 minutes, else to the minute, rounded up.
std::string format_duration(Millis duration);
// RFC 3339 in UTC, to the second: "2026-03-01T03:00:00Z".
std::string format_utc(Time time);
// "15:04 UTC"
std::string format_clock_utc(Time time);

}  // namespace jitbot
