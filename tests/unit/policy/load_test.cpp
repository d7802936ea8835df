#include "tests/unit/policy/sample.hpp"

#include <catch2/catch.hpp>

using namespace jitbot;

namespace {

const Rule& rule_named(const Policy& policy, const std::string& name) {
  for (const Rule& rule : policy.rules) {
    if (rule.name == name) return rule;
  }
  throw std::runtime_error("no rule " + name);
}

}  // namespace

TEST_CASE("a policy is loaded with everything that its files say", "[policy]") {
  const Policy policy = sample::company();

  REQUIRE(policy.groups.size() == 3);
  CHECK(policy.groups.at("sre").from == "slack:usergroup/S0SRE");
  CHECK(policy.groups.at("sre").members.empty());
  REQUIRE(policy.groups.at("engineering").members.size() == 3);
  CHECK(policy.groups.at("engineering").members[0] == Subject{Subject::Kind::email, "alice@example.com"});
  CHECK(policy.groups.at("engineering").members[2] == Subject{Subject::Kind::principal, "slack:U0CONTRACT"});

  const Resource& staging = policy.resources.at("staging");
  CHECK(staging.description == "Staging cluster");
  CHECK(staging.tags.at("env") == "staging");
  CHECK(staging.howto == "psql service=staging");
  CHECK(staging.default_role == "viewer");
  CHECK(staging.owners == std::vector<Subject>{{Subject::Kind::group, "sre"}});
  CHECK(staging.roles.at("viewer").risk == Risk::low);
  const Role& admin = staging.roles.at("admin");
  CHECK(admin.risk == Risk::high);
  CHECK(admin.connector == "staging-db");
  CHECK(admin.grants.at("role") == "staging_{{account}}");
  CHECK(admin.includes == std::vector<std::string>{"viewer"});

  REQUIRE(policy.rules.size() == 3);
  const Rule& owner = policy.rules[1];
  CHECK(owner.name == "production-owner");
  CHECK(owner.where.line == 31);
  CHECK(owner.match.roles == std::vector<std::string>{"owner"});
  CHECK(owner.max_duration == 1h);
  CHECK(owner.reason.min_length == 10);
  CHECK(owner.reason.contains == R"(\b(INC|OPS)-[0-9]+\b)");
  CHECK(owner.reason.hint == "name the ticket");
  REQUIRE(owner.steps.size() == 2);
  CHECK(owner.steps[0] == Step{"owners", {{Subject::Kind::owners, ""}}, 1});
  CHECK(owner.steps[1] == Step{"security", {{Subject::Kind::group, "security"}}, 2});
  CHECK(owner.deny_threshold == 2);
  CHECK(owner.post_to == std::vector<std::string>{"#prod-approvals", "C0AUDIT"});
  CHECK(owner.pending_timeout == 30min);
  CHECK(owner.extend == ExtendTerms{1h, 3h, true});
  CHECK(owner.warn_before == std::vector<Millis>{15min, 5min});
}

TEST_CASE("what a policy leaves out has its default", "[policy]") {
  const Policy policy = sample::company();
  CHECK(policy.resources.at("wiki").default_role == "editor");
  CHECK(policy.resources.at("prod-db").default_role.empty());

  const Rule& staging = rule_named(policy, "staging-self-service");
  CHECK(staging.automatic);
  CHECK(staging.steps.empty());
  CHECK(staging.post_to.empty());
  CHECK(staging.deny_threshold == 1);
  CHECK(staging.pending_timeout == 4h);
  CHECK(staging.extend == ExtendTerms{});
  CHECK(staging.warn_before.empty());
  CHECK(staging.reason.min_length == 0);

  const Rule& production = rule_named(policy, "production");
  CHECK_FALSE(production.automatic);
  CHECK(production.steps[0].count == 1);
  CHECK(production.extend == ExtendTerms{2h, 6h, false});
  CHECK(production.post_to == std::vector<std::string>{"#prod-approvals"});
  CHECK(production.match.tags.at("env") == std::vector<std::string>{"prod", "live"});
}

TEST_CASE("a rule that needs nobody may say that it holds for others too", "[policy]") {
  std::string text(sample::k_company);
  const std::string approval = "    approval: auto\n";
  text.insert(text.find(approval), "    for_others: auto\n");
  const auto policy = load_policy({{"company.yaml", text}}, sample::connectors());
  REQUIRE(policy);
  CHECK(rule_named(*policy, "staging-self-service").auto_for_others);
  CHECK_FALSE(rule_named(sample::company(), "staging-self-service").auto_for_others);
}

TEST_CASE("what a rule says of requests that wait is loaded, soonest escalation first", "[policy]") {
  std::string text(sample::k_company);
  const std::string timeout = "    pending_timeout: 30m\n";
  text.insert(text.find(timeout), R"(    remind: 5m
    notify: approvers
    escalate:
      - {after: 20m, to: [owners, group:sre]}
      - {after: 10m, to: Head@Example.com}
)");
  const auto policy = load_policy({{"company.yaml", text}}, sample::connectors());
  REQUIRE(policy);
  const Rule& rule = rule_named(*policy, "production-owner");
  CHECK(rule.remind == 5min);
  CHECK(rule.remind_where == RemindWhere::direct);
  CHECK(rule.escalate ==
        std::vector<Escalation>{{10min, {{Subject::Kind::email, "head@example.com"}}},
                                {20min, {{Subject::Kind::owners, ""}, {Subject::Kind::group, "sre"}}}});
  const Policy company = sample::company();
  const Rule& plain = rule_named(company, "production-owner");
  CHECK(plain.remind == Millis{0});
  CHECK(plain.remind_where == RemindWhere::thread);
  CHECK(plain.escalate.empty());
}

TEST_CASE("an automatic rule's extensions are automatic too: it has no steps to ask", "[policy]") {
  const auto policy = load_policy({{"p.yaml", R"(apiVersion: jit/v1
resources: {wiki: {roles: {editor: {connector: wiki, grants: {}}}}}
rules: [{name: r, requesters: [a@b.example], max_duration: 1h, approval: auto, extend: {max: 30m}}]
)"}},
                                  sample::connectors());
  REQUIRE(policy);
  CHECK(policy->rules[0].extend == ExtendTerms{30min, 90min, true});
}

TEST_CASE("a policy may be cut into files, rules in one of them", "[policy]") {
  const std::vector<PolicyFile> files = {
      {"people.yaml", "apiVersion: jit/v1\ngroups: {eng: {members: [a@b.example]}}\n"},
      {"things.yaml",
       "apiVersion: jit/v1\nresources: {wiki: {roles: {editor: {connector: wiki, grants: {}}}}}\n"},
      {"rules.yaml",
       "apiVersion: jit/v1\nrules: [{name: r, requesters: [group:eng], max_duration: 1h, approval: auto}]\n"},
  };
  const auto policy = load_policy(files, sample::connectors());
  REQUIRE(policy);
  CHECK(policy->groups.size() == 1);
  CHECK(policy->resources.size() == 1);
  CHECK(policy->rules.size() == 1);
}

TEST_CASE("a name in two files is an error that names both", "[policy]") {
  const std::string one =
      "apiVersion: jit/v1\ngroups: {eng: {members: [a@b.example]}}\n"
      "resources: {wiki: {roles: {editor: {connector: wiki, grants: {}}}}}\nrules: []\n";
  const auto policy = load_policy({{"b.yaml", one}, {"a.yaml", one}}, sample::connectors());
  REQUIRE_FALSE(policy);
  std::string all;
  for (const PolicyProblem& problem : policy.error()) all += to_string(problem) + "\n";
  CHECK(all ==
        "b.yaml:2:10: groups.eng: group \"eng\" stands in two files, first in a.yaml:2:10 "
        "[duplicate-name] → keep one of them, or rename one\n"
        "b.yaml:3:13: resources.wiki: resource \"wiki\" stands in two files, first in a.yaml:3:13 "
        "[duplicate-name] → keep one of them, or rename one\n"
        "b.yaml:4:8: rules: rules stand in one file only, because their order counts; first in a.yaml:4:8 "
        "[duplicate-name] → move them into one file\n");
}

TEST_CASE("a file that is no YAML hides no other problem and causes none", "[policy]") {
  const auto policy = load_policy({{"a.yaml", "apiVersion: [\n"},
                                   {"b.yaml",
                                    "apiVersion: jit/v2\nrules: [{name: r, requesters: [group:eng], "
                                    "max_duration: 1h, approval: auto}]\n"}},
                                  sample::connectors());
  REQUIRE_FALSE(policy);
  REQUIRE(policy.error().size() == 2);
  CHECK(to_string(policy.error()[0]) ==
        "a.yaml:2:1: this is not valid YAML: end of sequence flow not found "
        "[yaml] → close the [ with ], and put a comma between any two of its values");
  CHECK(to_string(policy.error()[1]) ==
        "b.yaml:1:13: apiVersion: \"jit/v2\" is not allowed here; it must be jit/v1 [schema] → "
        "`jitbot policy schema` says what may stand here");
}

TEST_CASE("a connector may demand what a role's grants must name", "[policy]") {
  KnownConnectors known = sample::connectors();
  known.required_grants["wiki"] = {"role"};
  const auto policy = load_policy({{"p.yaml", R"(apiVersion: jit/v1
resources: {wiki: {roles: {editor: {connector: wiki, grants: {rol: x}}}}}
)"}},
                                  known);
  REQUIRE_FALSE(policy);
  CHECK(to_string(policy.error().front()) ==
        "p.yaml:2:36: resources.wiki.roles.editor: grants must name role: connector wiki needs it "
        "[grants] → add role: … under grants");
}
