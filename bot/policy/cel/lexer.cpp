#include "bot/policy/cel/lexer.hpp"

#include "bot/model/utf8.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>

namespace jitbot::cel {

namespace {

struct Sign {
  std::string_view text;
  Symbol symbol;
};
// Longer ones first.
constexpr std::array<Sign, 24> k_signs{{
    {"==", Symbol::equal},         {"!=", Symbol::not_equal},  {"<=", Symbol::less_equal},
    {">=", Symbol::greater_equal}, {"&&", Symbol::both},       {"||", Symbol::either},
    {"(", Symbol::left_paren},     {")", Symbol::right_paren}, {"[", Symbol::left_bracket},
    {"]", Symbol::right_bracket},  {"{", Symbol::left_brace},  {"}", Symbol::right_brace},
    {",", Symbol::comma},          {".", Symbol::dot},         {":", Symbol::colon},
    {"?", Symbol::question},       {"+", Symbol::plus},        {"-", Symbol::minus},
    {"*", Symbol::star},           {"/", Symbol::slash},       {"%", Symbol::percent},
    {"!", Symbol::bang},           {"<", Symbol::less},        {">", Symbol::greater},
}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool begins_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

std::size_t word_length(std::string_view rest) {
  std::size_t length = 0;
  while (length < rest.size() && (begins_word(rest[length]) || is_digit(rest[length]))) ++length;
  return length;
}

// White space and comments, which end with their line.
std::size_t skipped(std::string_view rest) {
  std::size_t at = 0;
  while (at < rest.size()) {
    if (is_space(rest[at])) {
      ++at;
    } else if (rest.substr(at).starts_with("//")) {
      const std::size_t end = rest.find_first_of("\r\n", at);
      at = end == std::string_view::npos ? rest.size() : end;
    } else {
      break;
    }
  }
  return at;
}

Parsed<Token> read_quoted(std::string_view rest, std::uint32_t at) {
  std::size_t end = 1;
  const auto allowed = [](char c) {
    return begins_word(c) || is_digit(c) || c == '.' || c == '-' || c == '/' || c == ' ';
  };
  while (end < rest.size() && allowed(rest[end])) ++end;
  if (end == rest.size() || rest[end] != '`') {
    return slip(at, "a name in backquotes has letters, digits, _ . - / and spaces, and a closing backquote");
  }
  if (end == 1) return slip(at, "there is no name between the backquotes");
  Token token;
  token.symbol = Symbol::quoted;
  token.at = at;
  token.text = rest.substr(0, end + 1);
  return token;
}

Parsed<Token> read_sign(std::string_view rest, std::uint32_t at) {
  for (const Sign& sign : k_signs) {
    if (!rest.starts_with(sign.text)) continue;
    Token token;
    token.symbol = sign.symbol;
    token.at = at;
    token.text = rest.substr(0, sign.text.size());
    return token;
  }
  const auto c = decode_utf8(rest);
  const std::string shown = c && c->value > 0x20 && c->value != 0x7F
                                ? std::string(rest.substr(0, c->length))
                                : fmt::format("\\x{:02x}", static_cast<unsigned char>(rest.front()));
  return slip(at, fmt::format("unexpected character '{}'", shown));
}

Parsed<Token> read_token(std::string_view rest, std::uint32_t at) {
  if (begins_string(rest)) return read_string(rest, at);
  if (is_digit(rest[0]) || (rest[0] == '.' && rest.size() > 1 && is_digit(rest[1])))
    return read_number(rest, at);
  if (rest[0] == '`') return read_quoted(rest, at);
  if (!begins_word(rest[0])) return read_sign(rest, at);
  Token token;
  token.symbol = Symbol::identifier;
  token.at = at;
  token.text = rest.substr(0, word_length(rest));
  return token;
}

std::optional<std::size_t> first_broken_utf8(std::string_view source) {
  for (std::size_t at = 0; at < source.size();) {
    const auto c = decode_utf8(source.substr(at));
    if (!c) return at;
    at += c->length;
  }
  return std::nullopt;
}

}  // namespace

Parsed<std::vector<Token>> read_tokens(std::string_view source) {
  if (const auto broken = first_broken_utf8(source)) {
    return slip(static_cast<std::uint32_t>(*broken), "this is not UTF-8");
  }
  std::vector<Token> tokens;
  std::size_t at = skipped(source);
  while (at < source.size()) {
    auto token = read_token(source.substr(at), static_cast<std::uint32_t>(at));
    if (!token) return tl::unexpected<Slip>(std::move(token.error()));
    at += token->text.size();
    if (token->symbol == Symbol::quoted) token->text = token->text.substr(1, token->text.size() - 2);
    tokens.push_back(std::move(*token));
    at += skipped(source.substr(at));
  }
  Token end;
  end.at = static_cast<std::uint32_t>(source.size());
  tokens.push_back(std::move(end));
  return tokens;
}

std::string to_string(const Mistake& mistake) {
  return fmt::format("{}:{}: {}", mistake.line, mistake.column, mistake.message);
}

Mistake locate(const Slip& slip, std::string_view source) {
  Mistake mistake{1, 1, slip.message};
  for (std::size_t at = 0; at < source.size() && at < slip.at;) {
    const bool line = source[at] == '\n';
    next_code_point(source, at);
    mistake.column = line ? 1 : mistake.column + 1;
    if (line) ++mistake.line;
  }
  return mistake;
}

}  // namespace jitbot::cel
