#include "adapters/net/url.hpp"
#include "bot/app/config_keys.hpp"
#include "bot/app/config_programs.hpp"
#include "bot/model/audit_event.hpp"
#include "bot/policy/words.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <memory>

namespace jitbot {

using yaml::MapReader;
using yaml::Value;

namespace {

constexpr int k_most_concurrency = 64;

// ---- postgres

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

// What libpq makes of a URL, by keyword; nothing where it makes none. libpq's own message may repeat the
// password and is dropped.
std::optional<std::map<std::string, std::string>> parse_conninfo(const std::string& url) {
  char* message = nullptr;
  const std::unique_ptr<PQconninfoOption, FreeOptions> options(PQconninfoParse(url.c_str(), &message));
  if (message != nullptr) PQfreemem(message);
  if (!options) return std::nullopt;
  std::map<std::string, std::string> values;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) values.emplace(option->keyword, option->val);
  }
  return values;
}

std::string value_of(const std::map<std::string, std::string>& values, const std::string& key) {
  const auto found = values.find(key);
  return found == values.end() ? "" : found->second;
}

// Every host of the list is this machine: no name, a socket's folder, or a loopback address.
bool stays_here(const std::map<std::string, std::string>& values) {
  const std::string address = value_of(values, "hostaddr");
  std::string hosts = address.empty() ? value_of(values, "host") : address;
  for (std::size_t begin = 0; begin <= hosts.size();) {
    const auto comma = std::min(hosts.find(',', begin), hosts.size());
    const std::string host = hosts.substr(begin, comma - begin);
    begin = comma + 1;
    const bool socket = host.empty() || host.front() == '/' || host.front() == '@';
    if (!socket && !net::Url{"", host, 0, ""}.loopback()) return false;
  }
  return true;
}

PostgresSettings read_postgres(const ConfigReader& reader, const MapReader& map) {
  PostgresSettings settings;
  if (const auto enforce = map.find("enforce")) settings.enforce = enforce->boolean().value_or(false);
  const auto url = map.find("url");
  if (!url) return settings;
  const auto secret = read_secret(reader, *url);
  if (!secret) return settings;
  const std::string& text = secret->value.reveal();
  const bool scheme = text.starts_with("postgresql://") || text.starts_with("postgres://");
  const auto values = scheme ? parse_conninfo(text) : std::nullopt;
  if (!values) {
    url->fail(
        "must be a PostgreSQL URL such as "
        "postgresql://jitbot@db.example.com:5432/postgres?sslmode=verify-full");
    return settings;
  }
  const bool password = values->contains("password") || values->contains("sslpassword");
  if (password && secret->literal) {
    warn(reader, *url, "a password stands here; use ${NAME} or file:PATH for the URL or the password in it");
  }
  const std::string mode = value_of(*values, "sslmode");
  if (mode != "verify-full" && mode != "verify-ca" && !stays_here(*values)) {
    warn(reader, *url, "the server's identity is not checked; add ?sslmode=verify-full");
  }
  settings.url = secret->value;
  return settings;
}

// ---- exec

// {{until}} exists when access is given, not when it is looked at or taken away.
std::vector<std::string_view> known_names(std::string_view command) {
  std::vector<std::string_view> names = {"account", "role", "resource", "grant", "params.*"};
  if (command == "present") names.emplace_back("until");
  return names;
}

ExecSettings read_exec(const ConfigReader& reader, const MapReader& map) {
  ExecSettings settings;
  settings.folder = reader.folder;
  settings.present = read_arguments(reader, map, "present", known_names("present"));
  settings.absent = read_arguments(reader, map, "absent", known_names("absent"));
  settings.observe = read_arguments(reader, map, "observe", known_names("observe"));
  settings.env = read_program_env(reader, map);
  return settings;
}

// ---- account

std::vector<std::string> read_domains(const Value& value) {
  std::vector<std::string> domains;
  for (const Value& item : value.one_or_list()) {
    const auto text = item.text();
    if (!text) continue;
    const auto email = parse_email("x@" + *text);
    if (!email) {
      item.fail("is not a domain such as example.com");
    } else {
      domains.push_back(email->substr(2));
    }
  }
  return domains;
}

AccountMapping read_map(const Value& value) {
  AccountByMap by;
  std::map<std::string, std::string> owners;
  for (const auto& [entry, item] : value.named()) {
    const auto email = parse_email(entry->key);
    if (!email) item.fail("is not an e-mail");
    const auto account = item.text();
    if (!email || !account) continue;
    if (account->front() == '-') item.fail("an account must not begin with '-'");
    // Two people with one account could end each other's access.
    const auto [other, fresh] = owners.emplace(*account, *email);
    if (!fresh) item.fail(fmt::format("account {} is mapped to {} already", item.shown(), other->second));
    if (!by.accounts.emplace(*email, *account).second) item.fail("this e-mail stands twice");
  }
  return by;
}

AccountMapping read_account(const Value& value) {
  const MapReader map(value, config_keys::k_account);
  if (!map.readable()) return AccountByEmail{};
  const auto claim = map.find("claim");
  const auto domains = map.find("domains");
  if (const auto accounts = map.find("map")) {
    if (claim) claim->fail("an account has claim or map, not both");
    if (domains) domains->fail("domains belong to claim, not to map");
    return read_map(*accounts);
  }
  if (!claim && !domains) value.fail("must have claim: email, claim: email_local with domains, or map");
  constexpr std::array<std::string_view, 2> k_claims = {"email", "email_local"};
  const auto chosen = claim ? claim->choice(k_claims).value_or(0) : 0;
  auto listed = domains ? read_domains(*domains) : std::vector<std::string>{};
  if (chosen == 0) return AccountByEmail{std::move(listed)};
  // Without them anybody's bob@elsewhere would be our bob.
  if (listed.empty()) value.fail("email_local needs domains: the ones whose people these are");
  return AccountByLocalPart{std::move(listed)};
}

// ---- one connector

constexpr std::array<std::string_view, 3> k_types = {"postgres", "exec", "lookup"};
constexpr std::array<const yaml::KeyTable*, 3> k_tables = {&config_keys::k_postgres, &config_keys::k_exec,
                                                           &config_keys::k_lookup};

void read_common(const MapReader& map, ConnectorSettings& connector) {
  if (const auto account = map.find("account")) connector.account = read_account(*account);
  if (const auto existing = map.find("on_existing")) {
    constexpr std::array<std::string_view, 2> k_choices = {"keep", "refuse"};
    connector.on_existing =
        existing->choice(k_choices).value_or(0) == 1 ? OnExisting::refuse : OnExisting::keep;
  }
  connector.timeout = read_span(map, "timeout", 1s, 10min, "from 1s to 10m").value_or(connector.timeout);
  connector.drift = read_span(map, "drift", 1s, 24h, "from 1s to 1d").value_or(connector.drift);
  if (const auto at_once = map.find("concurrency")) {
    connector.concurrency = at_once->integer(1, k_most_concurrency).value_or(connector.concurrency);
  }
}

void read_connector(const ConfigReader& reader, const Value& value, ConnectorSettings& connector) {
  std::optional<std::size_t> type;
  if (!value.is_map()) {
    value.fail("must be a map with type: " + yaml::one_of(k_types));
    return;
  }
  const auto found = std::ranges::find(value.node().entries, "type", &yaml::Entry::key);
  if (found == value.node().entries.end()) {
    value.fail("type is missing; it must be " + yaml::one_of(k_types));
    return;
  }
  type = Value(found->value, yaml::path_of(value.path(), "type"), reader.problems).choice(k_types);
  if (!type) return;
  const MapReader map(value, *k_tables[*type]);
  read_common(map, connector);
  if (*type == 0) connector.target = read_postgres(reader, map);
  if (*type == 1) connector.target = read_exec(reader, map);
  if (*type == 2) connector.target = LookupSettings{};
}

// ---- without secrets

nlohmann::json to_json(const AccountMapping& mapping) {
  struct Writer {
    nlohmann::json operator()(const AccountByEmail& by) const {
      return {{"claim", "email"}, {"domains", by.domains}};
    }
    nlohmann::json operator()(const AccountByLocalPart& by) const {
      return {{"claim", "email_local"}, {"domains", by.domains}};
    }
    nlohmann::json operator()(const AccountByMap& by) const { return {{"map", by.accounts}}; }
  };
  return std::visit(Writer{}, mapping);
}

struct TargetWriter {
  nlohmann::json& json;

  void operator()(const PostgresSettings& postgres) const {
    json["enforce"] = postgres.enforce;
    auto server = nlohmann::json::object();
    const auto values = parse_conninfo(postgres.url.reveal());
    for (const char* key : {"host", "hostaddr", "port", "dbname", "user", "sslmode"}) {
      if (values && values->contains(key)) server[key] = values->at(key);
    }
    json["server"] = server;
  }
  void operator()(const ExecSettings& exec) const {
    json["present"] = exec.present;
    json["absent"] = exec.absent;
    json["observe"] = exec.observe;
    json["env"] = nlohmann::json::array();  // names alone: any value may be a secret
    for (const auto& [name, value] : exec.env) json["env"].push_back(name);
  }
  void operator()(const LookupSettings&) const {}
};

}  // namespace

std::string_view type_name(const ConnectorSettings& connector) {
  return k_types[connector.target.index()];
}

void read_connectors(const ConfigReader& reader, const Value& value, Config& config) {
  const auto named = value.named();
  if (value.is_map() && named.empty()) value.fail("must hold at least one connector");
  for (const auto& [entry, item] : named) {
    if (!check_name(*entry, item, reader.problems, "a connector")) continue;
    ConnectorSettings connector;
    connector.name = entry->key;
    connector.where = reader.problems.mark(entry->where);
    read_connector(reader, item, connector);
    config.connectors.emplace(connector.name, std::move(connector));
  }
}

KnownConnectors known_connectors(const Config& config) {
  KnownConnectors known;
  auto all = nlohmann::json::object();
  for (const auto& [name, connector] : config.connectors) {
    known.names.insert(name);
    if (std::holds_alternative<PostgresSettings>(connector.target)) known.required_grants[name] = {"role"};
    nlohmann::json json = {{"type", std::string(type_name(connector))},
                           {"account", to_json(connector.account)},
                           {"on_existing", connector.on_existing == OnExisting::keep ? "keep" : "refuse"},
                           {"timeout_ms", connector.timeout.count()},
                           {"concurrency", connector.concurrency},
                           {"drift_ms", connector.drift.count()}};
    std::visit(TargetWriter{json}, connector.target);
    all[name] = std::move(json);
  }
  known.canonical = canonical_json(all);
  add_catalogs(config, known);
  return known;
}

}  // namespace jitbot
