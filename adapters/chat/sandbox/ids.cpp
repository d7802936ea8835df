#include "adapters/chat/sandbox/ids.hpp"

#include <fmt/format.h>

#include <array>

namespace jitbot::sandbox {

namespace {

std::string random_of(Random& random, std::string_view alphabet, std::size_t length) {
  std::string out;
  out.reserve(length);
  for (std::size_t i = 0; i < length; ++i) {
    out.push_back(alphabet[static_cast<std::size_t>(random.below(alphabet.size()))]);
  }
  return out;
}

}  // namespace

std::string random_id(Random& random, std::string_view prefix, std::size_t length) {
  return std::string(prefix) + random_of(random, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", length);
}

std::string random_hex(Random& random, std::size_t length) {
  return random_of(random, "0123456789abcdef", length);
}

std::string random_uuid(Random& random) {
  return random_hex(random, 8) + "-" + random_hex(random, 4) + "-4" + random_hex(random, 3) + "-a" +
         random_hex(random, 3) + "-" + random_hex(random, 12);
}

std::string format_ts(long long micros) {
  return fmt::format("{}.{:06}", micros / 1'000'000, micros % 1'000'000);
}

long long seconds_of(Time time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

std::string http_date(Time time) {
  static constexpr std::array k_days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array k_months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - day)};
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                     k_days[std::chrono::weekday{day}.c_encoding()], static_cast<unsigned>(date.day()),
                     k_months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

}  // namespace jitbot::sandbox
