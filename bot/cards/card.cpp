#include "bot/cards/card.hpp"

#include <algorithm>
#include <array>

namespace jitbot {

namespace {

constexpr std::array k_acts{Act::approve, Act::confirm, Act::deny,   Act::shorter, Act::question, Act::cancel,
                            Act::done,    Act::end,     Act::extend, Act::again,   Act::request};
constexpr std::size_t k_min_digest_digits = 4;
constexpr std::size_t k_max_digest_digits = 64;  // SHA-256 in hex

std::optional<Act> parse_act(std::string_view text) {
  for (const Act act : k_acts) {
    if (to_string(act) == text) return act;
  }
  return std::nullopt;
}

bool is_digest_prefix(std::string_view text) {
  const auto hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return text.size() >= k_min_digest_digits && text.size() <= k_max_digest_digits &&
         std::ranges::all_of(text, hex);
}

// What nothing was decided on needs no digest; an approval without one would fit every version of a request.
bool fits(Act act, std::string_view digest) {
  if (is_digest_prefix(digest)) return true;
  constexpr std::array k_decisions{Act::approve, Act::confirm, Act::deny, Act::shorter};
  return digest.empty() && std::ranges::find(k_decisions, act) == k_decisions.end();
}

// "7K3F.2": the first revision, 1; no more digits than any request comes to.
int revision_in(std::string_view id) {
  const auto dot = id.find('.');
  const auto digits = dot == std::string_view::npos ? std::string_view{} : id.substr(dot + 1);
  int number = 0;
  if (digits.size() > 4) return 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return 0;
    number = number * 10 + (c - '0');
  }
  return number > 1 ? number - 1 : 0;
}

void append_line(std::string& text, std::string_view line) {
  if (line.empty()) return;
  if (!text.empty()) text += '\n';
  text += line;
}

}  // namespace

std::string_view to_string(Act act) {
  switch (act) {
    case Act::approve:
      return "approve";
    case Act::confirm:
      return "confirm";
    case Act::deny:
      return "deny";
    case Act::shorter:
      return "shorter";
    case Act::question:
      return "question";
    case Act::cancel:
      return "cancel";
    case Act::done:
      return "done";
    case Act::end:
      return "end";
    case Act::extend:
      return "extend";
    case Act::again:
      return "again";
    case Act::request:
      return "request";
  }
  return "";
}

std::string typed_id(const ButtonValue& about) {
  if (about.revision == 0) return about.request.value;
  return about.request.value + "." + std::to_string(about.revision + 1);
}

std::string shown_id(const ButtonValue& about) {
  return "JIT-" + typed_id(about);
}

std::string encode(const ButtonValue& value) {
  std::string text = typed_id(value);
  text += '|';
  text += value.digest_prefix;
  text += '|';
  text += to_string(value.act);
  return text;
}

std::optional<ButtonValue> decode_button(std::string_view text) {
  const auto first = text.find('|');
  if (first == std::string_view::npos) return std::nullopt;
  const auto second = text.find('|', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const auto shown = text.substr(0, first);
  const auto digest = text.substr(first + 1, second - first - 1);
  const auto act = parse_act(text.substr(second + 1));
  if (act == Act::request && text == encode(ButtonValue{{}, {}, Act::request}))
    return ButtonValue{{}, {}, Act::request};
  const auto id = parse_request_id(shown.substr(0, shown.find('.')));
  if (!id || !act || !fits(*act, digest)) return std::nullopt;
  ButtonValue value{*id, std::string(digest), *act, revision_in(shown)};
  // Buttons carry what encode() wrote: an id in any other spelling was not written by us.
  if (encode(value) != text) return std::nullopt;
  return value;
}

Card answer(Line line) {
  Card card;
  card.facts.push_back(std::move(line));
  return card;
}

Card answer(std::string text) {
  return answer(plain(std::move(text)));
}

std::string to_plain_text(const Card& card) {
  std::string text;
  std::string title = card.emoji;
  if (!title.empty() && !card.headline.empty()) title += ' ';
  append_line(text, title + card.headline);
  for (const auto& fact : card.facts) append_line(text, to_plain_text(fact));
  std::string_view rest = card.quote;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    append_line(text, "| " + std::string(rest.substr(0, end)));
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  }
  for (const auto& line : card.footer) append_line(text, to_plain_text(line));
  return text;
}

}  // namespace jitbot
