#include "adapters/chat/mattermost/text_in.hpp"

#include "adapters/chat/mattermost/ids.hpp"
#include "bot/cards/clean.hpp"
#include "bot/cards/inbound.hpp"

#include <algorithm>

namespace jitbot::mattermost {

namespace {

constexpr std::size_t k_most_name = 64;

bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool ends_sentence(char c) {
  return c == '.' || c == '_' || c == '-' || c == ':';
}

// Where "@name" begins and ends; the '@' of an e-mail address begins none.
struct Spot {
  std::size_t begin = 0;
  std::size_t end = 0;
};

std::optional<Spot> next_spot(std::string_view text, std::size_t from) {
  for (std::size_t at = text.find('@', from); at != std::string_view::npos; at = text.find('@', at + 1)) {
    const bool inside = at > 0 && (is_alnum(text[at - 1]) || ends_sentence(text[at - 1]));
    std::size_t end = at + 1;
    while (end < text.size() && (is_alnum(text[end]) || ends_sentence(text[end]))) ++end;
    if (!inside && end > at + 1 && is_alnum(text[at + 1])) return Spot{at, end};
  }
  return std::nullopt;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

// The names that a spot may mean, longest first.
std::vector<std::string> readings(std::string_view text, Spot spot) {
  std::vector<std::string> names;
  std::string name = lower(text.substr(spot.begin + 1, spot.end - spot.begin - 1));
  for (; !name.empty(); name.pop_back()) {
    if (name.size() <= k_most_name) names.push_back(name);
    if (!ends_sentence(name.back())) break;
  }
  return names;
}

std::size_t ticks_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && text[end] == '`') ++end;
  return end - at;
}

// Behind the code that begins with `count` ticks at `at`; nothing where nothing closes it.
std::optional<std::size_t> end_of_code(std::string_view text, std::size_t at, std::size_t count) {
  for (std::size_t next = text.find('`', at + count); next != std::string_view::npos;) {
    const std::size_t closing = ticks_at(text, next);
    if (closing == count) return next + closing;
    next = text.find('`', next + closing);
  }
  return std::nullopt;
}

// The same length, with blanks in place of code.
std::string without_code(std::string_view text) {
  std::string out(text);
  for (std::size_t at = text.find('`'); at != std::string_view::npos;) {
    const std::size_t count = ticks_at(text, at);
    const std::size_t end = end_of_code(text, at, count).value_or(at + count);
    std::fill(out.begin() + static_cast<std::ptrdiff_t>(at), out.begin() + static_cast<std::ptrdiff_t>(end),
              ' ');
    at = text.find('`', end);
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view k_spaces = " \t\n";
  const auto first = text.find_first_not_of(k_spaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(k_spaces) - first + 1);
}

}  // namespace

std::string clean_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  unsigned line_ends = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t point = next_code_point(text, at);
    if (point == '\r' && text.substr(at).starts_with('\n')) continue;
    const bool line_end = point == '\n' || point == '\r';
    if (!line_end && is_unseen(point)) continue;
    const bool control =
        point < 0x20 || (point >= 0x7F && point < 0xA0) || point == 0x2028 || point == 0x2029;
    line_ends = line_end ? line_ends + 1 : 0;
    if (line_ends > 2) continue;
    if (!control || line_end) append_code_point(out, line_end ? U'\n' : point);
    if (control && !line_end && point == '\t') out += ' ';
  }
  return out;
}

std::vector<std::string> names_in(std::string_view text) {
  std::vector<std::string> names;
  for (auto spot = next_spot(text, 0); spot; spot = next_spot(text, spot->end)) {
    for (std::string& name : readings(text, *spot)) {
      if (!names_a_crowd(name) && std::ranges::find(names, name) == names.end())
        names.push_back(std::move(name));
    }
  }
  return names;
}

std::string with_mentions(std::string_view text, const Ids& ids) {
  std::string out;
  std::size_t done = 0;
  for (auto spot = next_spot(text, 0); spot; spot = next_spot(text, spot->end)) {
    for (const std::string& name : readings(text, *spot)) {
      const auto found = ids.find(name);
      if (found == ids.end() || names_a_crowd(name)) continue;
      out += text.substr(done, spot->begin - done);
      out += k_mention_open;
      out += found->second;
      out += k_mention_close;
      done = spot->begin + 1 + name.size();
      break;
    }
  }
  out += text.substr(done);
  return out;
}

std::optional<std::string> said_to(std::string_view text, std::string_view username) {
  const std::string seen = without_code(text);
  const std::string name = lower(username);
  for (auto spot = next_spot(seen, 0); spot; spot = next_spot(seen, spot->end)) {
    const auto names = readings(seen, *spot);
    if (std::ranges::find(names, name) == names.end()) continue;
    auto after = trimmed(text.substr(spot->begin + 1 + name.size()));
    if (after.starts_with(':') || after.starts_with(',')) after = trimmed(after.substr(1));
    return std::string(after.empty() ? trimmed(text.substr(0, spot->begin)) : after);
  }
  return std::nullopt;
}

}  // namespace jitbot::mattermost
