#include "tests/unit/policy/sample.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace jitbot;

namespace {

std::string digest(const std::vector<PolicyFile>& files, const std::string& connectors = "{}") {
  const auto policy = load_policy(files, {{"wiki"}, connectors, {}});
  if (!policy) throw std::runtime_error(to_string(policy.error().front()));
  return policy->digest;
}

const std::string k_resources =
    "resources: {wiki: {description: W, tags: {a: b, c: d}, roles: {editor: {connector: wiki, grants: "
    "{}}}}}\n";
const std::string k_one = "{name: one, requesters: [a@b.example], max_duration: 1h, approval: auto}";
const std::string k_two = "{name: two, requesters: [b@b.example], max_duration: 2h, approval: auto}";

std::string whole(const std::string& rules) {
  return "apiVersion: jit/v1\n" + k_resources + "rules: [" + rules + "]\n";
}

}  // namespace

TEST_CASE("order in a map, files, quotes and comments change no digest", "[policy][digest]") {
  const std::string first = digest({{"a.yaml", whole(k_one)}});
  CHECK(first.size() == 64);
  CHECK(digest({{"renamed.yaml", whole(k_one)}}) == first);
  CHECK(
      digest({{"a.yaml",
               "# a comment\nrules:\n  - approval: \"auto\"\n    max_duration: '1h'\n    requesters: "
               "[a@b.example]\n"
               "    name: one\nresources:\n  wiki:\n    roles:\n      editor: {grants: {}, connector: wiki}\n"
               "    tags: {c: d, a: b}\n    description: W\napiVersion: jit/v1\n"}}) == first);
  CHECK(digest({{"a.yaml", "apiVersion: jit/v1\nrules: [" + k_one + "]\n"},
                {"b.yaml", "apiVersion: jit/v1\n" + k_resources}}) == first);
}

TEST_CASE("the order of rules, any value and the connectors change the digest", "[policy][digest]") {
  const std::string first = digest({{"a.yaml", whole(k_one + ", " + k_two)}});
  CHECK(digest({{"a.yaml", whole(k_two + ", " + k_one)}}) != first);
  CHECK(digest({{"a.yaml", whole(k_one)}}) != first);
  CHECK(digest({{"a.yaml", whole(k_one + ", " + k_two)}}, R"({"wiki":{"type":"lookup"}})") != first);
}

TEST_CASE("the documents of a digest are kept and readable", "[policy][digest]") {
  const auto policy =
      load_policy({{"a.yaml", whole(k_one)}}, {{"wiki"}, R"({"wiki":{"concurrency":4}})", {}});
  REQUIRE(policy);
  const auto documents = nlohmann::json::parse(policy->documents);
  CHECK(documents["policy"]["rules"][0]["max_duration"] == "1h");
  CHECK(documents["policy"]["resources"]["wiki"]["tags"]["c"] == "d");
  CHECK(documents["policy"]["apiVersion"] == "jit/v1");
  CHECK(documents["connectors"]["wiki"]["concurrency"] == 4);
}
