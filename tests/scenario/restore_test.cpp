#include "tests/scenario/harness.hpp"

#include <algorithm>
#include <filesystem>

// A backup in place of the store: nothing is given before every target has said what it has.
namespace jitbot::scenario {

namespace {

const std::string k_alice = "alice role=staging_ro";
const std::string k_held = "restored from a backup";

std::int64_t how_often(Stage& stage, const std::string& action) {
  return std::ranges::count(stage.actions("store"), action);
}

std::string refused_start(Stage& stage) {
  const auto started = stage.try_start();
  REQUIRE_FALSE(started.has_value());
  CHECK(started.error().kind == ErrorKind::invalid);
  CHECK_FALSE(stage.running());
  return started.error().message;
}

}  // namespace

TEST_CASE("after a restore nothing is given until every target has answered, over restarts too") {
  Stage stage;
  stage.start();
  TestTarget& staging = stage.target("staging-db");
  TestTarget& play = stage.target("play-db");
  staging.observing = Manner::failing;
  const std::string id = stage.alice.requests("staging 1h INC-7 look");
  stage.carol.approves(id);  // approved, and waiting for the target
  stage.until([&] { return staging.count(Call::observe) >= 1; });
  CHECK(staging.count(Call::present) == 0);
  stage.save_disk("backup");
  stage.until_active(stage.bob.requests("play 1h"));
  stage.advance(61s);
  stage.stop();
  stage.load_store("backup");
  staging.observing = Manner::honest;
  play.observing = Manner::failing;
  play.lists = true;  // so that it must say something though nothing is known of it

  stage.start(Restored::yes);
  stage.advance(1min);
  CHECK(staging.count(Call::observe) >= 2);  // looked at
  CHECK(staging.count(Call::present) == 0);
  CHECK(contains(stage.erin.says("request play 30m"), k_held));

  stage.restart();  // without the flag: the head is the store's own again, the hold is remembered
  stage.advance(2min);
  CHECK(staging.count(Call::present) == 0);
  CHECK_FALSE(staging.has(k_alice));
  CHECK(stage.grant(id)->state == GrantState::activating);
  CHECK(contains(stage.erin.says("request play 30m"), k_held));
  CHECK(how_often(stage, "restore.accepted") == 1);
  CHECK(how_often(stage, "restore.checked") == 0);
  CHECK(stage.told_admins("every target has answered") == 0);

  play.observing = Manner::honest;
  stage.until_active(id, 6min);
  CHECK(staging.has(k_alice));
  CHECK(how_often(stage, "restore.checked") == 1);
  stage.until([&] { return stage.told_admins("every target has answered") == 1; });
  stage.until_active(stage.erin.requests("play 30m"));

  stage.restart();  // and it is over
  stage.until_active(stage.carol.requests("play 30m"), 10s);
  CHECK(how_often(stage, "restore.checked") == 1);
}

TEST_CASE("ends are not held by a restore") {
  Stage stage;
  stage.start();
  const std::string id = stage.active_staging("30m");
  stage.save_disk("backup");
  stage.until_active(stage.bob.requests("play 1h"));
  stage.advance(61s);
  stage.stop();
  stage.load_store("backup");
  TestTarget& play = stage.target("play-db");
  play.observing = Manner::failing;
  play.lists = true;
  stage.start(Restored::yes);
  CHECK(contains(stage.erin.says("request play 30m"), k_held));
  SECTION("by time") {
    stage.until_ended(id, 31min);
  }
  SECTION("given back") {
    stage.alice.says("done " + id);
    stage.until_ended(id);
  }
  CHECK(stage.grant(id)->ended_as == EndedAs::absent);
  CHECK_FALSE(stage.target("staging-db").has(k_alice));
  CHECK(contains(stage.erin.says("request play 30m"), k_held));
}

TEST_CASE(
    "a start after a restore with a store that is none the worse does no harm, and is said and audited") {
  Stage stage;
  stage.start();
  const std::string id = stage.active_staging("1h");
  const std::string waiting = stage.bob.requests("staging 1h INC-8 look too");
  const int given = stage.target("staging-db").count(Call::present);
  stage.stop();
  stage.start(Restored::yes);
  stage.until([&] { return stage.told_admins("every target has answered") == 1; });
  const std::string told = stage.channel_text(k_admins);
  CHECK(contains(told, "--after-restore"));
  CHECK_FALSE(contains(told, "older than its signed head"));
  CHECK(contains(stage.audit_detail("store", "restore.accepted").value("why", ""), "--after-restore"));
  CHECK(how_often(stage, "restore.checked") == 1);
  CHECK(stage.is_active(id));
  CHECK(stage.target("staging-db").has(k_alice));
  CHECK(stage.target("staging-db").count(Call::present) == given);
  stage.carol.approves(waiting);
  stage.until_active(waiting);
  stage.restart();
  stage.advance(1min);
  CHECK(stage.told_admins("every target has answered") == 1);
  CHECK(how_often(stage, "restore.accepted") == 1);
}

TEST_CASE("a store that its signed head does not tell of is refused, and nothing is touched") {
  Stage stage;
  stage.start();
  stage.until_active(stage.alice.requests("play 1h"));
  stage.save_disk("backup");
  stage.until_active(stage.bob.requests("play 1h"));
  stage.stop();
  const auto calls = stage.target("play-db").calls().size();
  const auto head = stage.folder() / "audit.head";
  SECTION("the store is older") {
    stage.load_store("backup");
    CHECK(contains(refused_start(stage), "ends before the signed head"));
  }
  SECTION("the head is gone") {
    std::filesystem::remove(head);
    CHECK(contains(refused_start(stage), "is missing"));
  }
  SECTION("the store went on by itself after a restore that was accepted elsewhere") {
    std::filesystem::copy_file(head, stage.folder() / "saved" / "head");
    stage.load_store("backup");
    stage.start(Restored::yes);
    stage.until_active(stage.erin.requests("play 1h"), 10s);
    stage.until_active(stage.carol.requests("play 1h"), 10s);
    stage.stop();
    std::filesystem::copy_file(stage.folder() / "saved" / "head", head,
                               std::filesystem::copy_options::overwrite_existing);
    const auto now = stage.target("play-db").calls().size();
    CHECK(contains(refused_start(stage), "not those that the signed head tells of"));
    CHECK(stage.target("play-db").calls().size() == now);
    return stage.start(Restored::yes);
  }
  CHECK(contains(refused_start(stage), "--after-restore"));
  CHECK(stage.target("play-db").calls().size() == calls);
  stage.start(Restored::yes);
  stage.until([&] { return stage.told_admins("every target has answered") == 1; });
  stage.restart();
}

}  // namespace jitbot::scenario
