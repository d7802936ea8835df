#include "tests/integration/slack_sandbox/stand.hpp"

using namespace jitbot;
using namespace jitbot::slack::testing;

namespace {

sandbox::MethodFault fault(const std::string& method, sandbox::MethodFaultKind kind, int count) {
  sandbox::MethodFault fault;
  fault.method = method;
  fault.kind = kind;
  fault.count = count;
  return fault;
}

sandbox::SayInput say(const std::string& text) {
  sandbox::SayInput input;
  input.user = "alice";
  input.channel = "#general";
  input.text = "@jit " + text;
  return input;
}

}  // namespace

TEST_CASE("through a storm of 429s every message arrives once", "[slack][sandbox]") {
  Stand stand;
  stand.box.fail_calls(fault("chat.postMessage", sandbox::MethodFaultKind::rate_limited, 6));
  std::vector<Beside<Result<MessageRef>>> posts;
  const Place place{stand.channel_id("#general"), "", std::nullopt};
  for (int i = 0; i < 6; ++i) {
    posts.emplace_back(stand.loop.executor(),
                       stand.slack->post(place, answer("message"), "m" + std::to_string(i)));
  }
  const auto all_done = [&] {
    return std::ranges::all_of(posts, [](const auto& one) { return one.done(); });
  };
  CHECK(stand.seconds_until(all_done, 40) <= 40);
  for (auto& post : posts) CHECK(post.value().has_value());
  CHECK(stand.box.messages(place.channel).size() == 6);
}

TEST_CASE("enforced rate limits are kept without running into them", "[slack][sandbox]") {
  sandbox::SandboxOptions options;
  options.rate_limits = sandbox::Switch::on;
  Stand stand(std::move(options));
  std::vector<Beside<Result<MessageRef>>> posts;
  const Place place{stand.channel_id("#general"), "", std::nullopt};
  for (int i = 0; i < 12; ++i) {
    posts.emplace_back(stand.loop.executor(),
                       stand.slack->post(place, answer("message"), "m" + std::to_string(i)));
  }
  const auto all_done = [&] {
    return std::ranges::all_of(posts, [](const auto& one) { return one.done(); });
  };
  CHECK(stand.seconds_until(all_done, 20) <= 20);
  for (const auto& call : stand.box.api_calls()) CHECK(call.status != 429);
}

TEST_CASE("a post answered 500 after its effect is found again by its key", "[slack][sandbox]") {
  Stand stand;
  stand.box.fail_calls(fault("chat.postMessage", sandbox::MethodFaultKind::error_after, 1));
  const Place place{stand.channel_id("#general"), "", std::nullopt};
  const auto posted = stand.loop.run(stand.slack->post(place, answer("message"), "card:9"));
  REQUIRE_FALSE(posted);
  CHECK(posted.error().kind == ErrorKind::outcome_unknown);
  const auto found = stand.loop.run(stand.slack->find(place, "card:9", stand.clock.now()));
  REQUIRE(found);
  REQUIRE(found->has_value());
  CHECK(stand.box.messages(place.channel).size() == 1);
}

TEST_CASE("a refresh of all connections loses nothing that is said", "[slack][sandbox]") {
  Stand stand;
  std::size_t said = 0;
  const auto talk = [&](int times) {
    for (int i = 0; i < times; ++i) REQUIRE(stand.box.say(say("mine " + std::to_string(said++))));
  };
  talk(5);
  stand.box.disconnect(sandbox::DisconnectReason::refresh_requested);
  talk(5);
  stand.until([&] { return stand.slack->stats().draining >= 1; });
  talk(5);
  CHECK(stand.slack->live());
  CHECK(stand.seconds_until(
            [&] { return stand.inbox.accepted.size() == said && stand.slack->stats().live == 2; }, 40) <= 40);
  stand.until([&] {
    return std::ranges::all_of(stand.box.envelopes(),
                               [](const auto& envelope) { return envelope.acked_at.has_value(); });
  });
  for (const auto& envelope : stand.box.envelopes()) CHECK(envelope.retry_attempt == 0);
  std::set<std::string> keys;
  for (const auto& inbound : stand.inbox.accepted) CHECK(keys.insert(inbound.key).second);
}

TEST_CASE("what is said while all connections are gone comes after the reconnect", "[slack][sandbox]") {
  Stand stand;
  stand.box.drop_connections();
  stand.until([&] { return stand.slack->stats().live == 0; });
  REQUIRE(stand.box.say(say("mine")));
  CHECK(stand.seconds_until([&] { return stand.inbox.accepted.size() == 1; }, 400) <= 400);
  CHECK(stand.slack->live());
}

TEST_CASE("connections that froze are replaced", "[slack][sandbox]") {
  Stand stand;
  stand.box.freeze_connections();
  const auto replaced = [&] { return stand.slack->stats().dials >= 4 && stand.slack->stats().live == 2; };
  CHECK(stand.seconds_until(replaced, 120) <= 120);
  stand.answer_all("here");
  // A frozen registration still gets its share, so one of several commands must come through.
  REQUIRE(stand.box.say(say("mine")));
  CHECK(stand.seconds_until([&] { return !stand.inbox.accepted.empty(); }, 400) <= 400);
}

TEST_CASE("revoked tokens end the adapter with an error", "[slack][sandbox]") {
  Stand stand;
  stand.box.revoke_tokens();
  stand.until([&] { return stand.running->done(); });
  REQUIRE_FALSE(stand.running->value().has_value());
  CHECK(stand.running->value().error().kind == ErrorKind::refused);
}

TEST_CASE("an outage of Slack is waited out", "[slack][sandbox]") {
  Stand stand;
  stand.box.outage(sandbox::Switch::on);
  stand.until([&] { return stand.slack->stats().live == 0; });
  (void)stand.seconds_until([] { return false; }, 30);
  CHECK_FALSE(stand.running->done());
  stand.box.outage(sandbox::Switch::off);
  CHECK(stand.seconds_until([&] { return stand.slack->stats().live == 2; }, 200) <= 200);
}

TEST_CASE("an event that comes twice has one key", "[slack][sandbox]") {
  Stand stand;
  REQUIRE(stand.box.say(say("mine")));
  stand.until([&] { return stand.inbox.accepted.size() == 1; });
  const auto id = stand.box.envelopes().back().payload.at("event_id").get<std::string>();
  REQUIRE(stand.box.redeliver(id, 1, "timeout"));
  stand.until([&] { return stand.inbox.accepted.size() == 2; });
  CHECK(stand.inbox.accepted[0].key == stand.inbox.accepted[1].key);
}
