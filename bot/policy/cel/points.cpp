#include "bot/policy/cel/points.hpp"

namespace jitbot::cel {

namespace {

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

}  // namespace

std::size_t count_points(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += continues(c) ? 0 : 1;
  return count;
}

std::size_t point_length(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  while (end < text.size() && continues(text[end])) ++end;
  return end - at;
}

std::optional<std::size_t> offset_of_point(std::string_view text, std::int64_t index) {
  if (index < 0 || static_cast<std::uint64_t>(index) > text.size()) return std::nullopt;
  std::size_t at = 0;
  for (std::int64_t i = 0; i < index; ++i) {
    if (at >= text.size()) return std::nullopt;
    at += point_length(text, at);
  }
  return at;
}

Value stretch(const Value& whole, std::size_t from, std::size_t to) {
  const std::string_view part = whole.text().substr(from, to - from);
  return whole.is_borrowed() ? Value::string_view(part) : Value::string(part);
}

}  // namespace jitbot::cel
