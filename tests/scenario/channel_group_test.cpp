#include "tests/scenario/harness.hpp"

#include <string>

// A private channel as a group: who is in it may approve, as long as nobody can let himself in.
namespace jitbot::scenario {

namespace {

using sandbox::Switch;

StageOptions with_channel() {
  StageOptions options;
  options.world.channels.push_back({.id = "C0OWNERS1",
                                    .name = "owners",
                                    .is_private = true,
                                    .members = {options.world.bot.user_id, "U0CAROL01", "U0DAVE001"}});
  const std::string from = "{from: \"slack:usergroup/S0APPROVE\"}";
  options.policy.replace(options.policy.find(from), from.size(), "{from: \"slack:channel/C0OWNERS1\"}");
  return options;
}

struct Owners : Stage {
  Owners() : Stage(with_channel()) { start(); }
  std::string asked() { return alice.requests("staging 1h INC-7 look at queue"); }
};

}  // namespace

TEST_CASE("who is in a private channel may approve, and after he left it he may not") {
  Owners stage;
  const std::string id = stage.asked();
  CHECK(contains(stage.erin.approves(id), "You are not an approver"));
  REQUIRE(stage.sandbox->leave_channel("owners", "carol").has_value());
  stage.settle();
  CHECK(contains(stage.carol.approves(id), "You are not an approver"));
  REQUIRE(stage.sandbox->join_channel("owners", "erin").has_value());
  stage.settle();
  stage.erin.approves(id);
  stage.until_active(id);
}

TEST_CASE("when the last one leaves the channel, it is told that nobody can approve") {
  Owners stage;
  const std::string id = stage.asked();
  for (const char* who : {"carol", "dave"}) REQUIRE(stage.sandbox->leave_channel("owners", who).has_value());
  CHECK(stage.happens([&] { return stage.told_admins("obody can approve") > 0; }, 2min));
}

TEST_CASE("a channel that names nobody closes the vote, and is never an empty group") {
  Owners stage;
  const std::string id = stage.asked();
  SECTION("it turned public") {
    REQUIRE(stage.sandbox->make_private("owners", Switch::off).has_value());
  }
  SECTION("it is shared with another organisation") {
    REQUIRE(stage.sandbox->share_channel("owners", Switch::on).has_value());
  }
  SECTION("it is archived") {
    REQUIRE(stage.sandbox->archive_channel("owners", Switch::on).has_value());
  }
  SECTION("the bot was removed") {
    REQUIRE(stage.sandbox->leave_channel("owners", stage.sandbox->world().bot.user_id).has_value());
  }
  stage.settle();
  CHECK(contains(stage.carol.approves(id), "I cannot check now"));
  CHECK(stage.request(id)->state == RequestState::pending);
  CHECK_FALSE(stage.grant(id).has_value());
  stage.advance(20min);
  CHECK(stage.told_admins("obody can approve") == 0);  // unknown is not nobody
}

}  // namespace jitbot::scenario
