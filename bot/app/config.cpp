#include "bot/app/config.hpp"

#include "adapters/net/ca_file.hpp"
#include "adapters/net/url.hpp"
#include "bot/app/config_keys.hpp"
#include "bot/app/config_values.hpp"
#include "bot/policy/words.hpp"
#include "bot/policy/yaml/parse.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <tuple>

namespace jitbot {

using yaml::MapReader;
using yaml::Value;

namespace {

constexpr std::size_t k_largest_file = std::size_t{1} << 20U;
constexpr int k_most_connections = 10;  // what Slack allows an app (apps.connections.open)

// ---- chat

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
void read_ca_file(const ConfigReader& reader, const Value& slack_value, const std::optional<Value>& value,
                  SlackSettings& slack) {
  if (value) {
    const auto text = value->text();
    if (!text) return;
    slack.ca_file = reader.path(*text).string();
  } else if (const auto named = reader.environment("SSL_CERT_FILE"); named && !named->empty()) {
    slack.ca_file = std::filesystem::absolute(*named).lexically_normal().string();
  }
  if (slack.ca_file.empty()) return;
  const auto usable = net::check_ca_file(slack.ca_file);
  if (usable) return;
  const auto& at = value ? *value : slack_value;
  at.fail(value ? usable.error().message : "SSL_CERT_FILE: " + usable.error().message);
}

// Sockets and answers go to hosts below the API's domain, or to loopback like it.
void read_proxies(const ConfigReader& reader, const Value& value, SlackSettings& slack) {
  slack.proxies = net::Proxies::from_environment(reader.environment);
  const auto url = net::parse_url(slack.api_url);
  if (!url) return;  // said already
  const auto proxy = slack.proxies.choose(*url);
  if (!proxy) value.fail(proxy.error().message);
}

void read_slack(const ConfigReader& reader, const Value& value, SlackSettings& slack) {
  slack.api_url = "https://slack.com/api/";
  const MapReader map(value, config_keys::k_slack);
  if (!map.readable()) return;
  const auto app = map.find("app_token");
  const auto bot = map.find("bot_token");
  if (app) slack.app_token = read_token(reader, *app).value_or(Secret());
  if (bot) slack.bot_token = read_token(reader, *bot).value_or(Secret());
  if (const auto url = map.find("api_url")) read_api_url(*url, slack);
  if (const auto connections = map.find("connections")) {
    slack.connections = connections->integer(1, k_most_connections).value_or(slack.connections);
  }
  read_ca_file(reader, value, map.find("ca_file"), slack);
  read_proxies(reader, value, slack);
  if (slack.loopback) return;
  check_token(app, slack.app_token, "xapp-", "an app-level token");
  check_token(bot, slack.bot_token, "xoxb-", "a bot token");
}

void read_chat(const ConfigReader& reader, const Value& value, Config& config) {
  const auto items = value.list();
  if (!value.is_list()) return;
  if (items.size() != 1) {
    value.fail("must hold exactly one chat");
    return;
  }
  const MapReader map(items.front(), config_keys::k_chat);
  if (const auto slack = map.find("slack")) read_slack(reader, *slack, config.slack);
}

// ---- store and audit

void read_store(const ConfigReader& reader, const std::optional<Value>& value, StoreSettings& store) {
  store.sqlite = reader.path("jitbot.db");
  if (!value) return;
  const MapReader map(*value, config_keys::k_store);
  const auto url = map.find("url");
  if (!url) return;
  const auto text = url->text();
  if (!text) return;
  constexpr std::string_view k_scheme = "sqlite:";
  const std::string path = text->starts_with(k_scheme) ? text->substr(k_scheme.size()) : "";
  if (path.empty() || path.front() == ':' || path.find('?') != std::string::npos || path.ends_with('/')) {
    url->fail(fmt::format("{} is not allowed here; it must be sqlite:PATH", url->shown()));
    return;
  }
  store.sqlite = reader.path(path);
}

void read_audit(const ConfigReader& reader, const std::optional<Value>& value, AuditSettings& audit) {
  audit.key = reader.path("audit.key");
  audit.head = reader.path("audit.head");
  if (!value) return;
  const MapReader map(*value, config_keys::k_audit);
  if (const auto key = map.find("key")) {
    const auto text = key->text();
    // The key is made and kept by the bot itself: it has to have a place.
    if (text && (!text->starts_with("file:") || text->size() == 5)) {
      key->fail("must be file:PATH; the key is made there when the store is empty");
    } else if (text) {
      audit.key = reader.path(text->substr(5));
    }
  }
  if (const auto head = map.find("head")) {
    if (const auto text = head->text()) audit.head = reader.path(*text);
  }
  if (audit.key == audit.head) value->fail("key and head must be two files");
}

// ---- the rest

NamedSubjects read_members(const Value& value) {
  NamedSubjects who;
  who.key = value.path();
  for (const Value& item : value.list()) {
    auto subject = read_subject(item, {.groups = true, .owners = false});
    if (!subject) continue;
    who.members.push_back(std::move(*subject));
    who.marks.push_back(item.mark());
  }
  return who;
}

void read_admins(const Value& value, AdminSettings& admins) {
  const MapReader map(value, config_keys::k_admins);
  if (const auto channel = map.find("channel")) admins.channel = read_channel(*channel).value_or("");
  const auto members = map.find("members");
  if (!members) return;
  admins.who = read_members(*members);
  if (members->is_list() && members->node().items.empty())
    members->fail("must name at least one administrator");
}

void read_timezone(const Value& value, Config& config) {
  const auto text = value.text();
  if (!text) return;
  try {
    date::locate_zone(*text);
    config.timezone = *text;
  } catch (const std::runtime_error&) {
    value.fail(fmt::format(
        "{} is not a time zone that this machine knows; it looks like Europe/Berlin or UTC", value.shown()));
  }
}

// "127.0.0.1:8080", "[::1]:0", "localhost:8080"
void read_listen(const Value& value, HttpSettings& http) {
  const auto text = value.text();
  if (!text) return;
  const auto wrong = [&] {
    value.fail(fmt::format("{} is not an address; it must be ADDRESS:PORT such as 127.0.0.1:8080 or [::1]:0",
                           value.shown()));
  };
  const auto colon = text->rfind(':');
  if (colon == std::string::npos || colon == 0) return wrong();
  std::string host = text->substr(0, colon);
  const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (brackets) host = host.substr(1, host.size() - 2);
  if (!brackets && host.find(':') != std::string::npos) return wrong();
  const char* end = text->data() + text->size();
  const auto [stopped, error] = std::from_chars(text->data() + colon + 1, end, http.port);
  if (error != std::errc{} || stopped != end) return wrong();
  const net::Url address{"http", host, http.port, "/"};
  // An address, not a name: what a name means may change under a running bot.
  const bool numeric =
      host.find_first_not_of(brackets ? "0123456789abcdefABCDEF:." : "0123456789.") == std::string::npos;
  if (!numeric && host != "localhost") return wrong();
  http.host = host;
  http.loopback = address.loopback();
}

void read_http(const ConfigReader& reader, const Value& value, Config& config) {
  HttpSettings http;
  const MapReader map(value, config_keys::k_http);
  if (!map.readable()) return;
  const auto listen = map.find("listen");
  if (listen) read_listen(*listen, http);
  const auto token = map.find("lookup_token");
  if (token) http.lookup_token = read_token(reader, *token);
  if (listen && !http.host.empty() && !http.loopback && !token) {
    listen->fail("an address that others can reach needs lookup_token");
  }
  config.http = std::move(http);
}

void read_log(const Value& value, LogSettings& log) {
  const MapReader map(value, config_keys::k_log);
  constexpr std::array<std::string_view, 5> k_levels = {"trace", "debug", "info", "warn", "error"};
  constexpr std::array<std::string_view, 2> k_formats = {"text", "json"};
  if (const auto level = map.find("level"))
    log.level = static_cast<LogLevel>(level->choice(k_levels).value_or(2));
  if (const auto format = map.find("format")) {
    log.format = static_cast<LogFormat>(format->choice(k_formats).value_or(0));
  }
}

// A lookup connector is answered over HTTP alone; without it nobody would ever see the access.
void check_lookup(const ConfigReader& reader, const Value& root, const Config& config) {
  if (config.http && config.http->lookup_token) return;
  for (const auto& [name, connector] : config.connectors) {
    if (!std::holds_alternative<LookupSettings>(connector.target)) continue;
    warn(reader, root,
         fmt::format("connector {} is of type lookup and nobody can ask it: set http.listen and "
                     "http.lookup_token",
                     name));
  }
}

void read_config(const ConfigReader& reader, const Value& root, Config& config) {
  const MapReader map(root, config_keys::k_file);
  if (!map.readable()) return;
  if (const auto chat = map.find("chat")) read_chat(reader, *chat, config);
  read_store(reader, map.find("store"), config.store);
  read_audit(reader, map.find("audit"), config.audit);
  if (const auto policy = map.find("policy")) {
    const MapReader inner(*policy, config_keys::k_policy);
    if (const auto path = inner.find("path")) {
      if (const auto text = path->text()) config.policy_folder = reader.path(*text);
    }
  }
  if (const auto zone = map.find("timezone")) read_timezone(*zone, config);
  if (const auto limits = map.find("limits")) {
    const MapReader inner(*limits, config_keys::k_limits);
    if (const auto pending = inner.find("pending_per_person")) {
      config.pending_per_person = pending->integer(1, 1000).value_or(config.pending_per_person);
    }
  }
  config.auditors.key = "auditors.members";
  if (const auto auditors = map.find("auditors")) {
    const MapReader inner(*auditors, config_keys::k_auditors);
    if (const auto members = inner.find("members")) config.auditors = read_members(*members);
  }
  if (const auto admins = map.find("admins")) read_admins(*admins, config.admins);
  if (const auto connectors = map.find("connectors")) read_connectors(reader, *connectors, config);
  if (const auto catalogs = map.find("catalogs")) read_catalogs(reader, *catalogs, config);
  if (const auto http = map.find("http")) read_http(reader, *http, config);
  if (const auto log = map.find("log")) read_log(*log, config.log);
  check_lookup(reader, root, config);
}

void sort(std::vector<PolicyProblem>& problems) {
  std::ranges::sort(problems, {}, [](const PolicyProblem& problem) {
    return std::tie(problem.where.line, problem.where.column, problem.key, problem.message);
  });
}

}  // namespace

tl::expected<LoadedConfig, std::vector<PolicyProblem>> load_config(const std::filesystem::path& file,
                                                                   const Environment& environment) {
  const std::string name = file.string();
  std::vector<PolicyProblem> problem_list;
  yaml::Problems problems(name, problem_list);
  const auto text = read_whole_file(file, k_largest_file);
  if (!text) {
    problems.add({}, "", "the configuration cannot be read: " + text.error().message);
    return tl::unexpected(std::move(problem_list));
  }
  LoadedConfig loaded;
  yaml::Problems warnings(name, loaded.warnings);
  if (auto root = yaml::parse(*text, problems, {})) {
    substitute_environment(*root, environment, problems);
    loaded.config.file = std::filesystem::absolute(file).lexically_normal();
    const ConfigReader reader{loaded.config.file.parent_path(), problems, warnings, environment};
    read_config(reader, Value(*root, "", problems), loaded.config);
  }
  if (!problem_list.empty()) {
    sort(problem_list);
    return tl::unexpected(std::move(problem_list));
  }
  sort(loaded.warnings);
  return loaded;
}

}  // namespace jitbot
