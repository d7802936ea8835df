#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace jitbot::mattermost {

// What in a server's settings (GET /config) is in the bot's way, each as a sentence with what to set.
// `callbacks_url`: how the server reaches the bot; empty: it does not.
std::vector<std::string> lacking_settings(const nlohmann::json& config, std::string_view callbacks_url);

// Whether the server's AllowedUntrustedInternalConnections lets it call that host; hosts outside private and
// loopback networks need no permission.
bool may_be_called(std::string_view host, std::string_view allowed);

}  // namespace jitbot::mattermost
