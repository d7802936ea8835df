#include "bot/policy/cel/times.hpp"

#include <date/date.h>
#include <fmt/format.h>

#include <array>

namespace jitbot::cel {

namespace {

constexpr std::int64_t k_giga = 1'000'000'000;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Reads "2026-03-01T03:00:00.5+01:00" from left to right.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  std::optional<int> number(std::size_t digits) {
    if (rest_.size() < digits) return std::nullopt;
    int value = 0;
    for (const char c : rest_.substr(0, digits)) {
      if (!is_digit(c)) return std::nullopt;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(digits);
    return value;
  }
  bool sign(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // Decimals as nanoseconds; at least one digit.
  std::optional<std::int32_t> decimals() {
    std::int32_t nanos = 0;
    std::size_t count = 0;
    for (; count < rest_.size() && is_digit(rest_[count]); ++count) {
      if (count < 9) nanos = nanos * 10 + (rest_[count] - '0');
    }
    if (count == 0) return std::nullopt;
    for (std::size_t i = count; i < 9; ++i) nanos *= 10;
    rest_.remove_prefix(count);
    return nanos;
  }
  bool done() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

std::optional<date::sys_days> read_date(Reader& reader) {
  const auto year = reader.number(4);
  if (!year || !reader.sign('-')) return std::nullopt;
  const auto month = reader.number(2);
  if (!month || !reader.sign('-')) return std::nullopt;
  const auto day = reader.number(2);
  if (!day) return std::nullopt;
  const date::year_month_day found{date::year{*year}, date::month{static_cast<unsigned>(*month)},
                                   date::day{static_cast<unsigned>(*day)}};
  if (!found.ok()) return std::nullopt;
  return date::sys_days{found};
}

std::optional<std::chrono::seconds> read_clock(Reader& reader) {
  const auto hour = reader.number(2);
  if (!hour || *hour > 23 || !reader.sign(':')) return std::nullopt;
  const auto minute = reader.number(2);
  if (!minute || *minute > 59 || !reader.sign(':')) return std::nullopt;
  const auto second = reader.number(2);
  if (!second || *second > 59) return std::nullopt;
  return std::chrono::hours{*hour} + std::chrono::minutes{*minute} + std::chrono::seconds{*second};
}

std::optional<std::chrono::minutes> read_offset(Reader& reader) {
  if (reader.sign('Z')) return std::chrono::minutes{0};
  const bool west = reader.sign('-');
  if (!west && !reader.sign('+')) return std::nullopt;
  const auto hour = reader.number(2);
  if (!hour || *hour > 23 || !reader.sign(':')) return std::nullopt;
  const auto minute = reader.number(2);
  if (!minute || *minute > 59) return std::nullopt;
  const std::chrono::minutes offset = std::chrono::hours{*hour} + std::chrono::minutes{*minute};
  return west ? -offset : offset;
}

// ".5", ".123456789", or nothing for 0.
std::string decimals_of(std::int64_t nanos) {
  if (nanos == 0) return "";
  std::string text = fmt::format(".{:09}", nanos);
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

}  // namespace

bool in_range(Instant at) {
  return at.seconds >= k_first_second && at.seconds <= k_last_second && at.nanos >= 0 && at.nanos < k_giga;
}

std::optional<Instant> parse_timestamp(std::string_view text) {
  Reader reader(text);
  const auto day = read_date(reader);
  if (!day || !reader.sign('T')) return std::nullopt;
  const auto clock = read_clock(reader);
  if (!clock) return std::nullopt;
  std::int32_t nanos = 0;
  if (reader.sign('.')) {
    const auto decimals = reader.decimals();
    if (!decimals) return std::nullopt;
    nanos = *decimals;
  }
  const auto offset = read_offset(reader);
  if (!offset || !reader.done()) return std::nullopt;
  const Instant at{(std::chrono::seconds{day->time_since_epoch()} + *clock - *offset).count(), nanos};
  if (!in_range(at)) return std::nullopt;
  return at;
}

std::string format_timestamp(Instant at) {
  const date::sys_seconds second{std::chrono::seconds{at.seconds}};
  const auto day = date::floor<date::days>(second);
  const date::year_month_day ymd{day};
  const date::hh_mm_ss<std::chrono::seconds> clock{second - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}Z", int{ymd.year()}, unsigned{ymd.month()},
                     unsigned{ymd.day()}, clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count(), decimals_of(at.nanos));
}

namespace {

struct Unit {
  std::string_view name;
  std::int64_t nanos;
};
// Longer names first.
constexpr std::array<Unit, 8> k_units{{{"ns", 1},
                                       {"us", 1'000},
                                       {"\xC2\xB5s", 1'000},
                                       {"\xCE\xBCs", 1'000},
                                       {"ms", 1'000'000},
                                       {"h", 3600 * k_giga},
                                       {"m", 60 * k_giga},
                                       {"s", k_giga}}};

const Unit* unit_at(std::string_view rest) {
  for (const Unit& unit : k_units) {
    if (rest.starts_with(unit.name)) return &unit;
  }
  return nullptr;
}

// One number with its unit, taken off the front of `rest`; negative throughout, which reaches one further.
std::optional<std::int64_t> take_part(std::string_view& rest) {
  std::int64_t whole = 0;
  std::size_t digits = 0;
  for (; !rest.empty() && is_digit(rest.front()); rest.remove_prefix(1), ++digits) {
    if (__builtin_mul_overflow(whole, 10, &whole)) return std::nullopt;
    if (__builtin_sub_overflow(whole, std::int64_t{rest.front() - '0'}, &whole)) return std::nullopt;
  }
  __int128 decimals = 0;
  __int128 scale = 1;
  if (!rest.empty() && rest.front() == '.') {
    rest.remove_prefix(1);
    for (; !rest.empty() && is_digit(rest.front()); rest.remove_prefix(1), ++digits) {
      if (scale >= __int128{k_giga} * k_giga) continue;  // finer than any unit's nanoseconds
      decimals = decimals * 10 + (rest.front() - '0');
      scale *= 10;
    }
  }
  const Unit* const unit = unit_at(rest);
  if (digits == 0 || unit == nullptr) return std::nullopt;
  rest.remove_prefix(unit->name.size());
  if (__builtin_mul_overflow(whole, unit->nanos, &whole)) return std::nullopt;
  const auto fraction = static_cast<std::int64_t>(decimals * unit->nanos / scale);
  if (__builtin_sub_overflow(whole, fraction, &whole)) return std::nullopt;
  return whole;
}

}  // namespace

std::optional<Nanos> parse_duration(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return Nanos{0};
  if (text.empty()) return std::nullopt;
  std::int64_t total = 0;
  while (!text.empty()) {
    const auto part = take_part(text);
    if (!part || __builtin_add_overflow(total, *part, &total)) return std::nullopt;
  }
  if (negative) return Nanos{total};
  if (total == std::numeric_limits<std::int64_t>::min()) return std::nullopt;
  return Nanos{-total};
}

std::string format_duration(Nanos length) {
  const std::int64_t seconds = length.count() / k_giga;
  const std::int64_t nanos = length.count() % k_giga;
  const bool negative = length.count() < 0;
  return fmt::format("{}{}{}s", negative ? "-" : "", negative ? -seconds : seconds,
                     decimals_of(negative ? -nanos : nanos));
}

std::optional<Instant> add(Instant at, Nanos length) {
  std::int64_t seconds = length.count() / k_giga;
  std::int64_t nanos = at.nanos + length.count() % k_giga;
  if (nanos < 0) {
    nanos += k_giga;
    --seconds;
  } else if (nanos >= k_giga) {
    nanos -= k_giga;
    ++seconds;
  }
  const Instant sum{at.seconds + seconds, static_cast<std::int32_t>(nanos)};
  if (!in_range(sum)) return std::nullopt;
  return sum;
}

std::optional<Nanos> between(Instant from, Instant to) {
  return nanos_of(to.seconds - from.seconds, std::int64_t{to.nanos} - from.nanos);
}

std::optional<Nanos> nanos_of(std::int64_t seconds, std::int64_t nanos) {
  // In 128 bits: the whole may fit where its seconds alone, rounded away from zero, do not.
  const __int128 total = __int128{seconds} * k_giga + nanos;
  if (total > std::numeric_limits<std::int64_t>::max() || total < std::numeric_limits<std::int64_t>::min()) {
    return std::nullopt;
  }
  return Nanos{static_cast<std::int64_t>(total)};
}

}  // namespace jitbot::cel
