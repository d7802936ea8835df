#include "bot/app/config.hpp"

#include "bot/app/config_keys.hpp"
#include "bot/app/config_values.hpp"
#include "bot/policy/words.hpp"
#include "bot/policy/yaml/parse.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <tuple>

namespace jitbot {

using yaml::MapReader;
using yaml::Value;

namespace {

constexpr std::size_t k_largest_file = std::size_t{1} << 20U;
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

void read_http(const ConfigReader& reader, const Value& value, Config& config) {
  HttpSettings http;
  const MapReader map(value, config_keys::k_http);
  if (!map.readable()) return;
  const auto listen = map.find("listen");
  if (listen) {
    const auto address = read_listen(*listen).value_or(ListenAddress());
    http.host = address.host;
    http.port = address.port;
    http.loopback = address.loopback;
  }
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
  if (const auto identity = map.find("identity")) {
    constexpr std::array<std::string_view, 2> k_ways = {"confirmed", "trusted"};
    config.identity = static_cast<Identity>(identity->choice(k_ways).value_or(0));
    if (config.identity == Identity::trusted && config.mattermost) {
      warn(reader, *identity,
           "whoever can give himself an e-mail on the Mattermost server becomes the person that has it "
           "elsewhere: "
           "trust it only where the server verifies e-mails, or single sign-on owns them");
    }
  }
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
