#include "tests/scenario/harness.hpp"

// Home over the wire: what it shows, and that its buttons do what the cards' do.
namespace jitbot::scenario {

namespace {

sandbox::MethodFault away(const std::string& method) {
  sandbox::MethodFault fault;
  fault.method = method;
  fault.kind = sandbox::MethodFaultKind::api_error;
  fault.error = "internal_error";
  fault.count = -1;
  return fault;
}

int rows_of_inbox(Stage& stage) {
  return stage.get<int>([](Tx& tx) -> Result<int> {
    constexpr int k_many = 10'000;
    return static_cast<int>(tx.unfinished_inbox(k_many).size());
  });
}

}  // namespace

TEST_CASE("Home shows what one has, what waits for him, and what he may ask for") {
  Stage stage;
  stage.start();
  std::string empty = stage.alice.opens_home();
  INFO(empty);
  CHECK(contains(empty, "You have no access now, and nothing waits for you."));
  CHECK(contains(empty, "[Request access]"));
  CHECK(contains(empty, "What you may ask for (4)"));
  CHECK(contains(empty, "`viewer` at most 2h, needs approvers"));
  CHECK(contains(empty, "`user` at most 2h, approved without asking"));

  const std::string active = stage.active_staging("1h");
  const std::string waiting = stage.alice.requests("prod 1h INC-42 slow checkout");
  stage.until([&] { return contains(stage.alice.home(), "You asked for"); });
  stage.until([&] { return contains(stage.alice.home(), "Active"); });
  const std::string home = stage.alice.home();
  INFO(home);
  CHECK(contains(home, "What you have"));
  CHECK(contains(home, "✅ Active · *staging : viewer* · " + active));
  CHECK(contains(home, "until 03:00 UTC"));
  CHECK(contains(home, "⏳ Waiting · *prod : viewer* · " + waiting));
  CHECK(contains(home, "owners 0/1 · security 0/1"));
  CHECK_FALSE(contains(home, "Waits for you"));

  const std::string approver = stage.carol.opens_home();
  INFO(approver);
  CHECK(contains(approver, "Waits for you"));
  CHECK(contains(approver, "@alice asks for *prod : viewer* for 1h"));
  CHECK(contains(approver, "INC-42 slow checkout"));
  CHECK(contains(approver, "[Approve] "));
  CHECK_FALSE(contains(approver, "nothing waits"));
  CHECK_FALSE(contains(stage.bob.opens_home(), active));
}

TEST_CASE("the buttons on Home do what those of the cards do, and Home shows what came of it") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("staging 1h INC-7 look");
  REQUIRE(contains(stage.carol.opens_home(), id));
  REQUIRE(contains(stage.alice.opens_home(), "[Cancel]"));
  SECTION("approve, then give back") {
    stage.carol.presses_on_home("approve", id);
    stage.until_active(id);
    CHECK(stage.votes(id).size() == 1);
    stage.until([&] { return !contains(stage.carol.home(), id); });
    stage.until([&] { return contains(stage.alice.home(), "✅ Active · *staging : viewer* · " + id); });
    stage.alice.presses_on_home("done", id);
    stage.until_ended(id);
    stage.until([&] { return contains(stage.alice.home(), "You have no access now"); });
  }
  SECTION("deny, by its form") {
    stage.carol.presses_on_home("deny", id);
    stage.until([&] { return !stage.carol.form_text().empty(); }, 10s);
    stage.carol.submits({{"reason", "not on a Friday"}});
    stage.until([&] { return stage.request(id)->state == RequestState::denied; });
    stage.until([&] { return !contains(stage.carol.home(), id); });
    stage.until([&] { return !contains(stage.alice.home(), id); });
  }
  SECTION("cancel") {
    stage.alice.presses_on_home("cancel", id);
    stage.until([&] { return stage.request(id)->state == RequestState::cancelled; });
    stage.until([&] { return !contains(stage.carol.home(), id); });
  }
  SECTION("what cannot be done is told in the direct conversation") {
    stage.carol.approves(id);
    stage.until_active(id);
    // The Home of before: its button is still there on a phone that was offline.
    CHECK(stage.dave.opens_home() != "");
    CHECK_FALSE(contains(stage.dave.home(), "Waits for you"));
  }
}

TEST_CASE("Home's request button opens the form, and what it asks for shows on Home") {
  Stage stage;
  stage.start();
  stage.alice.opens_home();
  stage.alice.presses_on_home("request");
  stage.until([&] { return !stage.alice.form_text().empty(); }, 10s);
  stage.alice.searches("resource", "staging");
  CHECK(stage.alice.chooses("resource", "staging") == "");
  stage.alice.submits({{"duration", "30m"}, {"reason", "INC-7 look"}});
  stage.until([&] { return contains(stage.alice.home(), "You asked for"); });
  CHECK(contains(stage.alice.home(), "*staging : viewer*"));
  // There is no channel to answer in: the answer is a direct message.
  stage.until([&] { return contains(stage.alice.dm("staging : viewer"), "JIT-"); });
}

TEST_CASE("an empty Home says why it is empty") {
  Stage stage;
  stage.start();
  stage.active_staging();
  Someone gina = stage.person("gina");
  const std::string guest = gina.opens_home();
  CHECK(contains(guest, "Guests cannot ask for access."));
  for (const char* part : {"staging", "prod", "alice", "JIT-", "[", "/jit"})
    CHECK_FALSE(contains(guest, part));
}

TEST_CASE("while the directory is away Home shows what needs none, and says so") {
  Stage stage;
  stage.start();
  const std::string id = stage.active_staging();
  stage.advance(2min);
  stage.sandbox->fail_calls(away("users.info"));
  REQUIRE(stage.sandbox->open_home("alice", sandbox::HomeTab::home).has_value());
  stage.until([&] { return contains(stage.alice.home(), "directory cannot be asked now"); });
  const std::string home = stage.alice.home();
  CHECK(contains(home, "✅ Active · *staging : viewer* · " + id));
  CHECK_FALSE(contains(home, "What you may ask for"));
  stage.sandbox->clear_faults();
  stage.advance(10s);
  CHECK(contains(stage.alice.opens_home(), "What you may ask for (4)"));
}

TEST_CASE("looking at Home leaves no trace and costs Slack little") {
  Stage stage;
  stage.start();
  stage.active_staging();
  stage.advance(2min);
  const auto events = stage.events("inbox").size();
  const int people = stage.slack_calls("users.info");
  for (int i = 0; i < 5; ++i) stage.alice.opens_home();
  CHECK(stage.events("inbox").size() == events);
  CHECK(rows_of_inbox(stage) == 0);
  CHECK(stage.slack_calls("users.info") <= people + 1);
  const int published = stage.slack_calls("views.publish");
  stage.advance(20min);
  CHECK(stage.slack_calls("views.publish") <= published + 1);
}

TEST_CASE("Home is bounded however much there is") {
  StageOptions options;
  const auto at = options.config.find("pending_per_person: 3");
  REQUIRE(at != std::string::npos);
  options.config.replace(at, 21, "pending_per_person: 90");
  std::string many;
  for (int i = 0; i < 60; ++i) {
    many += "  many-" + std::to_string(100 + i) + ": {roles: {user: {connector: staging-db, grants: {n: \"" +
            std::to_string(i) + "\"}}}}\n";
  }
  options.policy.replace(options.policy.find("rules:\n"), 7, many + "rules:\n");
  const std::string match = "match: {resource: staging}";
  options.policy.replace(options.policy.find(match), match.size(),
                         "match: {resource: [staging, \"many-*\"]}");
  Stage stage(std::move(options));
  stage.start();
  for (int i = 0; i < 12; ++i) stage.alice.requests("many-" + std::to_string(100 + i) + " 1h INC-7 look");
  const std::string home = stage.carol.opens_home();
  INFO(home);
  CHECK(contains(home, "and 4 more: `/jit pending`"));
  CHECK(contains(stage.alice.opens_home(), "and 4 more: `/jit mine`"));
}

TEST_CASE("two who look at Home both see what one of them did") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("staging 1h INC-7 look");
  stage.carol.opens_home();
  stage.dave.opens_home();
  REQUIRE(contains(stage.dave.home(), id) == contains(stage.carol.home(), id));
  stage.carol.presses_on_home("approve", id);
  stage.until_active(id);
  stage.until([&] { return !contains(stage.dave.home(), id) && !contains(stage.carol.home(), id); });
}

TEST_CASE(
    "who shows no confirmed e-mail decides what his group may, and Home shows it and says what it cannot") {
  StageOptions options;
  for (auto& person : options.world.people)
    if (person.name == "carol") person.email_confirmed = false;
  Stage stage(std::move(options));
  stage.start();
  const std::string id = stage.alice.requests("staging 1h INC-7 look");
  const std::string home = stage.carol.opens_home();
  INFO(home);
  CHECK(contains(home, "shows no confirmed e-mail"));
  CHECK(contains(home, "Waits for you"));
  CHECK(contains(home, id));
  CHECK(contains(home, "rules name by e-mail"));
  CHECK_FALSE(contains(home, "[Request access]"));
  stage.carol.presses_on_home("approve", id);
  stage.until_active(id);
}

TEST_CASE("an extension that waits is called one on Home and in mine, with what it adds") {
  Stage stage;
  stage.start();
  const std::string id = stage.active_staging();
  const std::string extension = stage.alice.extends(id, "30m still digging");
  const std::string home = stage.alice.opens_home();
  INFO(home);
  CHECK(
      contains(home, "⏳ Waiting · Extension of " + id + " · *staging : viewer* · 30m more · " + extension));
  CHECK(contains(stage.alice.says("mine"), extension + " · Extension of " + id));
}

TEST_CASE("who asked for another is offered no extension, on his card and on Home") {
  Stage stage;
  stage.start();
  const std::string id = stage.dave.requests("staging 1h for @bob INC-7 look");
  stage.carol.approves(id);
  stage.until_active(id);
  stage.until([&] { return contains(stage.requester_card(id, "bob"), "[Extend…] [I'm done]"); });
  stage.until([&] { return contains(stage.requester_card(id, "dave"), "[I'm done]"); });
  CHECK_FALSE(contains(stage.requester_card(id, "dave"), "Extend"));
  CHECK_FALSE(contains(stage.dave.opens_home(), "Extend"));
}

}  // namespace jitbot::scenario
