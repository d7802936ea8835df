#pragma once

#include "bot/model/utf8.hpp"

#include <cstddef>
#include <string>
#include <string_view>

// Text that is not ours, made fit to be read. Reads any bytes; writes valid UTF-8.
namespace jitbot {

// Whatever a keyboard, a phone or a paste uses between words: NBSP, thin spaces, line and paragraph
// separators, and control characters, which nobody types on purpose.
bool is_blank(char32_t code_point);
// Takes no room but changes how the text reads: zero-width characters, bidirectional controls, the sentinels
// of mentions, tag characters.
bool is_unseen(char32_t code_point);

// Number of code points.
std::size_t length_of(std::string_view text);
// One line: every run of blanks is one space, none at the ends, unseen characters dropped. What is longer
// than `most` code points is cut there and ends in "…".
std::string one_line(std::string_view text, std::size_t most);
// As one_line without the cut, lines kept.
std::string tidy(std::string_view text);

}  // namespace jitbot
