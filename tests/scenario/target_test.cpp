#include "tests/scenario/harness.hpp"

// What targets do to us, and what people are told of it.
namespace jitbot::scenario {

namespace {
const std::string k_alice = "alice role=staging_ro";
const std::string k_ally = "ally role=play";
}  // namespace

TEST_CASE("the first of two grants on one access ends as held, the last one removes it") {
  Stage stage;
  stage.start();
  const std::string first = stage.alice.requests("play 30m");
  stage.until_active(first);
  stage.advance(10min);
  const std::string second = stage.alice.requests("play 1h");
  stage.until_active(second);
  CHECK(stage.target("play-db").count(Call::present) == 1);
  stage.until_ended(first, 31min);
  CHECK(stage.grant(first)->ended_as == EndedAs::held);
  CHECK(contains(stage.requester_card(first, "alice"), "because of " + second));
  CHECK(stage.target("play-db").has(k_ally));
  CHECK(stage.target("play-db").count(Call::absent) == 0);
  stage.until_ended(second, 61min);
  CHECK(stage.grant(second)->ended_as == EndedAs::absent);
  CHECK_FALSE(stage.target("play-db").has(k_ally));
}

TEST_CASE("who gives back access that another grant keeps is told at once that it stays") {
  Stage stage;
  stage.start();
  const std::string first = stage.alice.requests("play 30m");
  stage.until_active(first);
  const std::string second = stage.alice.requests("play 1h");
  stage.until_active(second);
  const std::string told = stage.alice.says("done " + first);
  CHECK(contains(told, first + " has ended: access kept until 03:00 UTC because of " + second));
  CHECK_FALSE(contains(told, "proven gone"));
  CHECK(stage.grant(first)->ended_as == EndedAs::held);
  const std::string card = stage.requester_card(first, "alice");
  CHECK(contains(card, "given back by"));
  CHECK(contains(card, "access kept until 03:00 UTC because of " + second));
  CHECK_FALSE(contains(card, "you had"));
  CHECK_FALSE(stage.requester_is_offered("again", first, "alice"));
  CHECK(stage.target("play-db").has(k_ally));
  CHECK(
      contains(stage.alice.says("done " + second), second + " is ending; I tell you when it is proven gone"));
}

TEST_CASE("a standing right that was there before us is kept and never removed") {
  Stage stage;
  stage.target("play-db").give(k_ally);
  stage.start();
  const std::string id = stage.alice.requests("play 30m");
  stage.until_active(id);
  CHECK(contains(stage.requester_card(id, "alice"), "was there before"));
  stage.until_ended(id, 31min);
  CHECK(stage.grant(id)->ended_as == EndedAs::standing);
  CHECK(contains(stage.requester_card(id, "alice"), "was there before, kept"));
  CHECK(stage.target("play-db").has(k_ally));
  CHECK(stage.target("play-db").count(Call::present) == 0);
  CHECK(stage.target("play-db").count(Call::absent) == 0);
  CHECK(stage.audited(id, "grant.standing"));
}

TEST_CASE("where the connector says refuse, a standing right ends the request untouched") {
  Stage stage;
  stage.target("strict-db").give("alice role=strict");
  stage.start();
  const std::string id = stage.alice.requests("strict 30m");
  stage.until_ended(id);
  CHECK(stage.grant(id)->ended_as == EndedAs::not_started);
  CHECK(stage.alice.dms_with("Not granted") == 1);
  CHECK(stage.told_admins("Not granted") == 1);
  CHECK(stage.target("strict-db").has("alice role=strict"));
  CHECK(stage.target("strict-db").count(Call::absent) == 0);
}

TEST_CASE("an unknown baseline gives nothing, and the window ends the try without touching the target") {
  Stage stage;
  stage.target("play-db").observing = Manner::failing;
  stage.start();
  const std::string id = stage.alice.requests("play 30m");
  stage.advance(14min);
  CHECK(stage.grant(id)->state == GrantState::activating);
  CHECK(stage.target("play-db").count(Call::observe) > 4);
  CHECK(contains(stage.requester_card(id, "alice"), "the database is on fire"));
  stage.until_ended(id, 2min);
  CHECK(stage.grant(id)->ended_as == EndedAs::not_started);
  CHECK(stage.grant(id)->cause == EndCause::window_over);
  CHECK(stage.target("play-db").count(Call::present) == 0);
  CHECK(stage.alice.dms_with("Not granted") == 1);
  CHECK(contains(stage.alice.dm("Not granted"), "the database is on fire"));
}

TEST_CASE("a present that never works is given up when the window is over, and its absence is proven") {
  Stage stage;
  stage.target("play-db").presenting = Manner::failing;
  stage.start();
  const std::string id = stage.alice.requests("play 30m");
  stage.until_ended(id, 20min);
  CHECK(stage.grant(id)->ended_as == EndedAs::failed);
  CHECK(stage.target("play-db").count(Call::present) > 3);
  CHECK(stage.target("play-db").count(Call::absent) > 0);
  CHECK(contains(stage.requester_card(id, "alice"), "never became usable; confirmed absent"));
}

TEST_CASE("a target that refuses ends the try at once, in its own words") {
  Stage stage;
  stage.target("play-db").presenting = Manner::refusing;
  stage.target("play-db").words = "role play does not exist";
  stage.start();
  const std::string id = stage.alice.requests("play 30m");
  stage.until_ended(id, 30s);
  CHECK(stage.grant(id)->cause == EndCause::target_refused);
  CHECK(stage.grant(id)->ended_as == EndedAs::failed);
  CHECK(contains(stage.alice.dm("Not granted"), "role play does not exist"));
  CHECK(stage.told_admins("role play does not exist") == 1);
}

TEST_CASE("a resource that is gone ends its grants as gone") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("play 30m");
  stage.until_active(id);
  stage.target("play-db").observing = Manner::gone;
  stage.until_ended(id, 6min);
  CHECK(stage.grant(id)->ended_as == EndedAs::gone);
  CHECK(contains(stage.requester_card(id, "alice"), "the resource is gone"));
  CHECK(stage.alice.dms_with("the resource is gone") == 2);
}

TEST_CASE("what somebody else removed is seen twice, told, and not put back") {
  Stage stage;
  stage.start();
  const std::string id = stage.active_staging();
  stage.target("staging-db").take(k_alice);
  stage.until_ended(id, 6min);
  CHECK(stage.grant(id)->ended_as == EndedAs::removed_outside);
  CHECK(stage.target("staging-db").count(Call::present) == 1);
  CHECK(contains(stage.card(id), "somebody else removed it"));
  CHECK(stage.alice.dms_with("nothing is put back") >= 1);
  CHECK(contains(stage.thread(id), "nothing is put back"));
  stage.advance(10min);
  CHECK_FALSE(stage.target("staging-db").has(k_alice));
}

TEST_CASE("a target down for an hour: the end is tried until it works, and its lag is told") {
  Stage stage;
  stage.start();
  const std::string id = stage.active_staging("30m");
  TestTarget& target = stage.target("staging-db");
  target.removing = target.observing = Manner::failing;
  stage.advance(30min);
  const int tries = target.count(Call::absent);
  CHECK(tries >= 1);
  stage.advance(1h);
  CHECK(stage.grant(id)->state == GrantState::ending);
  CHECK(target.count(Call::absent) > tries + 10);
  CHECK(target.count(Call::absent) < tries + 40);  // the pause grows to five minutes and no further
  CHECK(contains(stage.card(id), "🚨 Overdue · " + id));
  target.removing = target.observing = Manner::honest;
  stage.until_ended(id, 6min);
  CHECK(stage.grant(id)->ended_as == EndedAs::absent);
  CHECK(stage.audit_detail(id, "grant.ended")["lag_ms"].get<std::int64_t>() > 3'600'000);
  CHECK(contains(stage.card(id), "after its end"));
  CHECK_FALSE(target.has(k_alice));
}

TEST_CASE("a target that lies is overdue: alarms at 60 s, 5 min, 30 min, hourly, and resolved afterwards") {
  Stage stage;
  stage.start();
  const std::string id = stage.active_staging("30m");
  TestTarget& target = stage.target("staging-db");
  target.removing = Manner::lying;
  const Time end = stage.grant(id)->end();
  const auto at = [&](Millis after) { stage.advance(end + after - stage.now()); };
  at(59s);
  CHECK(stage.told_admins("not proven absent") == 0);
  at(61s);
  CHECK(stage.told_admins("not proven absent") == 1);
  at(5min - 1s);
  CHECK(stage.told_admins("not proven absent") == 1);
  at(5min + 2s);
  CHECK(stage.told_admins("not proven absent") == 2);
  at(30min + 2s);
  CHECK(stage.told_admins("not proven absent") == 3);
  at(90min + 4s);
  CHECK(stage.told_admins("not proven absent") == 4);
  at(150min + 6s);
  CHECK(stage.told_admins("not proven absent") == 5);
  CHECK(stage.told_admins("Resolved") == 0);
  // Whoever is alarmed must see what is still open, and whose it is.
  CHECK(stage.told_admins("staging : viewer") == 5);
  CHECK(stage.told_admins("`alice`") == 5);
  CHECK(contains(stage.erin.says("debt"), "staging : viewer"));
  CHECK(contains(stage.bob.says("debt"), "not proven absent"));
  CHECK(contains(stage.card(id), "not proven absent since"));
  CHECK_FALSE(contains(stage.card(id), "confirmed absent"));
  target.removing = Manner::honest;
  stage.until_ended(id, 6min);
  CHECK(stage.told_admins("Resolved") == 1);
  CHECK(stage.told_admins("staging : viewer") == 6);
  CHECK(stage.actions("entitlement:1").back() == "entitlement.absent");
  CHECK(contains(stage.card(id), "removed and confirmed absent"));
}

TEST_CASE("an overdue entitlement can be given up by an administrator alone, and is never called absent") {
  Stage stage;
  stage.start();
  const std::string id = stage.active_staging("30m");
  stage.target("staging-db").removing = Manner::lying;
  stage.advance(35min);
  CHECK(contains(stage.bob.says("debt abandon 1 it is fine"), "administrators"));
  CHECK(stage.grant(id)->state == GrantState::ending);
  CHECK(contains(stage.erin.says("debt abandon 1 the server is scrapped"), "is abandoned"));
  stage.until_ended(id, 5s);
  CHECK(stage.grant(id)->ended_as == EndedAs::abandoned);
  CHECK_FALSE(contains(stage.card(id), "confirmed absent"));
  CHECK(contains(stage.card(id), "was not proven"));
  CHECK(stage.audited("entitlement:1", "debt.abandoned"));
}

TEST_CASE("an effect that comes after its call was given up is found and removed") {
  Stage stage;
  stage.start();
  TestTarget& target = stage.target("play-db");
  target.presenting = Manner::late;
  target.slowness = 5s;
  const std::string id = stage.alice.requests("play 30m");
  stage.alice.says("done " + id);
  stage.until_ended(id, 2min);
  CHECK(stage.grant(id)->ended_as == EndedAs::absent);
  CHECK_FALSE(target.has(k_ally));
  stage.advance(10min);
  CHECK_FALSE(target.has(k_ally));
}

TEST_CASE("an effect that comes even later than any call may run is seen again, told and removed") {
  Stage stage;
  stage.start();
  TestTarget& target = stage.target("play-db");
  target.presenting = Manner::late;
  target.slowness = 50s;
  const std::string id = stage.alice.requests("play 30m");
  stage.alice.says("done " + id);
  stage.until_ended(id, 2min);
  stage.advance(2min);
  CHECK_FALSE(target.has(k_ally));
  CHECK(stage.grant(id)->state == GrantState::ended);
  CHECK(stage.audited("entitlement:1", "entitlement.reappeared"));
  CHECK(stage.told_admins("seen at the target again") == 1);
}

TEST_CASE("an effect whose answer was lost is observed and counts") {
  Stage stage;
  stage.start();
  TestTarget& target = stage.target("play-db");
  target.presenting = target.removing = Manner::effect_then_error;
  const std::string id = stage.alice.requests("play 30m");
  stage.until_active(id);
  CHECK(target.count(Call::present) == 1);
  stage.until_ended(id, 31min);
  CHECK(stage.grant(id)->ended_as == EndedAs::absent);
}

TEST_CASE("a target with its own end is told the moved one") {
  Stage stage;
  stage.target("play-db").native_end = true;
  stage.start();
  const std::string id = stage.alice.requests("play 1h");
  stage.until_active(id);
  stage.settle();
  TestTarget& target = stage.target("play-db");
  CHECK(target.calls().back().call == Call::observe);
  Time told{};
  for (const auto& call : target.calls()) {
    if (call.call == Call::present) told = call.until;
  }
  CHECK(std::chrono::abs(told - stage.grant(id)->end()) <= 1s);
  stage.alice.extends(id, "1h");
  stage.advance(2s);
  for (const auto& call : target.calls()) {
    if (call.call == Call::present) told = call.until;
  }
  CHECK(told == stage.grant(id)->end());
  stage.until_ended(id, 121min);
  CHECK(stage.grant(id)->ended_as == EndedAs::absent);
  CHECK(target.calls().size() < 60);  // it was not hammered
}

}  // namespace jitbot::scenario
