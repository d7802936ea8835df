#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace jitbot {

struct CodePoint {
  char32_t value = 0;
  std::size_t length = 0;  // bytes
};
// The one at the front of `text`, which is not empty. Nothing where RFC 3629 allows none: overlong forms,
// surrogates, anything beyond U+10FFFF, half a sequence.
std::optional<CodePoint> decode_utf8(std::string_view text);

// The code point at `at`, which moves behind it. Bytes that are not UTF-8 read as U+FFFD, one at a time:
// every input is read to its end.
char32_t next_code_point(std::string_view text, std::size_t& at);
void append_code_point(std::string& text, char32_t code_point);

}  // namespace jitbot
