#include "tests/scenario/mattermost_people.hpp"

#include <algorithm>

// What servers do: restart, forget, refuse, lose answers. And what the bot does: restart.
namespace jitbot::scenario {

namespace {

struct Shaken {
  explicit Shaken(MattermostScene::Callbacks callbacks = MattermostScene::Callbacks::served)
      : stage(on_mattermost(callbacks)) {
    stage.start();
  }
  std::string asks(const std::string& what = "request staging 1h INC-7 look at queue") {
    const std::string id = id_in(alice.commands(what));
    REQUIRE(!id.empty());
    stage.until([&] { return mattermost_card(stage, id).has_value(); });
    return id;
  }

  Stage stage;
  Member alice{stage, "alice"};
  Member carol{stage, "carol"};
  Member dave{stage, "dave"};
};

}  // namespace

TEST_CASE("a card whose answer was lost stands there once") {
  Shaken town;
  town.stage.mattermost->lose_next_post();
  const std::string id = id_in(town.alice.commands("request staging 1h INC-7 look at queue"));
  REQUIRE(!id.empty());
  town.stage.advance(2min);
  CHECK(mattermost_cards(town.stage, id) == 1);
  town.carol.presses("Approve", id);
  town.stage.until_active(id);
}

TEST_CASE("what was shown before the bot's restart can be pressed after it") {
  Shaken town;
  const std::string id = town.asks();
  town.stage.restart();
  town.carol.presses("Approve", id);
  town.stage.until_active(id);
  CHECK(mattermost_cards(town.stage, id) == 1);
}

TEST_CASE("what is said while the bot is away is heard when it is back") {
  Shaken town(MattermostScene::Callbacks::none);
  const std::string id = id_in(town.alice.writes("request staging 1h INC-7 look at queue"));
  REQUIRE(!id.empty());
  town.stage.until([&] { return mattermost_card(town.stage, id).has_value(); });
  town.stage.stop();
  REQUIRE(town.carol.client().react(mattermost_card(town.stage, id)->id, "white_check_mark").has_value());
  town.stage.start();
  town.stage.until_active(id);
}

TEST_CASE("the server restarts in the middle of a decision, and nothing is lost or done twice") {
  Shaken town(MattermostScene::Callbacks::none);
  const std::string id = id_in(town.alice.writes("request prod 1h INC-42 slow checkout"));
  REQUIRE(!id.empty());
  town.stage.until([&] { return mattermost_card(town.stage, id, k_prod).has_value(); });
  (void)town.carol.writes("approve " + id);
  town.stage.mattermost->restart();
  REQUIRE(Member(town.stage, "erin").client().say("@jitbot", "approve " + id).has_value());
  town.stage.until_active(id, 5min);
  CHECK(mattermost_cards(town.stage, id, k_prod) == 1);
  town.stage.until_ended(id, 61min);
}

TEST_CASE("a token that is revoked ends no access late, and works again when it is restored") {
  Shaken town;
  const std::string id = town.asks("request staging 5m INC-7 look at queue");
  town.carol.presses("Approve", id);
  town.stage.until_active(id);
  town.stage.mattermost->revoke_tokens("jitbot");
  town.stage.until_ended(id, 6min);
  CHECK_FALSE(town.stage.target("staging-db").has("alice role=staging_ro"));
  town.stage.mattermost->restore_tokens("jitbot");
  town.stage.until([&] { return contains(mattermost_text(town.stage, id), "removed and confirmed absent"); },
                   10min);
}

TEST_CASE("what was due while the token was revoked is said when it is restored") {
  Shaken town;
  Stage& stage = town.stage;
  const std::string id = town.asks();
  town.carol.presses("Approve", id);
  stage.until_active(id);
  const std::string waiting = id_in(town.alice.commands("request prod 1h INC-42 slow checkout"));
  REQUIRE(!waiting.empty());
  stage.until([&] { return mattermost_card(stage, waiting, k_prod).has_value(); });
  const std::string card = mattermost_card(stage, waiting, k_prod)->id;
  stage.mattermost->revoke_tokens("jitbot");
  stage.advance(52min);  // the warning is due
  const auto pressed = stage.begin(town.carol.client().click(card, "Approve"));
  stage.until([&] { return pressed->has_value(); }, 2min);
  stage.settle();
  CHECK(stage.votes(waiting).empty());
  CHECK(stage.audit_detail("button", "callback.refused").is_null());  // she is no forger
  CHECK(town.alice.dms_with("Ends soon") == 0);
  stage.mattermost->restore_tokens("jitbot");
  stage.until([&] { return town.alice.dms_with("Ends soon") == 1; }, 5min);
}

TEST_CASE("a server without its database refuses for a while, and no message is dropped for it") {
  Shaken town;
  const std::string id = town.asks();
  SECTION("with cold sessions") {
    town.stage.mattermost->lose_database(mm::Database::lost_cold);
  }
  SECTION("with warm ones") {
    town.stage.mattermost->lose_database(mm::Database::lost_warm);
  }
  town.stage.advance(20min);
  town.stage.mattermost->restore_database();
  town.stage.until([&] { return town.stage.app().chat_live(); }, 10min);
  town.carol.presses("Approve", id);
  town.stage.until_active(id, 5min);
  town.stage.until([&] { return contains(mattermost_text(town.stage, id), "Active until"); }, 5min);
}

TEST_CASE("a socket that is open and deaf is found out") {
  Shaken town(MattermostScene::Callbacks::none);
  town.stage.mattermost->hang_sockets();
  REQUIRE(town.alice.client().say("@jitbot", "request staging 1h INC-7 look at queue").has_value());
  town.stage.until([&] { return !town.alice.dms().empty(); }, 5min);
}

TEST_CASE("a reaction that is taken back while the socket is lost takes the vote back") {
  Shaken town(MattermostScene::Callbacks::none);
  const std::string id = id_in(town.alice.writes("request prod 1h INC-42 slow checkout"));
  REQUIRE(!id.empty());
  town.carol.reacts("white_check_mark", id, k_prod);
  CHECK(contains(mattermost_text(town.stage, id, k_prod), "owners 1/1"));
  town.stage.mattermost->lose_resume();
  REQUIRE(town.carol.client()
              .unreact(mattermost_card(town.stage, id, k_prod)->id, "white_check_mark")
              .has_value());
  town.stage.until([&] { return contains(mattermost_text(town.stage, id, k_prod), "owners 0/1"); }, 5min);
}

TEST_CASE("a card that somebody deleted is shown anew") {
  Shaken town;
  const std::string id = town.asks();
  Member admin{town.stage, "sysadmin"};
  REQUIRE(admin.client().remove(mattermost_card(town.stage, id)->id).has_value());
  (void)town.carol.commands("approve " + id);
  town.stage.until_active(id);
  town.stage.until([&] { return contains(mattermost_text(town.stage, id), "Active until"); }, 5min);
  CHECK(mattermost_cards(town.stage, id) == 1);
}

TEST_CASE("two approvers at once on Mattermost decide once") {
  Shaken town;
  const std::string id = town.asks();
  const std::string post = mattermost_card(town.stage, id)->id;
  const auto one = town.stage.begin(town.carol.client().click(post, "Approve"));
  const auto other = town.stage.begin(town.dave.client().click(post, "Approve"));
  town.stage.until([&] { return one->has_value() && other->has_value(); }, 30s);
  town.stage.until_active(id);
  CHECK(town.stage.votes(id).size() == 1);
  const auto actions = town.stage.actions(id);
  CHECK(std::ranges::count(actions, "request.approved") == 1);
  CHECK(std::ranges::count(actions, "grant.created") == 1);
}

TEST_CASE("accounts on Slack and Mattermost become one person by a code said in both") {
  StageOptions options = on_mattermost();
  options.mattermost->slack = MattermostScene::Slack::beside;
  options.policy = usual_policy();
  for (std::string::size_type at = 0; (at = options.policy.find("[\"#", at)) != std::string::npos; at += 3)
    options.policy.insert(at + 2, "slack:");
  const auto admins = options.config.find("channel: \"#");
  options.config.insert(admins + 10, "slack:");
  Stage stage(std::move(options));
  stage.start();
  Member carol{stage, "carol"};
  Member alice{stage, "alice"};
  const std::string id = stage.alice.requests("staging 1h INC-7 look at queue");
  CHECK(contains(stage.card(id), "Waiting"));
  // Another account with the same e-mail is nobody until it is linked.
  CHECK_FALSE(contains(alice.commands("mine"), id));
  CHECK(contains(stage.carol.says("link"), "/jit link "));
  const std::string told = stage.carol.told().back();
  const auto at = told.find("/jit link ");
  const std::string code = told.substr(at + 10, told.find(' ', at + 10) - at - 10);
  CHECK(contains(carol.commands("link " + code), "one person"));
  CHECK(contains(carol.commands("link " + code), "linked already"));
  (void)carol.commands("approve " + id);
  stage.until_active(id);
  CHECK(contains(stage.card(id), "approved by @carol (approvers)"));
  CHECK(stage.audited(to_string(stage.carol.id()), "principal.linked"));
}

}  // namespace jitbot::scenario
