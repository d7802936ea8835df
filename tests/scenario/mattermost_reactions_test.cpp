#include "tests/scenario/mattermost_people.hpp"

#include <algorithm>

// Votes by reaction: what they count for, and what becomes of those that nobody heard.
namespace jitbot::scenario {

namespace {

const std::string k_yes = "white_check_mark";
const std::string k_no = "x";
const std::string k_ask_prod = "request prod 1h INC-42 slow checkout";
const std::string k_ask_staging = "request staging 1h INC-7 look at queue";
const char* const k_votes = "jitbot_votes";

struct Square {
  Square() : stage(on_mattermost(MattermostScene::Callbacks::none)) { stage.start(); }

  std::string asks(const std::string& what, const std::string& channel) {
    std::string id = id_in(alice.writes(what));
    REQUIRE(!id.empty());
    stage.until([&] { return mattermost_card(stage, id, channel).has_value(); });
    return id;
  }
  mm::Message card(const std::string& id, const std::string& channel = k_prod) {
    return *mattermost_card(stage, id, channel);
  }
  bool says(const std::string& id, const std::string& text, const std::string& channel = k_prod) {
    return contains(mattermost_text(stage, id, channel), text);
  }
  bool pending(const std::string& id) { return stage.request(id)->state == RequestState::pending; }
  // Somebody who may edit the bot's posts; only what is given changes.
  void edits(const std::string& post, const Json& what) {
    REQUIRE(stage.mattermost->as("jitbot").call("PUT", "/posts/" + post + "/patch", what).status == 200);
  }
  void reacts_unheard(Member& who, const std::string& post, const std::string& emoji) {
    REQUIRE(who.client().react(post, emoji).has_value());
  }
  VoteKind vote_of(const std::string& id, Member& who) {
    for (const Vote& vote : stage.votes(id)) {
      if (vote.voter.user == who.client().id()) return vote.kind;
    }
    FAIL("no vote of " << who.name());
    return VoteKind::withdrawn;
  }

  Stage stage;
  Member alice{stage, "alice"};
  Member bob{stage, "bob"};
  Member carol{stage, "carol"};
  Member dave{stage, "dave"};
};

}  // namespace

TEST_CASE("what somebody else wrote onto a card makes no reaction count, and is audited once") {
  Square town;
  const std::string id = town.asks(k_ask_staging, k_staging);
  const std::string other = town.asks(k_ask_prod, k_prod);
  const std::string post = town.card(id, k_staging).id;
  Json props = town.card(id, k_staging).props;
  SECTION("in plain words") {
    props[k_votes] = Json::array({other.substr(4) + "|1a2b3c4d5e6f|approve"});
  }
  SECTION("copied from another card, where it is genuine") {
    props[k_votes] = town.card(other).props.at(k_votes);
  }
  town.edits(post, {{"props", props}});
  town.stage.advance(5s);
  town.carol.reacts(k_yes, id, k_staging);
  town.dave.reacts(k_yes, id, k_staging);
  town.carol.unreacts(k_yes, id, k_staging);
  CHECK(town.pending(id));
  CHECK(town.pending(other));
  CHECK(town.stage.votes(id).empty());
  CHECK(town.stage.votes(other).empty());
  CHECK(town.carol.dms_with("is not as I made it") == 1);
  CHECK(town.dave.dms_with("is not as I made it") == 1);
  CHECK(town.stage.actions("reaction") == std::vector<std::string>{"callback.refused"});
  const Json refused = town.stage.audit_detail("reaction", "callback.refused");
  CHECK(refused["why"] == "forged");
  CHECK(refused["post"] == post);
  CHECK(refused["user"] == town.carol.client().id());
}

TEST_CASE("a reaction that is heard late counts, whatever else changed on the card meanwhile") {
  Square town;
  const std::string id = town.asks(k_ask_prod, k_prod);
  town.carol.reacts(k_yes, id, k_prod);
  REQUIRE(town.says(id, "owners 1/1"));
  town.stage.stop();
  const std::string post = town.card(id).id;
  town.reacts_unheard(town.bob, post, k_yes);
  town.edits(post, {{"message", "still the same request"}});
  town.stage.start();
  town.stage.until_active(id);
  CHECK(town.stage.votes(id).size() == 2);
}

TEST_CASE("a vote whose reaction is taken back while the bot is down is withdrawn when it is back") {
  Square town;
  const std::string id = town.asks(k_ask_prod, k_prod);
  town.carol.reacts(k_yes, id, k_prod);
  REQUIRE(town.says(id, "owners 1/1"));
  town.stage.stop();
  REQUIRE(town.carol.client().unreact(town.card(id).id, k_yes).has_value());
  town.stage.start();
  town.stage.until([&] { return town.says(id, "owners 0/1"); });
  CHECK(town.vote_of(id, town.carol) == VoteKind::withdrawn);
  // Once, though we are started again, and her typed word stands whatever she does with emojis.
  (void)town.carol.writes("approve " + id);
  CHECK(town.says(id, "owners 1/1"));
  town.stage.restart();
  town.stage.advance(1min);
  CHECK(town.vote_of(id, town.carol) == VoteKind::approve);
}

TEST_CASE("a reaction that stands is one vote, however often the bot is started") {
  Square town;
  const std::string id = town.asks(k_ask_prod, k_prod);
  town.carol.reacts(k_yes, id, k_prod);
  for (int i = 0; i < 3; ++i) {
    town.stage.restart();
    town.stage.advance(10s);
  }
  const auto actions = town.stage.actions(id);
  CHECK(std::ranges::count(actions, "request.vote") == 1);
  CHECK(town.stage.votes(id).size() == 1);
  CHECK(town.says(id, "owners 1/1"));
}

TEST_CASE("of two reactions of one person the newer is the vote, and the other when that is taken back") {
  Square town;
  const std::string id = town.asks(k_ask_prod, k_prod);
  town.carol.reacts(k_no, id, k_prod);
  CHECK(town.vote_of(id, town.carol) == VoteKind::deny);
  town.carol.reacts(k_yes, id, k_prod);
  CHECK(town.vote_of(id, town.carol) == VoteKind::approve);
  SECTION("live") {
    town.carol.unreacts(k_yes, id, k_prod);
  }
  SECTION("while the bot is down") {
    town.stage.stop();
    REQUIRE(town.carol.client().unreact(town.card(id).id, k_yes).has_value());
    town.stage.start();
    town.stage.advance(10s);
  }
  CHECK(town.vote_of(id, town.carol) == VoteKind::deny);
  town.carol.unreacts(k_no, id, k_prod);
  CHECK(town.vote_of(id, town.carol) == VoteKind::withdrawn);
  CHECK(town.pending(id));
}

TEST_CASE("a reaction to what a card showed before counts for nothing, and its author is told once") {
  Square town;
  const std::string id = town.asks(k_ask_prod, k_prod);
  const std::string post = town.card(id).id;
  std::int64_t at = 0;
  SECTION("made before") {}
  SECTION("with a time of its maker's choice") {
    at = to_ms(town.stage.clock.now() + 24h);
  }
  const Json reaction{
      {"user_id", town.bob.client().id()}, {"post_id", post}, {"emoji_name", k_yes}, {"create_at", at}};
  REQUIRE(town.bob.client().call("POST", "/reactions", reaction).status == 200);
  town.stage.advance(5s);
  (void)town.carol.writes("revise " + id + " 30m because it is enough");
  town.stage.until([&] { return town.says(id, id + ".2"); });
  town.stage.advance(30s);
  CHECK(town.says(id, "security 0/1"));
  town.stage.restart();
  town.stage.advance(30s);
  CHECK(town.says(id, "security 0/1"));
  CHECK(town.pending(id));
  CHECK(town.bob.dms_with("has changed since your reaction") == 1);
  // What is put there again keeps its first time on the server, and counts all the same.
  town.bob.unreacts(k_yes, id, k_prod);
  town.bob.reacts(k_yes, id, k_prod);
  town.stage.until_active(id);
}

TEST_CASE("a reaction right after the card changed counts") {
  Square town;
  const std::string id = town.asks(k_ask_prod, k_prod);
  (void)town.carol.writes("revise " + id + " 30m because it is enough");
  town.stage.until([&] { return town.says(id, id + ".2"); });
  REQUIRE(town.bob.client().react(town.card(id).id, k_yes).has_value());
  town.stage.until_active(id);
}

TEST_CASE("where there is no slash command nobody is told to type one") {
  Square town;
  const std::string id = town.asks(k_ask_staging, k_staging);
  for (const char* words : {"help", "help request", "mine", "pending", "approve", "request nosuch 1h", "debt",
                            "show", "resources", "explain staging", "extend", "what", ""})
    (void)town.alice.writes(words);
  (void)town.carol.writes("approve " + id);
  town.stage.until_active(id);
  town.stage.advance(5s);
  std::vector<mm::Message> all = town.alice.dms();
  all.push_back(town.card(id, k_staging));
  bool told = false;
  for (const mm::Message& message : all) {
    const std::string text = message.all_text();
    INFO(text);
    CHECK_FALSE(contains(text, "/jit"));
    told = told || contains(text, "@jitbot");
  }
  CHECK(told);
}

}  // namespace jitbot::scenario
