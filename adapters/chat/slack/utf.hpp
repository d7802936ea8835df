#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace jitbot::slack {

// What is not UTF-8 becomes U+FFFD.
std::string valid_utf8(std::string_view text);

// Slack's limits count characters; UTF-16 units are the reading under which no text is ever too long.
std::size_t utf16_units(std::string_view text);
// At most `max` units, cut between code points, with … at the end when something was cut.
std::string cut_utf16(std::string_view text, std::size_t max);

}  // namespace jitbot::slack
