#pragma once

#include <string>
#include <string_view>
#include <vector>

// People mentioned inside what somebody wrote. Adapters alone put such a mention there, for a person that was
// chosen, and strip the marks from what was typed: text cannot become one. What does not know of them drops
// the marks as unseen characters and shows "@U1".
namespace jitbot {

std::string mention_in_text(std::string_view user);

struct TextPiece {
  enum class Kind { words, mention } kind = Kind::words;
  std::string text;  // of a mention the user id
  bool operator==(const TextPiece&) const = default;
};
std::vector<TextPiece> pieces_of(std::string_view text);
// "@U1": for where no mention can be shown.
std::string without_marks(std::string_view text);

// The user id of the mention that the text begins with; empty: it begins with none.
std::string_view mention_at_start(std::string_view text);
// The bytes that a mention of this id takes in a text.
std::size_t mention_size(std::string_view user);

}  // namespace jitbot
