#include "bot/policy/keys.hpp"
#include "tests/unit/policy/schema_walk.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace jitbot;

TEST_CASE("the policy's schema and its decoder know the same keys", "[policy][schema]") {
  const auto schema = schema::load("bot/policy/schema/policy.schema.json");
  CHECK(schema::differences(schema, policy_keys::all()) == std::vector<std::string>{});
}

TEST_CASE("the policy's schema says of words that come later that they do", "[policy][schema]") {
  const auto schema = schema::load("bot/policy/schema/policy.schema.json");
  int words = 0;
  for (const yaml::KeyTable* table : policy_keys::all()) {
    for (const yaml::Key& key : table->keys) {
      if (key.use != yaml::Key::Use::later) continue;
      ++words;
      INFO(key.name);
      const auto& object = schema.at(nlohmann::json::json_pointer(std::string(table->schema.substr(1))));
      auto word = object.at("properties").at(std::string(key.name));
      if (word.contains("$ref"))
        word = schema.at(nlohmann::json::json_pointer(word["$ref"].get<std::string>().substr(1)));
      CHECK(word.at("description").get<std::string>().find("later version") != std::string::npos);
    }
  }
  CHECK(words == 4);
}

TEST_CASE("a schema that differs from the decoder is noticed", "[policy][schema]") {
  auto schema = schema::load("bot/policy/schema/policy.schema.json");
  schema["$defs"]["rule"]["properties"].erase("reason");
  schema["$defs"]["rule"]["properties"]["raeson"] = nlohmann::json::object();
  schema["$defs"]["step"]["additionalProperties"] = true;
  schema["$defs"]["role"]["required"] = {"connector"};
  schema["$defs"]["extra"] = {{"properties", nlohmann::json::object()}};
  schema["$defs"]["group"]["$ref"] = "#/$defs/nowhere";
  CHECK(schema::differences(schema, policy_keys::all()) ==
        std::vector<std::string>{
            "#/$defs/role requires other keys", "#/$defs/rule lacks reason",
            "#/$defs/rule has raeson, which the decoder does not know", "#/$defs/step allows unknown keys",
            "#/$defs/extra is no table of the decoder", "#/$defs/group refers to nothing: #/$defs/nowhere"});
}
