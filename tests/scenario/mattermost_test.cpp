#include "tests/scenario/mattermost_people.hpp"

// The stories of the product on a Mattermost server: with buttons, with reactions, with commands.
namespace jitbot::scenario {

namespace {

using Callbacks = MattermostScene::Callbacks;
using Actions = std::vector<std::string>;
const std::string k_alice = "alice role=staging_ro";
const std::string k_yes = "white_check_mark";
const std::string k_no = "x";

struct Town {
  explicit Town(Callbacks callbacks = Callbacks::served) : stage(on_mattermost(callbacks)) { stage.start(); }

  std::string card(const std::string& id, const std::string& channel = k_staging) {
    return mattermost_text(stage, id, channel);
  }

  Stage stage;
  Member alice{stage, "alice"};
  Member bob{stage, "bob"};
  Member carol{stage, "carol"};
  Member dave{stage, "dave"};
  Member erin{stage, "erin"};
};

const std::string k_ask = "request staging 1h INC-7 look at queue";

}  // namespace

TEST_CASE("the whole story on Mattermost, with buttons: asked, approved, used, ended and proven absent") {
  Town town;
  Stage& stage = town.stage;
  const std::string id = id_in(town.alice.commands(k_ask));
  REQUIRE(!id.empty());
  stage.until([&] { return !town.card(id).empty(); });
  CHECK(contains(town.card(id), "Waiting · " + id));
  CHECK(contains(town.card(id), "@alice asks for **staging : viewer** for 1h"));
  CHECK(contains(town.card(id), "INC-7 look at queue"));
  REQUIRE(mattermost_card(stage, id));
  CHECK(mattermost_card(stage, id)->button("Approve") != nullptr);
  CHECK(stage.target("staging-db").calls().empty());

  CHECK(town.carol.presses("Approve", id).empty());
  stage.until_active(id);
  CHECK(contains(town.card(id), "Active until"));
  CHECK(contains(town.card(id), "approved by @carol (approvers)"));
  CHECK(mattermost_card(stage, id)->button("Approve") == nullptr);
  CHECK(stage.target("staging-db").has(k_alice));
  CHECK(contains(town.alice.dm("you can use"), "psql"));

  stage.until_ended(id, 61min);
  CHECK_FALSE(stage.target("staging-db").has(k_alice));
  CHECK(contains(town.card(id), "removed and confirmed absent"));
  CHECK(mattermost_cards(stage, id) == 1);
  CHECK(stage.actions(id) == Actions{"request.asked", "request.approved", "grant.created", "grant.active",
                                     "grant.warned", "grant.ending", "grant.ended"});
}

TEST_CASE("the whole story on Mattermost with nothing listening, by commands alone") {
  Town town(Callbacks::none);
  Stage& stage = town.stage;
  const std::string id = id_in(town.alice.writes(k_ask));
  REQUIRE(!id.empty());
  stage.until([&] { return !town.card(id).empty(); });
  CHECK(mattermost_card(stage, id)->buttons.empty());
  CHECK(contains(town.card(id), "approve " + id.substr(4)));
  (void)town.carol.writes("approve " + id);
  stage.until_active(id);
  CHECK(contains(town.card(id), "approved by @carol (approvers)"));
  CHECK(contains(town.alice.mentions("mine", k_staging), id));
  (void)town.alice.writes("done " + id);
  stage.until_ended(id);
  CHECK(contains(town.card(id), "removed and confirmed absent"));
  CHECK(mattermost_cards(stage, id) == 1);
}

TEST_CASE("the whole story on Mattermost with nothing listening, by reactions") {
  Town town(Callbacks::none);
  Stage& stage = town.stage;
  const std::string id = id_in(town.alice.mentions(k_ask, k_staging));
  REQUIRE(!id.empty());
  SECTION("a tick approves") {
    town.alice.reacts(k_yes, id);  // nobody decides for himself
    CHECK(stage.request(id)->state == RequestState::pending);
    town.carol.reacts(k_yes, id);
    stage.until_active(id);
    CHECK(contains(town.card(id), "approved by @carol (approvers)"));
    stage.until_ended(id, 61min);
  }
  SECTION("a cross denies") {
    town.carol.reacts(k_no, id);
    CHECK(stage.request(id)->state == RequestState::denied);
    CHECK(contains(town.card(id), "denied by @carol"));
  }
  SECTION("another emoji is none") {
    town.carol.reacts("tada", id);
    CHECK(stage.request(id)->state == RequestState::pending);
  }
}

TEST_CASE("a reaction that is taken back takes the vote back, while it is open") {
  Town town(Callbacks::none);
  Stage& stage = town.stage;
  const std::string id = id_in(town.alice.writes("request prod 1h INC-42 slow checkout"));
  REQUIRE(!id.empty());
  town.carol.reacts(k_yes, id, k_prod);
  CHECK(contains(town.card(id, k_prod), "owners 1/1"));
  town.carol.unreacts(k_yes, id, k_prod);
  CHECK(contains(town.card(id, k_prod), "owners 0/1"));
  town.erin.reacts(k_yes, id, k_prod);
  CHECK(stage.request(id)->state == RequestState::pending);
  town.dave.reacts(k_yes, id, k_prod);
  stage.until_active(id);
}

TEST_CASE("a reaction counts for what the card showed then, and not for what it was changed to") {
  Town town(Callbacks::none);
  Stage& stage = town.stage;
  const std::string id = id_in(town.alice.writes("request prod 1h INC-42 slow checkout"));
  REQUIRE(!id.empty());
  stage.until([&] { return !town.card(id, k_prod).empty(); });
  // Bob's reaction is there before the card changes, and is heard of after it.
  stage.mattermost->drop_sockets();
  REQUIRE(town.bob.client().react(mattermost_card(stage, id, k_prod)->id, k_yes).has_value());
  const std::string revised = id_in(town.carol.writes("revise " + id + " 30m because it is enough"));
  stage.until([&] { return contains(town.card(id, k_prod), id + ".2"); });
  stage.advance(30s);
  CHECK(contains(town.card(id, k_prod), "security 0/1"));
  CHECK(stage.request(id)->state == RequestState::pending);
  town.bob.unreacts(k_yes, id, k_prod);
  town.bob.reacts(k_yes, id, k_prod);
  stage.until_active(id);
}

TEST_CASE("a denial needs a reason in the dialog, and the dialog says so") {
  Town town;
  Stage& stage = town.stage;
  const std::string id = id_in(town.alice.commands(k_ask));
  REQUIRE(!id.empty());
  (void)town.carol.presses("Deny…", id);
  CHECK_FALSE(town.carol.submits({{"reason", " "}}).empty());
  CHECK(stage.request(id)->state == RequestState::pending);
  CHECK(town.carol.submits({{"reason", "not during the freeze"}}).empty());
  CHECK(stage.request(id)->state == RequestState::denied);
  CHECK(contains(town.card(id), "not during the freeze"));
  CHECK(stage.audit_detail(id, "request.denied")["reason"] == "not during the freeze");
}

TEST_CASE("the slash command alone opens the form, which asks as the command does") {
  Town town;
  Stage& stage = town.stage;
  (void)town.alice.commands("");
  REQUIRE(town.alice.sees_dialog());
  CHECK_FALSE(town.alice.submits({{"resource", "play"}, {"duration", "400d"}, {"reason", "fix it"}}).empty());
  CHECK(town.alice.submits({{"resource", "play"}, {"duration", "30m"}, {"reason", "fix it"}}).empty());
  stage.until([&] { return stage.target("play-db").has("ally role=play"); });
}

TEST_CASE("guests and outsiders decide nothing, whatever they press") {
  Town town;
  Member gina{town.stage, "gina"};
  const std::string id = id_in(town.alice.commands(k_ask));
  REQUIRE(!id.empty());
  CHECK_FALSE(gina.presses("Approve", id).empty());
  CHECK_FALSE(town.alice.presses("Approve", id).empty());
  CHECK_FALSE(town.bob.presses("Approve", id).empty());
  CHECK(town.stage.request(id)->state == RequestState::pending);
}

}  // namespace jitbot::scenario
