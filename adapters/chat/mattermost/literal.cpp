#include "adapters/chat/mattermost/literal.hpp"

#include "adapters/chat/mattermost/text_in.hpp"
#include "bot/cards/clean.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace jitbot::mattermost {

namespace {

bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_word(char c) {
  return is_alnum(c) || static_cast<unsigned char>(c) >= 0x80;
}

bool is_punctuation(char c) {
  return c > ' ' && c < 0x7F && !is_alnum(c);
}

char small(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool ends_with_word(std::string_view text, std::string_view word) {
  if (text.size() < word.size()) return false;
  const auto end = text.substr(text.size() - word.size());
  return std::ranges::equal(end, word, [](char a, char b) { return small(a) == b; });
}

// One character with what stands around it.
struct Seen {
  std::string_view before;
  std::string_view rest;  // begins with the character

  char last() const { return before.empty() ? ' ' : before.back(); }
  char next() const { return rest.size() > 1 ? rest[1] : ' '; }
};

// A ':' that begins ":name:", an emoticon, or what follows the scheme of an address.
bool colon_does_something(Seen seen) {
  const std::string_view after = seen.rest.substr(1);
  if (after.starts_with("//") || ends_with_word(seen.before, "mailto") || ends_with_word(seen.before, "tel"))
    return true;
  if (!is_word(seen.last()) && seen.next() != ' ') return true;
  const auto end =
      after.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-");
  return end != std::string_view::npos && end > 0 && after[end] == ':';
}

bool begins_entity(std::string_view rest) {
  constexpr std::size_t k_longest = 34;  // "&CounterClockwiseContourIntegral;"
  const auto end = rest.substr(0, k_longest).find(';');
  return end != std::string_view::npos && end > 1 &&
         std::ranges::all_of(rest.substr(1, end - 1), [](char c) { return is_alnum(c) || c == '#'; });
}

// The '/' of "example.com/path", which is an address without a scheme; "and/or" is none.
bool ends_host(std::string_view before) {
  const auto begin = before.find_last_of(" (<[\"'/");
  const auto host = begin == std::string_view::npos ? before : before.substr(begin + 1);
  const auto dot = host.find_last_of('.');
  return dot != std::string_view::npos && dot > 0 && host.size() > dot + 2;
}

// The '.' of "www.", with or without a digit.
bool ends_www(std::string_view before) {
  while (!before.empty() && before.back() >= '0' && before.back() <= '9') before.remove_suffix(1);
  return ends_with_word(before, "www");
}

// Emphasis begins and ends at a word's edge only: prod_db stays as it is.
bool is_edge(Seen seen) {
  return !is_word(seen.last()) || !is_word(seen.next());
}

std::string_view always_replaced(char c) {
  constexpr std::array<std::pair<char, std::string_view>, 6> k_pairs{{{'*', "∗"},     // U+2217
                                                                      {'`', "ˋ"},     // U+02CB
                                                                      {'~', "∼"},     // U+223C
                                                                      {'|', "∣"},     // U+2223
                                                                      {'@', "＠"},    // U+FF20
                                                                      {'$', "＄"}}};  // U+FF04
  const auto* found = std::ranges::find(k_pairs, c, &std::pair<char, std::string_view>::first);
  return found == k_pairs.end() ? std::string_view{} : found->second;
}

std::string_view shown(Seen seen) {
  const std::string_view itself = seen.rest.substr(0, 1);
  if (const auto other = always_replaced(seen.rest.front()); !other.empty()) return other;
  switch (seen.rest.front()) {
    case '_':
      return is_edge(seen) ? "ˍ" : itself;  // U+02CD
    case '#':
      return seen.next() != ' ' ? "＃" : itself;  // U+FF03
    case '<':
      return seen.next() != ' ' ? "‹" : itself;  // U+2039
    case ']':
      return std::string_view("([:").find(seen.next()) != std::string_view::npos ? "］" : itself;  // U+FF3D
    case '\\':
      return is_punctuation(seen.next()) ? "＼" : itself;  // U+FF3C
    case '&':
      return begins_entity(seen.rest) ? "＆" : itself;  // U+FF06
    case ':':
      return colon_does_something(seen) ? "∶" : itself;  // U+2236
    case '/':
      return ends_host(seen.before) ? "∕" : itself;  // U+2215
    case '.':
      return ends_www(seen.before) ? "․" : itself;  // U+2024
    default:
      return itself;
  }
}

// One line of what can be seen; a blank at either end stays one.
std::string flat(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t point = next_code_point(text, at);
    if (is_unseen(point)) continue;
    if (!is_blank(point)) {
      append_code_point(out, point);
    } else if (!out.ends_with(' ')) {
      out += ' ';
    }
  }
  return out;
}

std::size_t longest_run(std::string_view text) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

}  // namespace

std::string literal(std::string_view text) {
  const std::string clean = flat(text);
  const std::string_view all = clean;
  std::string out;
  for (std::size_t at = 0; at < all.size(); ++at) out += shown({all.substr(0, at), all.substr(at)});
  return out;
}

std::string code(std::string_view text) {
  std::string inside = flat(text);
  if (inside.find_first_not_of(' ') == std::string::npos) return {};
  for (std::size_t at = inside.find('`'); at != std::string::npos; at = inside.find('`', at)) {
    inside.replace(at, 1, "ˋ");
  }
  return "`" + inside + "`";
}

std::string fenced(std::string_view text) {
  const std::string words = clean_text(text);
  const auto last = words.find_last_not_of(" \n");
  if (last == std::string::npos) return {};
  const std::string fence(std::max<std::size_t>(3, longest_run(words) + 1), '`');
  return fence + "\n" + words.substr(0, last + 1) + "\n" + fence;
}

std::string as_line(std::string line) {
  const auto first = line.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  line.erase(0, first);
  const char begin = line.front();
  const auto digits = line.find_first_not_of("0123456789");
  const bool numbered =
      digits != std::string::npos && digits > 0 && (line[digits] == '.' || line[digits] == ')');
  // U+2060 takes no room and ends no line's beginning: what follows it is text.
  if (numbered || std::string_view("-+>#=").find(begin) != std::string_view::npos) line.insert(0, "\u2060");
  return line;
}

std::string cut(std::string_view text, std::size_t most) {
  if (length_of(text) <= most) return std::string(text);
  std::string out;
  std::size_t at = 0;
  for (std::size_t taken = 1; taken < most && at < text.size(); ++taken)
    append_code_point(out, next_code_point(text, at));
  return most == 0 ? std::string() : out + "…";
}

}  // namespace jitbot::mattermost
