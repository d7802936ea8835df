#include "bot/app/doctor_parts.hpp"
#include "bot/model/channel.hpp"

#include <fmt/format.h>

#include <algorithm>

// Which channels and groups the set-up names, by the chat that has them.
namespace jitbot {

namespace {

std::vector<PlaceInUse> all_channels(const Doctor::Parts& parts) {
  std::vector<PlaceInUse> used{{parts.config->admins.channel, "administrators"}};
  if (!parts.policy) return used;
  for (const Rule& rule : parts.policy->rules) {
    for (const std::string& name : rule.post_to) {
      const auto known = std::ranges::find(used, name, &PlaceInUse::channel);
      if (known == used.end()) {
        used.push_back({name, "rule " + rule.name});
      } else {
        known->used_by += ", rule " + rule.name;
      }
    }
  }
  return used;
}

bool has_several_chats(const Config& config) {
  return config.slack && config.mattermost;
}

// A bare name is that of the only chat; an id that names none is Slack's.
std::string chat_of(const Config& config, std::string_view channel) {
  const auto named = platform_named(channel);
  if (!named.empty()) return std::string(named);
  if (!is_channel_name(channel)) return "slack";
  if (has_several_chats(config)) return {};
  return config.slack ? "slack" : "mattermost";
}

}  // namespace

std::vector<PlaceInUse> channels_of(const Doctor::Parts& parts, std::string_view chat) {
  auto used = all_channels(parts);
  std::erase_if(used, [&](const PlaceInUse& place) { return chat_of(*parts.config, place.channel) != chat; });
  return used;
}

std::vector<std::pair<std::string, std::string>> groups_of(const Doctor::Parts& parts,
                                                           std::string_view chat) {
  std::vector<std::pair<std::string, std::string>> found;
  if (!parts.policy) return found;
  for (const auto& [name, group] : parts.policy->groups) {
    if (platform_named(group.from) == chat) found.emplace_back(name, group.from);
  }
  return found;
}

void tell_of_lost_places(Doctor::Parts& parts) {
  const auto is_configured = [&](const std::string& chat) {
    return (chat == "slack" && parts.config->slack) || (chat == "mattermost" && parts.config->mattermost);
  };
  for (const PlaceInUse& place : all_channels(parts)) {
    const std::string what = fmt::format("channel {} ({})", place.channel, place.used_by);
    const std::string chat = chat_of(*parts.config, place.channel);
    if (chat.empty()) {
      parts.tell({Finding::Level::failed, what, "there are several chats, and it does not say which",
                  fmt::format("write slack:{0} or mattermost:{0}", place.channel)});
    } else if (!is_configured(chat)) {
      parts.tell({Finding::Level::failed, what, chat + " is not among the chats of the configuration", ""});
    }
  }
}

}  // namespace jitbot
