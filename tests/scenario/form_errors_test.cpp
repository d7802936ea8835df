#include "tests/scenario/harness.hpp"

#include <algorithm>

// What only facts tell is said in the form that is open, and nothing of it is stored.
namespace jitbot::scenario {

namespace {

void replace(std::string& text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
}

std::string title(Stage& stage, const Someone& who) {
  const auto views = stage.sandbox->open_views(who.name());
  return views.empty() ? "" : views.back().content["title"]["text"].get<std::string>();
}

std::string bare(const std::string& id) {
  return id.substr(4);
}

StageOptions with_risk() {
  StageOptions options;
  replace(options.policy, "admin: {connector: staging-db, grants: {role: staging_rw}}",
          "admin: {connector: staging-db, grants: {role: staging_rw}, risk: high, includes: [viewer]}");
  return options;
}

// A button that opens a form.
void opens(Stage& stage, Someone& who, const std::string& act, const std::string& id) {
  const auto has_it = [&](const std::vector<Message>& messages) {
    return std::ranges::any_of(messages, [&](const Message& it) { return it.offers(act); });
  };
  stage.until([&] {
    return has_it(stage.messages(k_staging)) || has_it(stage.messages(k_prod)) || has_it(who.dms());
  });
  who.starts_pressing(act, id);
  stage.until([&] { return !stage.sandbox->open_views(who.name()).empty(); }, 5s);
  stage.settle();
}

void opens_request(Stage& stage, const Someone& who) {
  sandbox::CommandInput input;
  input.user = who.name();
  input.channel = "#general";
  const auto outcome = stage.begin(stage.sandbox->run_command(std::move(input)));
  stage.until([&] { return outcome->has_value() && !stage.sandbox->open_views(who.name()).empty(); }, 10s);
  stage.settle();
}

bool is_open(Stage& stage, const Someone& who) {
  return !stage.sandbox->open_views(who.name()).empty();
}

sandbox::MethodFault silent(const std::string& method) {
  sandbox::MethodFault fault;
  fault.method = method;
  fault.kind = sandbox::MethodFaultKind::hang_before;
  fault.count = -1;
  return fault;
}

}  // namespace

TEST_CASE("a wrong name is told in the approval's form, which stays open until it is right") {
  Stage stage(with_risk());
  stage.start();
  const std::string id = stage.alice.requests("staging:admin 1h INC-7 look at queue");
  opens(stage, stage.carol, "confirm", id);
  CHECK(title(stage, stage.carol) == "Approve " + id);
  const std::string wrong = stage.carol.submits({{"name", "prod"}});
  CHECK(contains(wrong, "\"field:name\":\"That is not the resource's name"));
  CHECK(is_open(stage, stage.carol));
  CHECK(stage.actions(id) == std::vector<std::string>{"request.asked", "request.vote_refused"});
  CHECK(stage.votes(id).empty());
  CHECK(stage.carol.submits({{"name", "staging"}}) == "");
  stage.until_active(id);
}

TEST_CASE("what is not shorter is told in its form, at its field") {
  Stage stage(with_risk());
  stage.start();
  const std::string id = stage.alice.requests("staging 1h INC-7 look at queue");
  opens(stage, stage.carol, "shorter", id);
  const auto tries = [&](const std::string& duration) {
    return stage.carol.submits({{"duration", duration}, {"reason", "enough"}});
  };
  CHECK(contains(tries("2h"), "\"field:duration\":\"that is not shorter than 1h"));
  CHECK(contains(tries("60m"), "\"field:duration\":\"that is not shorter than 1h"));
  CHECK(contains(tries("soon"), "\"field:duration\":"));
  const std::string role =
      stage.carol.submits({{"duration", "30m"}, {"role", "nobody"}, {"reason", "enough"}});
  CHECK(contains(role, "\"field:role\":\"staging has no role"));
  CHECK(is_open(stage, stage.carol));
  CHECK(stage.request(id)->revision == 0);
  CHECK(stage.carol.submits({{"duration", "20m"}, {"role", ""}, {"reason", "enough"}}) == "");
  stage.until_active(id);
  CHECK(stage.request(id)->asked.duration == 20min);
}

TEST_CASE(
    "a form about what was decided or revised meanwhile says so, and a form says which revision it is") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("prod 2h INC-42 slow checkout");
  opens(stage, stage.carol, "shorter", id);
  CHECK(title(stage, stage.carol) == "Shorten " + id);
  SECTION("revised") {
    stage.dave.says("approve " + id);
    stage.erin.says("revise " + id + " 1h because the night shift takes over");
    REQUIRE(stage.request(id)->revision == 1);
    const std::string told = stage.carol.submits({{"duration", "30m"}, {"reason", "enough"}});
    CHECK(contains(told, "\"field:duration\":\"" + id + " has changed since that card was shown"));
    CHECK(stage.request(id)->revision == 1);
    stage.until([&] { return contains(stage.card(id, k_prod), id + ".2"); });
    opens(stage, stage.dave, "deny", id);
    CHECK(title(stage, stage.dave) == "Deny " + id + ".2");
  }
  SECTION("decided") {
    stage.alice.says("cancel " + id);
    const std::string told = stage.carol.submits({{"duration", "30m"}, {"reason", "enough"}});
    CHECK(contains(told, "\"field:duration\":\"" + id + " was already cancelled"));
  }
  SECTION("timed out") {
    stage.advance(61min);
    const std::string told = stage.carol.submits({{"duration", "30m"}, {"reason", "enough"}});
    CHECK(contains(told, "\"field:duration\":\"" + id + " has timed out"));
  }
}

TEST_CASE("an extension beyond the limits is told in its form, the nearest limit first") {
  Stage stage;
  stage.start();
  const std::string id = stage.active_staging("2h");
  opens(stage, stage.alice, "extend", id);
  CHECK(contains(stage.alice.submits({{"duration", "5h"}}),
                 "\"field:duration\":\"Rule staging allows at most 1h at a time\""));
  CHECK(is_open(stage, stage.alice));
  stage.alice.submits({{"duration", "40m"}, {"reason", "still digging"}});
  stage.until([&] { return !stage.alice.dm("asked: staging:viewer for 40m").empty(); });
  stage.carol.says("approve " + bare(id_in(stage.alice.dm("asked: staging:viewer for 40m"))));
  stage.until([&] { return stage.grant(id)->duration > 150min; });
  CHECK(contains(stage.alice.says("extend " + id + " 50m"), "so at most 20m more"));
}

TEST_CASE("who may not ask, or not for that, is told in the request form") {
  Stage stage;
  stage.start();
  SECTION("not for that role, by the rule that decides for him") {
    opens_request(stage, stage.alice);
    stage.alice.searches("resource", "staging");
    CHECK(stage.alice.chooses("resource", "staging") == "");
    stage.advance(2min);  // what was known of her is old
    const std::string told = stage.alice.submits({{"duration", "3h"}, {"reason", "INC-7 look"}});
    CHECK(contains(told, "\"field:duration\":\"rule staging allows at most 2h, not 3h\""));
    CHECK(is_open(stage, stage.alice));
  }
  SECTION("for a guest") {
    opens_request(stage, stage.alice);
    stage.alice.searches("resource", "staging");
    CHECK(stage.alice.chooses("resource", "staging") == "");
    const std::string told =
        stage.alice.submits({{"duration", "1h"}, {"reason", "INC-7 look"}, {"for_user", "U0GINA001"}});
    CHECK(contains(told, "\"field:for_user\":\"this person is a guest"));
  }
  SECTION("a guest is told at once, in place of a form") {
    Someone gina = stage.person("gina");
    opens_request(stage, gina);
    stage.until([&] { return contains(gina.form_text(), "Guests cannot ask for access"); }, 5s);
    CHECK_FALSE(contains(gina.form_text(), "For how long"));
    CHECK_FALSE(contains(gina.form_text(), "Reason"));
  }
  SECTION("who became a guest while the form lay open") {
    opens_request(stage, stage.alice);
    stage.alice.searches("resource", "staging");
    CHECK(stage.alice.chooses("resource", "staging") == "");
    REQUIRE(stage.sandbox->set_kind("alice", sandbox::PersonKind::guest));
    stage.advance(61s);
    const auto events = stage.events("staging:viewer").size();
    CHECK(contains(stage.alice.submits({{"duration", "1h"}, {"reason", "INC-7 look"}}),
                   "\"field:resource\":\"Guests cannot ask for access\""));
    CHECK(stage.events("staging:viewer").size() == events + 1);  // the refusal
    CHECK(stage.audited("staging:viewer", "request.refused"));
  }
}

TEST_CASE("a directory that is slow delays no acknowledgement: the form is taken, and answered beside") {
  Stage stage(with_risk());
  stage.start();
  const std::string id = stage.alice.requests("staging:admin 1h INC-7 look at queue");
  opens(stage, stage.carol, "confirm", id);
  stage.sandbox->fail_calls(silent("users.info"));
  const auto open_views = stage.sandbox->open_views("carol");
  sandbox::SubmitInput input;
  input.user = "carol";
  input.values = {{"field:name", "prod"}};
  const Time before = stage.now();
  const auto outcome = stage.begin(stage.sandbox->submit(std::move(input)));
  stage.until([&] { return outcome->has_value(); }, 10s);
  CHECK((*outcome)->ok());
  CHECK_FALSE((*outcome)->ack.contains("errors"));
  CHECK(stage.now() - before < 2500ms);
  CHECK_FALSE(is_open(stage, stage.carol));
  stage.sandbox->clear_faults();
  stage.until([&] { return !stage.carol.told().empty(); }, 60s);
  CHECK_FALSE(contains(stage.carol.told().back(), "approved"));
  CHECK(stage.votes(id).empty());
}

TEST_CASE("nobody learns by a form of a request that he may not see") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("prod 2h INC-42 slow checkout");
  opens(stage, stage.carol, "shorter", id);
  stage.alice.says("cancel " + id);
  REQUIRE(stage.sandbox->set_group_members("S0APPROVE", {"dave"}));
  stage.advance(61s);
  CHECK_FALSE(contains(stage.carol.submits({{"duration", "30m"}, {"reason", "enough"}}), "field:"));
}

}  // namespace jitbot::scenario
