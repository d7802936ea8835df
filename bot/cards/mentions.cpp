#include "bot/cards/mentions.hpp"

#include "bot/cards/inbound.hpp"

#include <algorithm>

namespace jitbot {

namespace {

constexpr std::size_t k_longest_id = 64;
constexpr std::string_view k_at = "@";

bool is_id(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  };
  return !text.empty() && text.size() <= k_longest_id && std::ranges::all_of(text, fits);
}

}  // namespace

std::string mention_in_text(std::string_view user) {
  std::string text(k_at);
  text += k_mention_open;
  text += user;
  text += k_mention_close;
  return text;
}

std::size_t mention_size(std::string_view user) {
  return k_at.size() + k_mention_open.size() + user.size() + k_mention_close.size();
}

std::string_view mention_at_start(std::string_view text) {
  if (!text.starts_with(k_at)) return {};
  text.remove_prefix(k_at.size());
  if (!text.starts_with(k_mention_open)) return {};
  text.remove_prefix(k_mention_open.size());
  const auto user = text.substr(0, std::min(text.find(k_mention_close), text.size()));
  return user.size() < text.size() && is_id(user) ? user : std::string_view{};
}

std::vector<TextPiece> pieces_of(std::string_view text) {
  std::vector<TextPiece> pieces;
  const auto add_words = [&pieces](std::string_view words) {
    if (words.empty()) return;
    if (pieces.empty() || pieces.back().kind == TextPiece::Kind::mention) pieces.emplace_back();
    pieces.back().text += words;
  };
  while (!text.empty()) {
    const auto at = std::min(text.find(k_at), text.size());
    add_words(text.substr(0, at));
    text.remove_prefix(at);
    if (text.empty()) break;
    const auto user = mention_at_start(text);
    if (user.empty()) {
      add_words(text.substr(0, k_at.size()));
      text.remove_prefix(k_at.size());
    } else {
      pieces.push_back({TextPiece::Kind::mention, std::string(user)});
      text.remove_prefix(mention_size(user));
    }
  }
  return pieces;
}

std::string without_marks(std::string_view text) {
  std::string out;
  for (const TextPiece& piece : pieces_of(text))
    out += (piece.kind == TextPiece::Kind::mention ? "@" : "") + piece.text;
  return out;
}

}  // namespace jitbot
