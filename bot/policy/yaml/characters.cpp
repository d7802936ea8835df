#include "bot/policy/yaml/characters.hpp"

#include "bot/model/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace jitbot::yaml {

namespace {

bool is_control(char32_t code) {
  return (code < 0x20 && code != '\t' && code != '\n') || (code >= 0x7F && code < 0xA0);
}

// Unicode's Bidi_Control property, and the invisible characters that a reviewer cannot see.
bool is_deceptive(char32_t code) {
  return code == 0x061C || (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
         (code >= 0x2060 && code <= 0x2069) || code == 0xFEFF || (code >= 0xFFF0 && code <= 0xFFFB) ||
         (code >= 0xE0000 && code <= 0xE007F);
}

}  // namespace

std::optional<BadCharacter> find_bad_character(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto next = decode_utf8(text.substr(at));
    if (!next) return BadCharacter{position_of(text, at), "this is not UTF-8; save the file as UTF-8"};
    const bool line_end = next->value == '\r' && at + 1 < text.size() && text[at + 1] == '\n';
    if ((is_control(next->value) && !line_end) || is_deceptive(next->value)) {
      return BadCharacter{position_of(text, at),
                          fmt::format("the invisible character U+{:04X} is not allowed",
                                      static_cast<std::uint32_t>(next->value))};
    }
    at += next->length;
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
