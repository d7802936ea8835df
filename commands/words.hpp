#pragma once

#include "bot/model/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What was typed, as words. Any bytes may come in; nothing here throws.
namespace jitbot::grammar {

struct Word {
  enum class Kind { bare, quoted, mention };
  Kind kind = Kind::bare;
  std::string text;       // quotes taken off; of a mention the user id
  std::size_t begin = 0;  // where it stands in the whole text, quotes included
  std::size_t end = 0;
};

// The words of a command, taken one after the other. A word in quotes (straight, smart or back) may hold
// blanks; a quote that is never closed, or that stands inside a word, is an ordinary character.
class Words {
 public:
  explicit Words(std::string text);

  bool empty() const { return next_ == words_.size(); }
  std::size_t left() const { return words_.size() - next_; }
  // The word `ahead` of the next one; nothing behind the last.
  const Word* peek(std::size_t ahead = 0) const;
  void skip(std::size_t count = 1);
  // Takes the next word out of the rest, wherever it stands: options may follow the reason.
  void remove(std::size_t ahead);
  // Everything that was not taken, as it was typed: mentions as "@U1", one blank between words, and one pair
  // of quotes around all of it taken off. Leaves no words.
  std::string rest();

 private:
  std::string raw(const Word& word) const;

  std::string text_;
  std::vector<Word> words_;
  std::size_t next_ = 0;
};

// ASCII letters in lower case: commands, options and names are ASCII.
std::string lower(std::string_view text);
// Phones and desktops turn "--" and "-" into dashes of all kinds: back to '-', an em dash to "--".
std::string straight_dashes(std::string_view text);
// What was typed, fit to be shown in an error: one line in quotes, at most 40 characters, nothing unseen.
std::string echo(std::string_view typed);
// The same without quotes, for a command line that we suggest; `otherwise` where it is not a plain name.
std::string name_or(std::string_view typed, std::string_view otherwise);

}  // namespace jitbot::grammar
