#include "bot/policy/documents.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace jitbot {

namespace {

using Json = nlohmann::json;

// Of every map of a policy; what is not here follows in the order of its name.
constexpr std::array<std::string_view, 47> k_order{
    "apiVersion",   "groups",       "resources",      "actions",
    "incidents",    "rules",        "tests",          "name",
    "effect",       "match",        "resource",       "role",
    "requesters",   "when",         "message",        "from",
    "members",      "count",        "description",    "catalog",
    "tags",         "owners",       "default_role",   "roles",
    "connector",    "grants",       "risk",           "includes",
    "max_duration", "reason",       "ticket",         "required",
    "pattern",      "min_length",   "contains",       "hint",
    "approval",     "approve_when", "deny_threshold", "post_to",
    "notify",       "remind",       "escalate",       "pending_timeout",
    "extend",       "warn_before",  "howto"};

std::size_t place_of(const std::string& key) {
  return static_cast<std::size_t>(std::ranges::find(k_order, key) - k_order.begin());
}

std::vector<std::string> keys_of(const Json& map) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : map.items()) keys.push_back(key);
  std::ranges::sort(keys, {}, [](const std::string& key) { return std::pair(place_of(key), key); });
  return keys;
}

// A list of words, or a map of them that fits a line.
bool is_short(const Json& value) {
  constexpr std::size_t k_line = 80;
  if (!value.is_structured()) return true;
  return value.dump().size() <= k_line &&
         std::ranges::none_of(value, [](const Json& inner) { return inner.is_object() && inner.size() > 1; });
}

void emit(YAML::Emitter& out, const Json& value, int depth);

void emit_map(YAML::Emitter& out, const Json& map, int depth) {
  constexpr int k_written_out = 4;  // down to what stands in a rule or a role
  if (map.empty() || (depth >= k_written_out && is_short(map))) out << YAML::Flow;
  out << YAML::BeginMap;
  for (const std::string& key : keys_of(map)) {
    out << YAML::Key << key << YAML::Value;
    emit(out, map.at(key), depth + 1);
  }
  out << YAML::EndMap;
}

void emit(YAML::Emitter& out, const Json& value, int depth) {
  if (value.is_object()) {
    emit_map(out, value, depth);
  } else if (value.is_array()) {
    if (is_short(value)) out << YAML::Flow;
    out << YAML::BeginSeq;
    for (const Json& item : value) emit(out, item, depth + 1);
    out << YAML::EndSeq;
  } else if (value.is_string()) {
    out << value.get<std::string>();
  } else {
    out << YAML::Null;
  }
}

}  // namespace

Result<std::string> documents_as_yaml(const std::string& documents) {
  const Json all = Json::parse(documents, nullptr, false);
  if (!all.is_object() || !all.contains("policy") || !all.at("policy").is_object())
    return fail(ErrorKind::invalid, "these are no documents of a policy");
  std::string text;
  if (const auto connectors = all.find("connectors"); connectors != all.end() && connectors->is_object()) {
    for (const auto& [name, settings] : connectors->items())
      text += fmt::format("# connector {}: {}\n", name, settings.dump());
  }
  YAML::Emitter out;
  emit(out, all.at("policy"), 0);
  return text + out.c_str() + "\n";
}

}  // namespace jitbot
