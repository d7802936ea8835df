#include "bot/policy/cel/numbers.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace jitbot::cel {

namespace {

bool same_word(std::string_view text, std::string_view word) {
  return std::ranges::equal(text, word,
                            [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
}

std::optional<double> read_decimal(std::string_view text) {
  const bool begins =
      !text.empty() && (std::isdigit(static_cast<unsigned char>(text[0])) != 0 || text[0] == '.');
  if (!begins) return std::nullopt;
  double number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ptr != text.data() + text.size()) return std::nullopt;
  if (read.ec == std::errc{}) return number;
  if (read.ec != std::errc::result_out_of_range) return std::nullopt;
  // Too small is 0 or next to it; too large is no double.
  const std::string copy(text);
  number = std::strtod(copy.c_str(), nullptr);
  if (std::isinf(number)) return std::nullopt;
  return number;
}

std::string special(double number) {
  if (std::isnan(number)) return "NaN";
  return number > 0 ? "Infinity" : "-Infinity";
}

std::string shortest(double number, std::chars_format format) {
  std::array<char, 400> buffer{};  // the least double has 324 decimals
  const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, format);
  return {buffer.data(), written.ptr};
}

}  // namespace

std::optional<double> parse_double(std::string_view text) {
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  std::optional<double> number;
  if (same_word(rest, "nan")) {
    number = std::numeric_limits<double>::quiet_NaN();
  } else if (same_word(rest, "inf") || same_word(rest, "infinity")) {
    number = std::numeric_limits<double>::infinity();
  } else {
    number = read_decimal(rest);
  }
  if (number && negative) number = -*number;
  return number;
}

std::string format_general(double number) {
  if (!std::isfinite(number)) return special(number);
  const std::string scientific = shortest(number, std::chars_format::scientific);
  const int exponent = std::atoi(scientific.c_str() + scientific.find('e') + 1);
  // Where the exponent is small it is shorter, and read more easily, without one.
  constexpr int k_least = -4;
  constexpr int k_most = 20;
  return exponent < k_least || exponent > k_most ? scientific : shortest(number, std::chars_format::fixed);
}

std::string format_plain(double number) {
  if (!std::isfinite(number)) return special(number);
  return shortest(number, std::chars_format::fixed);
}

}  // namespace jitbot::cel
