// What a calendar and a clock show at a timestamp, in UTC or in a zone (langdef "Timezones").
#include "bot/policy/cel/functions.hpp"

#include <date/date.h>
#include <date/tz.h>
#include <fmt/format.h>

#include <stdexcept>

namespace jitbot::cel {

namespace {

// "+01:30", "-08:00", "02:00".
std::optional<std::chrono::minutes> read_offset(std::string_view text) {
  const bool west = text.starts_with('-');
  if (west || text.starts_with('+')) text.remove_prefix(1);
  const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9'; };
  if (text.size() != 5 || text[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4))
    return std::nullopt;
  const int hours = (text[0] - '0') * 10 + (text[1] - '0');
  const int minutes = (text[3] - '0') * 10 + (text[4] - '0');
  if (hours > 23 || minutes > 59) return std::nullopt;
  const std::chrono::minutes offset = std::chrono::hours{hours} + std::chrono::minutes{minutes};
  return west ? -offset : offset;
}

// The system's tables end with 2037 and leave what comes later without summer time. A year that begins on the
// same weekday and is as long has its changes at the same moments: one of the last 28 that are known stands
// in.
date::sys_seconds within_tables(date::sys_seconds at) {
  constexpr date::year k_last_known{2037};
  const date::year year = date::year_month_day{date::floor<date::days>(at)}.year();
  if (year <= k_last_known) return at;
  const date::sys_days begin = year / date::January / 1;
  for (date::year like = k_last_known;; --like) {
    const date::sys_days other = like / date::January / 1;
    const bool same = like.is_leap() == year.is_leap() && date::weekday{other} == date::weekday{begin};
    if (same) return at - (begin - other);
  }
}

std::chrono::seconds offset_at(const Zone& zone, std::int64_t second) {
  if (zone.named == nullptr) return zone.offset;
  return zone.named->get_info(within_tables(date::sys_seconds{std::chrono::seconds{second}})).offset;
}

struct Shown {
  date::year_month_day ymd;
  date::sys_days day;
  std::chrono::seconds time;  // since midnight
  std::int64_t millis;
};

Shown show(Instant at, const Zone& zone) {
  const date::sys_seconds local{std::chrono::seconds{at.seconds} + offset_at(zone, at.seconds)};
  const auto day = date::floor<date::days>(local);
  return {date::year_month_day{day}, day, local - day, at.nanos / 1'000'000};
}

// Reads one figure off the clock of the zone that the call names, if it names one.
template <class Read>
Value figure(const Call& call, std::string_view name, Read read) {
  if (!call.args[0].is(Kind::timestamp)) return no_overload(name, call.args);
  Zone zone;
  if (call.prepared != nullptr && call.prepared->zone) {
    zone = *call.prepared->zone;
  } else if (call.args.size() == 2) {
    if (!call.args[1].is(Kind::string)) return no_overload(name, call.args);
    constexpr std::uint64_t k_search_cost = 50;
    if (!call.budget.spend(k_search_cost)) return Value::error_view(k_too_dear);
    const auto found = find_zone(call.args[1].text());
    if (!found)
      return Value::error(fmt::format("there is no time zone \"{}\"", call.args[1].text().substr(0, 60)));
    zone = *found;
  }
  return Value::integer(read(show(call.args[0].as_timestamp(), zone)));
}

bool of_duration(const Call& call) {
  return call.args.size() == 1 && call.args[0].is(Kind::duration);
}

}  // namespace

std::optional<Zone> find_zone(std::string_view name) {
  if (name == "UTC" || name == "Z" || name.empty()) return Zone{};
  if (const auto offset = read_offset(name)) return Zone{nullptr, *offset};
  try {
    return Zone{date::locate_zone(std::string(name)), std::chrono::minutes{0}};
  } catch (const std::runtime_error&) {
    return std::nullopt;
  }
}

Value get_full_year(const Call& call) {
  return figure(call, "getFullYear", [](const Shown& at) { return std::int64_t{int{at.ymd.year()}}; });
}
Value get_month(const Call& call) {
  return figure(call, "getMonth", [](const Shown& at) { return std::int64_t{unsigned{at.ymd.month()}} - 1; });
}
Value get_date(const Call& call) {
  return figure(call, "getDate", [](const Shown& at) { return std::int64_t{unsigned{at.ymd.day()}}; });
}
Value get_day_of_month(const Call& call) {
  return figure(call, "getDayOfMonth",
                [](const Shown& at) { return std::int64_t{unsigned{at.ymd.day()}} - 1; });
}
Value get_day_of_week(const Call& call) {
  return figure(call, "getDayOfWeek",
                [](const Shown& at) { return std::int64_t{date::weekday{at.day}.c_encoding()}; });
}
Value get_day_of_year(const Call& call) {
  return figure(call, "getDayOfYear", [](const Shown& at) {
    return std::int64_t{(at.day - date::sys_days{at.ymd.year() / date::January / 1}).count()};
  });
}

Value get_hours(const Call& call) {
  if (of_duration(call)) {
    return Value::integer(std::chrono::duration_cast<std::chrono::hours>(call.args[0].as_duration()).count());
  }
  return figure(call, "getHours", [](const Shown& at) { return std::int64_t{at.time.count() / 3600}; });
}
Value get_minutes(const Call& call) {
  if (of_duration(call)) {
    return Value::integer(
        std::chrono::duration_cast<std::chrono::minutes>(call.args[0].as_duration()).count());
  }
  return figure(call, "getMinutes", [](const Shown& at) { return std::int64_t{at.time.count() / 60 % 60}; });
}
Value get_seconds(const Call& call) {
  if (of_duration(call)) {
    return Value::integer(
        std::chrono::duration_cast<std::chrono::seconds>(call.args[0].as_duration()).count());
  }
  return figure(call, "getSeconds", [](const Shown& at) { return std::int64_t{at.time.count() % 60}; });
}
// Of a duration the part below a second, unlike its hours, minutes and seconds, which are those of the whole.
Value get_milliseconds(const Call& call) {
  if (of_duration(call)) return Value::integer(call.args[0].as_duration().count() / 1'000'000 % 1000);
  return figure(call, "getMilliseconds", [](const Shown& at) { return at.millis; });
}

}  // namespace jitbot::cel
