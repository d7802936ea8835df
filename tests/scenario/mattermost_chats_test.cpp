#include "tests/scenario/mattermost_people.hpp"

#include <chrono>

// Slack and Mattermost beside each other: one of them down, and one person in both.
namespace jitbot::scenario {

namespace {

using sandbox::Switch;
const std::string k_alice = "alice role=staging_ro";
const std::string k_approvers = "4xp9fdt77pncbef59f4k1qe83o";

void replace(std::string& text, const std::string& what, const std::string& with) {
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  text.replace(at, what.size(), with);
}

// Cards stand in both chats, and who approves is in a group of each. Two owners of prod decide.
StageOptions on_both(const std::string& identity = "confirmed") {
  StageOptions options = on_mattermost();
  options.mattermost->slack = MattermostScene::Slack::beside;
  options.policy = usual_policy();
  replace(options.policy,
          "  security:", "  locals: {from: \"mattermost:channel/" + k_approvers + "\"}\n  security:");
  replace(options.policy, "from: [group:approvers, gina", "from: [group:approvers, group:locals, gina");
  replace(options.policy, "owners: [group:approvers]", "owners: [group:approvers, group:locals]");
  replace(options.policy, "{name: owners, from: [owners]}", "{name: owners, from: [owners], count: 2}");
  for (const char* channel : {"staging-approvals", "prod-approvals"}) {
    const std::string name = channel;
    replace(options.policy, "[\"#" + name + "\"]", "[\"slack:#" + name + "\", \"mattermost:#" + name + "\"]");
  }
  replace(options.config, "channel: \"#", "channel: \"slack:#");
  options.config += "identity: " + identity + "\n";
  return options;
}

struct Both {
  explicit Both(const std::string& identity = "confirmed") : stage(on_both(identity)) { stage.start(); }

  bool on_slack() { return stage.sandbox->connections().size() >= 2; }
  bool on_mattermost() { return stage.mattermost->sockets() >= 1; }

  Stage stage;
  Member alice{stage, "alice"};
  Member bob{stage, "bob"};
  Member carol{stage, "carol"};
  Member dave{stage, "dave"};
};

// Who people are is told by Slack when time passes, and none does.
void hold_up_facts(Stage& stage) {
  sandbox::MethodFault fault;
  fault.method = "users.info";
  fault.kind = sandbox::MethodFaultKind::rate_limited;
  fault.count = -1;
  fault.retry_after = 30;
  stage.sandbox->fail_calls(fault);
}

// What was said has arrived; it takes the machine's time, and none of the test's.
void wait_until_taken(Stage& stage) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  const auto taken = [&] {
    return stage.get<bool>([](Tx& tx) -> Result<bool> { return !tx.unfinished_inbox(1).empty(); });
  };
  while (!taken() && std::chrono::steady_clock::now() < deadline) {
    stage.loop.restart();
    stage.loop.run_one_for(std::chrono::milliseconds(5));
  }
  REQUIRE(taken());
}

// The bot is cut off from Slack, ends, and its files are those of the moment that was
// saved.
void cut_power(Stage& stage, const std::string& saved) {
  stage.sandbox->outage(Switch::on);
  stage.stop();
  stage.load_disk(saved);
  stage.sandbox->clear_faults();
  stage.sandbox->outage(Switch::off);
}

}  // namespace

TEST_CASE("Mattermost is down at the bot's start, and Slack's requests live their whole life") {
  Both both;
  Stage& stage = both.stage;
  const std::string waiting = id_in(both.bob.commands("request staging 1h INC-8 look too"));
  REQUIRE(!waiting.empty());
  stage.until([&] { return stage.cards(waiting) == 1 && mattermost_cards(stage, waiting) == 1; });
  stage.stop();
  stage.mattermost->stop();
  REQUIRE(stage.try_start().has_value());
  stage.until([&] { return both.on_slack(); });

  const std::string id = stage.alice.requests("staging 30m INC-7 look at queue");
  stage.carol.approves(id);
  stage.until_active(id);
  CHECK(stage.target("staging-db").has(k_alice));
  stage.until_ended(id, 31min);
  stage.until([&] { return contains(stage.card(id), "removed and confirmed absent"); });
  CHECK_FALSE(stage.target("staging-db").has(k_alice));

  REQUIRE(stage.mattermost->start().has_value());
  stage.until([&] { return both.on_mattermost(); }, 10min);
  stage.until([&] { return contains(mattermost_text(stage, id), "removed and confirmed absent"); }, 10min);
  CHECK(mattermost_cards(stage, id) == 1);
  CHECK(stage.cards(id) == 1);
  both.carol.presses("Approve", waiting);
  CHECK(stage.request(waiting)->state == RequestState::pending);  // that account of hers is not linked
  stage.carol.approves(waiting);
  stage.until_active(waiting);
  stage.until([&] { return contains(mattermost_text(stage, waiting), "Active until"); }, 5min);
  CHECK(mattermost_cards(stage, waiting) == 1);
}

TEST_CASE("Slack is down at the bot's start, and Mattermost's requests live their whole life") {
  Both both;
  Stage& stage = both.stage;
  stage.stop();
  stage.sandbox->outage(Switch::on);
  REQUIRE(stage.try_start().has_value());
  stage.until([&] { return both.on_mattermost(); });

  const std::string id = id_in(both.alice.commands("request staging 30m INC-7 look at queue"));
  REQUIRE(!id.empty());
  both.carol.presses("Approve", id);
  stage.until_active(id);
  stage.until_ended(id, 31min);
  stage.until([&] { return contains(mattermost_text(stage, id), "removed and confirmed absent"); });
  CHECK(stage.cards(id) == 0);

  stage.sandbox->outage(Switch::off);
  stage.until([&] { return both.on_slack(); }, 10min);
  stage.until([&] { return contains(stage.card(id), "removed and confirmed absent"); }, 10min);
  CHECK(stage.cards(id) == 1);
  CHECK(mattermost_cards(stage, id) == 1);
}

TEST_CASE("what one chat's people said before a power cut waits for no other chat") {
  Both both;
  Stage& stage = both.stage;
  hold_up_facts(stage);
  sandbox::CommandInput said;
  said.user = "alice";
  said.channel = "#general";
  said.text = "request staging 30m INC-7 look at queue";
  (void)stage.begin(stage.sandbox->run_command(said));
  wait_until_taken(stage);
  stage.save_disk("cut");
  cut_power(stage, "cut");
  stage.mattermost->stop();
  REQUIRE(stage.try_start().has_value());
  stage.until([&] { return stage.channel_text(k_staging).find("Waiting") != std::string::npos; });
  const std::string id = id_in(stage.channel_text(k_staging));
  stage.carol.approves(id);
  stage.until_active(id);
  REQUIRE(stage.mattermost->start().has_value());
  stage.until([&] { return contains(mattermost_text(stage, id), "Active until"); }, 10min);
  CHECK(mattermost_cards(stage, id) == 1);
  CHECK(stage.cards(id) == 1);
}

TEST_CASE("what a linked account said before a power cut waits for the chat of its person") {
  Both both("trusted");
  Stage& stage = both.stage;
  const std::string id = stage.alice.requests("staging 30m INC-7 look at queue");
  (void)stage.carol.says("request staging 1h INC-9 my own");  // binds her there
  CHECK_FALSE(both.carol.commands("mine").empty());
  hold_up_facts(stage);
  (void)stage.begin(both.carol.client().command("#town-square", "/jit approve " + id));
  wait_until_taken(stage);
  stage.save_disk("cut");
  CHECK(stage.votes(id).empty());
  cut_power(stage, "cut");
  stage.sandbox->outage(Switch::on);
  REQUIRE(stage.try_start().has_value());
  stage.until([&] { return both.on_mattermost(); });
  stage.advance(1min);
  CHECK(stage.votes(id).empty());
  CHECK(both.carol.dms().empty());  // nobody told her to try again
  stage.sandbox->outage(Switch::off);
  stage.until([&] { return both.on_slack(); }, 10min);
  stage.until([&] { return stage.votes(id).size() == 1; }, 10min);
  stage.until_active(id);
}

// --- one person in both

TEST_CASE("trusted: one person in both chats votes once, and never for himself") {
  Both both("trusted");
  Stage& stage = both.stage;
  const std::string id = stage.alice.requests("prod 1h INC-42 slow checkout");
  stage.until([&] { return mattermost_cards(stage, id, k_prod) == 1; });
  SECTION("the asker's other account decides nothing for her") {
    CHECK(contains(both.alice.commands("mine"), id));
    both.alice.presses("Approve", id, k_prod);
    CHECK(stage.votes(id).empty());
    CHECK_FALSE(both.alice.commands("approve " + id).empty());
    CHECK(stage.votes(id).empty());
  }
  SECTION("two accounts of one approver are one vote") {
    stage.carol.approves(id);
    CHECK(stage.votes(id).size() == 1);
    both.carol.presses("Approve", id, k_prod);
    (void)both.carol.commands("approve " + id);
    CHECK(stage.votes(id).size() == 1);
    CHECK(stage.request(id)->state == RequestState::pending);
    CHECK(stage.audited(to_string(stage.carol.id()), "principal.linked"));
    both.dave.presses("Approve", id, k_prod);
    CHECK(stage.votes(id).size() == 2);
    both.bob.presses("Approve", id, k_prod);
    stage.until_active(id);
  }
}

TEST_CASE("trusted: an e-mail that its first owner does not have any more links nobody") {
  Both both("trusted");
  Stage& stage = both.stage;
  const std::string id = stage.alice.requests("staging 1h INC-7 look at queue");
  stage.carol.approves(id);  // binds carol's e-mail on Slack
  stage.until_active(id);
  const std::string waiting = stage.bob.requests("staging 1h INC-8 look too");
  SECTION("because she has another one now") {
    REQUIRE(stage.sandbox->set_email("carol", "carol.new@example.com"));
  }
  SECTION("because she has left") {
    REQUIRE(stage.sandbox->deactivate("carol"));
  }
  stage.until([&] { return mattermost_cards(stage, waiting) == 1; });
  both.carol.presses("Approve", waiting);
  CHECK(stage.votes(waiting).empty());
  CHECK_FALSE(stage.audited(to_string(stage.carol.id()), "principal.linked"));
  CHECK(contains(both.carol.commands("request staging 1h INC-9 me too"), "not linked with yours on slack"));
}

TEST_CASE("trusted: who was linked and takes another e-mail is nobody until it is the old one again") {
  Both both("trusted");
  Stage& stage = both.stage;
  const std::string id = stage.bob.requests("staging 1h INC-8 look too");
  stage.until([&] { return mattermost_cards(stage, id) == 1; });
  (void)stage.carol.says("request staging 1h INC-9 my own");  // binds her there
  CHECK_FALSE(contains(both.carol.commands("mine"), "e-mail"));
  CHECK(stage.audited(to_string(stage.carol.id()), "principal.linked"));
  const std::string path = "/users/" + stage.mattermost->id_of("carol") + "/patch";
  (void)stage.mattermost->as_admin("PUT", path, {{"email", "eve@example.com"}});
  CHECK(contains(both.carol.commands("approve " + id), "not any more that of your other one"));
  CHECK(stage.votes(id).empty());
  stage.until([&] { return stage.told_admins("Identity conflict") == 1; });
  (void)stage.mattermost->as_admin("PUT", path, {{"email", "carol@example.com"}});
  (void)both.carol.commands("approve " + id);
  stage.until_active(id);
}

TEST_CASE("trusted: somebody's first act may be a form") {
  Both both("trusted");
  Stage& stage = both.stage;
  const std::string id = stage.alice.requests("staging 1h INC-7 look at queue");
  REQUIRE(!id.empty());
  (void)both.alice.commands("");
  REQUIRE(both.alice.sees_dialog());
  CHECK(both.alice.submits({{"resource", "prod"}, {"duration", "1h"}, {"reason", "INC-42 slow checkout"}}) ==
        "");
  stage.until([&] { return contains(stage.channel_text(k_prod), "Waiting"); });
  CHECK(stage.audited(to_string(stage.alice.id()), "principal.linked"));
  CHECK(contains(stage.alice.says("mine"), "prod"));
}

TEST_CASE("an account that shows no e-mail is told to link, wherever it looks, and linking helps") {
  Both both;
  Stage& stage = both.stage;
  const std::string id = stage.bob.requests("staging 1h INC-8 look too");
  stage.until([&] { return mattermost_cards(stage, id) == 1; });
  const std::string path = "/users/" + stage.mattermost->id_of("carol") + "/patch";
  (void)stage.mattermost->as_admin("PUT", path, {{"email", ""}});
  SECTION("in a command") {
    CHECK(contains(both.carol.commands("mine"), "/jit link"));
  }
  SECTION("at a button") {
    CHECK(contains(both.carol.presses("Approve", id), "/jit link"));
  }
  SECTION("in a form") {
    (void)both.carol.commands("");
    REQUIRE(both.carol.sees_dialog());
    CHECK(
        contains(both.carol.submits({{"resource", "staging"}, {"duration", "1h"}, {"reason", "INC-9 look"}}),
                 "/jit link"));
  }
  CHECK(stage.votes(id).empty());
  (void)stage.carol.says("link");
  const std::string told = stage.carol.told().back();
  const auto at = told.find("/jit link ");
  REQUIRE(at != std::string::npos);
  const std::string code = told.substr(at + 10, told.find(' ', at + 10) - at - 10);
  CHECK(contains(both.carol.commands("link " + code), "one person"));
  (void)both.carol.commands("approve " + id);
  stage.until_active(id);
  CHECK(contains(stage.card(id), "approved by @carol"));
}

TEST_CASE("Home says what to do where an account shows no e-mail, or is linked with none") {
  Both both;
  Stage& stage = both.stage;
  SECTION("it shows none") {
    REQUIRE(stage.sandbox->set_email("dave", ""));
    CHECK(contains(stage.dave.opens_home(), "/jit link"));
  }
  SECTION("it is that of an account of the other chat") {
    (void)both.alice.commands("request staging 1h INC-7 look at queue");
    const std::string home = stage.alice.opens_home();
    CHECK(contains(home, "not linked with yours on mattermost"));
    CHECK(contains(home, "/jit link"));
  }
}

}  // namespace jitbot::scenario
