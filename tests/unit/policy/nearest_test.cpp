#include "bot/model/nearest.hpp"

#include <catch2/catch.hpp>

using namespace jitbot;

TEST_CASE("the nearest name is found, and none where nothing is near", "[nearest]") {
  const std::vector<std::string> names = {"staging", "prod-db", "wiki", "requesters", "max_duration"};
  CHECK(nearest("stagin", names) == "staging");
  CHECK(nearest("satging", names) == "staging");
  CHECK(nearest("STAGING", names) == "staging");
  CHECK(nearest("prod", names) == "prod-db");
  CHECK(nearest("wikki", names) == "wiki");
  CHECK(nearest("requestors", names) == "requesters");
  CHECK(nearest("maxduration", names) == "max_duration");
  CHECK(nearest("kubernetes", names).empty());
  CHECK(nearest("x", names).empty());
  CHECK(nearest("", names).empty());
  CHECK(nearest("staging", {}).empty());
  CHECK(nearest(std::string(100000, 's'), names).empty());
}
