#include "adapters/chat/read/http_date.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace jitbot::chat {

namespace {

constexpr std::array<std::string_view, 12> k_months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::string_view k_pattern = "ddd, 00 mmm 0000 00:00:00 GMT";

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

bool has_shape(std::string_view text) {
  if (text.size() != k_pattern.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char want = k_pattern[i];
    const bool fixed = want != '0' && want != 'd' && want != 'm';
    if (fixed && text[i] != want) return false;
  }
  return true;
}

}  // namespace

std::optional<Time> parse_http_date(std::string_view text) {
  if (!has_shape(text)) return std::nullopt;
  const auto* month = std::ranges::find(k_months, text.substr(8, 3));
  const auto day = number(text.substr(5, 2));
  const auto year = number(text.substr(12, 4));
  const auto hour = number(text.substr(17, 2));
  const auto minute = number(text.substr(20, 2));
  const auto second = number(text.substr(23, 2));
  if (month == k_months.end() || !day || !year || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{
      std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(month - k_months.begin()) + 1},
      std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return Time{std::chrono::sys_days{date}} + std::chrono::hours{*hour} + std::chrono::minutes{*minute} +
         std::chrono::seconds{*second};
}

}  // namespace jitbot::chat
