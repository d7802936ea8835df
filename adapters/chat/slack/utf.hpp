#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace jitbot::slack {

struct CodePoint {
  char32_t value = 0;
  std::string_view bytes;
};

inline constexpr char32_t k_replacement = 0xFFFD;

// Takes one code point off the front of `rest`, which is not empty. What is not UTF-8 gives U+FFFD, one byte
// at a time: every input is read to its end.
CodePoint take_code_point(std::string_view& rest);
void append_utf8(std::string& text, char32_t value);
std::string valid_utf8(std::string_view text);

// Slack's limits count characters; UTF-16 units are the reading under which no text is ever too long.
std::size_t utf16_units(std::string_view text);
// At most `max` units, cut between code points, with … at the end when something was cut.
std::string cut_utf16(std::string_view text, std::size_t max);

}  // namespace jitbot::slack
