#include "adapters/chat/mattermost/ids.hpp"

#include <algorithm>

namespace jitbot::mattermost {

namespace {

constexpr std::size_t k_id = 26;
constexpr std::size_t k_most_name = 64;
constexpr std::string_view k_channel = "mattermost:channel/";
constexpr std::string_view k_group = "mattermost:group/";
constexpr std::string_view k_team = "mattermost:team/";

bool is_small_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_name(std::string_view text, std::string_view others) {
  return !text.empty() && text.size() <= k_most_name && std::ranges::all_of(text, [others](char c) {
    return is_small_alnum(c) || others.find(c) != std::string_view::npos;
  });
}

}  // namespace

bool is_id(std::string_view text) {
  return text.size() == k_id && std::ranges::all_of(text, is_small_alnum);
}

bool is_username(std::string_view text) {
  return is_name(text, "._-:") && is_small_alnum(text.front());
}

bool names_a_crowd(std::string_view username) {
  return username == "all" || username == "channel" || username == "here";
}

bool is_channel_name(std::string_view text) {
  return is_name(text, "_-");
}

bool is_team_name(std::string_view text) {
  return text.size() >= 2 && is_name(text, "-") && text.front() != '-' && text.back() != '-';
}

std::string to_string(const Source& source) {
  switch (source.kind) {
    case Source::Kind::channel:
      return std::string(k_channel) + source.id;
    case Source::Kind::group:
      return std::string(k_group) + source.id;
    case Source::Kind::team:
      return std::string(k_team) + source.id;
  }
  return {};
}

std::optional<Source> parse_source(std::string_view source) {
  const auto after = [&](std::string_view prefix) -> std::optional<std::string_view> {
    if (!source.starts_with(prefix)) return std::nullopt;
    return source.substr(prefix.size());
  };
  if (const auto id = after(k_channel); id && is_id(*id))
    return Source{Source::Kind::channel, std::string(*id)};
  if (const auto id = after(k_group); id && is_id(*id)) return Source{Source::Kind::group, std::string(*id)};
  if (const auto id = after(k_team); id && (is_id(*id) || is_team_name(*id)))
    return Source{Source::Kind::team, std::string(*id)};
  return std::nullopt;
}

}  // namespace jitbot::mattermost
