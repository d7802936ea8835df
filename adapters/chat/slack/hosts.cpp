#include "adapters/chat/slack/hosts.hpp"

#include "adapters/net/url.hpp"

#include <algorithm>
#include <cctype>
#include <string>

namespace jitbot::slack {

namespace {

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool is_slack_host(const std::string& host) {
  return host == "slack.com" || host == "slack-gov.com" || host.ends_with(".slack.com") ||
         host.ends_with(".slack-gov.com");
}

}  // namespace

Realm realm_of(std::string_view api_url) {
  const auto url = net::parse_url(api_url);
  return url && url->loopback() ? Realm::loopback : Realm::slack;
}

bool may_dial(std::string_view socket_url, Realm realm) {
  const auto url = net::parse_url(socket_url);
  if (!url || (url->scheme != "ws" && url->scheme != "wss")) return false;
  if (realm == Realm::loopback && url->loopback()) return true;
  return url->scheme == "wss" && is_slack_host(lower(url->host));
}

bool may_answer_to(std::string_view response_url, Realm realm) {
  const auto url = net::parse_url(response_url);
  if (!url || (url->scheme != "http" && url->scheme != "https")) return false;
  if (realm == Realm::loopback && url->loopback()) return true;
  const std::string host = lower(url->host);
  return url->scheme == "https" && url->port == 443 &&
         (host == "hooks.slack.com" || host == "hooks.slack-gov.com");
}

bool may_call(std::string_view api_url) {
  const auto url = net::parse_url(api_url);
  return url && (url->scheme == "https" || (url->scheme == "http" && url->loopback()));
}

}  // namespace jitbot::slack
