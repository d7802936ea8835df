#include "tests/scenario/harness.hpp"

#include <algorithm>

// Who may decide, and what happens when several do at once.
namespace jitbot::scenario {

namespace {

using Unknown = Scene::Unknown;

std::string asked(Stage& stage) {
  return stage.alice.requests("staging 1h INC-7 look at queue");
}

void nothing_was_decided(Stage& stage, const std::string& id) {
  CHECK(stage.request(id)->state == RequestState::pending);
  CHECK(stage.votes(id).empty());
  CHECK_FALSE(stage.grant(id).has_value());
  CHECK(stage.target("staging-db").calls().empty());
}

// He is told why, or, where he types it and may see no request, not even that there is one.
void tries_in_vain(Stage& stage, const std::string& name, const std::string& id, const std::string& why) {
  const std::string told = stage.person(name).tries("approve", id);
  INFO(name << " was told: " << told);
  if (stage.scene().lets_in(name)) {
    CHECK((contains(told, why) || contains(told, "I know no request " + id)));
  } else {
    CHECK(told.empty());
  }
}

// How often he was told that his vote is there already.
std::ptrdiff_t told_so(const Someone& who) {
  const auto told = who.told();
  return std::ranges::count_if(
      told, [](const std::string& answer) { return contains(answer, "You have approved this already"); });
}

}  // namespace

TEST_CASE("invariant 1: no access without votes that satisfied the frozen steps, or a rule that needs none") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("prod 1h INC-42 slow checkout");
  const auto untouched = [&] { return !stage.grant(id) && stage.target("prod-db").calls().empty(); };
  CHECK(untouched());
  stage.bob.approves(id);
  CHECK(untouched());
  stage.erin.approves(id);  // the same step again
  CHECK(untouched());
  stage.carol.says("deny " + id + " I am not sure");  // below the threshold of two
  CHECK(untouched());
  stage.carol.approves(id);  // she changes her mind: the other step
  stage.until_active(id);

  const auto events = stage.events(id);
  const auto approved =
      std::ranges::find(events, "request.approved", [](const auto& one) { return one.event.action; });
  REQUIRE(approved != events.end());
  REQUIRE(std::next(approved) != events.end());
  CHECK(std::next(approved)->event.action == "grant.created");
  CHECK(std::next(approved)->sequence == approved->sequence + 1);
  const auto steps = stage.request(id)->asked.steps;
  for (std::size_t step = 0; step < steps.size(); ++step) {
    const auto votes = stage.votes(id);
    CHECK(std::ranges::count_if(votes, [&](const Vote& vote) {
            return vote.approves(*stage.request(id)) && vote.step == static_cast<int>(step);
          }) >= steps[step].count);
  }

  const std::string automatic = stage.bob.requests("play 30m");
  stage.until_active(automatic);
  CHECK(stage.request(automatic)->decided_by == system_principal("rule"));
  CHECK(stage.audit_detail(automatic, "request.approved_by_rule")["rule"] == "self-service");
  CHECK(stage.actions(automatic)[1] == "grant.created");
}

TEST_CASE("invariant 6: a decision acts on the digest the decider saw") {
  Stage stage;
  stage.start();
  const std::string id = asked(stage);
  CHECK(contains(stage.carol.says("approve " + id + ".2"), "is not what is asked now"));
  nothing_was_decided(stage, id);
  stage.carol.approves(id);
  stage.until_active(id);
  CHECK(stage.votes(id).front().digest == stage.request(id)->digest);
}

TEST_CASE("invariant 6: a click on a card of before decides nothing", "[slack]") {
  Stage stage;
  stage.start();
  const std::string id = asked(stage);
  const std::string bare = id.substr(4);
  stage.carol.starts_pressing("approve", id, sandbox::Replay::current, bare + "|000000000000|approve");
  stage.until([&] { return !stage.carol.told().empty(); });
  CHECK(contains(stage.carol.told().back(), "has changed since that card was shown"));
  nothing_was_decided(stage, id);
  CHECK(stage.audit_detail(id, "request.vote_refused")["vote"] == "approve");
}

TEST_CASE("a click on an old version of the card acts like one on the new") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("prod 1h INC-42 slow checkout");
  stage.carol.approves(id);
  stage.erin.starts_trying("approve", id);
  stage.until_active(id);
  CHECK(contains(stage.dave.tries("approve", id), id + " was already approved by @erin at 02:00 UTC"));
  CHECK(stage.votes(id).size() == 2);
}

TEST_CASE(
    "invariant 7: who is asker, guest, bot, outsider or deactivated decides nothing, however he clicks") {
  Stage stage;
  stage.start();
  // Everybody is in the group that may approve; the guest and the deactivated one are named by e-mail too.
  stage.scene().approvers_are({"alice", "carol", "gina", "dan", "deploybot", "sam"});
  const std::string id = asked(stage);
  tries_in_vain(stage, "alice", id, "nobody decides about a request of his own");
  tries_in_vain(stage, "gina", id, "guests decide nothing");
  tries_in_vain(stage, "dan", id, "deactivated");
  tries_in_vain(stage, "deploybot", id, "bots decide nothing");
  tries_in_vain(stage, "sam", id, "other organisations decide nothing");
  tries_in_vain(stage, "bob", id, "You are not an approver of " + id);
  nothing_was_decided(stage, id);
  CHECK(contains(stage.alice.says("approve " + id), "nobody decides about a request of his own"));
  CHECK_FALSE(stage.person("gina").says("approve " + id).empty());
  CHECK(contains(stage.bob.says("approve " + id), "You are not an approver of " + id));  // he audits
  nothing_was_decided(stage, id);
  const auto heard = [&](const char* name) { return stage.scene().lets_in(name); };
  const std::vector<const char*> everybody{"alice", "gina", "dan", "deploybot", "sam", "bob"};
  CHECK(std::ranges::count(stage.actions(id), "request.vote_refused") ==
        std::ranges::count_if(everybody, heard) + 3);
  stage.carol.approves(id);
  stage.until_active(id);
}

TEST_CASE("invariant 7: a deactivated beneficiary's grants and requests end by the event") {
  Stage stage;
  stage.start();
  const std::string live = stage.active_staging();
  const std::string waiting = stage.alice.requests("prod 1h INC-42 slow checkout");
  stage.scene().deactivates("alice");
  stage.until_ended(live, 10s);
  CHECK(stage.grant(live)->cause == EndCause::deactivated);
  CHECK(stage.grant(live)->ended_as == EndedAs::absent);
  CHECK(stage.request(waiting)->state == RequestState::cancelled);
  CHECK(contains(stage.card(waiting, k_prod), "Cancelled"));
  CHECK_FALSE(stage.target("staging-db").has("alice role=staging_ro"));
}

TEST_CASE("invariant 7: who was deactivated while the bot was away loses access when it is greeted") {
  Stage stage;
  stage.start();
  const std::string live = stage.active_staging("2h");
  stage.stop();
  stage.scene().deactivates("alice");
  const Time before = stage.now();
  stage.start();
  stage.until_ended(live, 9s);
  CHECK(stage.grant(live)->cause == EndCause::deactivated);
  CHECK(stage.now() - before < 9s);  // with the platform away it is looked for after ten
}

TEST_CASE("invariant 7: a deactivation nobody told of is found by the sweep within 15 minutes", "[slack]") {
  StageOptions options;
  std::erase(options.sandbox.events, "user_change");
  Stage stage(std::move(options));
  stage.start();
  const std::string live = stage.active_staging("2h");
  stage.scene().deactivates("alice");
  stage.advance(5s);
  CHECK(stage.is_active(live));
  stage.until_ended(live, 15min + 5s);
  CHECK(stage.grant(live)->cause == EndCause::deactivated);
  CHECK_FALSE(stage.target("staging-db").has("alice role=staging_ro"));
}

TEST_CASE(
    "a directory that cannot be asked closes votes and new requests, and changes nothing for live grants") {
  Stage stage;
  stage.start();
  const std::string live = stage.active_staging();
  const std::string waiting = stage.bob.requests("staging 1h INC-8 look too");
  stage.scene().forgets(Unknown::people_and_groups);
  CHECK(contains(stage.carol.tries("approve", waiting), "I cannot check now"));
  CHECK(stage.request(waiting)->state == RequestState::pending);
  CHECK(stage.votes(waiting).empty());
  CHECK(stage.audited(waiting, "request.vote_refused"));
  const std::string answer = stage.erin.says("request play 30m");
  CHECK(id_in(answer).empty());
  CHECK_FALSE(answer.empty());
  stage.advance(20min);  // the sweep finds nobody to ask
  CHECK(stage.is_active(live));
  stage.until_ended(live, 45min);
  CHECK(stage.grant(live)->ended_as == EndedAs::absent);
  CHECK(stage.grant(live)->cause == EndCause::due);
  stage.scene().remembers();
  stage.carol.approves(waiting);
  stage.until_active(waiting);
}

TEST_CASE("two approvers in the same millisecond: one decides, the other reads so") {
  Stage stage;
  stage.start();
  const std::string id = asked(stage);
  stage.carol.starts_pressing("approve", id);
  stage.dave.starts_pressing("approve", id);
  stage.until_active(id);
  stage.advance(3s);
  const bool carol_won = stage.votes(id).front().voter == stage.carol.id();
  const Someone& loser = carol_won ? stage.dave : stage.carol;
  REQUIRE(loser.told().size() == 1);
  CHECK(contains(loser.told().back(), id + " was already approved by " + (carol_won ? "@carol" : "@dave")));
  CHECK(stage.votes(id).size() == 1);
  CHECK(stage.target("staging-db").count(Call::present) == 1);
  CHECK(std::ranges::count(stage.actions(id), "grant.created") == 1);
}

TEST_CASE("an approval and a denial in the same millisecond: whichever is first decides") {
  Stage stage;
  stage.start();
  const std::string id = asked(stage);
  (void)stage.dave.starts_saying("deny " + id + " not now");
  stage.carol.starts_pressing("approve", id);
  stage.advance(5s);
  const bool approved = stage.request(id)->state == RequestState::approved;
  CHECK((approved || stage.request(id)->state == RequestState::denied));
  CHECK(stage.grant(id).has_value() == approved);
  CHECK(contains(approved ? stage.dave.told().back() : stage.carol.told().back(), "was already"));
}

TEST_CASE("a double click counts once") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("prod 1h INC-42 slow checkout");
  stage.carol.starts_pressing("approve", id);
  stage.carol.starts_pressing("approve", id);
  stage.advance(3s);
  CHECK(stage.votes(id).size() == 1);
  CHECK(told_so(stage.carol) == 1);
  CHECK(std::ranges::count(stage.actions(id), "request.vote") == 1);
  CHECK(stage.request(id)->state == RequestState::pending);
}

TEST_CASE("a click after the approver left the group decides nothing") {
  Stage stage;
  stage.start();
  const std::string id = asked(stage);
  stage.scene().approvers_are({"dave"});
  tries_in_vain(stage, "carol", id, "You are not an approver of " + id);
  nothing_was_decided(stage, id);
}

TEST_CASE("a disabled user group lets nobody decide") {
  Stage stage;
  stage.start();
  const std::string id = asked(stage);
  stage.scene().closes_approvers();
  CHECK_FALSE(stage.carol.tries("approve", id).empty());
  nothing_was_decided(stage, id);
}

TEST_CASE("the queued click of an approver who was deactivated meanwhile decides nothing") {
  Stage stage;
  stage.start();
  const std::string id = asked(stage);
  const std::size_t before = stage.carol.told().size();
  stage.carol.starts_trying("approve", id);
  stage.scene().deactivates("carol");
  stage.happens([&] { return stage.carol.told().size() > before; }, 30s);
  const auto told = stage.carol.told();
  if (stage.scene().lets_in("carol")) CHECK((told.size() > before && contains(told.back(), "deactivated")));
  nothing_was_decided(stage, id);
}

TEST_CASE("an earlier voter who lost the right by the deciding vote does not count, and is told") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("prod 1h INC-42 slow checkout");
  stage.carol.approves(id);
  stage.scene().approvers_are({"dave"});
  stage.erin.approves(id);
  CHECK(stage.request(id)->state == RequestState::pending);
  CHECK_FALSE(stage.grant(id).has_value());
  CHECK(contains(stage.card(id, k_prod), "does not count: may no longer decide"));
  CHECK(stage.carol.dms_with("Vote void") == 1);
  CHECK(stage.audited(id, "request.vote_voided"));
  stage.dave.approves(id);
  stage.until_active(id);
}

TEST_CASE("earlier voters who cannot be asked at the deciding vote leave it undecided") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("prod 1h INC-42 slow checkout");
  stage.carol.approves(id);
  stage.scene().forgets(Unknown::groups);
  CHECK(contains(stage.erin.tries("approve", id), "I cannot check now"));
  CHECK(stage.request(id)->state == RequestState::pending);
  CHECK(stage.votes(id).size() == 1);
  stage.scene().remembers();
  stage.erin.approves(id);
  stage.until_active(id);
}

}  // namespace jitbot::scenario
