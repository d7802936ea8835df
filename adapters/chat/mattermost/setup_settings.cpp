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

constexpr const char* k_allowed = "AllowedUntrustedInternalConnections";

// Rules name people by their e-mail.
void add_email_lacks(const Json& config, std::vector<Lack>& lacking) {
  if (!setting(config, "PrivacySettings", "ShowEmailAddress", true)) {
    lacking.push_back(
        {Lack::Kind::working,
         "set PrivacySettings.ShowEmailAddress to true: the server shows the bot nobody's e-mail otherwise, "
         "and rules name people by them"});
  }
  if (!setting(config, "EmailSettings", "RequireEmailVerification", false)) {
    lacking.push_back(
        {Lack::Kind::safety,
         "see that nobody can take another's e-mail: set EmailSettings.RequireEmailVerification to true, or "
         "let a directory or single sign-on own the e-mails. Rules name people by them"});
  }
  if (setting(config, "TeamSettings", "EnableOpenServer", false) &&
      setting(config, "TeamSettings", "EnableUserCreation", true)) {
    lacking.push_back(
        {Lack::Kind::safety,
         "set TeamSettings.EnableOpenServer to false: whoever reaches the server can make himself an account "
         "otherwise, with an e-mail of his choice"});
  }
}

void add_general_lacks(const Json& config, std::vector<Lack>& lacking) {
  if (!setting(config, "ServiceSettings", "EnableBotAccountCreation", true)) {
    lacking.push_back({Lack::Kind::setting_up,
                       "set ServiceSettings.EnableBotAccountCreation to true: no bot account can be made"});
  }
  if (setting(config, "ServiceSettings", "DisableBotsWhenOwnerIsDeactivated", false)) {
    lacking.push_back({Lack::Kind::setting_up,
                       "know that the bot stops when the administrator who made it is deactivated: set "
                       "ServiceSettings.DisableBotsWhenOwnerIsDeactivated to false, or let an account of no "
                       "person make it"});
  }
  const Json* section = chat::member(config, "ServiceSettings");
  const bool limited = section != nullptr && chat::member(*section, "PostEditTimeLimit") != nullptr &&
                       chat::number_at(*section, {"PostEditTimeLimit"}) != -1;
  if (limited) {
    lacking.push_back(
        {Lack::Kind::working,
         "set ServiceSettings.PostEditTimeLimit to -1: cards cannot be brought up to date after that time"});
  }
}

void add_callback_lacks(const Json& config, std::string_view callbacks_url, std::vector<Lack>& lacking) {
  const Json* section = chat::member(config, "ServiceSettings");
  const bool nameless = section != nullptr && chat::member(*section, "SiteURL") != nullptr &&
                        chat::text_at(*section, {"SiteURL"}).empty();
  if (nameless) {
    lacking.push_back({Lack::Kind::working,
                       "set ServiceSettings.SiteURL to the server's address: without it servers refuse every "
                       "slash command"});
  }
  if (!setting(config, "ServiceSettings", "EnableCommands", true)) {
    lacking.push_back({Lack::Kind::working,
                       "set ServiceSettings.EnableCommands to true: there is no slash command otherwise"});
  }
  const auto url = net::parse_url(callbacks_url);
  const std::string allowed = chat::text_at(config, {"ServiceSettings", k_allowed});
  if (url && !may_be_called(url->host, allowed)) {
    lacking.push_back({Lack::Kind::working,
                       fmt::format("add {} to ServiceSettings.{}: the server does not call private addresses "
                                   "and its own otherwise, and says so in its own log alone",
                                   url->host, k_allowed)});
  }
}

}  // namespace

std::vector<Lack> lacking_settings(const Json& config, std::string_view callbacks_url) {
  std::vector<Lack> lacking;
  add_general_lacks(config, lacking);
  add_email_lacks(config, lacking);
  if (!callbacks_url.empty()) add_callback_lacks(config, callbacks_url, lacking);
  return lacking;
}

Json settings_in(const Json& client_config, std::string_view callbacks_url) {
  const auto told = [&](const char* name, bool otherwise) {
    const std::string text = chat::text_at(client_config, {name});
    return text.empty() ? otherwise : text == "true";
  };
  const auto url = net::parse_url(callbacks_url);
  const std::string limit = chat::text_at(client_config, {"PostEditTimeLimit"});
  const bool named =
      chat::member(client_config, "SiteURL") == nullptr || !chat::text_at(client_config, {"SiteURL"}).empty();
  return {{"ServiceSettings",
           {{"SiteURL", named ? "told" : ""},
            {"PostEditTimeLimit", limit.empty() || limit == "-1" ? -1 : 0},
            {"EnableCommands", told("EnableCommands", true)},
            {"EnableBotAccountCreation", told("EnableBotAccountCreation", true)},
            {k_allowed, url ? url->host : std::string()}}},
          {"EmailSettings", {{"RequireEmailVerification", told("RequireEmailVerification", true)}}},
          {"PrivacySettings", {{"ShowEmailAddress", told("ShowEmailAddress", true)}}},
          {"TeamSettings",
           {{"EnableOpenServer", told("EnableOpenServer", false)},
            {"EnableUserCreation", told("EnableUserCreation", true)}}}};
}

}  // namespace jitbot::mattermost
