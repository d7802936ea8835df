#include "tests/unit/policy/schema_walk.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <set>

namespace jitbot::schema {

namespace {

using nlohmann::json;

std::set<std::string> keys_of(const json& object) {
  std::set<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.insert(key);
  return keys;
}

json::json_pointer pointer(const std::string& reference) {
  return json::json_pointer(reference.substr(1));
}

void compare(const json& schema, const yaml::KeyTable& table, std::vector<std::string>& found) {
  const std::string where(table.schema);
  if (!schema.contains(pointer(where))) {
    found.push_back(where + " is not in the schema");
    return;
  }
  const json& object = schema.at(pointer(where));
  std::set<std::string> known;
  std::set<std::string> later;  // described or not
  std::set<std::string> required;
  for (const yaml::Key& key : table.keys) {
    if (key.use == yaml::Key::Use::later) later.insert(std::string(key.name));
    if (key.use != yaml::Key::Use::later) known.insert(std::string(key.name));
    if (key.use == yaml::Key::Use::required) required.insert(std::string(key.name));
  }
  const auto described = keys_of(object.value("properties", json::object()));
  for (const std::string& key : known) {
    if (!described.contains(key)) found.push_back(fmt::format("{} lacks {}", where, key));
  }
  for (const std::string& key : described) {
    if (!known.contains(key) && !later.contains(key))
      found.push_back(fmt::format("{} has {}, which the decoder does not know", where, key));
  }
  const auto listed = object.value("required", std::vector<std::string>{});
  if (std::set(listed.begin(), listed.end()) != required) found.push_back(where + " requires other keys");
  if (object.value("additionalProperties", json(true)) != json(false))
    found.push_back(where + " allows unknown keys");
}

// Every object with `properties` is some table's, but for a condition on one; every reference leads
// somewhere.
void walk(const json& schema, const json& node, const std::string& where, const std::set<std::string>& tables,
          std::vector<std::string>& found) {
  if (!node.is_structured()) return;
  const bool condition = where.ends_with("/if");
  if (node.is_object() && node.contains("properties") && !condition && !tables.contains(where)) {
    found.push_back(where + " is no table of the decoder");
  }
  if (node.is_object() && node.contains("$ref") && node["$ref"].is_string()) {
    const auto reference = node["$ref"].get<std::string>();
    if (!schema.contains(pointer(reference))) found.push_back(where + " refers to nothing: " + reference);
  }
  for (const auto& [key, value] : node.items())
    walk(schema, value, fmt::format("{}/{}", where, key), tables, found);
}

}  // namespace

json load(const std::string& path_below_sources) {
  std::ifstream file(std::string(JITBOT_SOURCE_DIR) + "/" + path_below_sources);
  return json::parse(file);
}

std::vector<std::string> differences(const json& schema, const std::vector<const yaml::KeyTable*>& tables) {
  std::vector<std::string> found;
  std::set<std::string> described;
  for (const yaml::KeyTable* table : tables) {
    compare(schema, *table, found);
    described.insert(std::string(table->schema));
  }
  walk(schema, schema, "#", described, found);
  return found;
}

}  // namespace jitbot::schema
