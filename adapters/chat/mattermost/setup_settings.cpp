#include "adapters/chat/mattermost/setup_settings.hpp"

#include "adapters/chat/read/json_read.hpp"
#include "adapters/net/url.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <sstream>

namespace jitbot::mattermost {

namespace {

using Json = nlohmann::json;
namespace ip = boost::asio::ip;

std::optional<ip::address> address_of(std::string_view host) {
  boost::system::error_code error;
  const auto address = ip::make_address(std::string(host), error);
  if (error) return std::nullopt;
  return address;
}

bool in_network(const ip::address& address, const std::string& network) {
  boost::system::error_code error;
  if (address.is_v4()) {
    const auto range = ip::make_network_v4(network, error);
    return !error && ip::network_v4(address.to_v4(), 32).is_subnet_of(range);
  }
  const auto range = ip::make_network_v6(network, error);
  return !error && ip::network_v6(address.to_v6(), 128).is_subnet_of(range);
}

// The networks that a server calls only with permission. A name may mean any of them.
bool is_reserved(std::string_view host) {
  constexpr std::array k_networks{"10.0.0.0/8",  "172.16.0.0/12",  "192.168.0.0/16",
                                  "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10",
                                  "::1/128",     "fc00::/7",       "fe80::/10"};
  const auto address = address_of(host);
  if (!address)
    return host == "localhost" || host.find('.') == std::string_view::npos || host.ends_with(".internal");
  for (const char* network : k_networks) {
    if (in_network(*address, network)) return true;
  }
  return false;
}

bool setting(const Json& config, const char* section, const char* name, bool otherwise) {
  const Json* part = chat::member(config, section);
  const Json* value = part == nullptr ? nullptr : chat::member(*part, name);
  return value != nullptr && value->is_boolean() ? value->get<bool>() : otherwise;
}

}  // namespace

bool may_be_called(std::string_view host, std::string_view allowed) {
  if (!is_reserved(host)) return true;
  const auto address = address_of(host);
  std::istringstream words{std::string(allowed)};
  for (std::string word; words >> word;) {
    if (word == host || (address && in_network(*address, word))) return true;
  }
  return false;
}

std::vector<std::string> lacking_settings(const Json& config, std::string_view callbacks_url) {
  std::vector<std::string> lacking;
  if (!setting(config, "ServiceSettings", "EnableBotAccountCreation", true))
    lacking.emplace_back("set ServiceSettings.EnableBotAccountCreation to true: no bot account can be made");
  if (!setting(config, "EmailSettings", "RequireEmailVerification", false)) {
    lacking.emplace_back(
        "see that nobody can take another's e-mail: set EmailSettings.RequireEmailVerification to true, or "
        "let a "
        "directory or single sign-on own the e-mails. Rules name people by them");
  }
  if (callbacks_url.empty()) return lacking;
  if (!setting(config, "ServiceSettings", "EnableCommands", true))
    lacking.emplace_back("set ServiceSettings.EnableCommands to true: no slash command can be made");
  const auto url = net::parse_url(callbacks_url);
  const std::string allowed =
      chat::text_at(config, {"ServiceSettings", "AllowedUntrustedInternalConnections"});
  if (url && !may_be_called(url->host, allowed)) {
    lacking.push_back(
        fmt::format("add {} to ServiceSettings.AllowedUntrustedInternalConnections: the server does not call "
                    "private addresses otherwise, and says so in its own log alone",
                    url->host));
  }
  return lacking;
}

}  // namespace jitbot::mattermost
