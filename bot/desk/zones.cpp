#include "bot/desk/zones.hpp"

#include <date/tz.h>

#include <optional>
#include <stdexcept>
#include <vector>

namespace jitbot {

namespace {

using std::chrono::days;
using std::chrono::seconds;
using LocalDay = std::chrono::sys_days;  // of some zone's calendar

const date::time_zone* zone_of(const std::string& name) {
  if (name.empty()) return nullptr;
  try {
    return date::locate_zone(name);
  } catch (const std::runtime_error&) {
    return nullptr;
  }
}

// The wall clock that the words are read on.
class WallClock {
 public:
  WallClock(const TimeWords& words, const Zones& zones) : offset_(words.utc_offset) {
    if (offset_) return;
    zone_ = zone_of(zones.own);
    if (zone_ == nullptr) zone_ = zone_of(zones.otherwise);
    if (zone_ == nullptr) offset_ = std::chrono::minutes{0};
  }

  LocalDay day_of(Time now) const {
    const auto instant = std::chrono::floor<seconds>(now);
    const seconds ahead = offset_ ? seconds{*offset_} : zone_->get_info(instant).offset;
    return std::chrono::floor<days>(instant + ahead);
  }

  // Soonest first. More than one: the clock is put back over that time.
  std::vector<Time> instants(LocalDay day, seconds time_of_day) const {
    const date::local_seconds local{day.time_since_epoch() + time_of_day};
    const auto with = [&local](seconds ahead) { return Time{local.time_since_epoch() - ahead}; };
    if (offset_) return {with(seconds{*offset_})};
    const date::local_info info = zone_->get_info(local);
    if (info.result == date::local_info::nonexistent) return {Time{info.first.end}};
    if (info.result == date::local_info::ambiguous)
      return {with(info.first.offset), with(info.second.offset)};
    return {with(info.first.offset)};
  }

 private:
  const date::time_zone* zone_ = nullptr;
  std::optional<std::chrono::minutes> offset_;
};

// The days that the words may mean, soonest first.
std::vector<LocalDay> days_of(const TimeWords& words, LocalDay today) {
  switch (words.day) {
    case TimeWords::Day::open:
      return {today, today + days{1}};
    case TimeWords::Day::today:
      return {today};
    case TimeWords::Day::tomorrow:
      return {today + days{1}};
    case TimeWords::Day::weekday: {
      const LocalDay next = today + (words.weekday - std::chrono::weekday{today});
      return {next, next + days{7}};
    }
    case TimeWords::Day::date:
      return {LocalDay{words.date}};
  }
  return {today};
}

}  // namespace

Result<Time> instant_of(const TimeWords& words, Meaning meaning, const Zones& zones, Time now) {
  const WallClock clock(words, zones);
  for (const LocalDay day : days_of(words, clock.day_of(now))) {
    std::vector<Time> instants = clock.instants(day, words.time_of_day);
    if (meaning == Meaning::start) instants.erase(instants.begin(), instants.end() - 1);
    for (const Time instant : instants) {
      if (instant > now) return instant;
    }
  }
  return fail(ErrorKind::invalid, "has passed already");
}

}  // namespace jitbot
