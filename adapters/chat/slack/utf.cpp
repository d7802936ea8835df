#include "adapters/chat/slack/utf.hpp"

namespace jitbot::slack {

namespace {

struct Lead {
  std::size_t length = 0;  // 0: no lead byte
  char32_t bits = 0;
  char32_t least = 0;  // smaller values are overlong
};

Lead lead_of(unsigned char byte) {
  if (byte < 0x80) return {1, byte, 0};
  if (byte >= 0xC2 && byte < 0xE0) return {2, byte & 0x1FU, 0x80};
  if (byte >= 0xE0 && byte < 0xF0) return {3, byte & 0x0FU, 0x800};
  if (byte >= 0xF0 && byte < 0xF5) return {4, byte & 0x07U, 0x10000};
  return {};
}

bool is_scalar(char32_t value) {
  return value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF);
}

std::size_t units_of(char32_t value) {
  return value >= 0x10000 ? 2 : 1;
}

}  // namespace

CodePoint take_code_point(std::string_view& rest) {
  const Lead lead = lead_of(static_cast<unsigned char>(rest.front()));
  char32_t value = lead.bits;
  bool good = lead.length > 0 && lead.length <= rest.size();
  for (std::size_t i = 1; good && i < lead.length; ++i) {
    const auto byte = static_cast<unsigned char>(rest[i]);
    good = (byte & 0xC0U) == 0x80U;
    value = (value << 6U) | (byte & 0x3FU);
  }
  good = good && value >= lead.least && is_scalar(value);
  const std::size_t length = good ? lead.length : 1;
  const CodePoint point{good ? value : k_replacement, rest.substr(0, length)};
  rest.remove_prefix(length);
  return point;
}

void append_utf8(std::string& text, char32_t value) {
  const auto put = [&text](char32_t byte) { text += static_cast<char>(byte); };
  if (value < 0x80) {
    put(value);
  } else if (value < 0x800) {
    put(0xC0U | (value >> 6U));
    put(0x80U | (value & 0x3FU));
  } else if (value < 0x10000) {
    put(0xE0U | (value >> 12U));
    put(0x80U | ((value >> 6U) & 0x3FU));
    put(0x80U | (value & 0x3FU));
  } else {
    put(0xF0U | (value >> 18U));
    put(0x80U | ((value >> 12U) & 0x3FU));
    put(0x80U | ((value >> 6U) & 0x3FU));
    put(0x80U | (value & 0x3FU));
  }
}

std::string valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) append_utf8(out, take_code_point(text).value);
  return out;
}

std::size_t utf16_units(std::string_view text) {
  std::size_t units = 0;
  while (!text.empty()) units += units_of(take_code_point(text).value);
  return units;
}

std::string cut_utf16(std::string_view text, std::size_t max) {
  if (utf16_units(text) <= max) return valid_utf8(text);
  if (max == 0) return {};
  std::string out;
  std::size_t units = 1;  // the …
  while (!text.empty()) {
    const CodePoint point = take_code_point(text);
    units += units_of(point.value);
    if (units > max) break;
    append_utf8(out, point.value);
  }
  return out + "…";
}

}  // namespace jitbot::slack
