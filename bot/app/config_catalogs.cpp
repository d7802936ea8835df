#include "bot/app/config_keys.hpp"
#include "bot/app/config_programs.hpp"
#include "bot/model/audit_event.hpp"
#include "bot/policy/words.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace jitbot {

using yaml::MapReader;
using yaml::Value;

namespace {

constexpr std::array<std::string_view, 1> k_types = {"exec"};

void read_catalog(const ConfigReader& reader, const Value& value, CatalogSettings& catalog) {
  const MapReader map(value, config_keys::k_catalog);
  if (!map.readable()) return;
  if (const auto type = map.find("type")) (void)type->choice(k_types);
  catalog.list = read_arguments(reader, map, "list", {});
  catalog.env = read_program_env(reader, map);
  catalog.folder = reader.folder;
  catalog.timeout = read_span(map, "timeout", 1s, 30s, "from 1s to 30s").value_or(catalog.timeout);
  catalog.every = read_span(map, "every", 5s, 1h, "from 5s to 1h").value_or(catalog.every);
}

}  // namespace

void read_catalogs(const ConfigReader& reader, const Value& value, Config& config) {
  for (const auto& [entry, item] : value.named()) {
    if (!check_name(*entry, item, reader.problems, "a catalog")) continue;
    CatalogSettings catalog;
    catalog.name = entry->key;
    catalog.where = reader.problems.mark(entry->where);
    read_catalog(reader, item, catalog);
    config.catalogs.emplace(catalog.name, std::move(catalog));
  }
}

void add_catalogs(const Config& config, KnownConnectors& known) {
  auto all = nlohmann::json::object();
  for (const auto& [name, catalog] : config.catalogs) {
    known.catalogs.insert(name);
    auto env = nlohmann::json::array();  // names alone: any value may be a secret
    for (const auto& [variable, value] : catalog.env) env.push_back(variable);
    all[name] = {{"type", "exec"},
                 {"list", catalog.list},
                 {"env", std::move(env)},
                 {"timeout_ms", catalog.timeout.count()},
                 {"every_ms", catalog.every.count()}};
  }
  if (!all.empty()) known.canonical_catalogs = canonical_json(all);
}

}  // namespace jitbot
