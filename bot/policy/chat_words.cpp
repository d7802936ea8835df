#include "bot/policy/chat_words.hpp"

#include "bot/model/channel.hpp"

#include <algorithm>
#include <array>

namespace jitbot {

namespace {

constexpr std::string_view k_slack = "slack:";
constexpr std::string_view k_mattermost = "mattermost:";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

// A letter for the kind, then capitals and digits.
bool is_slack_id(std::string_view text, std::string_view kinds) {
  return text.size() >= 2 && text.size() <= 32 && kinds.find(text.front()) != std::string_view::npos &&
         std::ranges::all_of(text, [](char c) { return is_upper(c) || is_digit(c); });
}
bool is_slack_usergroup(std::string_view id) {
  return is_slack_id(id, "S");
}
bool is_slack_channel(std::string_view id) {
  return is_slack_id(id, "CG");
}

// Every id of Mattermost: 26 small letters and digits (mattermost.md §1).
bool is_mattermost_id(std::string_view id) {
  constexpr std::size_t k_length = 26;
  return id.size() == k_length && std::ranges::all_of(id, [](char c) { return is_lower(c) || is_digit(c); });
}

// As addresses have it; its id is one as well.
bool is_mattermost_team(std::string_view name) {
  constexpr std::size_t k_longest = 64;
  return name.size() >= 2 && name.size() <= k_longest && name.front() != '-' && name.back() != '-' &&
         std::ranges::all_of(name, [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

constexpr std::array<LiveSource, 5> k_sources = {{
    {"slack:usergroup/", "a user group's", "S0123ABCD", "the user group's menu in Slack shows its ID",
     is_slack_usergroup},
    {"slack:channel/", "a channel's", "C0123ABCD", "the end of the channel's details in Slack shows its ID",
     is_slack_channel},
    {"mattermost:channel/", "a channel's", "4xp9fdt77pncbef59f4k1qe83o",
     "the channel's View Info in Mattermost shows its ID", is_mattermost_id},
    {"mattermost:team/", "a team's", "ops",
     "the team's name is the first part of the address in its channels", is_mattermost_team},
    {"mattermost:group/", "a group's", "4xp9fdt77pncbef59f4k1qe83o",
     "the address of the group's page in Mattermost's System Console ends with its ID", is_mattermost_id},
}};

// As platforms allow them in names: no capitals, spaces or marks.
bool is_sayable(std::string_view name) {
  constexpr std::size_t k_longest = 80;
  return !name.empty() && name.size() <= k_longest && std::ranges::none_of(name, [](char c) {
    return is_upper(c) || static_cast<unsigned char>(c) <= 0x20U ||
           std::string_view("#,<>@&|.").find(c) != std::string_view::npos;
  });
}

}  // namespace

bool is_chat_account(std::string_view text) {
  if (text.starts_with(k_slack)) return is_slack_id(text.substr(k_slack.size()), "UW");
  return text.starts_with(k_mattermost) && is_mattermost_id(text.substr(k_mattermost.size()));
}

bool is_of_a_chat(std::string_view text) {
  return text.starts_with(k_slack) || text.starts_with(k_mattermost);
}

bool is_chat_channel(std::string_view text) {
  const auto platform = platform_named(text);
  const auto rest = without_platform(text);
  if (!platform.empty() && !is_of_a_chat(text)) return false;
  if (rest.starts_with('#')) return is_sayable(rest.substr(1));
  return platform == "mattermost" ? is_mattermost_id(rest) : is_slack_channel(rest);
}

const LiveSource* live_source(std::string_view text) {
  const auto found = std::ranges::find_if(
      k_sources, [&](const LiveSource& source) { return text.starts_with(source.prefix); });
  return found == k_sources.end() ? nullptr : &*found;
}

std::string all_live_sources() {
  std::string text;
  for (std::size_t i = 0; i < k_sources.size(); ++i) {
    if (i > 0) text += i + 1 == k_sources.size() ? " or " : ", ";
    text += k_sources.at(i).prefix;
    text += "ID";
  }
  return text;
}

}  // namespace jitbot
