#pragma once

#include "bot/policy/cel/mistake.hpp"
#include "bot/policy/cel/value.hpp"

#include <vector>

namespace jitbot::cel {

enum class Symbol : std::uint8_t {
  end,
  identifier,  // `text`: the word; reserved words too
  quoted,      // an identifier in backquotes; `text` without them
  literal,     // `value`
  magnitude,   // an int without its sign: `number`, up to 2^63
  left_paren,
  right_paren,
  left_bracket,
  right_bracket,
  left_brace,
  right_brace,
  comma,
  dot,
  colon,
  question,
  plus,
  minus,
  star,
  slash,
  percent,
  bang,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  both,    // &&
  either,  // ||
};

struct Token {
  Symbol symbol = Symbol::end;
  std::uint32_t at = 0;
  std::string_view text;  // as written
  Value value;
  std::uint64_t number = 0;
  bool negative = false;  // the parser's: a sign before a number belongs to it
};

// The tokens of an expression, an `end` last. They borrow from `source`.
Parsed<std::vector<Token>> read_tokens(std::string_view source);

// A number that stands at the front of `rest`, which begins with a digit, or with a point and a digit.
// `text` says how much of it was read.
Parsed<Token> read_number(std::string_view rest, std::uint32_t at);
// A string or bytes literal, prefix and quotes included.
Parsed<Token> read_string(std::string_view rest, std::uint32_t at);
// Whether a literal with quotes begins here.
bool begins_string(std::string_view rest);

}  // namespace jitbot::cel
