#include "tests/scenario/harness.hpp"

// Time: never backwards, compared with Slack's, and never late.
namespace jitbot::scenario {

TEST_CASE(
    "invariant 11: after a long time off, disagreeing clocks alarm and give nothing new until they agree") {
  Stage stage;
  stage.start();
  const std::string waiting = stage.bob.requests("staging 1h INC-8 look");
  const std::string live = stage.active_staging("2h");
  stage.stop();
  stage.advance(61min);
  stage.bot_clock.skew = 6min;
  stage.start();
  stage.until([&] { return stage.told_admins("Clocks disagree") == 1; });
  CHECK(stage.audit_detail("clock", "time.disagrees")["off_ms"].get<std::int64_t>() > 300'000);
  CHECK(contains(stage.erin.says("request play 30m"), "my clock and the chat server's disagree"));
  CHECK(contains(stage.dave.approves(waiting), "Nothing was decided"));
  CHECK(stage.votes(waiting).empty());
  CHECK(stage.target("play-db").calls().empty());
  CHECK(stage.is_active(live));
  // Ends never wait.
  CHECK(contains(stage.alice.says("done " + live), "is ending"));
  stage.until_ended(live, 5s);
  stage.advance(3min);
  CHECK(stage.told_admins("Clocks disagree") == 1);
  stage.bot_clock.skew = 1min;
  stage.advance(90s);
  stage.dave.approves(waiting);
  stage.until_active(waiting);
  stage.until_active(stage.erin.requests("play 30m"));
}

TEST_CASE("invariant 11: after a long time off, agreeing clocks hold nothing up") {
  Stage stage;
  stage.start();
  stage.until_ended(stage.active_staging("30m"), 31min);
  stage.stop();
  stage.advance(5h);
  stage.start();
  stage.until_active(stage.alice.requests("play 30m"), 5s);
  CHECK(stage.told_admins("Clocks disagree") == 0);
}

TEST_CASE("invariant 11: an end that was due while we were off comes at once, whatever the clocks say") {
  Stage stage;
  stage.start();
  const std::string id = stage.active_staging("30m");
  stage.stop();
  stage.advance(3h);
  stage.bot_clock.skew = 20min;
  stage.start();
  stage.until_ended(id, 1s);
  CHECK(stage.grant(id)->ended_as == EndedAs::absent);
  CHECK(stage.audit_detail(id, "grant.ended")["lag_ms"].get<std::int64_t>() > 9'000'000);
}

TEST_CASE("invariant 11: a wall clock that steps back prolongs nothing") {
  Stage stage;
  stage.start();
  const std::string id = stage.active_staging("1h");
  const Time end = stage.grant(id)->end();
  stage.advance(30min);
  stage.bot_clock.skew = -45min;
  stage.advance(end - 1s - stage.now());
  CHECK(stage.is_active(id));
  stage.until_ended(id, 2s);
  CHECK_FALSE(stage.target("staging-db").has("alice role=staging_ro"));
  CHECK(stage.audited("clock", "time.step"));
  CHECK(stage.told_admins("Clock stepped") == 1);
  // Nor does a restart with the clock still behind.
  const std::string next = stage.bob.requests("play 30m");
  stage.until_active(next);
  const Time next_end = stage.grant(next)->end();
  CHECK(next_end > end);
  stage.restart();
  stage.until_ended(next, 31min);
  CHECK_FALSE(stage.target("play-db").has("bobby role=play"));
}

TEST_CASE("invariant 11: a wall clock that jumps ahead ends early, never late") {
  Stage stage;
  stage.start();
  const std::string id = stage.active_staging("1h");
  stage.advance(10min);
  stage.bot_clock.skew = 55min;
  stage.until_ended(id, 35s);
  CHECK_FALSE(stage.target("staging-db").has("alice role=staging_ro"));
  stage.until([&] { return stage.audited("clock", "time.step"); }, 35s);
  CHECK(stage.audit_detail("clock", "time.step")["by_ms"].get<std::int64_t>() >= 3'290'000);
}

}  // namespace jitbot::scenario
