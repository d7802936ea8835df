#include "bot/app/config_keys.hpp"
#include "tests/unit/policy/schema_walk.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace jitbot;

TEST_CASE("the configuration's schema and its decoder know the same keys", "[config][schema]") {
  const auto schema = schema::load("bot/app/schema/jitbot.schema.json");
  CHECK(schema::differences(schema, config_keys::all()) == std::vector<std::string>{});
}
