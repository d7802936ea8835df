#include "tests/unit/slack/stage.hpp"

using namespace jitbot;
using namespace jitbot::slack;
using namespace jitbot::slack::testing;
using Json = nlohmann::json;

namespace {

Json disconnect(const std::string& reason) {
  return {{"type", "disconnect"}, {"reason", reason}};
}

Json envelope(const std::string& id) {
  return {{"envelope_id", id},
          {"type", "events_api"},
          {"accepts_response_payload", false},
          {"payload",
           {{"type", "event_callback"},
            {"event_id", "Ev" + id},
            {"event",
             {{"type", "message"},
              {"channel_type", "im"},
              {"channel", "D1"},
              {"user", "U1"},
              {"text", "mine"},
              {"ts", "1.1"}}}}}};
}

bool dialled(const Stage& stage, std::size_t times) {
  return stage.fake.links().size() >= times;
}

}  // namespace

TEST_CASE("as many connections as wanted are opened, each with a ticket of its own", "[slack][socket]") {
  Stage stage;
  stage.start();
  stage.live(2);
  CHECK(stage.slack->live());
  CHECK(stage.slack->workspace("slack") == "slack:T1");
  const auto links = stage.fake.links();
  REQUIRE(links.size() == 2);
  CHECK(links[0]->ticket != links[1]->ticket);
  CHECK(stage.fake.calls_of("apps.connections.open").front().token == "Bearer xapp-1-A1-42-secret");
  CHECK(stage.fake.calls_of("auth.test").front().token == "Bearer xoxb-secret");
  CHECK(stage.slack->stats().num_connections == 2);
  CHECK(stage.alarms.empty());
}

TEST_CASE("stopping says goodbye on every connection", "[slack][socket]") {
  Stage stage;
  stage.start();
  stage.live(2);
  stage.loop.run(stage.slack->stop());
  stage.until([&] { return stage.running->done() && stage.fake.open_links() == 0; });
  CHECK(stage.running->value().has_value());
  for (const auto& link : stage.fake.links()) CHECK(link->socket->close_code() == 1000);
  CHECK_FALSE(stage.slack->live());
}

TEST_CASE("the replacement is live before a refreshed connection goes", "[slack][socket]") {
  const std::string reason = GENERATE("refresh_requested", "warning", "a_reason_of_next_year");
  Stage stage(1);
  stage.start();
  stage.live(1);
  const auto old = stage.fake.links()[0];
  stage.fake.say(old, disconnect(reason));
  stage.until([&] { return stage.slack->stats().draining == 1 && stage.slack->stats().live == 1; });
  CHECK_FALSE(old->over);
  // What still comes on the old one is taken and acknowledged there.
  stage.fake.say(old, envelope("1"));
  stage.until([&] { return !old->ack_of("1").is_null(); });
  CHECK(stage.inbox.accepted.size() == 1);
  stage.clock.advance(31s);
  stage.until([&] { return old->over; });
  CHECK(old->socket->close_code() == 1000);
  CHECK(stage.slack->stats().live == 1);
  CHECK(stage.fake.links().size() == 2);
}

TEST_CASE("the late end of a replaced connection starts nothing", "[slack][socket]") {
  Stage stage(1);
  stage.start();
  stage.live(1);
  const auto old = stage.fake.links()[0];
  stage.fake.say(old, disconnect("warning"));
  stage.until([&] { return stage.slack->stats().draining == 1; });
  old->socket->drop();
  stage.until([&] { return stage.slack->stats().draining == 0; });
  CHECK(stage.seconds_until([&] { return dialled(stage, 3); }, 20) > 20);
  CHECK(stage.slack->stats().live == 1);
}

TEST_CASE("a connection is replaced before its time is over", "[slack][socket]") {
  Stage stage(1);
  stage.fake.lifetime_s = 100;
  stage.start();
  stage.live(1);
  const int seconds = stage.seconds_until([&] { return dialled(stage, 2); }, 100);
  CHECK(seconds >= 80);
  CHECK(seconds < 100);  // the dial itself is real, and the clock goes on meanwhile
}

TEST_CASE("a connection without hello is given up after ten seconds", "[slack][socket]") {
  Stage stage(1);
  stage.fake.says_hello = false;
  stage.start();
  stage.until([&] { return dialled(stage, 1); });
  stage.settle();
  CHECK_FALSE(stage.slack->live());
  CHECK(stage.greeted == 0);
  stage.fake.says_hello = true;
  const int seconds = stage.seconds_until([&] { return stage.slack->live(); }, 40);
  CHECK(stage.greeted == 1);
  CHECK(seconds >= 10);
  CHECK(seconds <= 40);
  CHECK(stage.fake.links()[0]->socket->close_code() == 1000);
}

TEST_CASE("a dropped connection is made again", "[slack][socket]") {
  Stage stage(1);
  stage.start();
  stage.live(1);
  stage.fake.links()[0]->socket->drop();
  CHECK(stage.seconds_until([&] { return dialled(stage, 2) && stage.slack->live(); }, 30) <= 30);
}

TEST_CASE("a peer that answers nothing is found dead, a silent but living one is not", "[slack][socket]") {
  Stage stage(1);
  stage.start();
  stage.live(1);
  const auto link = stage.fake.links()[0];
  const auto before = link->socket->frames_in();
  for (int tick = 0; tick < 12; ++tick) {
    const auto frames = link->socket->frames_in();
    stage.clock.advance(10s);
    // Our ping, or the look that finds the last one answered.
    (void)stage.loop.run_until([&] { return link->socket->frames_in() > frames; },
                               std::chrono::milliseconds(50));
  }
  CHECK(link->socket->frames_in() >= before + 5);
  CHECK(dialled(stage, 1));
  CHECK_FALSE(dialled(stage, 2));
  stage.fake.freeze(link);
  const int seconds = stage.seconds_until([&] { return dialled(stage, 2); }, 60);
  CHECK(seconds >= 10);
  CHECK(seconds <= 60);
}

TEST_CASE("too many connections: ours is closed first, an operator is told, and nothing is dialled for 30 s",
          "[slack][socket]") {
  Stage stage(1);
  stage.start();
  stage.live(1);
  const auto link = stage.fake.links()[0];
  stage.fake.say(link, disconnect("too_many_websockets"));
  stage.until([&] { return link->over; });
  CHECK(link->socket->close_code() == 1000);
  CHECK(stage.alarmed(Alarm::too_many_connections));
  const int seconds = stage.seconds_until([&] { return dialled(stage, 2); }, 62);
  CHECK(seconds >= 29);
  CHECK(seconds <= 62);
}

TEST_CASE("a switched-off link is told and tried again rarely", "[slack][socket]") {
  Stage stage(1);
  stage.start();
  stage.live(1);
  stage.fake.say(stage.fake.links()[0], disconnect("link_disabled"));
  stage.until([&] { return stage.alarmed(Alarm::link_disabled); });
  const int seconds = stage.seconds_until([&] { return dialled(stage, 2); }, 400);
  CHECK(seconds >= 299);
  CHECK(seconds <= 400);
}

TEST_CASE("an error that no retry mends ends the run with it", "[slack][socket]") {
  const std::string code =
      GENERATE("invalid_auth", "not_allowed_token_type", "missing_scope", "token_revoked");
  Stage stage;
  stage.fake.answer("apps.connections.open", {200, {{"ok", false}, {"error", code}}});
  stage.start();
  stage.until([&] { return stage.running->done(); });
  REQUIRE_FALSE(stage.running->value().has_value());
  CHECK(stage.running->value().error().kind == ErrorKind::refused);
  CHECK(stage.running->value().error().detail.find(code) != std::string::npos);
  CHECK(stage.running->value().error().detail.find("secret") == std::string::npos);
  CHECK(stage.alarmed(Alarm::refused));
}

TEST_CASE("a bot token that is refused ends the run, an unreachable Slack does not", "[slack][socket]") {
  Stage refused;
  refused.fake.answer("auth.test", {200, {{"ok", false}, {"error", "account_inactive"}}});
  refused.start();
  refused.until([&] { return refused.running->done(); });
  REQUIRE_FALSE(refused.running->value().has_value());
  CHECK(refused.running->value().error().kind == ErrorKind::refused);
  Stage away(1);
  for (int i = 0; i < 6; ++i) away.fake.answer("auth.test", {503, "<html>down</html>"});
  away.start();
  CHECK(away.seconds_until([&] { return away.slack->live(); }, 120) <= 120);
}

TEST_CASE("Retry-After of the opening call is honoured", "[slack][socket]") {
  Stage stage(1);
  stage.fake.answer("apps.connections.open", {429, {{"ok", false}, {"error", "ratelimited"}}, "37"});
  stage.start();
  stage.until([&] { return stage.fake.calls_of("apps.connections.open").size() == 1; });
  const int seconds = stage.seconds_until([&] { return dialled(stage, 1); }, 45);
  CHECK(seconds >= 36);
  CHECK(seconds <= 45);
}

TEST_CASE("a refused upgrade is tried again with a new ticket", "[slack][socket]") {
  const int status = GENERATE(408, 409, 429, 503, 302, 200);
  Stage stage(1);
  stage.fake.upgrade_statuses = {status};
  stage.start();
  CHECK(stage.seconds_until([&] { return stage.slack->live(); }, 40) <= 40);
  CHECK(stage.fake.calls_of("apps.connections.open").size() == 2);
  CHECK(stage.fake.links()[0]->ticket.find("ticket=2") != std::string::npos);
}

TEST_CASE("failing for an hour costs few dials", "[slack][socket]") {
  Stage stage(2);
  for (int i = 0; i < 400; ++i) stage.fake.upgrade_statuses.push_back(503);
  stage.start();
  for (int i = 0; i < 360; ++i) {
    stage.until([&] { return 400 - stage.fake.upgrade_statuses.size() == stage.slack->stats().dials; });
    stage.clock.advance(10s);
    stage.settle();
  }
  CHECK(stage.slack->stats().dials >= 40);
  CHECK(stage.slack->stats().dials <= 200);
}

TEST_CASE("an address that is not Slack's is not dialled", "[slack][socket]") {
  Stage stage(1);
  stage.fake.socket_url = "ws://192.0.2.1:9/link";
  stage.start();
  stage.until([&] { return !stage.slack->stats().last_problem.empty(); });
  CHECK(stage.slack->stats().last_problem.find("address refused") != std::string::npos);
  CHECK(stage.slack->stats().last_problem.find("192.0.2.1") == std::string::npos);
}

TEST_CASE("connections that are not ours are noticed", "[slack][socket]") {
  Stage stage(1);
  stage.fake.num_connections = 7;
  stage.start();
  stage.live(1);
  CHECK(stage.alarmed(Alarm::others_connected));
  CHECK(stage.slack->stats().num_connections == 7);
  CHECK(stage.slack->stats().opened == 1);
}

TEST_CASE("an app token of another app is noticed", "[slack][socket]") {
  Stage stage(1);
  stage.fake.app_id = "A2";
  stage.start();
  stage.live(1);
  CHECK(stage.alarmed(Alarm::wrong_app));
}

TEST_CASE("frames that nobody knows are passed over", "[slack][socket]") {
  Stage stage(1);
  stage.start();
  stage.live(1);
  const auto link = stage.fake.links()[0];
  REQUIRE(stage.loop.run(link->socket->send("{broken")));
  stage.fake.say(link, Json{{"type", "surprise"}, {"envelope_id", "s"}});
  stage.fake.say(link, envelope("2"));
  stage.until([&] { return !link->ack_of("2").is_null(); });
  CHECK(link->ack_of("s").is_null());
  CHECK(link->ack_of("2") == Json{{"envelope_id", "2"}});
}

TEST_CASE("what the store does not take is not acknowledged", "[slack][socket]") {
  Stage stage(1);
  stage.start();
  stage.live(1);
  const auto link = stage.fake.links()[0];
  stage.inbox.down = true;
  stage.fake.say(link, envelope("3"));
  stage.inbox.down = true;
  stage.until([&] { return stage.slack->stats().envelopes == 1; });
  stage.settle();
  stage.inbox.down = false;
  stage.fake.say(link, envelope("4"));
  stage.until([&] { return !link->ack_of("4").is_null(); });
  CHECK(link->ack_of("3").is_null());
}
