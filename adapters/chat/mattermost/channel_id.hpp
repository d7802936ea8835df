#pragma once

#include "bot/model/channel.hpp"

#include <string>
#include <string_view>

// Outside this adapter channels carry their platform, "mattermost:4xp9…" and "mattermost:#ops"; the server
// knows the bare id.
namespace jitbot::mattermost {

inline constexpr std::string_view k_platform_prefix = "mattermost:";

inline std::string bare_channel(std::string_view channel) {
  return std::string(without_platform(channel));
}

inline std::string platform_channel(std::string_view id) {
  return std::string(k_platform_prefix) + std::string(id);
}

}  // namespace jitbot::mattermost
