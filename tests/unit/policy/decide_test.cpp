#include "tests/unit/policy/sample.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace jitbot;

namespace {

const Person k_alice = sample::person("U0ALICE", "Alice@Example.com");
const Person k_erin = sample::person("U0ERIN", "erin@example.com");       // in sre, live
const Person k_mallory = sample::person("U0MAL", "mallory@example.com");  // in nothing
const Person k_contractor = sample::person("U0CONTRACT", "");

Facts facts() {
  return sample::with_sre({k_erin.id});
}

struct Row {
  std::string name;
  Question question;
  std::string outcome;  // the rule, or the message of the refusal
  ErrorKind kind = ErrorKind::refused;
};

}  // namespace

TEST_CASE("the first rule that fits decides, and its limits bind", "[policy][decide]") {
  const Policy policy = sample::company();
  const std::vector<Row> rows = {
      {"own name", {k_alice, "staging", "viewer", 1h, ""}, "staging-self-service"},
      {"default role", {k_alice, "staging", "", 1h, ""}, "staging-self-service"},
      {"names are case-blind", {k_alice, "Staging", "VIEWER", 1h, ""}, "staging-self-service"},
      {"an account", {k_contractor, "staging", "viewer", 1h, ""}, "staging-self-service"},
      {"by tag", {k_alice, "prod-db", "viewer", 1h, "look at it"}, "production"},
      {"an earlier rule for others is passed over", {k_alice, "prod-db", "owner", 1h, "look"}, "production"},
      {"a live group", {k_erin, "prod-db", "owner", 1h, "OPS-12 rebuild"}, "production-owner"},
      {"too long",
       {k_alice, "staging", "viewer", 9h, ""},
       "rule staging-self-service allows at most 8h, not 9h"},
      {"too long for its rule, though a later one would do",
       {k_erin, "prod-db", "owner", 2h, "OPS-12 rebuild"},
       "rule production-owner allows at most 1h, not 2h"},
      {"no reason", {k_alice, "prod-db", "viewer", 1h, "  "}, "rule production needs a reason"},
      {"a short reason",
       {k_alice, "prod-db", "viewer", 1h, " abc "},
       "rule production needs a reason of at least 4 characters"},
      {"characters count, not bytes",
       {k_alice, "prod-db", "viewer", 1h, "äöü"},
       "rule production needs a reason of at least 4 characters"},
      {"the pattern",
       {k_erin, "prod-db", "owner", 1h, "because I want to"},
       "rule production-owner needs a reason: name the ticket"},
      {"the pattern in the ticket",
       {k_erin, "prod-db", "owner", 1h, "because I want to", "OPS-12"},
       "production-owner"},
      {"the pattern in no ticket",
       {k_erin, "prod-db", "owner", 1h, "because I want to", "TODO-12"},
       "rule production-owner needs a reason: name the ticket"},
      {"not among the requesters",
       {k_mallory, "staging", "viewer", 1h, ""},
       "you may not ask for staging:viewer; rule staging-self-service lets group:engineering ask"},
      {"no rule for this role",
       {k_alice, "staging", "admin", 1h, ""},
       "no rule lets anybody ask for staging:admin; there are rules for staging:viewer"},
      {"no rule at all", {k_alice, "wiki", "", 1h, ""}, "no rule lets anybody ask for wiki:editor"},
      {"an unknown resource",
       {k_alice, "stagin", "", 1h, ""},
       "there is no resource \"stagin\"; did you mean staging?",
       ErrorKind::not_found},
      {"an unknown resource near nothing",
       {k_alice, "kubernetes", "", 1h, ""},
       "there is no resource \"kubernetes\"; there is prod-db, staging, wiki",
       ErrorKind::not_found},
      {"an unknown role",
       {k_alice, "staging", "amdin", 1h, ""},
       "staging has no role \"amdin\"; it has admin, viewer; did you mean staging:admin?",
       ErrorKind::not_found},
      {"several roles and no default",
       {k_alice, "prod-db", "", 1h, ""},
       "prod-db has several roles; name one of owner, viewer, for example prod-db:owner",
       ErrorKind::invalid},
      {"no time",
       {k_alice, "staging", "", Millis{0}, ""},
       "a duration must be longer than 0",
       ErrorKind::invalid},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const auto ruling = decide(policy, row.question, facts());
    if (ruling) {
      CHECK(ruling->rule->name == row.outcome);
    } else {
      CHECK(ruling.error().message == row.outcome);
      CHECK(ruling.error().kind == row.kind);
    }
  }
}

TEST_CASE("a ruling carries its steps with the owners filled in, and explains itself", "[policy][decide]") {
  const Policy policy = sample::company();
  const auto ruling = decide(policy, {k_erin, "prod-db", "owner", 1h, "OPS-12 rebuild"}, facts());
  REQUIRE(ruling);
  CHECK(ruling->resource == &policy.resources.at("prod-db"));
  CHECK(ruling->role == &policy.resources.at("prod-db").roles.at("owner"));
  REQUIRE(ruling->steps.size() == 2);
  CHECK(ruling->steps[0] ==
        Step{"owners",
             {{Subject::Kind::email, "carol@example.com"}, {Subject::Kind::email, "dave@example.com"}},
             1});
  CHECK(
      ruling->explanation ==
      std::vector<std::string>{
          "rule staging-self-service does not fit: it is for staging, not prod-db",
          "rule production-owner is the first that fits prod-db:owner and the requester: needs owners (1 of "
          "carol@example.com, dave@example.com) and security (2 of group:security)"});

  const auto other = decide(policy, {k_alice, "prod-db", "viewer", 1h, "look"}, facts());
  REQUIRE(other);
  CHECK(other->explanation[1] == "rule production-owner does not fit: it is for role owner, not viewer");
}

TEST_CASE("a refusal without a rule says in its detail why each rule did not fit", "[policy][decide]") {
  const auto ruling = decide(sample::company(), {k_alice, "wiki", "", 1h, ""}, facts());
  REQUIRE_FALSE(ruling);
  CHECK(ruling.error().detail ==
        "rule staging-self-service does not fit: it is for staging, not wiki; rule production-owner does not "
        "fit: it "
        "is for role owner, not editor; rule production does not fit: it is for tag env, which wiki does not "
        "have");
}

TEST_CASE("a group that cannot be read closes the decision that needs it, and no other", "[policy][decide]") {
  const Policy policy = sample::company();
  Facts silent;
  silent.groups.emplace("slack:usergroup/S0SRE", fail(ErrorKind::unavailable, "Slack did not answer"));

  const auto owner = decide(policy, {k_alice, "prod-db", "owner", 1h, "OPS-12 rebuild"}, silent);
  REQUIRE_FALSE(owner);
  CHECK(owner.error().kind == ErrorKind::unavailable);
  CHECK(owner.error().message == "I cannot check now who is in group sre");
  CHECK(
      owner.error().detail ==
      "rule staging-self-service does not fit: it is for staging, not prod-db; rule production-owner cannot "
      "be looked at: I cannot check now who is in group sre; slack:usergroup/S0SRE: Slack did not answer");
  CHECK_FALSE(decide(policy, {k_alice, "prod-db", "owner", 1h, "OPS-12 rebuild"}, Facts{}));

  CHECK(decide(policy, {k_alice, "prod-db", "viewer", 1h, "look"}, silent));
  CHECK(decide(policy, {k_alice, "staging", "viewer", 1h, ""}, Facts{}));
}

TEST_CASE("exactly the live groups that a decision may need are fetched", "[policy][decide]") {
  const Policy policy = sample::company();
  const std::set<std::string> sre = {"slack:usergroup/S0SRE"};
  CHECK(facts_to_ask(policy, *resolve(policy, "prod-db", "viewer")).groups == sre);
  CHECK(facts_to_ask(policy, *resolve(policy, "prod-db", "owner")).groups == sre);
  CHECK(facts_to_ask(policy, *resolve(policy, "staging", "viewer")).groups.empty());
  CHECK(live_groups_of(policy, policy.resources.at("staging").owners) == sre);
}

TEST_CASE("warnings fall each once, the longest first", "[policy][decide]") {
  Rule rule;
  using Warnings = std::vector<Millis>;
  CHECK(warnings_for(rule, 1h) == Warnings{10min});
  CHECK(warnings_for(rule, 24h) == Warnings{10min});
  CHECK(warnings_for(rule, 24h + 1s) == Warnings{24h, 1h});  // the first of them half-way
  CHECK(warnings_for(rule, 72h) == Warnings{24h, 1h});
  CHECK(warnings_for(rule, 10s) == Warnings{10min});
  rule.warn_before = {5min, 24h, 1h, 5min};
  CHECK(warnings_for(rule, 72h) == Warnings{24h, 1h, 5min});
  CHECK(warnings_for(rule, 30h) == Warnings{24h, 1h, 5min});
  CHECK(warnings_for(rule, 1h) == Warnings{1h, 5min});
  CHECK(warnings_for(rule, 8min) == Warnings{5min});
}
