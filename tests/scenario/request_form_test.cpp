#include "tests/scenario/harness.hpp"

#include <algorithm>

// The request form over the wire: searched, chosen in, reshaped, submitted.
namespace jitbot::scenario {

namespace {

using Labels = std::vector<std::string>;

void replace(std::string& text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
}

// `/jit …` that opens a form.
void opens_form(Stage& stage, const Someone& who, const std::string& words) {
  sandbox::CommandInput input;
  input.user = who.name();
  input.channel = "#general";
  input.text = words;
  const auto outcome = stage.begin(stage.sandbox->run_command(std::move(input)));
  stage.until([&] { return outcome->has_value() && !stage.sandbox->open_views(who.name()).empty(); }, 10s);
  stage.settle();
}

sandbox::MethodFault slow_directory(const std::string& method) {
  sandbox::MethodFault fault;
  fault.method = method;
  fault.kind = sandbox::MethodFaultKind::api_error;
  fault.error = "internal_error";
  fault.count = -1;
  return fault;
}

// staging's admins by a rule of their own.
StageOptions two_rules() {
  StageOptions options;
  replace(options.policy, "rules:\n", R"(rules:
  - name: staging-admins
    match: {resource: staging, role: admin}
    requesters: [group:engineering]
    max_duration: 30m
    reason: {min_length: 12, hint: "say what you change"}
    approval: [{name: owners, from: [owners]}]
    post_to: ["#staging-approvals"]
)");
  return options;
}

}  // namespace

TEST_CASE("a request by the form: searched, chosen, its role shown, submitted, carded") {
  Stage stage(two_rules());
  stage.start();
  opens_form(stage, stage.alice, "");
  CHECK_FALSE(contains(stage.alice.form_text(), "Role"));
  CHECK(stage.alice.searches("resource", "") == Labels{"play", "prod", "staging", "strict"});
  CHECK(stage.alice.searches("resource", "stag") == Labels{"staging"});
  CHECK(stage.alice.chooses("resource", "staging") == "");
  std::string form = stage.alice.form_text();
  INFO(form);
  CHECK(contains(form, "*staging : viewer* · rule staging · needs approvers"));
  CHECK(contains(form, "Role: viewer"));
  CHECK(stage.alice.chooses("role", "admin") == "");
  form = stage.alice.form_text();
  CHECK(contains(form, "*staging : admin* · rule staging-admins · needs owners"));
  CHECK(contains(form, "Role: admin"));
  const std::string answer =
      stage.alice.submits({{"duration", "20m"}, {"reason", "INC-7 the queue is stuck"}});
  const std::string id = id_in(answer);
  INFO(answer);
  REQUIRE_FALSE(id.empty());
  CHECK(stage.request(id)->asked.role == "admin");
  CHECK(stage.request(id)->asked.duration == 20min);
  stage.until([&] { return contains(stage.card(id), "*staging : admin* for 20m"); });
}

TEST_CASE("what was typed stays in the form when it takes another shape") {
  Stage stage(two_rules());
  stage.start();
  opens_form(stage, stage.alice, "");
  stage.alice.searches("resource", "");
  sandbox::ClickInput choice;
  choice.user = "alice";
  choice.view = stage.sandbox->open_views("alice").back().id;
  choice.block_id = "field:resource";
  choice.chosen = "staging";
  choice.values = {{"field:reason", "INC-7 half typed"}, {"field:duration", "15m"}};
  const auto outcome = stage.begin(stage.sandbox->click(std::move(choice)));
  stage.until([&] { return outcome->has_value(); }, 10s);
  stage.settle();
  std::string form = stage.alice.form_text();
  INFO(form);
  CHECK(contains(form, "INC-7 half typed"));
  CHECK(contains(form, "For how long: 15m"));
  CHECK(stage.alice.chooses("role", "admin") == "");
  form = stage.alice.form_text();
  CHECK(contains(form, "INC-7 half typed"));
  // Another resource: the role of the first is gone.
  stage.alice.searches("resource", "play");
  CHECK(stage.alice.chooses("resource", "play") == "");
  form = stage.alice.form_text();
  CHECK_FALSE(contains(form, "Role:"));
  CHECK(contains(form, "*play : user*"));
  CHECK(contains(form, "INC-7 half typed"));
  CHECK(id_in(stage.alice.submits({})) != "");
}

TEST_CASE("the limits of the rule that decides are told in the form, at their fields") {
  Stage stage(two_rules());
  stage.start();
  opens_form(stage, stage.alice, "");
  stage.alice.searches("resource", "staging");
  stage.alice.chooses("resource", "staging");
  stage.alice.chooses("role", "admin");
  const std::string too_long =
      stage.alice.submits({{"duration", "1h"}, {"reason", "INC-7 the queue is stuck"}});
  CHECK(contains(too_long, "\"field:duration\":\"rule staging-admins allows at most 30m, not 1h\""));
  // Slack itself asks for the rest of a reason that is too short.
  CHECK(contains(stage.alice.submits({{"duration", "20m"}, {"reason", "short"}}), "error"));
  CHECK(contains(stage.alice.form_text(), "at least 12 characters"));
  CHECK_FALSE(id_in(stage.alice.submits({{"reason", "now it is long enough"}})).empty());
}

TEST_CASE("a reason the rule does not take is refused in the form") {
  Stage stage;
  stage.start();
  opens_form(stage, stage.alice, "");
  stage.alice.searches("resource", "prod");
  stage.alice.chooses("resource", "prod");
  const std::string refused = stage.alice.submits({{"duration", "1h"}, {"reason", "just because I want"}});
  CHECK(contains(refused, "\"field:reason\":\"rule production needs a reason: name the incident\""));
  CHECK_FALSE(id_in(stage.alice.submits({{"reason", "INC-42 slow checkout"}})).empty());
}

TEST_CASE("the shortcut opens the form, and the form asks") {
  Stage stage;
  stage.start();
  stage.bob.uses_shortcut();
  stage.bob.searches("resource", "play");
  CHECK(stage.bob.chooses("resource", "play") == "");
  stage.bob.submits({{"duration", "30m"}, {"reason", "try it"}});
  stage.until([&] { return contains(stage.bob.dm("play : user"), "JIT-"); });
  stage.until_active(id_in(stage.bob.dm("play : user")));
}

TEST_CASE("a resource named without a duration opens the form with it chosen") {
  Stage stage(two_rules());
  stage.start();
  opens_form(stage, stage.alice, "request staging:admin");
  const std::string form = stage.alice.form_text();
  INFO(form);
  CHECK(contains(form, "What: staging"));
  CHECK(contains(form, "Role: admin"));
  CHECK(contains(form, "rule staging-admins"));
  CHECK_FALSE(id_in(stage.alice.submits({{"duration", "20m"}, {"reason", "INC-7 the queue"}})).empty());
}

TEST_CASE("nobody is offered, or told of, what is not for him") {
  StageOptions options;
  replace(options.policy, "match: {resource: prod}\n    requesters: [group:engineering]",
          "match: {resource: prod}\n    requesters: [bob@example.com]");
  Stage stage(std::move(options));
  stage.start();
  opens_form(stage, stage.alice, "");
  CHECK(stage.alice.searches("resource", "prod").empty());
  CHECK(stage.alice.searches("resource", "") == Labels{"play", "staging", "strict"});
  opens_form(stage, stage.alice, "request prod");
  std::string refused = stage.alice.form_text();
  opens_form(stage, stage.alice, "request porx");
  std::string unknown = stage.alice.form_text();
  CHECK(contains(refused, "I know no resource \"prod\" for you"));
  for (auto at = unknown.find("porx"); at != std::string::npos; at = unknown.find("porx"))
    unknown.replace(at, 4, "prod");
  CHECK(refused == unknown);
  const auto problems = stage.alice.submits({{"duration", "400d"}});
  CHECK_FALSE(contains(problems, "rule"));
  Someone gina = stage.person("gina");
  opens_form(stage, gina, "request staging");
  CHECK(contains(gina.form_text(), "Guests cannot ask for access"));
  CHECK_FALSE(contains(gina.form_text(), "viewer"));
}

TEST_CASE("a guest's form never tells a rule's limits") {
  Stage stage;
  stage.start();
  Someone gina = stage.person("gina");
  for (const char* words : {"", "request staging"}) {
    opens_form(stage, gina, words);
    stage.until([&] { return contains(gina.form_text(), "Guests cannot ask for access"); }, 5s);
    CHECK_FALSE(contains(gina.form_text(), "2h"));
    CHECK_FALSE(contains(gina.form_text(), "Reason"));
  }
  const std::string typed = gina.says("request staging 300d x");
  CHECK(contains(typed, "Guests cannot ask for access"));
  CHECK_FALSE(contains(typed, "2h"));
}

TEST_CASE("a directory that is away leaves the search empty, and typing it out later works") {
  Stage stage;
  stage.start();
  stage.sandbox->fail_calls(slow_directory("users.info"));
  opens_form(stage, stage.alice, "");
  CHECK(stage.alice.searches("resource", "stag").empty());
  CHECK_FALSE(stage.alice.form_text().empty());
  stage.sandbox->clear_faults();
  stage.advance(30s);
  CHECK(stage.alice.searches("resource", "stag") == Labels{"staging"});
}

TEST_CASE("typing on and on asks the directory once a minute") {
  Stage stage;
  stage.start();
  const int before = stage.slack_calls("users.info");
  opens_form(stage, stage.alice, "");
  for (const char* typed : {"s", "st", "sta", "stag", "stagi", "stagin", "staging"})
    CHECK(stage.alice.searches("resource", typed).front() == "staging");
  CHECK(stage.slack_calls("users.info") == before + 1);
  stage.advance(61s);
  stage.alice.searches("resource", "");
  CHECK(stage.slack_calls("users.info") == before + 2);
}

TEST_CASE("who is no longer in the group is offered nothing of it within a minute") {
  StageOptions options;
  replace(options.policy, "match: {resource: staging}\n    requesters: [group:engineering]",
          "match: {resource: staging}\n    requesters: [group:approvers]");
  Stage stage(std::move(options));
  stage.start();
  opens_form(stage, stage.carol, "");
  CHECK(stage.carol.searches("resource", "staging") == Labels{"staging"});
  REQUIRE(stage.sandbox->set_group_members("S0APPROVE", {"dave"}).has_value());
  stage.advance(61s);
  CHECK(stage.carol.searches("resource", "staging").empty());
}

TEST_CASE("thousands of resources are searched, a hundred at a time") {
  StageOptions options;
  std::string many;
  for (int i = 0; i < 4800; ++i)
    many += "  res-" + std::to_string(10000 + i) + ": {roles: {user: {connector: play-db, grants: {}}}}\n";
  replace(options.policy, "rules:\n", many + "rules:\n");
  replace(options.policy, "match: {resource: [play, strict]}", "match: {role: user}");
  Stage stage(std::move(options));
  stage.start();
  opens_form(stage, stage.alice, "");
  CHECK(stage.alice.searches("resource", "").size() == 100);
  CHECK(stage.alice.searches("resource", "res-14042") == Labels{"res-14042"});
  CHECK(stage.alice.chooses("resource", "res-14042") == "");
  const std::string id = id_in(stage.alice.submits({{"duration", "30m"}}));
  REQUIRE_FALSE(id.empty());
  CHECK(stage.request(id)->asked.resource == "res-14042");
}

}  // namespace jitbot::scenario
