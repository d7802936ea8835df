// Literals: numbers, and text with its escapes (cel-spec, langdef "String and Bytes Values").
#include "bot/model/utf8.hpp"
#include "bot/policy/cel/lexer.hpp"

#include <fmt/format.h>

#include <cctype>
#include <charconv>
#include <optional>

namespace jitbot::cel {

namespace {

constexpr std::uint64_t k_most_magnitude = std::uint64_t{1} << 63U;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return std::isxdigit(static_cast<unsigned char>(c)) != 0;
}
bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

std::size_t run(std::string_view text, std::size_t from, bool (*belongs)(char)) {
  std::size_t to = from;
  while (to < text.size() && belongs(text[to])) ++to;
  return to;
}

struct Shape {
  std::size_t length = 0;
  bool real = false;
};
// As long as the grammar goes: digits, a point with digits behind it, an exponent with digits.
Shape decimal_shape(std::string_view rest) {
  Shape shape{run(rest, 0, is_digit), false};
  if (shape.length + 1 < rest.size() && rest[shape.length] == '.' && is_digit(rest[shape.length + 1])) {
    shape = {run(rest, shape.length + 1, is_digit), true};
  }
  if (shape.length < rest.size() && (rest[shape.length] == 'e' || rest[shape.length] == 'E')) {
    std::size_t digits = shape.length + 1;
    if (digits < rest.size() && (rest[digits] == '+' || rest[digits] == '-')) ++digits;
    const std::size_t end = run(rest, digits, is_digit);
    if (end > digits) shape = {end, true};
  }
  return shape;
}

Parsed<Token> real(Token token) {
  double number = 0;
  const std::string text = (token.text.front() == '.' ? "0" : "") + std::string(token.text);
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool vanishes = read.ec == std::errc::result_out_of_range &&
                        text.find_first_of("eE") != std::string::npos && text.find('-') != std::string::npos;
  if (read.ec != std::errc{} && !vanishes)
    return slip(token.at, fmt::format("{} is beyond a double", token.text));
  token.symbol = Symbol::literal;
  token.value = Value::real(vanishes ? 0 : number);
  return token;
}

Parsed<Token> whole(Token token, std::string_view digits, int base, bool is_unsigned) {
  std::uint64_t number = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
  const bool fits = read.ec == std::errc{} && (is_unsigned || number <= k_most_magnitude);
  if (!fits)
    return slip(token.at, fmt::format("{} is beyond {}", token.text, is_unsigned ? "a uint" : "an int"));
  token.number = number;
  token.symbol = is_unsigned ? Symbol::literal : Symbol::magnitude;
  if (is_unsigned) token.value = Value::unsigned_integer(number);
  return token;
}

}  // namespace

Parsed<Token> read_number(std::string_view rest, std::uint32_t at) {
  Token token;
  token.at = at;
  const bool hex = rest.size() > 2 && rest[0] == '0' && (rest[1] == 'x' || rest[1] == 'X') && is_hex(rest[2]);
  const Shape shape = hex ? Shape{run(rest, 2, is_hex), false} : decimal_shape(rest);
  const bool is_unsigned =
      !shape.real && shape.length < rest.size() && (rest[shape.length] == 'u' || rest[shape.length] == 'U');
  token.text = rest.substr(0, shape.length + (is_unsigned ? 1 : 0));
  if (token.text.size() < rest.size() && is_word(rest[token.text.size()])) {
    return slip(at, fmt::format("'{}' is no number", rest.substr(0, run(rest, token.text.size(), is_word))));
  }
  if (shape.real) return real(std::move(token));
  const std::string_view digits = rest.substr(hex ? 2 : 0, shape.length - (hex ? 2 : 0));
  return whole(std::move(token), digits, hex ? 16 : 10, is_unsigned);
}

namespace {

struct Style {
  bool bytes = false;
  bool raw = false;
  std::size_t prefix = 0;
  std::string_view quotes;  // one, or three
};

std::optional<Style> style_of(std::string_view rest) {
  Style style;
  if (style.prefix < rest.size() && (rest[style.prefix] == 'b' || rest[style.prefix] == 'B')) {
    style.bytes = true;
    ++style.prefix;
  }
  if (style.prefix < rest.size() && (rest[style.prefix] == 'r' || rest[style.prefix] == 'R')) {
    style.raw = true;
    ++style.prefix;
  }
  const std::string_view body = rest.substr(style.prefix);
  if (body.empty() || (body[0] != '"' && body[0] != '\'')) return std::nullopt;
  const bool three = body.size() >= 3 && body[1] == body[0] && body[2] == body[0];
  style.quotes = body.substr(0, three ? 3 : 1);
  return style;
}

// Reads the inside of one literal, from behind the opening quotes to behind the closing ones.
class Body {
 public:
  Body(std::string_view rest, std::uint32_t base, Style style)
      : rest_(rest), base_(base), style_(style), at_(style.prefix + style.quotes.size()) {}

  Parsed<std::string> read() {
    while (!rest_.substr(at_).starts_with(style_.quotes)) {
      if (at_ == rest_.size()) return slip(base_, "the text has no closing quote");
      const char c = rest_[at_];
      if (style_.quotes.size() == 1 && (c == '\n' || c == '\r')) {
        return slip(base_, "the text does not end on its line; three quotes let it go on");
      }
      if (c != '\\' || style_.raw) {
        text_ += c;
        ++at_;
        continue;
      }
      if (const auto problem = escape()) {
        return slip(base_ + static_cast<std::uint32_t>(at_), *problem);
      }
    }
    at_ += style_.quotes.size();
    return std::move(text_);
  }
  std::size_t length() const { return at_; }

 private:
  // One escape sequence, `at_` being at its backslash; what is wrong with it, or nothing.
  std::optional<std::string> escape() {
    if (at_ + 1 >= rest_.size()) return "the text has no closing quote";
    const char c = rest_[at_ + 1];
    if (const auto plain = simple(c)) {
      text_ += *plain;
      at_ += 2;
      return std::nullopt;
    }
    if (c >= '0' && c <= '3') return number(1, 3, 8);
    if (c == 'x' || c == 'X') return number(2, 2, 16);
    if ((c == 'u' || c == 'U') && style_.bytes) return "bytes have no \\u and \\U; octets are \\x and octal";
    if (c == 'u') return number(2, 4, 16);
    if (c == 'U') return number(2, 8, 16);
    return "there is no such escape sequence";
  }

  static std::optional<char> simple(char c) {
    constexpr std::string_view k_written = "\\?\"'`abfnrtv";
    constexpr std::string_view k_meant = "\\?\"'`\a\b\f\n\r\t\v";
    const std::size_t found = k_written.find(c);
    if (found == std::string_view::npos) return std::nullopt;
    return k_meant[found];
  }

  std::optional<std::uint32_t> digits(std::size_t from, std::size_t count, int base) const {
    if (from + count > rest_.size()) return std::nullopt;
    std::uint32_t number = 0;
    const char* begin = rest_.data() + from;
    const auto read = std::from_chars(begin, begin + count, number, base);
    if (read.ec != std::errc{} || read.ptr != begin + count) return std::nullopt;
    return number;
  }

  std::optional<std::string> number(std::size_t skip, std::size_t count, int base) {
    const auto found = digits(at_ + skip, count, base);
    if (!found)
      return fmt::format("the escape sequence needs {} {} digits", count, base == 8 ? "octal" : "hex");
    std::size_t length = skip + count;
    if (style_.bytes) {
      text_ += static_cast<char>(static_cast<unsigned char>(*found));
      at_ += length;
      return std::nullopt;
    }
    std::uint32_t value = *found;
    const bool high = count == 4 && value >= 0xD800 && value <= 0xDBFF;
    if (high && rest_.substr(at_ + length).starts_with("\\u")) {
      const auto low = digits(at_ + length + 2, 4, 16);
      if (low && *low >= 0xDC00 && *low <= 0xDFFF) {
        value = 0x10000U + ((value - 0xD800U) << 10U) + (*low - 0xDC00U);
        length += 6;
      }
    }
    if (value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return "there is no such code point";
    append_code_point(text_, value);
    at_ += length;
    return std::nullopt;
  }

  std::string_view rest_;
  std::uint32_t base_;
  Style style_;
  std::size_t at_;
  std::string text_;
};

}  // namespace

bool begins_string(std::string_view rest) {
  return style_of(rest).has_value();
}

Parsed<Token> read_string(std::string_view rest, std::uint32_t at) {
  const Style style = style_of(rest).value_or(Style{});
  Body body(rest, at, style);
  const auto text = body.read();
  if (!text) return tl::unexpected<Slip>(text.error());
  Token token;
  token.symbol = Symbol::literal;
  token.at = at;
  token.text = rest.substr(0, body.length());
  token.value = style.bytes ? Value::bytes(*text) : Value::string(*text);
  return token;
}

}  // namespace jitbot::cel
