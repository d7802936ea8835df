#include "tests/scenario/harness.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

// A policy that is replaced while people ask and decide.
namespace jitbot::scenario {

namespace {

constexpr const char* k_policy = "policy";  // subject of its events

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

// Three hours of staging, and security has to agree.
std::string stricter_policy() {
  auto text = replaced(usual_policy(), "max_duration: 2h", "max_duration: 3h");
  return replaced(std::move(text),
                  "{name: approvers, from: [group:approvers, gina@partner.example, dan@example.com]}",
                  "{name: security, from: [group:security]}");
}

std::string broken_policy() {
  return replaced(usual_policy(), "max_duration: 4h", "max_duration: soon");
}

std::string file_text(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void put_file(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
}

int count(Stage& stage, const std::string& action) {
  const auto all = stage.actions(k_policy);
  return static_cast<int>(std::ranges::count(all, action));
}

std::string digest_in_force(Stage& stage) {
  return stage.get<std::string>(
      [](Tx& tx) -> Result<std::string> { return tx.meta("policy_in_force").value_or(""); });
}

void hang_up(Stage& stage) {
  stage.app().reload_policy();
  stage.settle();
}

int told_refused(Stage& stage) {
  return stage.told_admins("Policy refused");
}

}  // namespace

TEST_CASE("a policy that is replaced while running decides what is asked from then on, and nothing before") {
  Stage stage;
  stage.start();
  const std::string before = stage.alice.requests("staging 1h INC-7 look at queue");
  const std::string old_digest = digest_in_force(stage);
  CHECK(contains(stage.alice.says("request staging 150m INC-8 more"), "at most 2h"));
  stage.replace_policy(stricter_policy());

  SECTION("by a signal") {
    hang_up(stage);
  }
  SECTION("by an administrator") {
    const std::string answer = stage.erin.says("policy reload");
    INFO(answer);
    CHECK(contains(answer, "is in force"));
    CHECK(contains(answer, "rule staging: at most 2h → 3h"));
    CHECK(contains(answer, "rule staging: step approvers is gone"));
    CHECK(contains(answer, "rule staging: step security is new: 1 of group:security"));
  }

  REQUIRE(count(stage, "policy.loaded") == 1);
  const Json loaded = stage.audit_detail(k_policy, "policy.loaded");
  CHECK(loaded["digest"] == digest_in_force(stage));
  CHECK(loaded["from"] == old_digest);
  CHECK(loaded["digest"] != old_digest);
  CHECK(told_refused(stage) == 0);

  const std::string after = stage.bob.requests("staging 150m INC-9 look too");
  CHECK(contains(stage.card(after), "security 0/1"));
  CHECK(contains(stage.card(before), "approvers 0/1"));
  CHECK(stage.request(before)->asked.policy_digest == old_digest);
  CHECK(stage.request(after)->asked.policy_digest == digest_in_force(stage));
  // What was asked before is approved by those that its rule named; they have no say in what came later.
  CHECK(stage.carol.approves(before) == "");
  stage.until_active(before);
  CHECK_FALSE(stage.carol.approves(after) == "");
  CHECK(stage.request(after)->state == RequestState::pending);
  CHECK(stage.erin.approves(after) == "");
  stage.until_active(after);
}

TEST_CASE("a policy that is in force already is not put in force again") {
  Stage stage;
  stage.start();
  const std::string digest = digest_in_force(stage);
  const std::string answer = stage.erin.says("policy reload");
  CHECK(contains(answer, "is in force already"));
  CHECK(contains(answer, digest.substr(0, 12)));
  CHECK(count(stage, "policy.loaded") == 0);

  stage.replace_policy(stricter_policy());
  stage.app().reload_policy();
  stage.app().reload_policy();  // one after the other
  stage.settle();
  CHECK(count(stage, "policy.loaded") == 1);
  CHECK(digest_in_force(stage) != digest);
  stage.replace_policy(usual_policy());
  hang_up(stage);
  CHECK(count(stage, "policy.loaded") == 2);
  CHECK(digest_in_force(stage) == digest);
}

TEST_CASE("a bad policy changes nothing but a message that says where and why") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("staging 1h INC-7 look at queue");
  const std::string digest = digest_in_force(stage);
  stage.replace_policy(broken_policy());
  hang_up(stage);
  stage.until([&] { return told_refused(stage) == 1; });
  const std::string told = stage.channel_text(k_admins);
  INFO(told);
  CHECK(contains(told, "policy.yaml line 41, column 19"));
  CHECK(contains(told, "rules[1].max_duration"));
  CHECK(contains(told, digest.substr(0, 12)));
  REQUIRE(count(stage, "policy.refused") == 1);
  const Json detail = stage.audit_detail(k_policy, "policy.refused");
  CHECK(detail["count"] == 1);
  CHECK(contains(detail["problems"][0].get<std::string>(), "policy.yaml line 41, column 19"));
  CHECK(detail["in_force"] == digest);
  CHECK(digest_in_force(stage) == digest);

  // The asker reads the same; the channel is told once of the same, at once of something else.
  const std::string answer = stage.erin.says("policy reload");
  CHECK(contains(answer, "Policy refused"));
  CHECK(contains(answer, "policy.yaml line 41, column 19"));
  hang_up(stage);
  stage.advance(1min);
  CHECK(told_refused(stage) == 1);
  CHECK(count(stage, "policy.refused") == 3);
  stage.put_policy_file("more.yaml", "apiVersion: jit/v2\n");
  hang_up(stage);
  stage.until([&] { return told_refused(stage) == 2; });
  CHECK(contains(stage.channel_text(k_admins), "more.yaml line 1, column 13"));
  stage.advance(11min);
  hang_up(stage);
  stage.until([&] { return told_refused(stage) == 3; });

  stage.carol.approves(id);
  stage.until_active(id);
  const std::string next = stage.bob.requests("staging 1h INC-8 look too");
  CHECK(stage.request(next)->asked.policy_digest == digest);
}

TEST_CASE(
    "a policy that needs a connector which is not configured is refused, and access goes on as it was") {
  Stage stage;
  stage.start();
  const std::string active = stage.active_staging();
  const std::string waiting = stage.bob.requests("staging 1h INC-8 look too");
  const std::string digest = digest_in_force(stage);
  stage.replace_policy(
      replaced(usual_policy(), "viewer: {connector: staging-db,", "viewer: {connector: stagin-db,"));
  SECTION("by a signal") {
    hang_up(stage);
  }
  SECTION("by an administrator") {
    const std::string answer = stage.erin.says("policy reload");
    INFO(answer);
    CHECK(contains(answer, "Policy refused"));
    CHECK(contains(answer, "policy.yaml line 13, column 27"));
  }
  stage.until([&] { return told_refused(stage) == 1; });
  const std::string told = stage.channel_text(k_admins);
  INFO(told);
  CHECK(contains(told, "policy.yaml line 13, column 27"));
  CHECK(contains(told, "resources.staging.roles.viewer.connector"));
  CHECK(contains(told, "unknown connector \"stagin-db\"; did you mean staging-db?"));
  CHECK(contains(told, "write staging-db"));
  CHECK(contains(told, digest.substr(0, 12)));
  CHECK(digest_in_force(stage) == digest);
  CHECK(count(stage, "policy.refused") == 1);
  CHECK(count(stage, "policy.loaded") == 0);

  // What was given is taken away at its end, and what was asked is still decided.
  stage.carol.approves(waiting);
  stage.until_active(waiting);
  stage.until_ended(active, 61min);
  CHECK(stage.grant(active)->ended_as == EndedAs::absent);
}

TEST_CASE("while access stands whose connector is not configured any more, no policy is taken in") {
  Stage stage;
  stage.start();
  const std::string id = stage.active_staging();
  stage.stop();
  // The configuration and the policy without it are fine by themselves.
  const auto config_file = stage.folder() / "jitbot.yaml";
  const std::string config = file_text(config_file);
  const auto from = config.find("  staging-db:");
  const auto to = config.find("  prod-db:");
  REQUIRE(from < to);
  put_file(config_file, config.substr(0, from) + config.substr(to));
  std::string without =
      replaced(usual_policy(), "viewer: {connector: staging-db, grants: {role: staging_ro}}",
               "viewer: {connector: prod-db, grants: {role: staging_ro}}");
  without = replaced(std::move(without), "admin: {connector: staging-db,", "admin: {connector: prod-db,");
  stage.replace_policy(without);
  stage.start();
  const std::string digest = digest_in_force(stage);
  stage.replace_policy(replaced(without, "max_duration: 4h", "max_duration: 3h"));
  hang_up(stage);
  stage.until([&] { return told_refused(stage) == 1; });
  const std::string told = stage.channel_text(k_admins);
  INFO(told);
  CHECK(
      contains(told,
               "jitbot.yaml line 1, column 1: connectors: staging-db is missing, and access that it gave is "
               "not ended: put it back and start again, or give up on it with /jit debt abandon"));
  CHECK(digest_in_force(stage) == digest);
  CHECK(count(stage, "policy.loaded") == 0);

  // With the connector back the very same policy is taken, and the access ends as it should.
  stage.stop();
  put_file(config_file, config);
  stage.start();
  CHECK(digest_in_force(stage) != digest);
  stage.until_ended(id, 61min);
  CHECK(stage.grant(id)->ended_as == EndedAs::absent);
}

TEST_CASE("a policy whose own tests fail is refused, and one that is mended is not") {
  Stage stage;
  stage.start();
  const std::string digest = digest_in_force(stage);
  const auto with_test = [](const std::string& decision) {
    return stricter_policy() +
           "tests:\n  - name: alice reads staging\n"
           "    given: {requester: alice@example.com, resource: staging, duration: 1h, reason: INC-7}\n"
           "    expect: {decision: " +
           decision + "}\n";
  };
  stage.replace_policy(with_test("approved"));
  const std::string answer = stage.erin.says("policy reload");
  INFO(answer);
  CHECK(contains(answer, "Policy refused"));
  CHECK(contains(answer, "policy.yaml line 56, column 5: test \"alice reads staging\" fails"));
  CHECK(digest_in_force(stage) == digest);
  stage.until([&] { return told_refused(stage) == 1; });
  stage.stop();
  CHECK_FALSE(stage.try_start());
  stage.replace_policy(usual_policy());
  stage.start();
  stage.replace_policy(with_test("pending"));
  CHECK(contains(stage.erin.says("policy reload"), "is in force"));
  CHECK(digest_in_force(stage) != digest);
}

TEST_CASE("an approval that is under way while the policy is replaced is decided by the new one") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("staging 1h INC-7 look at queue");
  stage.settle();
  sandbox::MethodFault hang;
  hang.method = "usergroups.users.list";
  hang.kind = sandbox::MethodFaultKind::hang_before;
  stage.sandbox->fail_calls(hang);
  const int asked = stage.slack_calls("usergroups.users.list");
  stage.carol.starts_pressing("approve", id);
  const auto asking = [&] { return stage.slack_calls("usergroups.users.list") > asked; };
  for (int i = 0; i < 1000 && !asking(); ++i) {
    stage.loop.restart();
    stage.loop.run_one_for(std::chrono::milliseconds(10));
  }
  REQUIRE(asking());
  REQUIRE(stage.request(id)->state == RequestState::pending);

  const auto put_in_force = [&](const std::string& policy) {
    stage.replace_policy(policy);
    stage.app().reload_policy();
    for (int i = 0; i < 1000 && !stage.audited(k_policy, "policy.loaded"); ++i) {
      stage.loop.restart();
      stage.loop.run_one_for(std::chrono::milliseconds(10));
    }
    REQUIRE(stage.audited(k_policy, "policy.loaded"));
    stage.sandbox->release_hanging();
    stage.settle();
  };
  SECTION("whoever may not decide any more does not") {
    put_in_force(replaced(usual_policy(), "approvers: {from: \"slack:usergroup/S0APPROVE\"}",
                          "approvers: {members: [dave@example.com]}"));
    CHECK(stage.request(id)->state == RequestState::pending);
    CHECK(stage.votes(id).empty());
    CHECK(stage.dave.approves(id) == "");
    stage.until_active(id);
  }
  SECTION("whoever still may does") {
    put_in_force(replaced(usual_policy(), "max_duration: 2h", "max_duration: 3h"));
    stage.until_active(id);
    REQUIRE(stage.votes(id).size() == 1);
    CHECK(stage.votes(id).front().voter == stage.carol.id());
  }
}

TEST_CASE(
    "who looks after the bot may read the policy, administrators may replace it, nobody else learns of it") {
  Stage stage;
  stage.start();
  const std::string digest = digest_in_force(stage).substr(0, 12);
  stage.replace_policy(stricter_policy());

  for (Someone* reader : {&stage.erin, &stage.bob}) {
    const std::string shown = reader->says("policy");
    INFO(shown);
    CHECK(contains(shown, "Policy " + digest));
    CHECK(contains(shown, "3 rules · 4 resources · 3 groups · 0 tests"));
    CHECK(
        contains(shown, "1. *staging*: group:engineering may have staging for at most 2h; approvers (1 of"));
    CHECK(shown == reader->says("policy show"));
    const std::string diff = reader->says("policy diff");
    INFO(diff);
    CHECK(contains(diff, "What a reload would change"));
    CHECK(contains(diff, "policy `" + digest + "` → `"));
    CHECK(contains(diff, "rule staging: at most 2h → 3h"));
  }
  for (const char* words : {"policy", "policy show", "policy diff", "policy reload"}) {
    const std::string answer = stage.alice.says(words);
    CHECK(answer == "This is for administrators and auditors\n");
  }
  CHECK(stage.bob.says("policy reload") == "This is for administrators and auditors\n");
  CHECK(stage.audited("policy reload", "command.refused"));
  CHECK(count(stage, "policy.loaded") == 0);
  CHECK(digest_in_force(stage).substr(0, 12) == digest);

  stage.replace_policy(broken_policy());
  const std::string diff = stage.bob.says("policy diff");
  CHECK(contains(diff, "A reload would be refused"));
  CHECK(contains(diff, "policy.yaml line 41, column 19"));
  CHECK(count(stage, "policy.refused") == 0);
  stage.replace_policy(usual_policy());
  CHECK(contains(stage.bob.says("policy diff"), "the files say what is in force"));
}

TEST_CASE(
    "since when and by whom a policy is in force outlives restarts, and a crash around its start changes "
    "nothing") {
  Stage stage;
  stage.start();
  const std::string old_digest = digest_in_force(stage);
  const std::string id = stage.alice.requests("staging 1h INC-7 look at queue");
  stage.save_disk("before");
  stage.replace_policy(stricter_policy());
  CHECK(contains(stage.erin.says("policy reload"), "is in force"));
  const std::string shown = stage.bob.says("policy");
  CHECK(contains(shown, "by @erin"));
  stage.save_disk("after");
  stage.advance(1h);

  SECTION("killed after the commit") {
    stage.stop();
    stage.load_disk("after");
    stage.start();
    CHECK(stage.bob.says("policy") == shown);
    CHECK(count(stage, "policy.loaded") == 1);
  }
  SECTION("killed before the commit") {
    stage.stop();
    stage.load_disk("before");
    stage.start();
    CHECK(count(stage, "policy.loaded") == 0);
    CHECK(digest_in_force(stage) != old_digest);  // the start reads the folder
    CHECK(contains(stage.bob.says("policy"), "by jitbot"));
  }
  CHECK(stage.audit_detail(k_policy, "app.started").at("digest") == digest_in_force(stage));
  CHECK(stage.request(id)->asked.policy_digest == old_digest);
  CHECK(contains(stage.card(id), "approvers 0/1"));
}

TEST_CASE("what is remembered of who may ask for what does not outlive the policy") {
  Stage stage;
  stage.start();
  CHECK(contains(stage.alice.says("resources"), "strict"));
  stage.alice.opens_home();
  stage.replace_policy(
      replaced(usual_policy(), "match: {resource: [play, strict]}", "match: {resource: play}"));
  hang_up(stage);
  CHECK_FALSE(contains(stage.alice.says("resources"), "strict"));
  stage.alice.says("");
  CHECK(stage.alice.searches("resource", "stri").empty());
  CHECK(stage.alice.searches("resource", "pla") == std::vector<std::string>{"play"});
}

}  // namespace jitbot::scenario
