#include "adapters/chat/mattermost/moment.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <stdexcept>

namespace jitbot::mattermost {

namespace {

using std::chrono::seconds;

std::optional<seconds> ahead_of_utc(const std::string& zone, Time at) {
  if (zone.empty()) return std::nullopt;
  try {
    return date::locate_zone(zone)->get_info(std::chrono::floor<seconds>(at)).offset;
  } catch (const std::runtime_error&) {
    return std::nullopt;
  }
}

std::string clock(const Moment& moment, Time now, seconds at_moment, seconds at_now) {
  const Time shown = moment.at + at_moment;
  const auto day = std::chrono::floor<std::chrono::days>(shown);
  const auto since = std::chrono::floor<seconds>(shown - day).count();
  std::string text;
  if (day != std::chrono::floor<std::chrono::days>(now + at_now)) {
    const std::chrono::year_month_day date(day);
    text = fmt::format("{:04}-{:02}-{:02} ", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  }
  text += fmt::format("{:02}:{:02}", since / 3600, since / 60 % 60);
  if (moment.seconds) text += fmt::format(":{:02}", since % 60);
  return text;
}

}  // namespace

std::string moment_text(const Moment& moment, Time now, const std::string& zone) {
  std::string utc = clock(moment, now, seconds{0}, seconds{0}) + " UTC";
  const auto then = ahead_of_utc(zone, moment.at);
  const auto today = ahead_of_utc(zone, now);
  if (!then || !today || (*then == seconds{0} && *today == seconds{0})) return utc;
  return clock(moment, now, *then, *today) + " (" + utc + ")";
}

}  // namespace jitbot::mattermost
