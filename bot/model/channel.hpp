#pragma once

#include <string>
#include <string_view>

// How channels are written, in configuration, policies and the store: "#name" or an id, with the platform
// before it where it is not Slack's: "mattermost:#ops", "mattermost:4xp9fdt7…". A name without a platform is
// that of the only chat; an id without one is Slack's.
namespace jitbot {

// Nothing but letters before the first ':'; empty: none is named.
std::string_view platform_named(std::string_view channel);
// What is left of it: "#ops", "C0123".
std::string_view without_platform(std::string_view channel);

bool is_channel_name(std::string_view channel);
// Whether `configured` means the channel that has this id and this name (without '#') now.
bool means_channel(std::string_view configured, std::string_view id, std::string_view name_now);

// The channel's members as policies name them for groups: "slack:channel/C1", "mattermost:channel/4xp9…".
std::string channel_group(std::string_view id);

}  // namespace jitbot
