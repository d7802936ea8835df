#include "bot/model/duration.hpp"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <chrono>
#include <cstdint>

namespace jitbot {

namespace {

using std::chrono::days;
using std::chrono::seconds;

constexpr std::int64_t k_longest_ms = std::int64_t{3650} * 24 * 60 * 60 * 1000;  // 10 years
constexpr std::size_t k_longest_text = 64;
constexpr std::string_view k_example = "write for example 45s, 30m, 1h30m or 2d";

struct Unit {
  std::string_view word;
  std::int64_t ms;
};

constexpr std::int64_t k_second = 1000;
constexpr std::int64_t k_minute = 60 * k_second;
constexpr std::int64_t k_hour = 60 * k_minute;
constexpr std::int64_t k_day = 24 * k_hour;
constexpr std::int64_t k_week = 7 * k_day;

constexpr std::array k_units = {
    Unit{"s", k_second},       Unit{"sec", k_second},     Unit{"secs", k_second}, Unit{"second", k_second},
    Unit{"seconds", k_second}, Unit{"m", k_minute},       Unit{"min", k_minute},  Unit{"mins", k_minute},
    Unit{"minute", k_minute},  Unit{"minutes", k_minute}, Unit{"h", k_hour},      Unit{"hr", k_hour},
    Unit{"hrs", k_hour},       Unit{"hour", k_hour},      Unit{"hours", k_hour},  Unit{"d", k_day},
    Unit{"day", k_day},        Unit{"days", k_day},       Unit{"w", k_week},      Unit{"week", k_week},
    Unit{"weeks", k_week},
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::int64_t unit_ms(std::string_view word) {
  for (const Unit& unit : k_units) {
    if (unit.word.size() != word.size()) continue;
    bool same = true;
    for (std::size_t i = 0; i < word.size(); ++i) {
      same = same && unit.word[i] == static_cast<char>(std::tolower(static_cast<unsigned char>(word[i])));
    }
    if (same) return unit.ms;
  }
  return 0;
}

template <class Accept>
std::string_view take_while(std::string_view& rest, Accept accept) {
  std::size_t length = 0;
  while (length < rest.size() && accept(rest[length])) ++length;
  const std::string_view taken = rest.substr(0, length);
  rest.remove_prefix(length);
  return taken;
}

// What was typed, short and without control characters, for an error message.
std::string quoted(std::string_view text) {
  std::string shown;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    // Cut before a whole character, never inside one; what is no UTF-8 is cut anyway.
    if (shown.size() >= 40 && ((byte & 0xC0U) != 0x80U || shown.size() >= 43)) return "\"" + shown + "…\"";
    shown += byte < 0x20U || byte == 0x7FU ? '?' : c;
  }
  return "\"" + shown + "\"";
}

tl::unexpected<Error> not_a_duration(std::string_view text) {
  return fail(ErrorKind::invalid, fmt::format("{} is not a duration; {}", quoted(text), k_example));
}

// Digits to a number that cannot overflow when multiplied by a week: anything above is too long anyway.
std::int64_t number_of(std::string_view digits) {
  std::int64_t number = 0;
  for (const char c : digits) {
    number = number * 10 + (c - '0');
    if (number > k_longest_ms) return k_longest_ms;
  }
  return number;
}

}  // namespace

Result<Millis> parse_duration(std::string_view text) {
  std::string_view rest = trim(text);
  if (rest.empty()) return fail(ErrorKind::invalid, fmt::format("a duration is missing; {}", k_example));
  if (rest.size() > k_longest_text) return not_a_duration(rest);

  std::int64_t total = 0;
  std::int64_t smallest = INT64_MAX;
  while (!rest.empty()) {
    const std::string_view digits = take_while(rest, is_digit);
    if (digits.empty()) return not_a_duration(text);
    take_while(rest, is_blank);
    const std::string_view word = take_while(rest, is_letter);
    take_while(rest, is_blank);
    if (word.empty()) {
      if (!rest.empty()) return not_a_duration(text);
      return fail(ErrorKind::invalid, fmt::format("{} has no unit; {}", quoted(trim(text)), k_example));
    }
    const std::int64_t unit = unit_ms(word);
    if (unit == 0) {
      return fail(
          ErrorKind::invalid,
          fmt::format("{} is not a unit of time; use s, m, h, d or w, for example 1h30m", quoted(word)));
    }
    // "30m 1h" or "1h 2h" is more likely a slip than a sum.
    if (unit >= smallest) return not_a_duration(text);
    smallest = unit;
    const std::int64_t number = number_of(digits);
    if (number > k_longest_ms / unit) total = k_longest_ms + 1;
    if (total <= k_longest_ms) total += number * unit;
  }
  if (total == 0)
    return fail(ErrorKind::invalid, fmt::format("a duration must be longer than 0; {}", k_example));
  if (total > k_longest_ms) {
    return fail(ErrorKind::invalid,
                fmt::format("{} is too long; at most 10 years (3650d)", quoted(trim(text))));
  }
  return Millis{total};
}

std::string format_duration(Millis duration) {
  if (duration <= Millis{0}) return "0s";
  auto whole = std::chrono::ceil<seconds>(duration);
  const bool to_the_second = whole < 5min;
  if (!to_the_second) whole = std::chrono::ceil<std::chrono::minutes>(duration);

  std::string text;
  const auto add = [&text](std::int64_t number, char unit) {
    if (number == 0) return;
    if (!text.empty()) text += ' ';
    text += std::to_string(number) + unit;
  };
  const std::int64_t count = whole.count();
  add(count / (k_day / k_second), 'd');
  add(count / 3600 % 24, 'h');
  add(count / 60 % 60, 'm');
  add(count % 60, 's');
  return text;
}

std::string format_utc(Time time) {
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<seconds>(time - day)};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string format_clock_utc(Time time) {
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::hh_mm_ss clock{std::chrono::floor<seconds>(time - day)};
  return fmt::format("{:02}:{:02} UTC", clock.hours().count(), clock.minutes().count());
}

}  // namespace jitbot
