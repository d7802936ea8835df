#include "adapters/chat/slack/utf.hpp"

#include "bot/model/utf8.hpp"

namespace jitbot::slack {

namespace {

std::size_t units_of(char32_t value) {
  return value >= 0x10000 ? 2 : 1;
}

}  // namespace

std::string valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) append_code_point(out, next_code_point(text, at));
  return out;
}

std::size_t utf16_units(std::string_view text) {
  std::size_t units = 0;
  for (std::size_t at = 0; at < text.size();) units += units_of(next_code_point(text, at));
  return units;
}

std::string cut_utf16(std::string_view text, std::size_t max) {
  if (utf16_units(text) <= max) return valid_utf8(text);
  if (max == 0) return {};
  std::string out;
  std::size_t units = 1;  // the …
  for (std::size_t at = 0; at < text.size();) {
    const char32_t point = next_code_point(text, at);
    units += units_of(point);
    if (units > max) break;
    append_code_point(out, point);
  }
  return out + "…";
}

}  // namespace jitbot::slack
