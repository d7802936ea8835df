#include "tests/scenario/mattermost_people.hpp"

#include <chrono>
#include <functional>

// Dialogs on a server that takes its time: what opens one is good for three seconds.
namespace jitbot::scenario {

namespace {

const std::string k_ask = "request staging 1h INC-7 look at queue";

struct Crawling {
  Crawling() : stage(on_mattermost()) { stage.start(); }

  std::string asks() {
    std::string id = id_in(alice.commands(k_ask));
    REQUIRE(!id.empty());
    stage.until([&] { return mattermost_card(stage, id).has_value(); });
    // What is known by now is forgotten: names are good for a minute.
    stage.advance(2min);
    return id;
  }
  // While each answer of the server takes that long, by the stage's clock.
  mm::Outcome with_slowness(Millis each, Task<mm::Outcome> act) {
    stage.mattermost->be_slow(each);
    const auto outcome = stage.begin(std::move(act));
    crawl([&] { return outcome->has_value(); });
    stage.mattermost->be_slow(0ms);
    REQUIRE(outcome->has_value());
    mm::Outcome told = **outcome;
    INFO(told.status << " " << told.error);
    CHECK(told.status == 200);
    return told;
  }
  mm::Outcome presses(Millis each, const std::string& button, const std::string& id) {
    return with_slowness(each, carol.client().click(mattermost_card(stage, id)->id, button));
  }
  mm::Outcome types(Millis each, const std::string& words) {
    return with_slowness(each, alice.client().command("#town-square", words));
  }
  // Time passes though calls are under way, while nothing comes over a socket.
  void crawl(const std::function<bool()>& condition) {
    for (int steps = 0; steps < 300 && !condition();) {
      stage.loop.restart();
      if (stage.loop.run_one_for(std::chrono::milliseconds(50)) > 0) continue;
      stage.clock.advance(100ms);
      ++steps;
    }
  }
  std::string whispered() {
    const auto told = carol.client().ephemerals();
    return told.empty() ? std::string() : told.back().all_text();
  }

  Stage stage;
  Member alice{stage, "alice"};
  Member carol{stage, "carol"};
};

}  // namespace

TEST_CASE("a dialog opens in time on a server that takes more than a second for each answer") {
  Crawling town;
  const std::string id = town.asks();
  (void)town.presses(GENERATE(0ms, 1000ms, 1400ms), "Deny…", id);
  REQUIRE(town.carol.sees_dialog());
  CHECK(town.carol.submits({{"reason", "not during the freeze"}}).empty());
  CHECK(town.stage.request(id)->state == RequestState::denied);
}

TEST_CASE("the request form opens in time on a slow server, and asks as it would") {
  Crawling town;
  (void)town.types(1400ms, "/jit");
  REQUIRE(town.alice.sees_dialog());
  CHECK(town.alice.submits({{"resource", "play"}, {"duration", "30m"}, {"reason", "fix it"}}).empty());
  town.stage.until([&] { return town.stage.target("play-db").has("ally role=play"); });
}

TEST_CASE("a dialog that cannot open in time is told of, and nothing is done") {
  Crawling town;
  const std::string id = town.asks();
  (void)town.presses(2500ms, "Deny…", id);
  CHECK(contains(town.whispered(), "I cannot see that card now"));
  town.stage.advance(1min);
  CHECK_FALSE(town.carol.sees_dialog());
  CHECK(town.stage.request(id)->state == RequestState::pending);
  (void)town.presses(0ms, "Deny…", id);
  CHECK(town.carol.sees_dialog());
}

TEST_CASE("a slash command of another name is what people are told to type") {
  Crawling town;
  Json command;
  for (const Json& one :
       town.stage.mattermost
           ->as_admin("GET", "/commands?custom_only=true&team_id=" + town.stage.mattermost->team_id())
           .json)
    command = one;
  REQUIRE(command.is_object());
  command["trigger"] = "access";
  REQUIRE(town.stage.mattermost->as_admin("PUT", "/commands/" + command["id"].get<std::string>(), command)
              .status == 200);
  const auto outcome = town.stage.begin(town.alice.client().command("#town-square", "/access help"));
  town.stage.until([&] { return outcome->has_value(); }, 30s);
  REQUIRE((*outcome)->status == 200);
  town.stage.settle();
  const auto told = town.alice.client().ephemerals();
  REQUIRE(!told.empty());
  CHECK(contains(told.back().all_text(), "/access request"));
  CHECK_FALSE(contains(told.back().all_text(), "/jit"));
}

}  // namespace jitbot::scenario
