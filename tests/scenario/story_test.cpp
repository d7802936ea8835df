#include "tests/scenario/harness.hpp"

// From asking to "removed and confirmed absent", as the people in it read it.
namespace jitbot::scenario {

namespace {

using Actions = std::vector<std::string>;
const std::string k_alice = "alice role=staging_ro";

}  // namespace

TEST_CASE("the whole story: asked, approved, used, warned, ended and proven absent") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("staging 1h INC-7 look at queue");
  CHECK(contains(stage.card(id), "⏳ Waiting · " + id));
  CHECK(contains(stage.card(id), "@alice asks for *staging : viewer* for 1h (as `alice`)"));
  CHECK(contains(stage.card(id), "INC-7 look at queue"));
  INFO(stage.card(id) << "\n" << stage.requester_card(id, "alice"));
  for (const char* act : {"approve", "shorter", "deny", "question"}) CHECK(stage.offers(act, id));
  CHECK(contains(stage.requester_card(id, "alice"), "posted in #staging-approvals"));
  CHECK(stage.requester_is_offered("cancel", id, "alice"));
  CHECK(stage.target("staging-db").calls().empty());

  stage.carol.approves(id);
  stage.until_active(id);
  CHECK(contains(stage.card(id), "✅ Active until 03:00 UTC · " + id));
  CHECK(contains(stage.card(id), "approved by @carol (approvers) 02:00:00 UTC"));
  CHECK(stage.offers("end", id));
  CHECK_FALSE(stage.offers("approve", id));
  CHECK(contains(stage.alice.dm("you can use"), "use it: `psql \"host=staging\"`"));
  CHECK(stage.requester_is_offered("done", id, "alice"));
  CHECK(stage.target("staging-db").has(k_alice));

  stage.advance(49min);
  CHECK(stage.alice.dms_with("Ends soon") == 0);
  stage.advance(2min);
  CHECK(stage.alice.dms_with("Ends soon") == 1);
  CHECK(stage.target("staging-db").has(k_alice));

  stage.advance(10min);
  CHECK_FALSE(stage.target("staging-db").has(k_alice));
  CHECK(contains(stage.card(id), "removed and confirmed absent 03:00:00 UTC, 0 s after its end"));
  CHECK(contains(stage.thread(id), "03:00:00 UTC · removed and confirmed absent, 0 s after its end"));
  CHECK(contains(stage.requester_card(id, "alice"), "⚪ Ended · " + id));
  CHECK(stage.alice.dms_with("⚪ Ended") == 2);  // the edited card, and a message of its own
  CHECK(stage.cards(id) == 1);
  CHECK(stage.actions(id) == Actions{"request.asked", "request.approved", "grant.created", "grant.active",
                                     "grant.warned", "grant.ending", "grant.ended"});
  CHECK(stage.audit_detail(id, "grant.ended")["as"] == "absent");
  CHECK(stage.audit_detail(id, "grant.ended")["lag_ms"] == 0);
}

TEST_CASE("an auto rule grants at once, by DM only, and it ends like any other") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("play 30m");
  stage.until_active(id);
  CHECK(stage.target("play-db").has("ally role=play"));
  CHECK(contains(stage.requester_card(id, "alice"), "needs no approval · rule self-service"));
  CHECK(contains(stage.requester_card(id, "alice"), "approved by rule self-service, nobody had to be asked"));
  CHECK(stage.cards(id, k_staging) + stage.cards(id, k_prod) + stage.cards(id, k_admins) == 0);
  stage.until_ended(id, 31min);
  CHECK(contains(stage.requester_card(id, "alice"), "removed and confirmed absent 02:30:00 UTC"));
  CHECK(stage.actions(id).front() == "request.approved_by_rule");
  CHECK_FALSE(stage.target("play-db").has("ally role=play"));
}

TEST_CASE("two steps need two different people, and one person serves one step only") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("prod 1h INC-42 slow checkout");
  CHECK(contains(stage.card(id, k_prod), "owners 0/1 · security 0/1"));
  stage.carol.approves(id);
  CHECK(contains(stage.card(id, k_prod), "owners 1/1 · security 0/1"));
  CHECK(stage.target("prod-db").calls().empty());
  stage.dave.approves(id);  // another owner
  CHECK(contains(stage.card(id, k_prod), "security 0/1"));
  CHECK(stage.request(id)->state == RequestState::pending);
  stage.erin.approves(id);
  stage.until_active(id);
  CHECK(contains(stage.card(id, k_prod), "approved by @erin (security)"));
  CHECK(stage.actions(id) == Actions{"request.asked", "request.vote", "request.vote", "request.approved",
                                     "grant.created", "grant.active"});
  stage.until_ended(id, 61min);
}

TEST_CASE("the form of /jit alone asks as the command does, and says at the field what is wrong", "[forms]") {
  Stage stage;
  stage.start();
  const auto too_long =
      stage.alice.asks_by_form({{"resource", "play"}, {"duration", "400d"}, {"reason", "fix it"}});
  CHECK(contains(too_long, "duration"));
  const auto no_length =
      stage.bob.asks_by_form({{"resource", "play"}, {"duration", "long"}, {"reason", "x"}});
  CHECK(contains(no_length, "duration"));
  const auto asked =
      stage.erin.asks_by_form({{"resource", "play"}, {"duration", "for 30m"}, {"reason", "fix it"}});
  CAPTURE(asked);
  CHECK(contains(asked, "play:user for 30m"));
}

TEST_CASE("a denial needs a reason, and both sides read it") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("staging 1h INC-7 look at queue");
  CHECK_FALSE(stage.carol.denies(id, "").empty());
  CHECK(stage.request(id)->state == RequestState::pending);
  SECTION("as people do") {
    stage.carol.denies(id, "not during the freeze");
  }
  SECTION("typed") {
    stage.carol.says("deny " + id + " not during the freeze");
  }
  stage.advance(5s);
  CHECK(contains(stage.card(id), "⛔ Denied · " + id));
  CHECK(contains(stage.card(id), "denied by @carol"));
  CHECK(contains(stage.card(id), "not during the freeze"));
  CHECK_FALSE(stage.offers("approve", id));
  CHECK(stage.alice.dms_with("⛔ Denied") == 2);
  CHECK(stage.actions(id) == Actions{"request.asked", "request.denied"});
  CHECK(stage.audit_detail(id, "request.denied")["reason"] == "not during the freeze");
  CHECK(stage.target("staging-db").calls().empty());
}

TEST_CASE("a request can be cancelled by its asker alone, and then decides nothing") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("staging 1h INC-7 look at queue");
  CHECK(contains(stage.bob.says("cancel " + id), "I know no request " + id));
  CHECK(contains(stage.alice.presses("cancel", id), id + " is cancelled"));
  stage.settle();
  CHECK(contains(stage.card(id), "✖️ Cancelled"));
  CHECK(contains(stage.carol.tries("approve", id), id + " was already cancelled by @alice at 02:00 UTC"));
  CHECK(stage.actions(id) ==
        Actions{"request.asked", "request.cancel_refused", "request.cancelled", "request.vote_refused"});
  CHECK(stage.target("staging-db").calls().empty());
}

TEST_CASE("a request that nobody decides times out to the second") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("staging 1h INC-7 look at queue");
  const Time due = stage.request(id)->times_out_at;
  stage.advance(due - stage.now() - 1s);
  CHECK(stage.request(id)->state == RequestState::pending);
  stage.advance(2s);
  CHECK(stage.request(id)->state == RequestState::timed_out);
  CHECK(stage.request(id)->decided_at == due);
  CHECK(contains(stage.card(id), "⌛ Timed out"));
  CHECK(contains(stage.requester_card(id, "alice"), "not decided in time"));
  CHECK(stage.actions(id) == Actions{"request.asked", "request.timed_out"});
}

TEST_CASE("who is done gives the access back early") {
  Stage stage;
  stage.start();
  const std::string id = stage.active_staging();
  SECTION("by the button") {
    stage.alice.presses("done", id);
  }
  SECTION("by the word alone") {
    CHECK(contains(stage.alice.says("done"), id + " is ending"));
  }
  stage.until_ended(id, 10s);
  CHECK_FALSE(stage.target("staging-db").has(k_alice));
  CHECK(contains(stage.card(id), "removed and confirmed absent"));
  CHECK(stage.audit_detail(id, "grant.ending")["cause"] == "done");
  CHECK(contains(stage.bob.says("done " + id), "I know no request " + id));
}

TEST_CASE("owners, voters and administrators take access away with a reason, others cannot") {
  Stage stage;
  stage.start();
  const std::string id = stage.active_staging();
  CHECK(contains(stage.bob.says("revoke " + id + " because I can"), "I know no request " + id));
  CHECK(contains(stage.erin.says("revoke " + id), "reason"));
  CHECK(stage.is_active(id));
  SECTION("an owner, by the card") {
    stage.dave.ends(id, "incident is over");
  }
  SECTION("an administrator, typed") {
    stage.erin.says("revoke " + id + " incident is over");
  }
  SECTION("a voter of the rule") {
    stage.carol.says("revoke " + id + " incident is over");
  }
  stage.until_ended(id, 10s);
  CHECK_FALSE(stage.target("staging-db").has(k_alice));
  CHECK(contains(stage.card(id), "incident is over"));
  CHECK(contains(stage.card(id), "removed and confirmed absent"));
  CHECK(stage.audit_detail(id, "grant.ending")["cause"] == "revoked");
  CHECK(stage.audited(id, "grant.revoke_refused"));
}

TEST_CASE("an extension by the rule's steps moves the end when it is approved") {
  Stage stage;
  stage.start();
  const std::string id = stage.active_staging();
  const Time end = stage.grant(id)->end();
  CHECK(contains(stage.alice.says("extend " + id + " 2h"), "allows at most 1h at a time"));
  const std::string more = stage.alice.extends(id, "30m still digging");
  CHECK(stage.grant(id)->end() == end);
  stage.until([&] { return contains(stage.card(more), "asks to prolong " + id + " by *30m*"); });
  CHECK(contains(stage.card(id), "prolonging it by 30m waits for approval: " + more));
  stage.dave.approves(more);
  CHECK(stage.grant(id)->end() == end + 30min);
  CHECK(contains(stage.card(id), "Active until 03:30 UTC"));
  stage.advance(end + 1min - stage.now());
  CHECK(stage.target("staging-db").has(k_alice));
  stage.until_ended(id, 31min);
  CHECK(contains(stage.card(id), "removed and confirmed absent 03:30:00 UTC"));
  CHECK(stage.audit_detail(id, "grant.extended")["text"] == more);
}

TEST_CASE("an extension that nobody approved prolongs nothing") {
  Stage stage;
  stage.start();
  const std::string id = stage.active_staging();
  const std::string more = stage.alice.extends(id, "30m still digging");
  stage.until_ended(id, 61min);
  CHECK(contains(stage.card(id), "removed and confirmed absent 03:00:00 UTC"));
  CHECK(stage.request(more)->state == RequestState::timed_out);
  CHECK(contains(stage.dave.tries("approve", more), more + " has timed out at 03:00 UTC"));
  CHECK_FALSE(stage.target("staging-db").has(k_alice));
}

TEST_CASE("automatic extensions move the end at once until the total is reached") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("play 1h");
  stage.until_active(id);
  const Time confirmed = *stage.grant(id)->confirmed;
  const std::string more = stage.alice.extends(id, "2h");
  stage.settle();
  CHECK(stage.request(more)->state == RequestState::approved);
  CHECK(stage.grant(id)->end() == confirmed + 3h);
  CHECK(contains(stage.alice.says("extend " + id + " 1m"), "Rule self-service allows 3h in all"));
  CHECK(contains(stage.bob.says("extend " + id + " 1m"), "I know no request " + id));
  stage.until_ended(id, 181min);
  CHECK(stage.grant(id)->ended_at == confirmed + 3h);
  CHECK(stage.audited(id, "request.refused"));
}

TEST_CASE("what a resource may be had for at most bounds access with its extensions, by the rules of now") {
  StageOptions options;
  const std::string howto = "    howto: psql \"host=staging\"\n";
  const std::string unbound = options.policy;
  std::string bound = unbound;
  bound.replace(bound.find(howto), howto.size(), howto + "    max_duration: 150m\n");
  const bool from_the_start = GENERATE(true, false);
  options.policy = from_the_start ? bound : unbound;
  Stage stage(std::move(options));
  stage.start();
  const std::string id = stage.active_staging("2h");
  if (!from_the_start) {
    stage.replace_policy(bound);
    CHECK(contains(stage.erin.says("policy reload"), "is in force"));
  }
  CHECK(stage.request(id)->asked.extend.total == (from_the_start ? 150min : 180min));
  CHECK(
      contains(stage.alice.says("extend " + id + " 1h"),
               "That would be 3h in all; staging:viewer may be had for at most 2h 30m in one stretch, so at "
               "most 30m more"));
  const std::string more = stage.alice.extends(id, "30m");
  stage.carol.approves(more);
  stage.settle();
  CHECK(stage.request(more)->state == RequestState::approved);
  CHECK(stage.grant(id)->end() == *stage.grant(id)->confirmed + 150min);
  CHECK(contains(stage.alice.says("extend " + id + " 1m"),
                 "staging:viewer may be had for at most 2h 30m in one stretch, and that is used"));
  CHECK(contains(stage.alice.says("explain staging"), "may be prolonged by 1h at a time, 2h 30m in all"));
}

TEST_CASE("ensure shows what is pending or active, and asks only for what is neither") {
  Stage stage;
  stage.start();
  const std::string first = stage.alice.says("ensure staging 1h INC-7 look");
  const std::string id = id_in(first);
  REQUIRE(!id.empty());
  CHECK(contains(stage.alice.says("ensure staging 1h INC-7 look"), "Waiting · " + id));
  CHECK(contains(stage.alice.says("request staging 1h INC-7 look"), "Waiting · " + id));
  stage.carol.approves(id);
  stage.until_active(id);
  CHECK(contains(stage.alice.says("ensure staging 1h INC-7 look"), "Active until 03:00 UTC · " + id));
  CHECK(stage.cards(id) == 1);
  CHECK(stage.target("staging-db").count(Call::present) == 1);
}

}  // namespace jitbot::scenario
