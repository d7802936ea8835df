#include "bot/cards/clean.hpp"

#include <limits>

namespace jitbot {

namespace {

bool is_newline(char32_t c) {
  return c == '\n' || c == 0x2028 || c == 0x2029;
}

// Collapses blanks; `lines` decides whether a newline among them survives.
enum class Lines { joined, kept };
std::string collapse(std::string_view text, std::size_t most, Lines lines) {
  std::string out;
  std::size_t written = 0;
  char32_t gap = 0;  // the blank owed before the next visible character
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    if (is_unseen(c)) continue;
    if (is_blank(c)) {
      if (lines == Lines::kept && is_newline(c)) {
        gap = '\n';
      } else if (gap == 0) {
        gap = ' ';
      }
      continue;
    }
    const std::size_t needed = (gap != 0 && !out.empty()) ? 2 : 1;
    if (written + needed > most) return out + "…";
    if (needed == 2) append_code_point(out, gap);
    gap = 0;
    append_code_point(out, c);
    written += needed;
  }
  return out;
}

}  // namespace

bool is_blank(char32_t c) {
  if (c <= 0x20 || (c >= 0x7F && c <= 0xA0)) return true;
  if (c >= 0x2000 && c <= 0x200A) return true;
  return c == 0x1680 || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x2800 ||
         c == 0x3000;
}

bool is_unseen(char32_t c) {
  if (c >= 0x200B && c <= 0x200F) return true;    // zero-width characters, marks of direction
  if (c >= 0x202A && c <= 0x202E) return true;    // bidirectional embeddings and overrides
  if (c >= 0x2060 && c <= 0x206F) return true;    // word joiner, isolates, deprecated format characters
  if (c >= 0xFFF9 && c <= 0xFFFB) return true;    // interlinear annotation: the sentinels of mentions
  if (c >= 0xE0000 && c <= 0xE007F) return true;  // tags
  return c == 0x00AD || c == 0x034F || c == 0x061C || c == 0x115F || c == 0x1160 || c == 0x180E ||
         c == 0x3164 || c == 0xFEFF || c == 0xFFA0;
}

std::size_t length_of(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) next_code_point(text, at);
  return count;
}

std::string one_line(std::string_view text, std::size_t most) {
  return collapse(text, most, Lines::joined);
}

std::string tidy(std::string_view text) {
  return collapse(text, std::numeric_limits<std::size_t>::max(), Lines::kept);
}

}  // namespace jitbot
