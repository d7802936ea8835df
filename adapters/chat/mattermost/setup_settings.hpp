#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace jitbot::mattermost {

struct Lack {
  enum class Kind {
    setting_up,  // no bot can be made
    working,     // the bot cannot do its work
    safety,      // it works, and e-mails do not prove who somebody is
  } kind;
  std::string words;  // what to set, and why
};
// What in a server's settings (GET /config) is in the bot's way. `callbacks_url`: how the server reaches the
// bot; empty: it does not.
std::vector<Lack> lacking_settings(const nlohmann::json& config, std::string_view callbacks_url);

// The same settings from what anybody who is logged in is shown (GET /config/client). What is not told there
// is as it should be.
nlohmann::json settings_in(const nlohmann::json& client_config, std::string_view callbacks_url);

// Whether the server's AllowedUntrustedInternalConnections lets it call that host; hosts outside private and
// loopback networks need no permission.
bool may_be_called(std::string_view host, std::string_view allowed);

}  // namespace jitbot::mattermost
