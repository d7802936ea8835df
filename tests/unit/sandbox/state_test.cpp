#include "adapters/chat/sandbox/handles.hpp"
#include "adapters/chat/sandbox/ids.hpp"
#include "adapters/chat/sandbox/rate_limits.hpp"
#include "adapters/chat/sandbox/wire_json.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/seeded_random.hpp"

#include <catch2/catch.hpp>

using namespace jitbot;
using namespace jitbot::sandbox;

namespace {
struct Fixture {
  testing::ManualClock clock;
  testing::SeededRandom random;
  Handles handles{clock, random};
};
}  // namespace

TEST_CASE("a WebSocket ticket opens one connection, within thirty seconds") {
  Fixture f;
  const std::string first = f.handles.issue_ticket();
  CHECK(f.handles.redeem_ticket(first));
  CHECK_FALSE(f.handles.redeem_ticket(first));
  CHECK_FALSE(f.handles.redeem_ticket("made-up"));
  const std::string late = f.handles.issue_ticket();
  f.clock.advance(30s + 1ms);
  CHECK_FALSE(f.handles.redeem_ticket(late));
}

TEST_CASE("a trigger id works once and for three seconds") {
  Fixture f;
  const std::string used = f.handles.issue_trigger("U1", "");
  REQUIRE(f.handles.redeem_trigger(used).has_value());
  CHECK(f.handles.redeem_trigger(used).error() == "exchanged_trigger_id");
  const std::string fresh = f.handles.issue_trigger("U1", "V1");
  f.clock.advance(3s);
  REQUIRE(f.handles.redeem_trigger(fresh).has_value());
  const std::string late = f.handles.issue_trigger("U1", "");
  f.clock.advance(3s + 1ms);
  CHECK(f.handles.redeem_trigger(late).error() == "expired_trigger_id");
  CHECK(f.handles.redeem_trigger("12345.98765.abcd").error() == "invalid_arguments");
}

TEST_CASE("a response URL is used up after five answers and expires after thirty minutes") {
  Fixture f;
  const std::string path = f.handles.issue_response_url("commands", "T1", {}).path;
  for (int i = 0; i < 5; ++i) CHECK(f.handles.redeem_response_url(path).has_value());
  CHECK(f.handles.redeem_response_url(path).error() == "used_url");
  const std::string other = f.handles.issue_response_url("actions", "T1", {}).path;
  CHECK(other.starts_with("/actions/T1/"));
  f.clock.advance(30min + 1ms);
  CHECK(f.handles.redeem_response_url(other).error() == "expired_url");
  CHECK(f.handles.redeem_response_url("/commands/T1/1/x").error() == "not_found");
}

TEST_CASE("posting is limited for each channel, other methods as a whole") {
  RateLimiter limiter;
  Millis now{0};
  for (int i = 0; i < 5; ++i) CHECK_FALSE(limiter.take("chat.postMessage", Tier::posting, "C1", now));
  CHECK(limiter.take("chat.postMessage", Tier::posting, "C1", now) == 1);
  CHECK_FALSE(limiter.take("chat.postMessage", Tier::posting, "C2", now));
  now += 1s;
  CHECK_FALSE(limiter.take("chat.postMessage", Tier::posting, "C1", now));
  CHECK(limiter.take("chat.postMessage", Tier::posting, "C1", now) == 1);
  for (int i = 0; i < 5; ++i) CHECK_FALSE(limiter.take("apps.connections.open", Tier::t1, "", now));
  CHECK(limiter.take("apps.connections.open", Tier::t1, "", now) == 60);
}

TEST_CASE("what people type reaches the app escaped, with mentions as tokens") {
  const World world = demo_world();
  CHECK(typed_to_wire(world, "request staging 1h", Labels::with) == "request staging 1h");
  CHECK(typed_to_wire(world, "for @bob <now> & then", Labels::with) ==
        "for <@U0BOB0001|bob> &lt;now&gt; &amp; then");
  CHECK(typed_to_wire(world, "@jit help, @bob.", Labels::without) == "<@U0JITBOT1> help, <@U0BOB0001>.");
  CHECK(typed_to_wire(world, "#general @sre @nobody a@bob", Labels::with) ==
        "<#C0GENERAL|general> <!subteam^S0SRE0001|@sre> @nobody a@bob");
  CHECK(typed_to_wire(world, "<@U0BOB0001>", Labels::with) == "&lt;@U0BOB0001&gt;");
}

TEST_CASE("the Date header is written as HTTP wants it") {
  CHECK(http_date(time_from_ms(1'772'330'400'000)) == "Sun, 01 Mar 2026 02:00:00 GMT");
  CHECK(format_ts(1'605'853'634'000'400) == "1605853634.000400");
}
