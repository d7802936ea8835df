#include "bot/model/time_words.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace jitbot {

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::size_t k_longest = 64;  // bytes; "wednesday at 11:30:00 pm +05:45" has 31
constexpr int k_first_year = 2000;
constexpr int k_last_year = 2199;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Blanks and commas part words; a RFC 3339 "T" or "t" between date and time does, too.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words(1);
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const bool parts_date = (c == 'T' || c == 't') && at > 0 && is_digit(text[at - 1]) &&
                            at + 1 < text.size() && is_digit(text[at + 1]);
    if (c == ' ' || c == '\t' || c == ',' || parts_date) {
      if (!words.back().empty()) words.emplace_back();
    } else {
      words.back() += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

// Takes up to `most` digits off the front; nothing: there are fewer than `least`.
std::optional<int> take_number(std::string_view& text, std::size_t least, std::size_t most) {
  int number = 0;
  std::size_t count = 0;
  while (count < most && count < text.size() && is_digit(text[count]))
    number = number * 10 + (text[count++] - '0');
  if (count < least) return std::nullopt;
  text.remove_prefix(count);
  return number;
}

bool take(std::string_view& text, std::string_view what) {
  if (!text.starts_with(what)) return false;
  text.remove_prefix(what.size());
  return true;
}

struct Clock {
  seconds time{0};
  bool short_form = false;  // "6": only with am or pm behind it a time of day
};

std::optional<Clock> take_clock(std::string_view& text) {
  const auto hour = take_number(text, 1, 2);
  if (!hour || *hour > 23) return std::nullopt;
  Clock clock{hours{*hour}, true};
  if (!take(text, ":")) return clock;
  const auto minute = take_number(text, 2, 2);
  if (!minute || *minute > 59) return std::nullopt;
  clock = {clock.time + minutes{*minute}, false};
  if (!take(text, ":")) return clock;
  const auto second = take_number(text, 2, 2);
  if (!second || *second > 59) return std::nullopt;
  clock.time += seconds{*second};
  // Fractions are cut off: an end comes no later than it was said.
  if (take(text, ".") && !take_number(text, 1, 9)) return std::nullopt;
  return clock;
}

enum class Half { am, pm };
std::optional<Half> half_of(std::string_view text) {
  if (text == "am" || text == "a.m." || text == "a.m") return Half::am;
  if (text == "pm" || text == "p.m." || text == "p.m") return Half::pm;
  return std::nullopt;
}

// 12 am is midnight, 12 pm noon; 0 and 13 have no half.
std::optional<seconds> in_half(seconds time, Half half) {
  const auto hour = std::chrono::floor<hours>(time);
  if (hour < hours{1} || hour > hours{12}) return std::nullopt;
  const seconds rest = time - hour;
  return rest + (hour == hours{12} ? hours{0} : hour) + (half == Half::pm ? hours{12} : hours{0});
}

std::optional<minutes> offset_of(std::string_view text) {
  if (text == "z" || text == "utc" || text == "gmt") return minutes{0};
  const bool west = text.starts_with('-');
  if (!take(text, "+") && !take(text, "-")) return std::nullopt;
  const auto hour = take_number(text, 2, 2);
  (void)take(text, ":");
  const auto minute = take_number(text, 2, 2);
  if (!hour || !minute || *hour > 14 || *minute > 59 || !text.empty()) return std::nullopt;
  const minutes offset = hours{*hour} + minutes{*minute};
  return west ? -offset : offset;
}

enum class Shortened { allowed, refused };
std::optional<std::chrono::weekday> weekday_of(std::string_view word, Shortened allowed) {
  constexpr std::array<std::string_view, 7> k_days{"sunday",   "monday", "tuesday", "wednesday",
                                                   "thursday", "friday", "saturday"};
  for (unsigned i = 0; i < k_days.size(); ++i) {
    const bool shortened = allowed == Shortened::allowed && word.size() >= 3 && word.size() <= 5 &&
                           k_days.at(i).starts_with(word);
    if (word == k_days.at(i) || shortened) return std::chrono::weekday{i};
  }
  return std::nullopt;
}

std::optional<std::chrono::year_month_day> date_of(std::string_view text) {
  const auto year = take_number(text, 4, 4);
  if (!year || !take(text, "-")) return std::nullopt;
  const auto month = take_number(text, 1, 2);
  if (!month || !take(text, "-")) return std::nullopt;
  const auto day = take_number(text, 1, 2);
  if (!day || !text.empty() || *year < k_first_year || *year > k_last_year) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  return date;
}

// The words from left to right: a day and a time of day, in either order, each once.
class Reading {
 public:
  explicit Reading(std::vector<std::string> words) : words_(std::move(words)) {}

  bool whole() {
    while (at_ < words_.size()) {
      if (!day() && !time()) return false;
      ++at_;
    }
    return time_said_;
  }
  bool day_alone() const { return day_said_ && words_.size() == 1; }
  const TimeWords& words() const { return out_; }

 private:
  bool day() {
    if (day_said_) return false;
    const std::string& word = words_[at_];
    // Behind a time, "sat" and "sun" begin sentences of their own.
    const auto weekday = weekday_of(word, time_said_ ? Shortened::refused : Shortened::allowed);
    const auto date = date_of(word);
    if (word == "today") {
      out_.day = TimeWords::Day::today;
    } else if (word == "tomorrow") {
      out_.day = TimeWords::Day::tomorrow;
    } else if (weekday) {
      out_.day = TimeWords::Day::weekday;
      out_.weekday = *weekday;
    } else if (date) {
      out_.day = TimeWords::Day::date;
      out_.date = *date;
    } else {
      return false;
    }
    return day_said_ = true;
  }

  bool time() {
    if (time_said_) return false;
    if (words_[at_] == "at" && day_said_ && at_ + 1 < words_.size()) ++at_;
    const std::string& word = words_[at_];
    if (word == "noon" || word == "midnight") {
      out_.time_of_day = word == "noon" ? hours{12} : hours{0};
      return time_said_ = true;
    }
    std::string_view rest = word;
    const auto clock = take_clock(rest);
    return clock && (time_said_ = behind(*clock, std::string(rest)));
  }

  // "6pm", "6 pm", "18:00Z", "18:00+01:00", "18:00 utc"
  bool behind(const Clock& clock, std::string rest) {
    out_.time_of_day = clock.time;
    bool half_said = false;
    if (rest.empty() && next() && half_of(*next())) rest = words_[++at_];
    if (const auto half = half_of(rest)) {
      const auto time = in_half(clock.time, *half);
      if (!time) return false;
      out_.time_of_day = *time;
      half_said = true;
      rest.clear();
    }
    if (clock.short_form && !half_said) return false;
    if (rest.empty() && next() && offset_of(*next())) rest = words_[++at_];
    if (rest.empty()) return true;
    out_.utc_offset = offset_of(rest);
    return out_.utc_offset.has_value();
  }

  const std::string* next() const { return at_ + 1 < words_.size() ? &words_[at_ + 1] : nullptr; }

  std::vector<std::string> words_;
  std::size_t at_ = 0;
  TimeWords out_;
  bool day_said_ = false;
  bool time_said_ = false;
};

}  // namespace

Result<TimeWords> parse_time_words(std::string_view text) {
  if (text.size() <= k_longest) {
    Reading reading(words_of(text));
    if (reading.whole()) return reading.words();
    if (reading.day_alone())
      return fail(ErrorKind::invalid, "is a day; say at what time of it, as in tomorrow 9:00");
  }
  return fail(
      ErrorKind::invalid,
      "is not a point of time I can use; try 18:00, 6pm, tomorrow 9:00, monday 9:00 or 2026-03-01 18:00");
}

}  // namespace jitbot
