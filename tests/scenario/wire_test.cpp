#include "tests/scenario/harness.hpp"

#include <algorithm>

// Slack away, slow, wrong, or saying things twice.
namespace jitbot::scenario {

namespace {

using sandbox::MethodFault;
using sandbox::MethodFaultKind;
using sandbox::Switch;
const std::string k_alice = "alice role=staging_ro";

MethodFault fault(const std::string& method, MethodFaultKind kind, int count) {
  MethodFault out;
  out.method = method;
  out.kind = kind;
  out.count = count;
  return out;
}

std::string last_event_id(const Stage& stage) {
  for (auto one = stage.sandbox->envelopes().rbegin(); one != stage.sandbox->envelopes().rend(); ++one) {
    if (one->type == "events_api") return one->payload["event_id"].get<std::string>();
  }
  return {};
}

sandbox::SayInput dm_of(const std::string& user, const std::string& text) {
  sandbox::SayInput input;
  input.user = user;
  input.channel = "@" + user;
  input.text = text;
  return input;
}

std::string live_or_not(Stage& stage) {
  return stage.app().chat_live() ? "live" : "away";
}

}  // namespace

TEST_CASE("Slack away for minutes: ends come right on time, and the cards catch up") {
  Stage stage;
  stage.start();
  const std::string id = stage.active_staging("30m");
  const std::string waiting = stage.bob.requests("staging 1h INC-8 look too");
  const Time end = stage.grant(id)->end();
  stage.advance(end - 2min - stage.now());
  stage.sandbox->outage(Switch::on);
  stage.advance(2min - 1s);
  CHECK(live_or_not(stage) == "away");
  CHECK(stage.target("staging-db").has(k_alice));
  stage.advance(2s);
  CHECK_FALSE(stage.target("staging-db").has(k_alice));
  CHECK(stage.grant(id)->ended_at == end);
  CHECK(contains(stage.card(id), "Active until"));  // nobody could be told yet
  stage.advance(4min);
  stage.sandbox->outage(Switch::off);
  stage.until([&] { return stage.app().chat_live() && contains(stage.card(id), "Ended"); }, 6min);
  CHECK(contains(stage.card(id), "removed and confirmed absent 02:30:"));
  stage.until(
      [&] {
        return contains(stage.requester_card(id, "alice"), "Ended") &&
               contains(stage.thread(id), "confirmed absent");
      },
      6min);
  CHECK(stage.cards(id) == 1);
  stage.carol.approves(waiting);
  stage.until_active(waiting);
}

TEST_CASE("a storm of 429 delays cards and loses and doubles none") {
  Stage stage;
  stage.start();
  auto storm = fault("chat.postMessage", MethodFaultKind::rate_limited, 12);
  storm.retry_after = 5;
  stage.sandbox->fail_calls(storm);
  const std::string first = stage.alice.requests("staging 1h INC-7 look");
  const std::string second = stage.bob.requests("staging 1h INC-8 look too");
  const std::string third = stage.erin.requests("prod 1h INC-42 slow checkout");
  stage.until([&] { return stage.cards(first) + stage.cards(second) + stage.cards(third, k_prod) == 3; },
              10min);
  stage.advance(5min);
  CHECK(stage.cards(first) == 1);
  CHECK(stage.cards(second) == 1);
  CHECK(stage.cards(third, k_prod) == 1);
  CHECK(stage.alice.dms().size() == 1);
  stage.sandbox->fail_calls(fault("chat.update", MethodFaultKind::rate_limited, 5));
  stage.carol.approves(first);
  stage.until([&] { return contains(stage.card(first), "Active until"); }, 5min);
  CHECK(stage.is_active(first));
}

TEST_CASE("many requests at once keep within Slack's limits and all get their cards") {
  StageOptions options;
  options.sandbox.rate_limits = Switch::on;
  Stage stage(std::move(options));
  stage.start();
  std::vector<std::string> ids;
  for (Someone* who : {&stage.alice, &stage.bob, &stage.carol, &stage.dave, &stage.erin}) {
    ids.push_back(who->requests("staging 1h INC-7 look"));
    ids.push_back(who->requests("staging:admin 1h INC-7 look"));
  }
  stage.until([&] { return std::ranges::all_of(ids, [&](const auto& id) { return stage.cards(id) == 1; }); },
              5min);
  stage.advance(1min);
  for (const std::string& id : ids) CHECK(stage.cards(id) == 1);
}

TEST_CASE("HTTP 500 after the effect of a post makes no second card") {
  Stage stage;
  stage.start();
  stage.sandbox->fail_calls(fault("chat.postMessage", MethodFaultKind::error_after, 2));
  const std::string id = stage.alice.requests("staging 1h INC-7 look");
  stage.advance(5min);
  CHECK(stage.cards(id) == 1);
  CHECK(stage.alice.dms().size() == 1);
  stage.carol.approves(id);
  stage.until([&] { return contains(stage.card(id), "Active until"); });
  stage.sandbox->fail_calls(fault("chat.postMessage", MethodFaultKind::error_after, 3));
  stage.until_ended(id, 61min);
  stage.advance(5min);
  CHECK(stage.cards(id) == 1);
  CHECK(stage.alice.dms_with("Ends soon") == 1);
  CHECK(stage.alice.dms_with("⚪ Ended") == 2);
  CHECK(contains(stage.card(id), "removed and confirmed absent"));
}

TEST_CASE("a click on a card whose posting is still in doubt counts") {
  Stage stage;
  stage.start();
  stage.sandbox->fail_calls(fault("conversations.history", MethodFaultKind::error_before, -1));
  stage.sandbox->fail_calls(fault("chat.postMessage", MethodFaultKind::error_after, 1));
  const std::string id = stage.alice.requests("staging 1h INC-7 look");
  stage.until([&] { return stage.cards(id) == 1; });
  stage.carol.approves(id);
  stage.until_active(id);
  stage.sandbox->clear_faults();
  stage.until([&] { return contains(stage.card(id), "Active until"); }, 6min);
  CHECK(stage.cards(id) == 1);
}

TEST_CASE("after dropped sockets people reach us again, and what was not acknowledged is not half done") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("staging 1h INC-7 look");
  stage.sandbox->drop_connections();
  stage.until([&] { return stage.sandbox->connections().size() == 2 && stage.app().chat_live(); }, 2min);
  stage.sandbox->freeze_connections();  // they look alive, and nobody listens
  stage.carol.starts_pressing("approve", id);
  stage.advance(4s);
  CHECK(stage.votes(id).empty());
  stage.until(
      [&] {
        const auto open = stage.sandbox->connections();
        return std::ranges::count(open, false, &sandbox::ConnectionInfo::frozen) == 2;
      },
      5min);
  stage.carol.starts_pressing("approve", id);
  stage.carol.starts_pressing("approve", id);  // Slack gives frozen links their share
  stage.carol.starts_pressing("approve", id);
  stage.until_active(id, 3min);
  CHECK(stage.votes(id).size() == 1);
}

TEST_CASE("while connections are refreshed no click and no command is lost") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("prod 1h INC-42 slow checkout");
  const auto dials = stage.sandbox->envelopes().size();
  stage.sandbox->disconnect(sandbox::DisconnectReason::refresh_requested);
  for (int second = 0; second < 40; ++second) {
    sandbox::CommandInput input;
    input.user = "bob";
    input.channel = "#general";
    input.text = "mine";
    const auto outcome = stage.begin(stage.sandbox->run_command(input));
    stage.settle();
    stage.advance(1s);
    stage.until([&] { return outcome->has_value(); }, 5s);
    CHECK((*outcome)->error == "");
  }
  CHECK(stage.sandbox->envelopes().size() == dials + 40);
  CHECK(stage.sandbox->connections().size() == 2);
  stage.carol.approves(id);
  stage.erin.approves(id);
  stage.until_active(id);
}

TEST_CASE("invariant 4: what comes twice changes nothing the second time") {
  Stage stage;
  stage.start();
  REQUIRE(stage.sandbox->say(dm_of("alice", "request play 30m")).has_value());
  stage.until([&] { return stage.target("play-db").has("ally role=play"); });
  const std::string event = last_event_id(stage);
  const auto dms = stage.alice.dms().size();
  for (int again = 1; again <= 3; ++again) {
    REQUIRE(stage.sandbox->redeliver(event, again, "http_timeout").has_value());
    stage.advance(10s);
  }
  CHECK(stage.alice.dms().size() == dms);
  CHECK(stage.target("play-db").count(Call::present) == 1);
  stage.restart();
  REQUIRE(stage.sandbox->redeliver(event, 3, "http_timeout").has_value());
  stage.advance(10s);
  CHECK(stage.alice.dms().size() == dms);
  CHECK(stage.target("play-db").count(Call::present) == 1);
}

TEST_CASE(
    "invariant 4: what was told while we were away is done or answered: decisions count, old requests do "
    "not") {
  Stage stage;
  stage.start();
  const std::string id = stage.bob.requests("prod 2h INC-42 slow checkout");
  const std::string given = stage.alice.requests("play 2h");
  stage.until_active(given);
  stage.stop();
  for (const auto& [who, words] :
       std::vector<std::pair<std::string, std::string>>{{"erin", "request play 30m"},
                                                        {"carol", "approve " + id},
                                                        {"alice", "done " + given},
                                                        {"alice", "extend " + given + " 30m"}}) {
    REQUIRE(stage.sandbox->say(dm_of(who, words)).has_value());
  }
  stage.settle();
  stage.advance(11min);
  stage.start();
  // Slack sends what was not acknowledged again, with the ids it had.
  for (const std::string& event : stage.sandbox->event_ids())
    REQUIRE(stage.sandbox->redeliver(event, 2, "http_timeout").has_value());
  stage.advance(30s);
  CHECK(stage.erin.dms_with("I was away; ask again") == 1);
  CHECK(stage.alice.dms_with("I was away; ask again") == 1);
  CHECK_FALSE(stage.target("play-db").has("erin role=play"));
  CHECK(stage.votes(id).size() == 1);
  CHECK(stage.grant(given)->state == GrantState::ended);
  CHECK(stage.grant(given)->cause == EndCause::done);
  CHECK(stage.audited("inbox", "inbound.stale"));
}

TEST_CASE("invariant 4: a row that cannot be read is parked, audited and told, and stops nobody") {
  Stage stage;
  stage.start();
  auto written = stage.begin(stage.app().store().write([now = stage.now()](Tx& tx) -> Result<void> {
    InboxRow row;
    row.key = "event:Ev0BROKEN";
    row.received = now;
    row.payload = "{\"no\": \"inbound\"}";
    tx.add_inbox(row);
    return {};
  }));
  stage.settle();
  REQUIRE((written->has_value() && (*written)->has_value()));
  stage.restart();
  stage.until([&] { return stage.told_admins("Message parked") == 1; });
  CHECK(stage.audited("inbox", "inbound.parked"));
  stage.until_active(stage.alice.requests("play 30m"));
  stage.restart();
  stage.advance(1min);
  CHECK(stage.told_admins("Message parked") == 1);
}

TEST_CASE("a card that cannot be posted is told to administrators and requester, and typing still decides") {
  Stage stage;
  stage.start();
  REQUIRE(stage.sandbox->archive_channel(k_staging, Switch::on).has_value());
  const std::string id = stage.alice.requests("staging 1h INC-7 look");
  stage.until([&] {
    return stage.told_admins("Card not posted") == 1 && stage.alice.dms_with("Card not posted") == 1;
  });
  stage.carol.says("approve " + id);
  stage.until_active(id);
  CHECK(contains(stage.requester_card(id, "alice"), "Active until"));
}

TEST_CASE("a channel shared with another organisation gets no cards") {
  Stage stage;
  stage.start();
  REQUIRE(stage.sandbox->share_channel(k_staging, Switch::on).has_value());
  const std::string id = stage.alice.requests("staging 1h INC-7 look");
  stage.until([&] { return stage.told_admins("Card not posted") == 1; });
  CHECK(contains(stage.channel_text(k_admins), "shared with another organisation"));
  CHECK(stage.cards(id) == 0);
}

}  // namespace jitbot::scenario
