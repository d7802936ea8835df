#include "adapters/chat/mattermost/messenger.hpp"
#include "adapters/chat/mattermost/moment.hpp"
#include "tests/unit/mattermost/wire_stage.hpp"

// By whose clock times are told.
using namespace jitbot;
using namespace jitbot::mattermost;
using namespace jitbot::mattermost::testing;
using Json = nlohmann::json;

namespace {

const PrincipalId k_alices{"mattermost:s1", k_alice};

struct ZoneStage : WireStage {
  ZoneStage() : names(clock, rest), messenger(clock, random, rest, names) {
    messenger.know({"s1", k_bot, "jitbot", k_team});
    card.facts.push_back({Plain{"until "}, Moment{clock.now() + 1h}});
  }
  void alice_lives_in(const std::string& zone) {
    server.always("POST /users/ids", {200, Json::array({{{"id", k_alice},
                                                         {"username", "alice"},
                                                         {"timezone",
                                                          {{"useAutomaticTimezone", "false"},
                                                           {"manualTimezone", zone},
                                                           {"automaticTimezone", "Asia/Tokyo"}}}}})});
  }
  void channel_is(const std::string& type, const std::string& name) {
    server.always("GET /channels/" + k_channel, {200, {{"id", k_channel}, {"type", type}, {"name", name}}});
  }
  std::string zone(std::optional<PrincipalId> reader) {
    return finish(messenger.dress(card, Occasion{k_channel, "k", std::move(reader)})).zone;
  }

  NameBook names;
  Messenger messenger;
  Card card;
};

}  // namespace

TEST_CASE("one reader sees times by his own clock", "[mattermost][wire][zone]") {
  ZoneStage stage;
  stage.alice_lives_in("Europe/Berlin");
  CHECK(stage.zone(k_alices) == "Europe/Berlin");
  CHECK(stage.zone(k_alices) == "Europe/Berlin");
  CHECK(stage.server.calls() == 1);  // remembered
}

TEST_CASE("a direct message that is changed is read by whoever it was written to",
          "[mattermost][wire][zone]") {
  ZoneStage stage;
  stage.alice_lives_in("Europe/Berlin");
  const std::string name = GENERATE(k_alice + "__" + k_bot, k_bot + "__" + k_alice);
  stage.channel_is("D", name);
  CHECK(stage.zone(std::nullopt) == "Europe/Berlin");
}

TEST_CASE("a channel has many readers, and so UTC alone", "[mattermost][wire][zone]") {
  ZoneStage stage;
  stage.alice_lives_in("Europe/Berlin");
  SECTION("a channel") {
    stage.channel_is("P", k_bot + "__" + k_alice);
  }
  SECTION("a group of a few") {
    stage.channel_is("G", "abc");
  }
  CHECK(stage.zone(std::nullopt).empty());
  CHECK(stage.zone(PrincipalId{"slack:T1", k_alice}).empty());
}

TEST_CASE("who tells no zone, or one that there is not, is told UTC", "[mattermost][wire][zone]") {
  ZoneStage stage;
  stage.alice_lives_in(GENERATE(std::string(), std::string("Mars/Olympus")));
  const Moment moment{stage.clock.now() + 1h};
  const std::string zone = stage.zone(k_alices);
  CHECK(moment_text(moment, stage.clock.now(), zone) == moment_text(moment, stage.clock.now(), ""));
}

TEST_CASE("nobody is asked for his zone where no time is told", "[mattermost][wire][zone]") {
  ZoneStage stage;
  stage.card = answer("hello");
  CHECK(stage.zone(k_alices).empty());
  CHECK(stage.server.calls() == 0);
}
