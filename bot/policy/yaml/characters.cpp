#include "bot/policy/yaml/characters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace jitbot::yaml {

namespace {

struct Decoded {
  std::uint32_t code = 0;
  std::size_t bytes = 0;  // 0: not UTF-8
};

// RFC 3629, table of well-formed sequences.
Decoded decode(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i]));
  };
  const std::uint32_t first = byte(0);
  if (first < 0x80) return {first, 1};
  std::size_t length = 0;
  std::uint32_t code = 0;
  std::uint32_t smallest = 0;
  if (first >= 0xC2 && first <= 0xDF) {
    length = 2, code = first & 0x1FU, smallest = 0x80;
  } else if (first >= 0xE0 && first <= 0xEF) {
    length = 3, code = first & 0x0FU, smallest = 0x800;
  } else if (first >= 0xF0 && first <= 0xF4) {
    length = 4, code = first & 0x07U, smallest = 0x10000;
  } else {
    return {};
  }
  if (text.size() < length) return {};
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return {};
    code = (code << 6U) | (byte(i) & 0x3FU);
  }
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < smallest || code > 0x10FFFF || surrogate) return {};
  return {code, length};
}

bool is_control(std::uint32_t code) {
  return (code < 0x20 && code != '\t' && code != '\n') || (code >= 0x7F && code < 0xA0);
}

// Unicode's Bidi_Control property, and the invisible characters that a reviewer cannot see.
bool is_deceptive(std::uint32_t code) {
  return code == 0x061C || (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
         (code >= 0x2060 && code <= 0x2069) || code == 0xFEFF || (code >= 0xFFF0 && code <= 0xFFFB) ||
         (code >= 0xE0000 && code <= 0xE007F);
}

}  // namespace

std::optional<BadCharacter> find_bad_character(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const Decoded next = decode(text.substr(at));
    if (next.bytes == 0)
      return BadCharacter{position_of(text, at), "this is not UTF-8; save the file as UTF-8"};
    const bool line_end = next.code == '\r' && at + 1 < text.size() && text[at + 1] == '\n';
    if ((is_control(next.code) && !line_end) || is_deceptive(next.code)) {
      return BadCharacter{position_of(text, at),
                          fmt::format("the invisible character U+{:04X} is not allowed", next.code)};
    }
    at += next.bytes;
  }
  return std::nullopt;
}

Position position_of(std::string_view text, std::size_t byte) {
  byte = std::min(byte, text.size());
  Position where;
  for (std::size_t i = 0; i < byte; ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '\n') {
      ++where.line;
      where.column = 1;
    } else if ((c & 0xC0U) != 0x80U) {
      ++where.column;
    }
  }
  return where;
}

}  // namespace jitbot::yaml
