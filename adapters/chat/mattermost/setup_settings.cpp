#include "adapters/chat/mattermost/setup_settings.hpp"

#include "adapters/chat/read/json_read.hpp"
#include "adapters/net/networks.hpp"
#include "adapters/net/url.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <sstream>

namespace jitbot::mattermost {

namespace {

using Json = nlohmann::json;
// The networks that a server calls only with permission: those for special purposes (RFC 6890). A name may
// mean any of them. A server counts its own addresses with them.
bool is_reserved(std::string_view host) {
  constexpr std::array k_networks{"0.0.0.0/8",      "10.0.0.0/8",     "100.64.0.0/10", "127.0.0.0/8",
                                  "169.254.0.0/16", "172.16.0.0/12",  "192.0.0.0/24",  "192.0.2.0/24",
                                  "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
                                  "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4",   "::/128",
                                  "::1/128",        "100::/64",       "2001::/23",     "2001:db8::/32",
                                  "2002::/16",      "fc00::/7",       "fe80::/10",     "ff00::/8"};
  if (!net::is_address(host))
    return host == "localhost" || host.find('.') == std::string_view::npos || host.ends_with(".internal");
  return std::ranges::any_of(k_networks,
                             [&](const char* network) { return net::is_in_network(host, network); });
}

bool setting(const Json& config, const char* section, const char* name, bool otherwise) {
  const Json* part = chat::member(config, section);
  const Json* value = part == nullptr ? nullptr : chat::member(*part, name);
  return value != nullptr && value->is_boolean() ? value->get<bool>() : otherwise;
}

}  // namespace

bool may_be_called(std::string_view host, std::string_view allowed) {
  if (!is_reserved(host)) return true;
  std::string words(allowed);
  std::ranges::replace(words, ',', ' ');
  std::istringstream each(words);
  for (std::string word; each >> word;) {
    if (word == host || net::is_in_network(host, word)) return true;
  }
  return false;
}

namespace {

using Lacking = std::vector<std::string>;

// What nobody can do without, however the bot is reached.
void add_general(const Json& config, Lacking& lacking) {
  if (!setting(config, "ServiceSettings", "EnableBotAccountCreation", true))
    lacking.emplace_back("set ServiceSettings.EnableBotAccountCreation to true: no bot account can be made");
  if (!setting(config, "PrivacySettings", "ShowEmailAddress", true)) {
    lacking.emplace_back(
        "set PrivacySettings.ShowEmailAddress to true: the bot sees no e-mails otherwise, and policies name "
        "people by them");
  }
  if (!setting(config, "EmailSettings", "RequireEmailVerification", false)) {
    lacking.emplace_back(
        "see that nobody can take another's e-mail: set EmailSettings.RequireEmailVerification to true, or "
        "let a directory or single sign-on own the e-mails. Rules name people by them");
  }
  if (const Json* section = chat::member(config, "ServiceSettings")) {
    if (chat::member(*section, "PostEditTimeLimit") != nullptr &&
        chat::number_at(*section, {"PostEditTimeLimit"}) != -1)
      lacking.emplace_back(
          "set ServiceSettings.PostEditTimeLimit to -1: cards cannot be brought up to date after that time");
  }
  if (setting(config, "ServiceSettings", "DisableBotsWhenOwnerIsDeactivated", false)) {
    lacking.emplace_back(
        "know that the bot stops when the administrator who made it is deactivated: set "
        "ServiceSettings.DisableBotsWhenOwnerIsDeactivated to false, or let an account of no person make it");
  }
}

void add_callbacks(const Json& config, std::string_view callbacks_url, Lacking& lacking) {
  if (!setting(config, "ServiceSettings", "EnableCommands", true))
    lacking.emplace_back("set ServiceSettings.EnableCommands to true: no slash command can be made");
  if (chat::text_at(config, {"ServiceSettings", "SiteURL"}).empty()) {
    lacking.emplace_back(
        "set ServiceSettings.SiteURL to the server's address: without it servers refuse every slash command");
  }
  const auto url = net::parse_url(std::string(callbacks_url));
  const std::string allowed =
      chat::text_at(config, {"ServiceSettings", "AllowedUntrustedInternalConnections"});
  if (url && !may_be_called(url->host, allowed)) {
    lacking.push_back(
        fmt::format("add {} to ServiceSettings.AllowedUntrustedInternalConnections: the server does not call "
                    "private addresses and its own otherwise, and says so in its own log alone",
                    url->host));
  }
}

}  // namespace

std::vector<std::string> lacking_settings(const Json& config, std::string_view callbacks_url) {
  Lacking lacking;
  add_general(config, lacking);
  if (!callbacks_url.empty()) add_callbacks(config, callbacks_url, lacking);
  return lacking;
}

}  // namespace jitbot::mattermost
