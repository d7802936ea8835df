#include "bot/policy/documents.hpp"

#include "tests/unit/policy/sample.hpp"

#include <catch2/catch.hpp>

namespace jitbot {

TEST_CASE("the documents of a policy are printed as a policy that means the same") {
  const Policy company = sample::company();
  const auto text = documents_as_yaml(company.documents);
  REQUIRE(text);
  INFO(*text);
  CHECK_THAT(*text,
             Catch::StartsWith("# connector staging-db: {\"type\":\"exec\"}\napiVersion: jit/v1\ngroups:\n"));
  CHECK_THAT(*text, Catch::Contains("  - name: staging-self-service\n    match:"));
  const auto again = load_policy({{"again.yaml", *text}}, sample::connectors());
  REQUIRE(again);
  CHECK(again->digest == company.digest);
  CHECK(again->documents == company.documents);
}

TEST_CASE("words that look like something else keep their meaning when they are printed") {
  const std::string odd = R"(apiVersion: jit/v1
groups: {eng: {members: [a@b.example, "slack:U0001"]}}
resources:
  wiki:
    description: "yes: # no \"quotes\" — ünï"
    tags: {a: "true", b: "0x10", c: "~x", d: "- e"}
    howto: "a: b #c"
    roles: {editor: {connector: wiki, grants: {role: "{{account}}"}}}
rules:
  - name: no
    match: {resource: wiki}
    requesters: [group:eng]
    when: 'requester.email == "a@b.example" && !requester.guest'
    max_duration: 1h
    reason: {contains: '^\s*[A-Z]+-[0-9]+: ', hint: "it's"}
    approval: auto
)";
  const auto policy = load_policy({{"odd.yaml", odd}}, sample::connectors());
  REQUIRE(policy);
  const auto text = documents_as_yaml(policy->documents);
  REQUIRE(text);
  INFO(*text);
  const auto again = load_policy({{"again.yaml", *text}}, sample::connectors());
  REQUIRE(again);
  CHECK(again->digest == policy->digest);
}

TEST_CASE("what is no document of a policy is refused") {
  for (const char* text : {"", "[]", "{}", "{\"policy\":1}", "{\"policy\":"}) {
    INFO(text);
    CHECK_FALSE(documents_as_yaml(text));
  }
}

}  // namespace jitbot
