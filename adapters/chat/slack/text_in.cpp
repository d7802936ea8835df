#include "adapters/chat/slack/text_in.hpp"

#include "bot/cards/inbound.hpp"
#include "bot/model/utf8.hpp"

#include <algorithm>
#include <array>

namespace jitbot::slack {

namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// Characters that can hide, reorder or imitate text, and show nothing of their own.
constexpr std::array k_dropped{Range{0x00, 0x08},     Range{0x0B, 0x1F},      Range{0x7F, 0x9F},
                               Range{0xAD, 0xAD},     Range{0x034F, 0x034F},  Range{0x061C, 0x061C},
                               Range{0x115F, 0x1160}, Range{0x17B4, 0x17B5},  Range{0x180B, 0x180F},
                               Range{0x200B, 0x200F}, Range{0x2028, 0x202E},  Range{0x2060, 0x206F},
                               Range{0x3164, 0x3164}, Range{0xFEFF, 0xFEFF},  Range{0xFFA0, 0xFFA0},
                               Range{0xFFF0, 0xFFFB}, Range{0xE0000, 0xE0FFF}};

bool is_dropped(char32_t value) {
  return std::ranges::any_of(k_dropped,
                             [value](Range range) { return value >= range.first && value <= range.last; });
}

bool is_id(std::string_view text) {
  const auto fits = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  return text.size() > 1 && text.size() <= 64 && std::ranges::all_of(text, fits);
}

std::string unescape(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, char>, 3> k_entities{
      {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}}};
  std::string out;
  while (!text.empty()) {
    const auto* entity =
        std::ranges::find_if(k_entities, [text](const auto& one) { return text.starts_with(one.first); });
    const bool found = entity != k_entities.end();
    out += found ? entity->second : text.front();
    text.remove_prefix(found ? entity->first.size() : 1);
  }
  return out;
}

std::string typed_link(std::string_view url, std::string_view label) {
  constexpr std::string_view k_mailto = "mailto:";
  if (url.starts_with(k_mailto)) return std::string(url.substr(k_mailto.size()));
  // Slack links bare names as they are typed ("db.example.com"); the label is then what was typed.
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!label.empty() && url.starts_with(scheme) && url.substr(scheme.size()) == label)
      return std::string(label);
  }
  return std::string(url);
}

std::string special_token(std::string_view id, std::string_view label) {
  constexpr std::string_view k_group = "subteam^";
  if (id.starts_with(k_group)) return "@" + std::string(id.substr(k_group.size()));
  if (id.starts_with("date^")) return std::string(label);
  return "@" + std::string(id);
}

// The token's text, already clean. `token` is what stands between < and >.
std::string token_text(std::string_view token) {
  const auto bar = token.find('|');
  const auto id = token.substr(0, bar);
  const auto label = bar == std::string_view::npos ? std::string_view{} : token.substr(bar + 1);
  if (id.starts_with('@') && is_user_id(id.substr(1))) {
    return std::string(k_mention_open) + std::string(id.substr(1)) + std::string(k_mention_close);
  }
  if (id.starts_with('#')) return clean_text(unescape(id));
  if (id.starts_with('!')) return clean_text(unescape(special_token(id.substr(1), label)));
  return clean_text(unescape(typed_link(id, label)));
}

// What no token is: the text as it was typed.
std::string typed_text(std::string_view text) {
  return clean_text(unescape(text));
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view k_spaces = " \t\n";
  const auto first = text.find_first_not_of(k_spaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(k_spaces) - first + 1);
}

}  // namespace

bool is_user_id(std::string_view text) {
  return is_id(text) && (text.front() == 'U' || text.front() == 'W');
}

bool is_channel_id(std::string_view text) {
  return is_id(text) && (text.front() == 'C' || text.front() == 'G' || text.front() == 'D');
}

std::string clean_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  unsigned line_ends = 0;
  for (std::size_t at = 0; at < text.size();) {
    char32_t point = next_code_point(text, at);
    if (point == '\r') {
      if (text.substr(at).starts_with('\n')) continue;
      point = '\n';
    }
    if (point == '\t') point = ' ';
    if (is_dropped(point)) continue;
    line_ends = point == '\n' ? line_ends + 1 : 0;
    if (line_ends <= 2) append_code_point(out, point);
  }
  return out;
}

std::string read_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto open = text.find('<');
    out += typed_text(text.substr(0, open));
    if (open == std::string_view::npos) break;
    text.remove_prefix(open + 1);
    const auto end = text.find_first_of("<>");
    if (end == std::string_view::npos || text[end] == '<') {
      out += '<';  // opens nothing
      continue;
    }
    out += token_text(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return out;
}

std::string after_mention(std::string_view text, std::string_view user) {
  const std::string mention = std::string(k_mention_open) + std::string(user) + std::string(k_mention_close);
  const auto found = text.find(mention);
  if (found == std::string_view::npos) return std::string(trimmed(text));
  const auto after = trimmed(text.substr(found + mention.size()));
  return std::string(after.empty() ? trimmed(text.substr(0, found)) : after);
}

}  // namespace jitbot::slack
