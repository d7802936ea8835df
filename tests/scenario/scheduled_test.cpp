#include "tests/scenario/harness.hpp"

#include <fstream>
#include <iterator>

// What is asked for a later time. It is 03:00 for the people and 02:00 UTC when a stage starts.
namespace jitbot::scenario {

namespace {

constexpr Time k_three{Millis{1'772'334'000'000}};  // 2026-03-01T03:00:00Z, 04:00 in Berlin

void in_config(Stage& stage, const std::string& from, const std::string& to) {
  const auto file = stage.folder() / "jitbot.yaml";
  std::ifstream in(file);
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
  std::ofstream(file, std::ios::trunc) << text;
}

bool is_in(Stage& stage, const std::string& id, GrantState state) {
  const auto grant = stage.grant(id);
  return grant && grant->state == state;
}

void never_touched(Stage& stage, const std::string& id) {
  REQUIRE(is_in(stage, id, GrantState::ended));
  CHECK(stage.grant(id)->ended_as == EndedAs::not_started);
  CHECK(stage.target("play-db").count(Call::observe) == 0);
  CHECK(stage.target("play-db").count(Call::present) == 0);
  CHECK(stage.target("play-db").count(Call::absent) == 0);
}

}  // namespace

TEST_CASE("access for later starts at its time, lasts as long as was asked, and says so beforehand") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("play 30m --at 4:00");
  CHECK(contains(stage.alice.told().back(), "not before 03:00 UTC"));
  REQUIRE(is_in(stage, id, GrantState::scheduled));
  CHECK(stage.grant(id)->latest_end == k_three + 45min);
  for (const std::string look : {"mine", "active play", "who play"}) {
    const std::string said = stage.alice.says(look);
    INFO(said);
    CHECK(contains(said, "starts 03:00 UTC"));
  }
  CHECK(contains(stage.alice.says("show " + id), "starts 03:00 UTC"));
  CHECK(contains(stage.requester_card(id, "alice"), "starts 03:00 UTC"));
  stage.advance(k_three - stage.now() - 1s);
  CHECK(is_in(stage, id, GrantState::scheduled));
  CHECK(stage.target("play-db").count(Call::observe) == 0);
  stage.advance(1s);
  stage.until_active(id, 10s);
  CHECK(stage.grant(id)->confirmed >= k_three);
  CHECK(stage.audited(id, "grant.started"));
  CHECK(contains(stage.alice.dm("you can use"), "play : user"));
  stage.until_ended(id, 31min);
  CHECK(stage.grant(id)->ended_as == EndedAs::absent);
}

TEST_CASE(
    "approval is asked at once, approved early it waits for its start, and approved late it starts at once") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("staging 1h --at 4:00 because INC-7");
  CHECK(contains(stage.card(id), "not before 03:00 UTC"));
  SECTION("early") {
    stage.carol.approves(id);
    CHECK(is_in(stage, id, GrantState::scheduled));
    CHECK(contains(stage.card(id), "starts 03:00 UTC"));
    CHECK(contains(stage.alice.dm("it starts 03:00 UTC"), "Approved · " + id));
    stage.advance(k_three - stage.now());
  }
  SECTION("late") {
    stage.advance(k_three - stage.now() + 10min);
    CHECK(stage.request(id)->state == RequestState::pending);
    stage.carol.approves(id);
  }
  stage.until_active(id, 10s);
  stage.until_ended(id, 61min);
}

TEST_CASE("from a start to an end by the clock") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("play until 5:00 --at 4:00");
  stage.advance(k_three - stage.now());
  stage.until_active(id, 10s);
  CHECK(stage.grant(id)->end() == k_three + 1h);
  CHECK(contains(stage.alice.says("request play until 4:30 --at 5:00"), "That end is not behind the start"));
  CHECK(
      contains(stage.alice.says("request play 1h --at 2026-04-15 9:00"), "A start may be at most 30d ahead"));
  CHECK(contains(stage.alice.says("request play 1h --at 2026-02-28 9:00"), "has passed already"));
}

TEST_CASE("before its start, whoever may end it does, and the target was never touched") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("play 30m --at 4:00");
  SECTION("done by id") {
    CHECK(contains(stage.alice.says("done " + id), "not started: the target was never touched"));
  }
  SECTION("done, the only one") {
    CHECK(contains(stage.alice.says("done"), "not started: the target was never touched"));
  }
  SECTION("cancel") {
    CHECK(contains(stage.alice.says("cancel " + id), "not started: the target was never touched"));
  }
  SECTION("revoke") {
    CHECK(contains(stage.dave.says("revoke " + id + " not tonight"), "never touched"));
  }
  never_touched(stage, id);
  CHECK(stage.alice.dms_with("Ended · " + id) > 0);
  stage.advance(2h);
  never_touched(stage, id);
}

TEST_CASE("done means what is had, what starts later is meant by its id") {
  Stage stage;
  stage.start();
  const std::string later = stage.alice.requests("play 30m --at 4:00");
  const std::string now = stage.alice.requests("strict 30m");
  stage.until_active(now);
  stage.alice.says("done");
  stage.until_ended(now);
  CHECK(is_in(stage, later, GrantState::scheduled));
}

TEST_CASE("a beneficiary who was deactivated gets nothing at its start") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("play 30m --at 4:00");
  SECTION("while the bot listens") {
    stage.scene().deactivates("alice");
    stage.settle();
  }
  SECTION("while it was away") {
    stage.stop();
    stage.scene().deactivates("alice");
    stage.clock.advance(k_three - stage.now() + 1min);
    stage.start();
    stage.advance(10s);
  }
  never_touched(stage, id);
  CHECK(stage.grant(id)->cause == EndCause::deactivated);
}

TEST_CASE("who may not ask any more gets nothing at its start, and everybody concerned hears why") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("play 30m --at 4:00");
  std::string why;
  SECTION("a guest by now") {
    stage.scene().becomes("alice", sandbox::PersonKind::guest);
    why = "this person is a guest";
  }
  SECTION("of another organisation by now") {
    stage.scene().becomes("alice", sandbox::PersonKind::stranger);
    why = "this person belongs to another organisation";
  }
  SECTION("with another e-mail") {
    stage.scene().changes_email("alice", "alicia@example.com");
    why = "the e-mail of the chat account is another one";
  }
  SECTION("with nobody's e-mail") {
    stage.scene().changes_email("alice", "");
    why = "no confirmed e-mail";
  }
  stage.advance(k_three - stage.now() + 10s);
  never_touched(stage, id);
  CHECK(stage.grant(id)->cause == EndCause::barred);
  CHECK(contains(stage.alice.dm("Not granted · " + id), why));
  stage.until([&] { return stage.told_admins("Not granted · " + id) == 1; });
  CHECK(contains(stage.channel_text(k_admins), why));
  CHECK(contains(stage.audit_detail(id, "grant.ended")["text"].get<std::string>(), why));
  CHECK(stage.audit_detail(id, "grant.ended")["cause"] == "barred");
  CHECK_FALSE(stage.audited(id, "grant.started"));
}

TEST_CASE(
    "a start under another account than was approved ends without access, and asker and admins hear it") {
  StageOptions options;
  const std::string automatic = "    approval: auto\n";
  options.policy.replace(options.policy.find(automatic), automatic.size(),
                         automatic + "    for_others: auto\n");
  Stage stage(std::move(options));
  stage.start();
  const std::string id = stage.dave.requests("play 30m for @alice --at 4:00");
  stage.stop();
  in_config(stage, "alice@example.com: ally", "alice@example.com: alice2");
  stage.start();
  stage.advance(k_three - stage.now() + 10s);
  never_touched(stage, id);
  CHECK(stage.grant(id)->cause == EndCause::barred);
  CHECK(contains(stage.alice.dm("Not granted · " + id), "the account at play-db is another one now"));
  CHECK(contains(stage.dave.dm("Not granted · " + id), "the account at play-db is another one now"));
}

TEST_CASE("a directory that does not answer at the start is asked again, and delays no end") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("play 30m --at 4:00");
  const std::string other = stage.bob.requests("strict 1h");
  stage.until_active(other);
  stage.scene().forgets(Scene::Unknown::people_and_groups);
  stage.until_ended(other, 61min);
  CHECK(stage.grant(other)->ended_as == EndedAs::absent);
  SECTION("and answers in time") {
    stage.advance(k_three - stage.now() + 9min);
    CHECK(is_in(stage, id, GrantState::scheduled));
    CHECK(stage.target("play-db").count(Call::observe) == 0);
    stage.scene().remembers();
    stage.until_active(id, 90s);
    CHECK(stage.grant(id)->latest_end == k_three + 45min);
    stage.until_ended(id, 31min);
  }
  SECTION("and not before the window is over") {
    stage.advance(k_three - stage.now() + 15min + 5s);
    never_touched(stage, id);
    CHECK(stage.grant(id)->cause == EndCause::window_over);
    CHECK(contains(stage.alice.dm("Not granted · " + id), "whether it may start could not be checked"));
    CHECK(stage.told_admins("Not granted · " + id) == 1);
    stage.scene().remembers();
    stage.advance(10min);
    never_touched(stage, id);
  }
}

TEST_CASE("a start that is waited for survives a restart and a power cut") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("play 30m --at 4:00");
  SECTION("a restart") {
    stage.restart();
    CHECK(is_in(stage, id, GrantState::scheduled));
    stage.advance(k_three - stage.now());
    stage.until_active(id, 10s);
  }
  SECTION("away over the start, back within its window") {
    stage.save_disk("cut");
    stage.stop();
    stage.load_disk("cut");
    stage.clock.advance(k_three - stage.now() + 5min);
    stage.start();
    stage.until_active(id, 30s);
    CHECK(stage.grant(id)->latest_end == k_three + 45min);
  }
  SECTION("away for longer") {
    stage.stop();
    stage.clock.advance(k_three - stage.now() + 16min);
    stage.start();
    stage.advance(5s);
    never_touched(stage, id);
  }
}

TEST_CASE("a start joins access that is there already, and keeps it longer") {
  Stage stage;
  stage.start();
  const std::string now = stage.alice.requests("play 2h");
  stage.until_active(now);
  const std::string later = stage.alice.requests("play 2h --at 4:00");
  stage.advance(k_three - stage.now());
  stage.until_active(later, 6min);
  stage.advance(1h + 1min);
  CHECK(stage.grant(now)->ended_as == EndedAs::held);
  CHECK(stage.target("play-db").has("ally role=play"));
  stage.until_ended(later, 1h);
  CHECK_FALSE(stage.target("play-db").has("ally role=play"));
}

}  // namespace jitbot::scenario
