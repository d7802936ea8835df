#pragma once

#include <string>
#include <string_view>

// Outside this adapter channels carry their platform, "mattermost:4xp9…" and "mattermost:#ops"; the server
// knows the bare id.
namespace jitbot::mattermost {

inline constexpr std::string_view k_platform_prefix = "mattermost:";

inline std::string bare_channel(std::string_view channel) {
  if (channel.starts_with(k_platform_prefix)) channel.remove_prefix(k_platform_prefix.size());
  return std::string(channel);
}

inline std::string platform_channel(std::string_view id) {
  return std::string(k_platform_prefix) + std::string(id);
}

}  // namespace jitbot::mattermost
