#include "tests/scenario/mattermost_people.hpp"

// Votes by reaction on a Mattermost server, where nothing can be pressed. What every platform tells stands in
// the suites that run in several scenes.
namespace jitbot::scenario {

namespace {

const std::string k_yes = "white_check_mark";
const std::string k_no = "x";

struct Town {
  Town() : stage(on_mattermost(MattermostScene::Callbacks::none)) { stage.start(); }

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

TEST_CASE("a reaction on the card is a vote") {
  Town town;
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
  Town town;
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
  Town town;
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

}  // namespace jitbot::scenario
