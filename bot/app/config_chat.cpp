#include "adapters/net/ca_file.hpp"
#include "adapters/net/networks.hpp"
#include "adapters/net/url.hpp"
#include "bot/app/config_keys.hpp"
#include "bot/app/config_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

// `chat`: which platforms, and how they are reached.
namespace jitbot {

using yaml::MapReader;
using yaml::Value;

namespace {

constexpr int k_most_connections = 10;  // what Slack allows an app (apps.connections.open)

bool is_slack_host(const std::string& host) {
  constexpr std::array<std::string_view, 2> k_domains = {"slack.com", "slack-gov.com"};
  return std::ranges::any_of(k_domains, [&](std::string_view domain) {
    if (host == domain) return true;
    return host.size() > domain.size() + 1 && host.ends_with(domain) &&
           host[host.size() - domain.size() - 1] == '.';
  });
}

void read_api_url(const Value& value, SlackSettings& slack) {
  const auto text = value.text();
  if (!text) return;
  const auto url = net::parse_url(*text);
  const auto wrong = [&](std::string_view why) {
    value.fail(
        fmt::format("{}; it must be https://slack.com/api/, or http on this machine for a sandbox", why));
  };
  if (!url) return wrong(url.error().message);
  if (url->scheme != "https" && url->scheme != "http") return wrong("only http and https are API addresses");
  if (text->find_first_of("?#") != std::string::npos) return wrong("it has a query");
  slack.loopback = url->loopback();
  if (!slack.loopback && !is_slack_host(url->host)) return wrong("this host is not Slack's");
  if (!slack.loopback && !url->secure()) return wrong("tokens are not sent without TLS");
  slack.api_url = text->ends_with('/') ? *text : *text + "/";
}

// Only for Slack itself: a sandbox gives out what it likes.
void check_token(const std::optional<Value>& value, const Secret& token, std::string_view prefix,
                 std::string_view kind) {
  if (!value || token.empty() || token.reveal().starts_with(prefix)) return;
  value->fail(fmt::format("is not {}; it begins with {}", kind, prefix));
}

// Either place is checked now: a file that cannot be read would show at the first connection only.
void read_ca_file(const ConfigReader& reader, const Value& chat, const std::optional<Value>& value,
                  OutboundSettings& out) {
  if (value) {
    const auto text = value->text();
    if (!text) return;
    out.ca_file = reader.path(*text).string();
  } else if (const auto named = reader.environment("SSL_CERT_FILE"); named && !named->empty()) {
    out.ca_file = std::filesystem::absolute(*named).lexically_normal().string();
  }
  if (out.ca_file.empty()) return;
  const auto usable = net::check_ca_file(out.ca_file);
  if (usable) return;
  const auto& at = value ? *value : chat;
  at.fail(value ? usable.error().message : "SSL_CERT_FILE: " + usable.error().message);
}

// Sockets and answers go where the calls go, or below that domain.
void read_proxies(const ConfigReader& reader, const Value& chat, const std::string& address,
                  OutboundSettings& out) {
  out.proxies = net::Proxies::from_environment(reader.environment);
  const auto url = net::parse_url(address);
  if (!url) return;  // said already
  const auto proxy = out.proxies.choose(*url);
  if (!proxy) chat.fail(proxy.error().message);
}

SlackSettings read_slack(const ConfigReader& reader, const Value& value) {
  SlackSettings slack;
  slack.api_url = "https://slack.com/api/";
  const MapReader map(value, config_keys::k_slack);
  if (!map.readable()) return slack;
  const auto app = map.find("app_token");
  const auto bot = map.find("bot_token");
  if (app) slack.app_token = read_token(reader, *app).value_or(Secret());
  if (bot) slack.bot_token = read_token(reader, *bot).value_or(Secret());
  if (const auto url = map.find("api_url")) read_api_url(*url, slack);
  if (const auto connections = map.find("connections")) {
    slack.connections = connections->integer(1, k_most_connections).value_or(slack.connections);
  }
  read_ca_file(reader, value, map.find("ca_file"), slack.out);
  read_proxies(reader, value, slack.api_url, slack.out);
  if (slack.loopback) return slack;
  check_token(app, slack.app_token, "xapp-", "an app-level token");
  check_token(bot, slack.bot_token, "xoxb-", "a bot token");
  return slack;
}

// An address of http or https without query and fragment, and without the last '/'. Empty: reported.
std::string read_address(const Value& value, std::string_view example) {
  const auto text = value.text();
  if (!text) return {};
  const auto url = net::parse_url(*text);
  const auto wrong = [&](std::string_view why) {
    value.fail(fmt::format("{}; it must look like {}", why, example));
    return std::string();
  };
  if (!url) return wrong(url.error().message);
  if (url->scheme != "https" && url->scheme != "http") return wrong("only http and https are addresses here");
  if (text->find_first_of("?#") != std::string::npos) return wrong("it has a query");
  std::string address = *text;
  while (address.ends_with('/')) address.pop_back();
  return address;
}

void read_server(const Value& value, MattermostSettings& mattermost) {
  mattermost.url = read_address(value, "https://chat.example.com");
  const auto url = net::parse_url(mattermost.url);
  if (!url) return;
  mattermost.loopback = url->loopback();
  if (!mattermost.loopback && !url->secure()) value.fail("tokens are not sent without TLS; write https://…");
}

// What buttons carry is no secret: a server shows it to whoever may read the card, in previews of links to it
// (ServiceSettings.EnablePermalinkPreviews). So who may call is worth saying.
void read_callers(const ConfigReader& reader, const Value& callbacks, const std::optional<Value>& value,
                  CallbackSettings& into) {
  if (!value) {
    if (into.listen.loopback || into.listen.host.empty()) return;
    warn(reader, callbacks,
         "whoever reaches this port can send what a server would; name the addresses that call it, the "
         "server's or a proxy's: from: [10.0.0.5]");
    return;
  }
  const auto items = value->list();
  if (!value->is_list()) return;
  if (items.empty()) value->fail("names nobody, so the server could not call; leave it out for anybody");
  for (const Value& item : items) {
    const auto text = item.text();
    if (!text) continue;
    if (!net::is_network(*text)) {
      item.fail("is no address and no network; write for example 10.0.0.5 or 10.0.0.0/24");
      continue;
    }
    into.from.push_back(*text);
  }
}

CallbackSettings read_callbacks(const ConfigReader& reader, const Value& value) {
  CallbackSettings callbacks;
  const MapReader map(value, config_keys::k_callbacks);
  if (!map.readable()) return callbacks;
  if (const auto listen = map.find("listen"))
    callbacks.listen = read_listen(*listen).value_or(ListenAddress());
  read_callers(reader, value, map.find("from"), callbacks);
  const auto at = map.find("url");
  if (!at) return callbacks;
  callbacks.url = read_address(*at, "http://jitbot.internal:8066");
  const auto url = net::parse_url(callbacks.url);
  if (url && !url->secure() && !url->loopback())
    warn(reader, *at,
         "what people say and press comes over plain http, for whoever is between the server and the bot to "
         "read; put "
         "TLS before it");
  return callbacks;
}

MattermostSettings read_mattermost(const ConfigReader& reader, const Value& value) {
  MattermostSettings mattermost;
  const MapReader map(value, config_keys::k_mattermost);
  if (!map.readable()) return mattermost;
  if (const auto url = map.find("url")) read_server(*url, mattermost);
  if (const auto token = map.find("token")) mattermost.token = read_token(reader, *token).value_or(Secret());
  if (const auto team = map.find("team")) mattermost.team = team->text().value_or("");
  if (const auto callbacks = map.find("callbacks")) mattermost.callbacks = read_callbacks(reader, *callbacks);
  const auto command = map.find("command_token");
  if (command) mattermost.command_token = read_token(reader, *command).value_or(Secret());
  if (mattermost.callbacks && !command)
    value.fail("callbacks need command_token: the token that the server shows for the slash command /jit");
  if (command && !mattermost.callbacks)
    command->fail("a slash command comes by callbacks; set callbacks, or leave this out");
  read_ca_file(reader, value, map.find("ca_file"), mattermost.out);
  read_proxies(reader, value, mattermost.url, mattermost.out);
  return mattermost;
}

template <class Settings>
void put(const Value& value, std::optional<Settings>& place, Settings settings) {
  if (place) {
    value.fail("stands here already; a bot serves one workspace of each kind");
    return;
  }
  place = std::move(settings);
}

}  // namespace

void read_chat(const ConfigReader& reader, const Value& value, Config& config) {
  const auto items = value.list();
  if (!value.is_list()) return;
  if (items.empty()) value.fail("must hold at least one chat");
  for (const Value& item : items) {
    const MapReader map(item, config_keys::k_chat);
    if (!map.readable()) continue;
    const auto slack = map.find("slack");
    const auto mattermost = map.find("mattermost");
    if (slack) put(*slack, config.slack, read_slack(reader, *slack));
    if (mattermost) put(*mattermost, config.mattermost, read_mattermost(reader, *mattermost));
    if (slack && mattermost) {
      mattermost->fail("each chat is an item of the list of its own; put '- ' before it");
    } else if (!slack && !mattermost) {
      item.fail("must be slack or mattermost");
    }
  }
}

}  // namespace jitbot
