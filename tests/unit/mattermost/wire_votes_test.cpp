#include "adapters/chat/mattermost/messenger.hpp"
#include "adapters/chat/mattermost/render.hpp"
#include "adapters/chat/mattermost/votes_on.hpp"
#include "tests/unit/mattermost/wire_stage.hpp"

// What cards say that reactions on them mean, while they are changed.
using namespace jitbot;
using namespace jitbot::mattermost;
using namespace jitbot::mattermost::testing;
using Json = nlohmann::json;

namespace {

const std::string k_patch = "PUT /posts/" + k_post + "/patch";
const Secret k_key("a key of thirty-two bytes, or so");

// Where reactions decide.
struct VotingStage : WireStage {
  VotingStage() : names(clock, rest), messenger(clock, random, rest, names) {
    messenger.know(Self{"s1", k_bot, "jitbot", k_team});
    messenger.dress_by([](const Occasion& occasion) {
      Dress dress;
      dress.votes = Votes{k_key, occasion.channel, std::nullopt, Time(), {}};
      return dress;
    });
  }
  static Card card(const std::string& digest, const std::string& progress) {
    Card card = answer("Waiting");
    card.facts.push_back({Plain{progress}});
    for (const Act act : {Act::approve, Act::deny})
      card.buttons.push_back({"Do", {RequestId{"7K3F"}, digest, act}, ButtonStyle::normal});
    return card;
  }
  static Json shown(const VoteSeal& sealed, std::int64_t edited) {
    Json post{{"id", k_post},
              {"user_id", k_bot},
              {"channel_id", k_channel},
              {"create_at", 1000},
              {"props", {{k_key_prop, "key1"}}}};
    post["edit_at"] = edited;
    post["update_at"] = edited;
    post["props"][k_votes_prop] = seal(sealed, k_key);
    return post;
  }
  void update(const Card& card, const Json& there) {
    server.next("GET /posts/" + k_post, {200, there});
    Json patched = there;
    patched["update_at"] = 70'000;
    server.always(k_patch, {200, patched});
    REQUIRE(finish(messenger.update({k_channel, k_post}, card, "key1")));
  }
  // What the patches wrote, in their order.
  std::vector<VoteSeal> written() {
    std::vector<VoteSeal> all;
    for (const Call& call : server.calls_of(k_patch)) {
      const Json* votes = &call.body.at("props").at(k_votes_prop);
      auto sealed = unseal_votes(votes->get<std::string>(), k_key);
      REQUIRE(sealed);
      all.push_back(std::move(*sealed));
    }
    return all;
  }

  NameBook names;
  Messenger messenger;
};

}  // namespace

TEST_CASE("a card that goes on meaning the same keeps since when, and whose votes were heard",
          "[mattermost][wire][votes]") {
  VotingStage stage;
  const Card card = VotingStage::card("1a2b", "owners 1/2");
  const std::vector<NotedVote> noted{{k_alice, "x", time_from_ms(4000)}};
  VoteSeal there{
      {card.buttons[0].value, card.buttons[1].value}, k_channel, "key1", std::nullopt, Time(), noted};
  SECTION("since it was made") {
    stage.update(card, stage.shown(there, 0));
    REQUIRE(stage.written().size() == 1);
    CHECK(stage.written()[0].since == time_from_ms(1000));
  }
  SECTION("since it was changed once") {
    there.since = time_from_ms(3000);
    stage.update(card, stage.shown(there, 60'000));
    REQUIRE(stage.written().size() == 1);
    CHECK(stage.written()[0].since == there.since);
  }
  CHECK(stage.written()[0].noted == noted);
}

TEST_CASE("a card that comes to mean something else tells since when, by the server's answer",
          "[mattermost][wire][votes]") {
  VotingStage stage;
  const Card card = VotingStage::card("9f8e", "owners 0/2");
  const Card before = VotingStage::card("1a2b", "owners 1/2");
  const VoteSeal there{{before.buttons[0].value, before.buttons[1].value},
                       k_channel,
                       "key1",
                       time_from_ms(3000),
                       Time(),
                       {{k_alice, "x", time_from_ms(4000)}}};
  Json post = stage.shown(there, 5000);
  SECTION("from what we wrote") {}
  SECTION("from what somebody else wrote there") {
    post["props"][k_votes_prop] = "7K3F|9f8e|approve";
  }
  stage.update(card, post);
  const auto written = stage.written();
  REQUIRE(written.size() == 2);
  CHECK_FALSE(written[0].since);
  CHECK(written[0].edited == time_from_ms(5000));
  CHECK(written[1].since == time_from_ms(70'000));
  for (const VoteSeal& one : written) {
    CHECK(one.noted.empty());
    CHECK(one.votes.front().digest_prefix == "9f8e");
  }
}

TEST_CASE("a card is not changed while it cannot be seen what it means", "[mattermost][wire][votes]") {
  VotingStage stage;
  stage.server.always("GET /posts/" + k_post, refusal(404, "app.post.get.app_error"));
  const auto updated =
      stage.finish(stage.messenger.update({k_channel, k_post}, VotingStage::card("1a2b", ""), "key1"));
  REQUIRE_FALSE(updated);
  CHECK(updated.error().kind == ErrorKind::not_found);
  CHECK(stage.server.calls_of(k_patch).empty());
}
