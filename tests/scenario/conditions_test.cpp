#include "tests/scenario/harness.hpp"

#include <algorithm>

// Rules with conditions: deny rules, steps that are needed only sometimes, conditions on approvers, tickets.
// A stage starts at 2026-03-01T02:00Z.
namespace jitbot::scenario {

namespace {

StageOptions with_rules(const std::string& rules) {
  StageOptions options;
  options.policy += rules;
  return options;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

StageOptions with(const std::string& from, const std::string& to) {
  StageOptions options;
  options.policy = replaced(options.policy, from, to);
  return options;
}

const std::string k_one_at_a_time = R"(  - name: one-at-a-time
    effect: deny
    match: {resource: [staging, play]}
    when: requester.active_grants >= 1
    message: Give back what you have first
)";

const std::string k_frozen_from_three = R"(  - name: freeze
    effect: deny
    when: now >= timestamp("2026-03-01T03:00:00Z") && resource.name.startsWith("p")
    message: Nothing is changed at night
)";

bool is(Stage& stage, const std::string& id, RequestState state) {
  const auto request = stage.request(id);
  return request && request->state == state;
}

std::string joined(const Json& lines) {
  std::string text;
  for (const Json& line : lines) text += line.get<std::string>() + "\n";
  return text;
}

}  // namespace

TEST_CASE("a deny rule that fits refuses with its message, and the audit log says which and why") {
  Stage stage(with_rules(k_one_at_a_time));
  stage.start();
  const std::string id = stage.active_staging();
  const std::string said = stage.alice.says("request play 1h");
  CHECK(contains(said, "Give back what you have first (rule one-at-a-time)"));
  const Json detail = stage.audit_detail("play", "request.refused");
  CHECK(contains(detail.at("explanation").get<std::string>(),
                 "deny rule one-at-a-time fits play:user: requester.active_grants >= 1"));
  CHECK(detail.at("email") == "alice@example.com");
  stage.alice.says("done " + id);
  stage.until_ended(id);
  stage.until_active(stage.alice.requests("play 1h"));
}

TEST_CASE("a deny rule that fits by the time of an approval denies, whoever approves") {
  Stage stage(with_rules(k_one_at_a_time));
  stage.start();
  const std::string staging = stage.alice.requests("staging 1h INC-7 look");
  const std::string play = stage.alice.requests("play 1h");
  stage.until_active(play);
  stage.carol.approves(staging);
  REQUIRE(is(stage, staging, RequestState::denied));
  CHECK_FALSE(stage.grant(staging));
  CHECK(contains(stage.card(staging), "denied by rule"));
  CHECK(contains(stage.card(staging), "Give back what you have first (rule one-at-a-time)"));
  const Json detail = stage.audit_detail(staging, "request.denied");
  CHECK(detail.at("rule") == "one-at-a-time");
  CHECK(contains(joined(detail.at("why")), "requester.active_grants >= 1"));
  CHECK(detail.at("policy") == stage.request(staging)->asked.policy_digest);
  CHECK(stage.target("staging-db").count(Call::present) == 0);
}

TEST_CASE("a deny rule that fits by the time of the start keeps a scheduled grant from starting") {
  Stage stage(with_rules(k_frozen_from_three));
  stage.start();
  const std::string id = stage.alice.requests("play 30m --at 4:00");
  REQUIRE(stage.grant(id)->state == GrantState::scheduled);
  stage.advance(61min);
  REQUIRE(stage.grant(id)->state == GrantState::ended);
  CHECK(stage.grant(id)->ended_as == EndedAs::not_started);
  CHECK(stage.target("play-db").count(Call::present) == 0);
  CHECK(contains(stage.requester_card(id, "alice"), "Nothing is changed at night (rule freeze)"));
  CHECK(contains(stage.alice.says("request play 1h"), "Nothing is changed at night (rule freeze)"));
  CHECK_FALSE(contains(stage.alice.says("request staging 1h INC-7"), "Nothing is changed"));
}

TEST_CASE("access for another does not start when a deny rule fits whoever asked for it by then") {
  StageOptions options = with("    approval: auto\n", "    approval: auto\n    for_others: auto\n");
  std::string why;
  SECTION("by its time") {
    options.policy += R"(  - name: nights-off
    effect: deny
    when: requester.email == "alice@example.com" && now >= timestamp("2026-03-01T03:00:00Z")
    message: Alice is off at night
)";
    why = "Alice is off at night (rule nights-off)";
  }
  SECTION("by what he has") {
    options.policy += k_one_at_a_time;
    why = "Give back what you have first (rule one-at-a-time)";
  }
  SECTION("by the group he is in") {
    options.policy += R"(  - name: not-those
    effect: deny
    when: '"approvers" in requester.groups'
    message: Approvers get nothing
)";
    why = "Approvers get nothing (rule not-those)";
  }
  Stage stage(std::move(options));
  stage.start();
  const std::string id = stage.alice.requests("play 30m for @bob --at 4:00");
  REQUIRE(stage.grant(id)->state == GrantState::scheduled);
  if (contains(why, "one-at-a-time")) stage.until_active(stage.alice.requests("play 2h"));
  if (contains(why, "not-those")) stage.scene().approvers_are({"alice"});
  stage.advance(61min);
  REQUIRE(stage.grant(id)->state == GrantState::ended);
  CHECK(stage.grant(id)->ended_as == EndedAs::not_started);
  CHECK(stage.grant(id)->cause == EndCause::barred);
  CHECK_FALSE(stage.target("play-db").has("bobby role=play"));
  CHECK(contains(stage.audit_detail(id, "grant.ended").at("text").get<std::string>(), why));
  // Both are told, since neither may know of the other's rule.
  CHECK(contains(stage.bob.dm("Not granted · " + id), why));
  CHECK(contains(stage.alice.dm("Not granted · " + id), why));
}

TEST_CASE("an extension is denied by a rule as asking is") {
  Stage stage(with_rules(R"(  - name: once
    effect: deny
    when: request.extension && resource.name == "play"
    message: Playing is not prolonged
)"));
  stage.start();
  const std::string id = stage.alice.requests("play 1h");
  stage.until_active(id);
  CHECK(contains(stage.alice.says("extend " + id + " 30m"), "Playing is not prolonged (rule once)"));
}

TEST_CASE("a step is asked for only where its condition holds") {
  Stage stage(with("- {name: security, from: [group:security]}",
                   "- {name: security, from: [group:security], when: request.duration > duration(\"1h\")}"));
  stage.start();
  const std::string brief = stage.alice.requests("prod 1h INC-1 slow queries");
  CHECK(stage.request(brief)->asked.steps.size() == 1);
  CHECK(contains(joined(Json(stage.request(brief)->asked.explanation)), "step security is not needed"));
  stage.carol.presses("approve", brief);
  stage.until_active(brief);
  const std::string longer = stage.bob.requests("prod 2h INC-2 slow queries");
  CHECK(stage.request(longer)->asked.steps.size() == 2);
}

TEST_CASE("a rule none of whose steps is needed grants at once, and says so") {
  Stage stage(
      with("approval: [{name: approvers, from: [group:approvers, gina@partner.example, dan@example.com]}]",
           "approval: [{name: approvers, from: [group:approvers], when: resource.role.name == \"admin\"}]"));
  stage.start();
  const std::string id = stage.alice.requests("staging 1h INC-7");
  stage.until_active(id);
  CHECK(stage.audited(id, "request.approved_by_rule"));
  CHECK(contains(joined(stage.audit_detail(id, "request.approved_by_rule").at("why")),
                 "none of its steps is needed, so it is approved without asking"));
}

TEST_CASE("only approvers for whom the rule's condition holds count, earlier ones once more") {
  Stage stage(with("    deny_threshold: 2\n",
                   "    deny_threshold: 2\n    approve_when: approver.active_grants == 0 && approver.id != "
                   "requester.id\n"));
  stage.start();
  const std::string id = stage.alice.requests("prod 1h INC-1 slow queries");
  SECTION("whoever does not fulfil it is told which rule says so") {
    const std::string own = stage.carol.requests("play 1h");
    stage.until_active(own);
    CHECK(contains(stage.carol.approves(id), "rule production lets only those approve for whom this holds"));
    CHECK(is(stage, id, RequestState::pending));
    CHECK(stage.audited(id, "request.vote_refused"));
    stage.carol.says("done " + own);
    stage.until_ended(own);
    stage.carol.approves(id);
    CHECK(stage.votes(id).size() == 1);
  }
  SECTION("an earlier vote is void when it does not hold any more at the deciding one") {
    stage.carol.approves(id);
    stage.until_active(stage.carol.requests("play 1h"));
    stage.bob.approves(id);
    CHECK(is(stage, id, RequestState::pending));
    CHECK(stage.audited(id, "request.vote_voided"));
  }
}

TEST_CASE("a ticket is required, found in the reason, and checked") {
  Stage stage(with("    reason: {min_length: 10, contains: 'INC-[0-9]+', hint: \"name the incident\"}\n",
                   "    ticket: {pattern: '(INC|OPS)-[0-9]+', hint: \"name the incident\"}\n"));
  stage.start();
  CHECK(contains(stage.alice.says("request prod 1h slow queries"),
                 "rule production needs a ticket: name the incident"));
  CHECK(contains(stage.alice.says("request prod 1h slow queries --ticket INC"),
                 "\"INC\" is no ticket for rule production: name the incident"));
  const std::string found = stage.alice.requests("prod 1h slow queries (see OPS-12).");
  CHECK(stage.request(found)->asked.ticket == "OPS-12");
  const std::string given = stage.bob.requests("prod 1h slow queries --ticket INC-9");
  CHECK(stage.request(given)->asked.ticket == "INC-9");
}

TEST_CASE("a rule may look at the channel that is asked in, and a form stands in none") {
  Stage stage(with_rules(R"(  - name: in-public
    effect: deny
    match: {resource: play}
    when: channel.name == "general"
    message: Not before everybody
)"));
  stage.start();
  CHECK(contains(stage.alice.says("request play 1h", "#general"), "Not before everybody (rule in-public)"));
  const std::string id = stage.alice.says("request play 1h", k_staging);
  INFO(id);
  CHECK_FALSE(contains(id, "Not before everybody"));
  const auto asked = stage.request(id_in(id));
  REQUIRE(asked);
  REQUIRE(asked->asked.asked_in);
  CHECK(asked->asked.asked_in->name == "staging-approvals");
}

TEST_CASE("what was asked before a deny rule looks at channels must be asked again, and is told so") {
  const std::string in_public = R"(  - name: in-public
    effect: deny
    when: resource.name != "prod" && channel.name == "general"
    message: Not before everybody
)";
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("staging 1h INC-7 look");
  const std::string other = stage.bob.requests("prod 1h INC-1 slow queries");
  const std::string later = stage.alice.requests("play 30m --at 4:00");
  REQUIRE_FALSE(stage.request(id)->asked.asked_in);
  stage.replace_policy(usual_policy() + in_public);
  REQUIRE(contains(stage.erin.says("policy reload"), "is in force"));
  const std::string why =
      "Ask again: a rule looks at the channel that this was asked in, which was not kept (rule in-public)";

  SECTION("by the approval") {
    stage.carol.approves(id);
    REQUIRE(is(stage, id, RequestState::denied));
    CHECK_FALSE(stage.grant(id));
    CHECK(contains(stage.card(id), why));
    CHECK(contains(stage.requester_card(id, "alice"), why));
    const Json detail = stage.audit_detail(id, "request.denied");
    CHECK(detail.at("rule") == "in-public");
    CHECK(contains(joined(detail.at("why")), "deny rule in-public looks at what was not kept, which denies"));
    const std::string again = stage.alice.says("request staging 1h INC-7 look", k_staging);
    stage.carol.approves(id_in(again));
    stage.until_active(id_in(again));
  }
  SECTION("not where the channel decides nothing") {
    stage.carol.presses("approve", other);
    CHECK(is(stage, other, RequestState::pending));
    CHECK(stage.votes(other).size() == 1);
  }
  SECTION("by the start") {
    stage.advance(61min);
    REQUIRE(stage.grant(later)->state == GrantState::ended);
    CHECK(stage.grant(later)->ended_as == EndedAs::not_started);
    CHECK(contains(stage.requester_card(later, "alice"), why));
  }
}

TEST_CASE("a condition that cannot be evaluated denies") {
  Stage stage(with_rules(R"(  - name: by-team
    effect: deny
    match: {resource: play}
    when: resource.tags.team == "red"
    message: Not for the red team
)"));
  stage.start();
  CHECK(contains(stage.alice.says("request play 1h"),
                 "the condition of rule by-team cannot be evaluated (no such key"));
}

TEST_CASE("a dry run and explain say which rules were looked at and why they do not fit") {
  Stage stage(with_rules(k_one_at_a_time));
  stage.start();
  const std::string dry = stage.alice.says("request staging 1h INC-7 look --dry-run");
  INFO(dry);
  CHECK(contains(dry, "deny rule one-at-a-time does not fit: requester.active_grants >= 1 does not hold"));
  CHECK(contains(dry, "approvers: @carol"));
  stage.until_active(stage.alice.requests("play 1h"));
  const std::string now = stage.alice.says("request staging 1h INC-7 look --dry-run");
  CHECK(contains(now, "Give back what you have first (rule one-at-a-time)"));
}

}  // namespace jitbot::scenario
