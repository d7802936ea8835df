#include "bot/policy/run_tests.hpp"

#include "tests/unit/policy/sample.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

using namespace jitbot;

namespace {

const std::string k_policy = R"(apiVersion: jit/v1
groups:
  eng: {members: [alice@b.example, bob@b.example, "slack:U0CONTRACT"]}
  sre: {from: "slack:usergroup/S01"}
  security: {members: [sam@b.example, sid@b.example, alice@b.example]}
resources:
  staging:
    tags: {env: staging}
    roles: {viewer: {connector: staging-db, grants: {}}}
  prod:
    tags: {env: prod}
    owners: [carol@b.example, group:sre]
    default_role: viewer
    roles:
      viewer: {connector: prod-db, grants: {}}
      admin: {connector: prod-db, grants: {}, risk: high}
  "preview-*":
    catalog: previews
    roles: {ssh: {connector: wiki, grants: {}}}
rules:
  - {name: no-guests, effect: deny, when: requester.guest, message: Guests cannot ask for access.}
  - name: freeze
    effect: deny
    match: {tags: {env: prod}}
    when: now >= timestamp("2026-12-20T00:00:00Z") && now < timestamp("2027-01-04T00:00:00Z")
    message: Nothing changes over the holidays.
  - {name: previews, match: {resource: "preview-*"}, requesters: [group:eng], max_duration: 8h, approval: auto, for_others: auto}
  - {name: self-service, match: {resource: staging}, requesters: [group:eng], max_duration: 8h, approval: auto, extend: {max: 1h}}
  - name: production
    match: {tags: {env: prod}}
    requesters: [group:eng, group:sre]
    when: requester.active_grants < 3
    max_duration: 4h
    reason: {min_length: 5}
    ticket: {pattern: "(INC|OPS)-[0-9]+"}
    approval:
      - {name: owners, from: [owners]}
      - {name: security, from: [group:security], when: resource.role.risk == "high"}
    approve_when: approver.email.endsWith("@b.example") && approver.denied_24h < 5
    post_to: ["#prod"]
    extend: {max: 2h, approval: auto}
)";

std::string with_test(const std::string& given, const std::string& expect) {
  return k_policy + "tests:\n  - name: t\n    given: {" + given + "}\n    expect: {" + expect + "}\n";
}

const KnownConnectors k_known{{"staging-db", "prod-db", "wiki"}, "{}", {}, {"previews"}};

// What one test says; "ok" where it passes.
std::string outcome(const std::string& given, const std::string& expect) {
  const auto policy = load_policy({{"p.yaml", with_test(given, expect)}}, k_known);
  if (!policy) return to_string(policy.error().front());
  const auto results = run_tests(*policy);
  return results[0].passed() ? "ok" : fmt::format("{}", fmt::join(results[0].failures, "\n"));
}

const std::string k_alice = "requester: alice@b.example, ";
const std::string k_incident = "reason: INC-42 slow queries";

}  // namespace

TEST_CASE("a test that says what is so passes", "[policy][tests]") {
  struct Row {
    std::string given;
    std::string expect;
  };
  const std::vector<Row> rows = {
      {k_alice + "resource: staging", "decision: approved, rule: self-service, steps: []"},
      {k_alice + "resource: \"staging:viewer\", duration: 8h", "decision: approved"},
      {k_alice + "resource: staging, duration: 9h",
       "decision: denied, rule: self-service, message: at most 8h"},
      {k_alice + "resource: prod", "decision: denied, rule: production, message: needs a reason"},
      {k_alice + "resource: prod, reason: slow queries",
       "decision: denied, rule: production, message: needs a ticket"},
      {k_alice + "resource: prod, reason: slow queries, ticket: OPS-7, groups: {sre: []}",
       "decision: pending, steps: [owners], approvers: [carol@b.example]"},
      {k_alice + "resource: prod, groups: {sre: [dan@b.example, bob@b.example]}, " + k_incident,
       "decision: pending, rule: production, steps: owners, approvers: [carol@b.example, bob@b.example, "
       "dan@b.example]"},
      // Neither the requester nor whoever asks for him votes.
      {k_alice + "resource: \"prod:admin\", groups: {sre: [dan@b.example]}, " + k_incident,
       "decision: pending, steps: [owners, security], approvers: [carol@b.example, dan@b.example, "
       "sam@b.example, "
       "sid@b.example]"},
      {k_alice + "asked_by: bob@b.example, resource: prod, groups: {sre: [bob@b.example]}, " + k_incident,
       "decision: pending, approvers: [carol@b.example]"},
      // approve_when, and what a directory says of approvers.
      {k_alice + "resource: prod, groups: {sre: [eve@c.example, dan@b.example]}, " + k_incident,
       "approvers: [carol@b.example, dan@b.example]"},
      {k_alice +
           "resource: prod, groups: {sre: [dan@b.example]}, approvers: [{email: dan@b.example, guest: "
           "true}], " +
           k_incident,
       "approvers: carol@b.example"},
      {k_alice +
           "resource: prod, groups: {sre: [dan@b.example]}, approvers: [{email: dan@b.example, denied_24h: "
           "5}], " +
           k_incident,
       "approvers: carol@b.example"},
      {"requester: {email: alice@b.example, active_grants: 3}, resource: prod, groups: {sre: []}, " +
           k_incident,
       "decision: denied"},
      {"requester: {email: Alice@B.example, active_grants: 2}, resource: prod, groups: {sre: []}, " +
           k_incident,
       "decision: pending"},
      {"requester: {email: g@b.example, guest: true}, resource: staging",
       "decision: denied, rule: no-guests, message: Guests"},
      {"requester: {email: alice@b.example, bot: true}, resource: staging", "decision: denied"},
      {"requester: {email: alice@b.example, external: true}, resource: staging", "decision: denied"},
      {"requester: {email: c@c.example, account: \"slack:U0CONTRACT\"}, resource: staging",
       "decision: approved"},
      {"requester: eve@b.example, resource: staging", "decision: denied, message: may not ask"},
      {k_alice + "resource: prod, now: \"2026-12-24T20:00:00+01:00\", " + k_incident,
       "decision: denied, rule: freeze, message: over the holidays"},
      {k_alice + "resource: prod, now: \"2027-01-04T00:00:00Z\", groups: {sre: []}, " + k_incident,
       "decision: pending"},
      // Extensions are bound by their own terms.
      {k_alice + "resource: prod, extension: true, duration: 2h, groups: {sre: []}, " + k_incident,
       "decision: approved"},
      {k_alice + "resource: prod, extension: true, duration: 3h, groups: {sre: []}, " + k_incident,
       "decision: denied, message: at most 2h at a time"},
      {k_alice + "resource: staging, extension: true, duration: 1h", "decision: approved"},
      // For others.
      {k_alice + "asked_by: bob@b.example, resource: staging",
       "decision: denied, rule: self-service, message: only to whoever asks himself"},
      {k_alice + "asked_by: eve@b.example, resource: prod, groups: {sre: []}, " + k_incident,
       "decision: denied, rule: production, message: may not ask by rule production"},
      {k_alice + "asked_by: {email: bob@b.example, guest: true}, resource: prod, groups: {sre: []}, " +
           k_incident,
       "decision: denied"},
  };
  for (const Row& row : rows) {
    INFO(row.given);
    CHECK(outcome(row.given, row.expect) == "ok");
  }
}

TEST_CASE("a test that is wrong says line by line what was expected and what was found", "[policy][tests]") {
  CHECK(outcome(k_alice + "resource: staging, duration: 9h",
                "decision: approved, rule: production, message: never, steps: [owners]") ==
        "decision: expected approved, found denied (rule self-service allows at most 8h, not 9h)\n"
        "rule: expected production, found self-service\n"
        "message: expected \"never\" in it, found \"rule self-service allows at most 8h, not 9h\"\n"
        "steps: expected owners, found none");
  CHECK(outcome(k_alice + "resource: staging", "message: never") ==
        "message: expected \"never\" in it, found no refusal");
  CHECK(outcome("requester: eve@b.example, resource: staging", "rule: self-service") ==
        "rule: expected self-service, found none (eve@b.example may not ask for staging:viewer; rule "
        "self-service "
        "lets group:eng ask)");
  CHECK(outcome(k_alice + "resource: prod, groups: {sre: []}, " + k_incident,
                "approvers: [carol@b.example, dan@b.example]") ==
        "approvers: expected carol@b.example, dan@b.example, found carol@b.example");
}

TEST_CASE("a test that leaves out a fact it rests on says how to give it", "[policy][tests]") {
  const std::string sre =
      "the decision depends on live group sre: say who is in it, given.groups: {sre: [e-mail, …]}";
  CHECK(outcome("requester: eve@b.example, resource: prod, " + k_incident, "decision: denied") == sre);
  // Alice may ask anyway; who may vote depends on it.
  CHECK(outcome(k_alice + "resource: prod, " + k_incident, "decision: pending") == "ok");
  CHECK(outcome(k_alice + "resource: prod, " + k_incident, "approvers: [carol@b.example]") == sre);
  CHECK(outcome(k_alice + "resource: preview-1", "decision: approved") ==
        "the decision depends on catalog previews: say what it lists, given.catalogs: {previews: [name, …]}");
  CHECK(outcome(k_alice + "resource: preview-1, catalogs: {previews: [preview-1]}",
                "decision: approved, rule: previews") == "ok");
  CHECK(outcome(k_alice + "resource: preview-1, catalogs: {previews: [preview-2]}",
                "decision: denied, message: does not exist") == "ok");
}

TEST_CASE("a failure carries the explanation of what the policy decides", "[policy][tests]") {
  const auto policy =
      load_policy({{"p.yaml", with_test(k_alice + "resource: staging", "decision: denied")}}, k_known);
  REQUIRE(policy);
  const auto results = run_tests(*policy);
  REQUIRE(results.size() == 1);
  CHECK(results[0].name == "t");
  CHECK(results[0].where.line == 43);
  REQUIRE_FALSE(results[0].explanation.empty());
  CHECK(results[0].explanation.back() ==
        "rule self-service is the first that fits staging:viewer and the requester: approved without asking");
}

TEST_CASE("tests are checked when the policy is", "[policy][tests]") {
  const auto problems = [](const std::string& given, const std::string& expect) {
    const auto policy = load_policy({{"p.yaml", with_test(given, expect)}}, k_known);
    std::string all;
    if (policy) return all;
    for (PolicyProblem problem : policy.error()) {
      all +=
          fmt::format("{}:{}: {} [{}]\n", problem.where.column, problem.key, problem.message, problem.name);
    }
    return all;
  };
  const std::string good = k_alice + "resource: staging";
  CHECK(problems(good, "decision: maybe") ==
        "24:tests[0].expect.decision: \"maybe\" is not allowed here; it must be approved, pending or denied "
        "[schema]\n");
  CHECK(problems(good, "") == "13:tests[0].expect: a test must expect something [schema]\n");
  CHECK(problems(good, "rule: self-servce") ==
        "20:tests[0].expect.rule: unknown rule \"self-servce\"; did you mean self-service? [unknown-rule]\n");
  CHECK(problems(good, "rule: self-service, steps: [owner]") ==
        "42:tests[0].expect.steps[0]: rule self-service has no steps: it grants or denies at once "
        "[unknown-step]\n");
  CHECK(problems(good, "rule: production, steps: [owner]") ==
        "40:tests[0].expect.steps[0]: unknown step \"owner\"; did you mean owners? [unknown-step]\n");
  CHECK(problems(good, "approvers: [alice]") ==
        "26:tests[0].expect.approvers[0]: \"alice\" is not allowed here; it must be an e-mail or an account "
        "(slack:U…, mattermost:…) "
        "[person]\n");
  CHECK(
      problems(k_alice + "resource: stagin", "decision: denied") ==
      "51:tests[0].given.resource: unknown resource \"stagin\"; did you mean staging? [unknown-resource]\n");
  CHECK(problems(k_alice + "resource: \"prod:viewr\"", "decision: denied") ==
        "51:tests[0].given.resource: unknown role \"viewr\"; did you mean viewer? [unknown-role]\n");
  CHECK(problems(k_alice + "resource: prod, role: viewr", "decision: denied") ==
        "63:tests[0].given.role: unknown role \"viewr\"; did you mean viewer? [unknown-role]\n");
  CHECK(problems(good + ", now: tomorrow", "decision: denied") ==
        "65:tests[0].given.now: \"tomorrow\" is not a point of time [time]\n");
  CHECK(problems(good + ", groups: {sree: [], eng: [a@b.example]}", "decision: denied") ==
        "75:tests[0].given.groups.sree: unknown group \"sree\"; did you mean sre? [unknown-group]\n"
        "84:tests[0].given.groups.eng: group eng lists its members itself; a test says who is in live groups "
        "[test]\n");
  CHECK(problems(good + ", catalogs: {previws: []}", "decision: denied") ==
        "80:tests[0].given.catalogs.previws: unknown catalog \"previws\"; did you mean previews? "
        "[unknown-catalog]\n");
  CHECK(problems("requester: {email: alice, guest: maybe}, resource: staging", "decision: denied") ==
        "32:tests[0].given.requester.email: \"alice\" is not an e-mail [person]\n"
        "46:tests[0].given.requester.guest: must be true or false [schema]\n");
  CHECK(problems("resource: staging", "decision: denied") ==
        "12:tests[0].given.requester: is missing; what a test gives needs it [schema]\n");
}

TEST_CASE("tests may stand in several files, their names stand once", "[policy][tests]") {
  const std::string one =
      "apiVersion: jit/v1\ntests: [{name: one, given: {requester: alice@b.example, resource: staging}, "
      "expect: {decision: approved}}]\n";
  std::string two = one;
  two.replace(two.find("one"), 3, "two");
  const auto policy = load_policy({{"p.yaml", k_policy}, {"t1.yaml", one}, {"t2.yaml", two}}, k_known);
  REQUIRE(policy);
  CHECK(policy->tests.size() == 2);
  // How they are cut into files changes no digest; what they say does.
  const auto turned = load_policy({{"p.yaml", k_policy}, {"t1.yaml", two}, {"t2.yaml", one}}, k_known);
  REQUIRE(turned);
  CHECK(turned->digest == policy->digest);
  const auto fewer = load_policy({{"p.yaml", k_policy}, {"t1.yaml", one}}, k_known);
  REQUIRE(fewer);
  CHECK(fewer->digest != policy->digest);

  const auto twice = load_policy({{"p.yaml", k_policy}, {"t1.yaml", one}, {"t2.yaml", one}}, k_known);
  REQUIRE_FALSE(twice);
  CHECK(to_string(twice.error().front()) ==
        "t2.yaml:2:16: tests[0].name: test \"one\" stands twice, first in t1.yaml:2:16 [duplicate-name] → "
        "rename "
        "one of them");
}

TEST_CASE("channels that something is asked in are given to conditions", "[policy][tests]") {
  std::string text = k_policy;
  text.replace(text.find("requester.active_grants < 3"), 27, "channel.name == \"ops\" && channel.private");
  const auto run = [&](const std::string& channel) {
    const auto policy = load_policy(
        {{"p.yaml",
          text +
              "tests: [{name: t, given: {requester: alice@b.example, resource: prod, groups: {sre: []}, "
              "reason: INC-42 why" +
              channel + "}, expect: {decision: pending}}]\n"}},
        k_known);
    if (!policy) return to_string(policy.error().front());
    const auto results = run_tests(*policy);
    return results[0].passed() ? std::string("ok") : results[0].failures[0];
  };
  CHECK(run(", channel: {name: ops, private: true}") == "ok");
  CHECK(run(", channel: \"#ops\"").starts_with("decision: expected pending, found denied"));
  CHECK(run("").starts_with("decision: expected pending, found denied"));
}
