#include "tests/unit/config/folder.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace jitbot;
using config_sample::said_of;
using config_sample::with;

namespace {

std::string one(const std::string& catalog) {
  return with("catalogs: {previews: " + catalog + "}");
}

}  // namespace

TEST_CASE("catalogs are checked", "[config][catalogs]") {
  struct Case {
    std::string catalog;
    std::string said;
  };
  const std::vector<Case> cases = {
      {"{type: exec, list: [./list-previews]}", ""},
      {"{}",
       "j.yaml:5:22: catalogs.previews.list: is missing; a catalog needs it\n"
       "j.yaml:5:22: catalogs.previews.type: is missing; a catalog needs it\n"},
      {"{type: http, list: [p]}",
       "j.yaml:5:29: catalogs.previews.type: \"http\" is not allowed here; it must be exec\n"},
      {"{type: exec, list: [p, \"{{account}}\"]}",
       "j.yaml:5:45: catalogs.previews.list[1]: {{account}} is not allowed here\n"},
      {"{type: exec, list: [p, \"${APP}\"]}",
       "j.yaml:5:45: catalogs.previews.list[1]: ${NAME} and file: are not allowed in arguments; pass the "
       "value in `env`\n"},
      {"{type: exec, list: [p], timeout: 1m, every: 1s}",
       "j.yaml:5:55: catalogs.previews.timeout: must be from 1s to 30s\n"
       "j.yaml:5:66: catalogs.previews.every: must be from 5s to 1h\n"},
      {"{type: exec, list: [p], env: {API_KEY: plain}}",
       "j.yaml:5:61: catalogs.previews.env.API_KEY: the secret itself stands here; use ${NAME} or file:PATH "
       "instead\n"},
      {"{type: exec, list: [p], drift: 1m}",
       "j.yaml:5:46: catalogs.previews.drift: unknown key; allowed: type, list, env, timeout, every\n"},
  };
  for (const Case& row : cases) {
    INFO(row.catalog);
    CHECK(said_of(one(row.catalog)) == row.said);
  }
}

TEST_CASE("a catalog is read with its defaults", "[config][catalogs]") {
  const config_sample::Folder folder;
  const Config config = config_sample::load(
      folder, one("{type: exec, list: [./list-previews, 7], env: {TOKEN: \"${LOOKUP}\"}, timeout: 5s}"));
  REQUIRE(config.catalogs.contains("previews"));
  const CatalogSettings& previews = config.catalogs.at("previews");
  CHECK(previews.list == std::vector<std::string>{(folder.path() / "list-previews").string(), "7"});
  CHECK(previews.env.at("TOKEN").reveal() == "look");
  CHECK(previews.timeout == 5s);
  CHECK(previews.every == 1min);
  CHECK(previews.where.line == 5);
}

TEST_CASE("the policy's digest sees the catalogs, and never a secret of them", "[config][catalogs]") {
  const config_sample::Folder folder;
  const auto known = [&](const std::string& text) {
    return known_connectors(config_sample::load(folder, text));
  };
  const KnownConnectors with_one = known(one("{type: exec, list: [p], env: {TOKEN: \"${LOOKUP}\"}}"));
  CHECK(with_one.catalogs == std::set<std::string>{"previews"});
  CHECK(nlohmann::json::parse(with_one.canonical_catalogs) == nlohmann::json{{"previews",
                                                                              {{"type", "exec"},
                                                                               {"list", {"p"}},
                                                                               {"env", {"TOKEN"}},
                                                                               {"timeout_ms", 10'000},
                                                                               {"every_ms", 60'000}}}});
  CHECK(known(config_sample::minimal()).canonical_catalogs.empty());
  const auto digest = [](const KnownConnectors& connectors) {
    const auto policy = load_policy({{"p.yaml", "apiVersion: jit/v1\n"}}, connectors);
    REQUIRE(policy.has_value());
    return policy->digest;
  };
  const auto other = known(one("{type: exec, list: [p], env: {TOKEN: x}, every: 2m}"));
  CHECK(digest(with_one) != digest(other));
  CHECK(digest(with_one) != digest(known(config_sample::minimal())));
}
