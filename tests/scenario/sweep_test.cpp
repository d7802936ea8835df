#include "tests/scenario/harness.hpp"

#include <algorithm>

// Access at the targets that nobody asked for: seen by the sweep, told, and removed only where the connector
// says `enforce`.
namespace jitbot::scenario {

namespace {

constexpr Millis k_sweep = 15min;
const std::string k_stranger = "mallory role=play";

EntitlementKey stranger() {
  return {"play-db", {{"role", "play"}}, "mallory"};
}

// What the store knows of it; nothing: it was never heard of.
std::optional<Entitlement> known(Stage& stage, const EntitlementKey& key) {
  return stage.get<std::optional<Entitlement>>(
      [key](Tx& tx) -> Result<std::optional<Entitlement>> { return tx.entitlement(key); });
}

std::string subject_of(const Entitlement& it) {
  return "entitlement:" + std::to_string(it.id.value);
}

}  // namespace

TEST_CASE("access that nobody asked for is told once a day and left where the connector does not enforce") {
  Stage stage;
  TestTarget& target = stage.target("play-db");
  target.lists = true;
  stage.start();
  target.give(stranger());
  CHECK(stage.told_admins("Access nobody asked for") == 0);
  stage.until([&] { return stage.told_admins("Access nobody asked for") == 1; }, k_sweep + 1min);
  const std::string told = stage.channel_text(k_admins);
  for (const char* part : {"play-db", "mallory", "role=play", "left as it is"}) {
    INFO(part << " in " << told);
    CHECK(contains(told, part));
  }
  stage.advance(4 * k_sweep);
  CHECK(stage.told_admins("Access nobody asked for") == 1);
  stage.advance(24h);
  CHECK(stage.told_admins("Access nobody asked for") == 2);
  CHECK(target.has(k_stranger));
  CHECK(target.count(Call::absent) == 0);
  CHECK_FALSE(known(stage, stranger()).has_value());
}

TEST_CASE(
    "access that nobody asked for is removed, proven gone and audited where the connector enforces it") {
  Stage stage;
  TestTarget& target = stage.target("play-db");
  target.lists = target.enforce = true;
  stage.start();
  target.give(stranger());
  stage.until([&] { return !target.has(k_stranger); }, k_sweep + 1min);
  stage.advance(2min);
  const auto it = known(stage, stranger());
  REQUIRE(it.has_value());
  CHECK(it->state == EntitlementState::rest);
  const Json detail = stage.audit_detail(subject_of(*it), "entitlement.enforced");
  CHECK(detail["account"] == "mallory");
  CHECK(detail["connector"] == "play-db");
  CHECK(detail["params"]["role"] == "play");
  const auto actions = stage.actions(subject_of(*it));
  for (const char* action :
       {"target.absent", "target.absent_returned", "entitlement.absent", "entitlement.rest"}) {
    INFO(action);
    CHECK(std::ranges::count(actions, action) == 1);
  }
  CHECK(stage.told_admins("Access nobody asked for") == 1);
  CHECK(contains(stage.channel_text(k_admins), "it is removed"));

  SECTION("and again, when it comes back") {
    stage.advance(24h);
    target.give(stranger());
    stage.until([&] { return !target.has(k_stranger); }, k_sweep + 1min);
    CHECK(stage.told_admins("Access nobody asked for") == 2);
  }
}

TEST_CASE("a removal by enforcement is tried for ever, and overdue it alarms like every other") {
  Stage stage;
  TestTarget& target = stage.target("play-db");
  target.lists = target.enforce = true;
  target.removing = Manner::failing;
  stage.start();
  target.give(stranger());
  stage.until([&] { return stage.told_admins("Overdue") >= 1; }, k_sweep + 3min);
  CHECK(contains(stage.channel_text(k_admins), "mallory"));
  CHECK(contains(stage.bob.says("debt"), "mallory"));
  const int tries = target.count(Call::absent);
  stage.advance(30min);
  CHECK(target.count(Call::absent) > tries);
  CHECK(stage.told_admins("Access nobody asked for") == 1);
  target.removing = Manner::honest;
  stage.until([&] { return !target.has(k_stranger); }, 6min);
  stage.until([&] { return stage.told_admins("esolved") == 1; });
}

TEST_CASE("what somebody asked for, and what was there before, is nothing that nobody asked for") {
  Stage stage;
  TestTarget& target = stage.target("play-db");
  target.lists = target.enforce = true;
  target.give("bobby role=play");  // a standing right
  stage.start();
  const std::string granted = stage.alice.requests("play 2h");
  const std::string standing = stage.bob.requests("play 2h");
  stage.until_active(granted);
  stage.until_active(standing);
  stage.advance(3 * k_sweep);
  CHECK(stage.told_admins("Access nobody asked for") == 0);
  CHECK(target.has("ally role=play"));
  CHECK(target.has("bobby role=play"));
  CHECK(target.count(Call::absent) == 0);
}

TEST_CASE("access that comes back after its grant is at rest is told, and removed where enforced") {
  const bool enforce = GENERATE(false, true);
  Stage stage;
  TestTarget& target = stage.target("play-db");
  target.lists = true;
  target.enforce = enforce;
  stage.start();
  const std::string id = stage.alice.requests("play 10m");
  stage.until_ended(id, 11min);
  stage.advance(2min);
  target.give("ally role=play");  // by somebody else's hand
  stage.until([&] { return stage.told_admins("Access nobody asked for") == 1; }, k_sweep + 1min);
  stage.advance(2min);
  CHECK(target.has("ally role=play") == !enforce);
  CHECK(stage.audited("entitlement:1", "entitlement.enforced") == enforce);
  CHECK(stage.grant(id)->ended_as == EndedAs::absent);
}

TEST_CASE("a target that cannot list its access changes nothing, and the next sweep asks again") {
  Stage stage;
  TestTarget& target = stage.target("play-db");
  target.lists = target.enforce = true;
  target.observing = Manner::failing;
  stage.start();
  target.give(stranger());
  stage.advance(3 * k_sweep);
  CHECK(stage.told_admins("Access nobody asked for") == 0);
  CHECK(target.count(Call::absent) == 0);
  target.observing = Manner::honest;
  stage.until([&] { return !target.has(k_stranger); }, k_sweep + 1min);
}

}  // namespace jitbot::scenario
