#include "bot/cards/notices.hpp"
#include "tests/scenario/harness.hpp"

#include <algorithm>

// Ending and starting again, in good order and by a power cut, and with a backup in place of the store.
namespace jitbot::scenario {

namespace {

const std::string k_alice = "alice role=staging_ro";

// The bot is cut off from everybody, ends, and its files are those of the moment that was saved.
void power_cut(Stage& stage, const std::string& saved) {
  stage.scene().goes_away();
  stage.stop();
  stage.load_disk(saved);
  stage.scene().comes_back();
}

}  // namespace

TEST_CASE("invariant 2: intent and latest end are durable before the target is touched") {
  Stage stage;
  stage.start();
  TestTarget& target = stage.target("play-db");
  SECTION("a power cut before the first look") {
    target.observing = Manner::hanging;
    const std::string id = stage.alice.requests("play 30m");
    CHECK(target.count(Call::observe) == 1);
    stage.save_disk("cut");
    power_cut(stage, "cut");
    target.observing = Manner::honest;
    stage.start();
    REQUIRE(stage.grant(id).has_value());
    CHECK(stage.grant(id)->latest_end == stage.grant(id)->created + 45min);
    stage.until_active(id);
    CHECK(target.count(Call::present) == 1);
    stage.until_ended(id, 46min);
  }
  SECTION("a power cut while the target is giving access, which then takes hold") {
    target.presenting = Manner::hanging;
    const std::string id = stage.alice.requests("play 30m");
    CHECK(target.count(Call::present) == 1);
    stage.save_disk("cut");
    target.give("ally role=play");
    power_cut(stage, "cut");
    target.presenting = Manner::honest;
    stage.start();
    stage.until_active(id);
    CHECK(target.count(Call::present) == 1);
    CHECK_FALSE(stage.grant(id)->standing);  // it is ours, and will be removed
    CHECK(stage.grant(id)->end() <= stage.grant(id)->created + 45min);
    stage.until_ended(id, 46min);
    CHECK(stage.grant(id)->ended_as == EndedAs::absent);
    CHECK_FALSE(target.has("ally role=play"));
  }
  SECTION("a power cut for longer than the grant could last") {
    target.presenting = Manner::hanging;
    const std::string id = stage.alice.requests("play 30m");
    stage.save_disk("cut");
    target.give("ally role=play");
    power_cut(stage, "cut");
    target.presenting = Manner::honest;
    stage.advance(50min);
    stage.start();
    stage.until_ended(id, 2min);
    CHECK_FALSE(target.has("ally role=play"));
    CHECK(target.count(Call::present) == 1);
  }
}

TEST_CASE("invariant 3: no grant outlives its end, and one hung target delays no other") {
  Stage stage;
  stage.start();
  const std::string stuck = stage.alice.requests("play 30m");
  stage.until_active(stuck);
  const std::string same = stage.bob.requests("play 30m");
  stage.until_active(same);
  const std::string other = stage.active_staging("30m");
  TestTarget& target = stage.target("play-db");
  target.removing = target.observing = Manner::hanging;
  target.hangs_for = {"ally role=play"};
  stage.advance(stage.grant(other)->end() - stage.now());
  stage.settle();
  CHECK(stage.grant(other)->ended_at == stage.grant(other)->end());
  CHECK_FALSE(stage.target("staging-db").has(k_alice));
  CHECK(stage.grant(same)->ended_at == stage.grant(same)->end());
  CHECK_FALSE(target.has("bobby role=play"));
  CHECK(stage.grant(stuck)->state == GrantState::ending);
  stage.until_active(stage.erin.requests("play 30m"), 2s);
  stage.advance(2h);
  CHECK(stage.grant(stuck)->state == GrantState::ending);
  CHECK(stage.told_admins("Overdue") >= 3);
  const int tries = target.count(Call::absent, "ally role=play");
  stage.advance(20min);
  CHECK(target.count(Call::absent, "ally role=play") >= tries + 3);  // for ever
  target.removing = target.observing = Manner::honest;
  stage.until_ended(stuck, 6min);
  CHECK(stage.grant(stuck)->ended_as == EndedAs::absent);
}

TEST_CASE(
    "invariant 5: every change has its audit event, and the chain verifies to a head outside the store") {
  Stage stage;
  stage.start();
  const std::string id = stage.active_staging("30m");
  stage.until_ended(id, 31min);
  stage.advance(61s);  // the head is written each minute
  const AuditVerdict verdict = stage.verify();
  CHECK_FALSE(verdict.problem.has_value());
  CHECK((verdict.head == HeadRelation::same || verdict.head == HeadRelation::store_ahead));
  CHECK(stage.actions("entitlement:1") ==
        std::vector<std::string>{"entitlement.baseline", "target.observed", "entitlement.ours",
                                 "target.present", "target.present_returned", "target.observed",
                                 "target.observed", "target.observed", "target.observed", "target.observed",
                                 "target.observed", "target.observed", "entitlement.removing",
                                 "target.absent", "target.absent_returned", "target.observed",
                                 "entitlement.absent", "target.observed", "entitlement.rest"});
  stage.save_disk("old");
  stage.until_active(stage.bob.requests("play 30m"));
  stage.stop();
  stage.load_store("old");  // cut off at the end: what is there is sound, but too short for the head
  const AuditVerdict cut = stage.verify();
  CHECK(cut.head == HeadRelation::head_ahead);
}

TEST_CASE("a restart between any two steps loses nothing, and the cards tell the truth") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("prod 1h INC-42 slow checkout");
  stage.restart();
  stage.carol.approves(id);
  stage.restart();
  CHECK(contains(stage.card(id, k_prod), "owners 1/1 · security 0/1"));
  stage.target("prod-db").presenting = Manner::hanging;
  stage.erin.approves(id);
  CHECK(stage.target("prod-db").running() == 1);
  stage.restart();
  stage.target("prod-db").presenting = Manner::honest;
  stage.until_active(id);
  stage.restart();
  CHECK(contains(stage.card(id, k_prod), "✅ Active until"));
  stage.target("prod-db").removing = Manner::failing;
  const Time end = stage.grant(id)->end();
  stage.advance(end + 2s - stage.now());
  CHECK(stage.grant(id)->state == GrantState::ending);
  stage.restart();
  stage.target("prod-db").removing = Manner::honest;
  stage.until_ended(id, 3min);
  stage.restart();
  CHECK(contains(stage.card(id, k_prod), "removed and confirmed absent"));
  CHECK(stage.cards(id, k_prod) == 1);
  CHECK(std::ranges::count(stage.actions(id), "grant.created") == 1);
  CHECK(std::ranges::count(stage.actions(id), "grant.ended") == 1);
  CHECK_FALSE(stage.target("prod-db").has("alice role=prod_ro"));
  CHECK(stage.alice.dms_with("⚪ Ended") == 2);
}

TEST_CASE("a power cut right after a card was posted makes no second card", "[slack]") {
  Stage stage;
  stage.start();
  stage.sandbox->outage(sandbox::Switch::on);
  stage.sandbox->outage(sandbox::Switch::off);
  stage.until([&] { return stage.app().chat_live() && stage.sandbox->connections().size() == 2; });
  sandbox::MethodFault hang;
  hang.method = "chat.postMessage";
  hang.kind = sandbox::MethodFaultKind::error_after;
  hang.count = 2;
  stage.sandbox->fail_calls(hang);
  sandbox::MethodFault blind;
  blind.method = "conversations.history";
  blind.kind = sandbox::MethodFaultKind::error_before;
  blind.count = -1;
  stage.sandbox->fail_calls(blind);
  const std::string id = stage.alice.requests("staging 1h INC-7 look");
  stage.until([&] { return stage.cards(id) == 1; });
  stage.save_disk("cut");
  power_cut(stage, "cut");
  stage.sandbox->clear_faults();
  stage.start();
  stage.advance(5min);
  CHECK(stage.cards(id) == 1);
  CHECK(stage.alice.dms().size() == 1);
  stage.carol.approves(id);
  stage.until_active(id);
  CHECK(contains(stage.card(id), "Active until"));
}

TEST_CASE("what was accepted before a power cut is done after it", "[slack]") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("staging 1h INC-7 look");
  // The directory hangs, so that the accepted click waits for its facts when the power goes.
  sandbox::MethodFault down;
  down.method = "usergroups.users.list";
  down.kind = sandbox::MethodFaultKind::rate_limited;
  down.retry_after = 4;
  down.count = -1;
  stage.sandbox->fail_calls(down);
  stage.carol.starts_pressing("approve", id);
  stage.settle();
  stage.save_disk("cut");
  CHECK(stage.votes(id).empty());
  power_cut(stage, "cut");
  stage.sandbox->clear_faults();
  stage.start();
  stage.until_active(id);
  CHECK(stage.votes(id).size() == 1);
}

TEST_CASE("a restart while the platform is away forgets nothing that people are still to be told") {
  Stage stage;
  stage.start();
  const std::string id = stage.active_staging("30m");
  stage.scene().goes_away();
  stage.advance(31min);
  CHECK(stage.grant(id)->state == GrantState::ended);
  stage.stop();
  REQUIRE(stage.try_start().has_value());
  stage.advance(3min);
  stage.scene().comes_back();
  const auto waiting = stage.get<std::vector<CardRow>>(
      [key = *parse_request_id(id)](Tx& tx) -> Result<std::vector<CardRow>> { return tx.cards(key); });
  for (const CardRow& card : waiting) {
    INFO("card " << card.id << ": " << card.problem);
    CHECK(card.next_at - stage.now() <= 5min);
    CHECK(card.problem == "");
  }
  stage.until([&] { return stage.alice.dms_with("removed and confirmed absent") == 2; }, 6min);
  stage.until([&] { return contains(stage.thread(id), "removed and confirmed absent"); }, 6min);
  stage.until([&] { return contains(stage.requester_card(id, "alice"), "⚪ Ended"); }, 6min);
  stage.until([&] { return contains(stage.card(id), "⚪ Ended"); }, 6min);
  CHECK(stage.cards(id) == 1);
}

TEST_CASE("a second bot on one store refuses to start") {
  Stage stage;
  stage.start();
  const auto second = stage.open_second();
  REQUIRE_FALSE(second.has_value());
  CHECK_FALSE(second.error().message.empty());
  stage.until_active(stage.alice.requests("play 30m"));
}

TEST_CASE("a head newer than the store refuses to start, and after a restore every target is asked first") {
  Stage stage;
  stage.start();
  stage.until_ended(stage.alice.requests("play 10m"), 11min);
  stage.advance(2min);
  const std::string waiting = stage.bob.requests("staging 1h INC-8 look");
  stage.save_disk("backup");
  const std::string lost = stage.alice.requests("play 2h");
  stage.until_active(lost);
  stage.stop();
  stage.load_store("backup");

  const auto refused = stage.try_start();
  REQUIRE_FALSE(refused.has_value());
  CHECK(contains(refused.error().message, "--after-restore"));

  TestTarget& target = stage.target("play-db");
  target.observing = Manner::failing;
  stage.start(Restored::yes);
  CHECK(contains(stage.erin.says("request play 30m"), "restored from a backup"));
  CHECK(contains(stage.carol.approves(waiting), "Nothing was decided"));
  CHECK(stage.votes(waiting).empty());
  CHECK(stage.target("staging-db").calls().empty());
  stage.advance(3min);
  CHECK(contains(stage.erin.says("request play 30m"), "restored from a backup"));
  target.observing = Manner::honest;
  stage.until([&] { return stage.told_admins("every target has answered") == 1; }, 6min);
  CHECK(stage.told_admins("Access nobody asked for") == 1);
  CHECK(target.has("ally role=play"));  // this connector does not say enforce
  CHECK(stage.audited("store", "restore.accepted"));
  CHECK(stage.audited("store", "restore.checked"));
  stage.carol.approves(waiting);
  stage.until_active(waiting);
  stage.restart();  // the new head is the store's own
}

TEST_CASE("after a restore access that nobody asked for is removed where the connector enforces it") {
  Stage stage;
  TestTarget& target = stage.target("play-db");
  target.lists = target.enforce = true;
  stage.start();
  stage.until_ended(stage.alice.requests("play 10m"), 11min);
  stage.advance(2min);
  stage.save_disk("backup");
  stage.until_active(stage.alice.requests("play 2h"));
  stage.stop();
  stage.advance(11min);  // what was asked since the backup is too old by then to be heard once more
  stage.load_store("backup");
  stage.start(Restored::yes);
  stage.until([&] { return !target.has("ally role=play"); }, 1min);
  CHECK(stage.audited("entitlement:1", "entitlement.enforced"));
  stage.advance(2min);
  CHECK(stage.actions("entitlement:1").back() == "entitlement.rest");
}

TEST_CASE(
    "a stop with hundreds of messages that wait for a slow Slack leaves nothing running, and loses none",
    "[slack]") {
  constexpr int k_many = 300;
  Stage stage;
  stage.start();
  sandbox::MethodFault slow;
  slow.method = "chat.postMessage";
  slow.kind = sandbox::MethodFaultKind::hang_before;
  slow.count = -1;
  stage.sandbox->fail_calls(slow);
  const PrincipalId erin = stage.erin.id();
  auto written = stage.begin(stage.app().store().write([erin, now = stage.now()](Tx& tx) -> Result<void> {
    for (int i = 0; i < k_many; ++i) {
      NoticeRow notice;
      notice.key = "many/" + std::to_string(i);
      notice.kind = to_string(NoticeKind::chat_problem);
      if (i % 3 == 0) {
        notice.place.direct = erin;
      } else {
        notice.place.channel = i % 3 == 1 ? k_admins : k_staging;
      }
      notice.args = R"({"detail": "one of many"})";
      notice.created = now;
      notice.valid_until = now + 24h;
      notice.next_at = now;
      tx.add(notice);
    }
    return {};
  }));
  stage.settle();
  REQUIRE(written->has_value());
  const Time before = stage.now();
  stage.stop();
  // The few that are on their way end by their deadlines; nobody waits for the turn of the others.
  CHECK(stage.now() - before < 1min);
  stage.sandbox->clear_faults();
  stage.start();
  stage.until([&] { return stage.told_admins("one of many") >= k_many / 3; }, 15min);
  stage.until([&] { return stage.erin.dms_with("one of many") >= k_many / 3; }, 15min);
}

}  // namespace jitbot::scenario
