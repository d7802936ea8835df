#include "tests/integration/mattermost/listener.hpp"

#include <algorithm>

using namespace jitbot;
using namespace jitbot::mattermost_stand_in;

namespace {

std::vector<Json> from_server(const Json& frames) {
  std::vector<Json> texts;
  for (const Json& frame : frames) {
    if (text_of(frame, "dir") == "<" && frame.contains("json")) texts.push_back(frame["json"]);
  }
  return texts;
}

void compare(Replay& replay, const std::vector<Json>& recorded, const std::vector<Json>& ours) {
  INFO(Json(ours).dump());
  REQUIRE(ours.size() == recorded.size());
  for (std::size_t index = 0; index < ours.size(); ++index) {
    CHECK(same(replay.comparison, replay.here(recorded[index]), ours[index]).empty());
    if (recorded[index].contains("seq")) CHECK(ours[index]["seq"] == recorded[index]["seq"]);
  }
}

net::Headers bearer(const std::string& token) {
  return {{"Authorization", "Bearer " + token}};
}

std::string resuming(const std::string& id, std::int64_t sequence) {
  return "?connection_id=" + id + "&sequence_number=" + std::to_string(sequence);
}

std::string id_of(const Json& hello) {
  return text_of(hello["data"], "connection_id");
}

}  // namespace

TEST_CASE("a socket with a token in its header is greeted as recorded", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Replay replay;
  const auto name = GENERATE(as<std::string>(), "ws_auth_header_session", "ws_auth_header_plus_challenge");
  const Json recorded = recording(name);
  Listener bot(replay, "jitbot");
  for (const Json& frame : recorded["frames"]) {
    if (text_of(frame, "dir") == ">") bot.say(replay.comparison.ours(frame["json"]));
  }
  bot.settle();
  compare(replay, from_server(recorded["frames"]), bot.frames());
}

TEST_CASE("a socket that tells its token is answered as recorded", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Replay replay;
  const Json frames = recording("ws_auth_challenge_session")["frames"];
  Listener bot(replay, net::Headers{}, "");
  // The hello came before the reply; and a change of status, which the recording does not have, after it.
  for (const Json& frame : frames) {
    if (text_of(frame, "dir") == ">") bot.say(frame["json"]);
  }
  std::vector<Json> recorded = from_server(frames);
  const auto is_typing = [](const Json& frame) { return text_of(frame, "event") == "typing"; };
  std::erase_if(recorded, is_typing);
  bot.settle();
  std::vector<Json> ours = bot.frames();
  std::erase_if(ours, [](const Json& frame) { return text_of(frame, "event") == "status_change"; });
  std::erase_if(recorded, [](const Json& frame) { return text_of(frame, "event") == "status_change"; });
  compare(replay, recorded, ours);
}

TEST_CASE("who does not say who they are is cut off after five seconds", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Replay replay;
  const auto name =
      GENERATE(as<std::string>(), "ws_auth_none", "ws_auth_header_bad_token", "ws_request_unauthenticated");
  const Json recorded = recording(name);
  const bool token = name == "ws_auth_header_bad_token";
  Listener stranger(replay, token ? bearer(std::string(26, 'x')) : net::Headers{}, "");
  for (const Json& frame : recorded["frames"]) {
    if (text_of(frame, "dir") == ">") stranger.say(frame["json"]);
  }
  replay.until([&] { return replay.clock.until_next().has_value(); });
  CHECK(replay.clock.until_next() == 5s);
  replay.clock.advance(5s);
  replay.until([&] { return stranger.over(); });
  CHECK(stranger.frames().empty());
}

TEST_CASE("what breaks a socket breaks ours", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Replay replay;
  const auto name = GENERATE(as<std::string>(), "ws_auth_challenge_bad_token", "ws_bad_json_from_client",
                             "ws_client_message_too_big");
  Listener client(replay, net::Headers{}, "");
  const Json recorded = recording(name);
  for (const Json& frame : recorded["frames"]) {
    if (text_of(frame, "dir") != ">" || client.over()) continue;
    client.say_text(frame["json"].is_string() ? frame["json"].get<std::string>() : frame["json"].dump());
  }
  replay.until([&] { return client.over(); });
}

TEST_CASE("an upgrade is refused as recorded", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Replay replay;
  SECTION("for its origin") {
    const Json recorded = recording("ws_origin_check");
    for (const Json& each : recorded) {
      net::WsDialOptions options;
      options.url = "ws" + replay.server.url().substr(4) + "/api/v4/websocket";
      options.headers = {{"Origin", replay.here(text_of(each, "origin"))}};
      const auto dialled = replay.loop.run(net::dial(std::move(options)));
      INFO(each.dump());
      CHECK(dialled.has_value() == (text_of(each, "result") == "open"));
      if (!dialled) CHECK(dialled.error().http_status == each["status"].get<int>());
    }
  }
  SECTION("for too many calls") {
    replay.server.limit_rate({.per_second = 1, .burst = 1});
    (void)replay.send(recording("rest_users_me_bot")["request"]);
    net::WsDialOptions options;
    options.url = "ws" + replay.server.url().substr(4) + "/api/v4/websocket";
    options.headers = bearer(replay.server.token_of("jitbot"));
    const auto dialled = replay.loop.run(net::dial(std::move(options)));
    REQUIRE_FALSE(dialled);
    CHECK(dialled.error().http_status ==
          recording("ws_rate_limited_upgrade")["frames"][0]["status"].get<int>());
  }
  SECTION("for being none") {
    const Json recorded = recording("ws_plain_http_get");
    const auto plain = replay.send(recorded["request"]);
    CHECK(plain.status == recorded["response"]["status"].get<int>());
    CHECK(plain.body.starts_with("Bad Request\n"));
  }
}

TEST_CASE("a resumed socket hears what it missed, and no hello", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Replay replay;
  const Json recorded = recording("wsrel_resume_ok");
  Listener first(replay, "jitbot");
  first.settle();
  REQUIRE(replay.server.as("alice").say("#inc-42", "before drop"));
  first.settle();
  compare(replay, from_server(recorded["first"]), first.frames());
  const std::string id = id_of(first.frames()[0]);
  first.drop();
  replay.until([&] { return replay.server.sockets() == 0; });
  REQUIRE(replay.server.as("alice").say("#inc-42", "missed 1"));
  REQUIRE(replay.server.as("alice").say("#inc-42", "missed 2"));
  Listener second(replay, "jitbot", resuming(id, 3));
  second.settle();
  REQUIRE(replay.server.as("alice").say("#inc-42", "after resume"));
  second.settle();
  compare(replay, from_server(recorded["second"]), second.frames());
}

TEST_CASE("a ping right after the upgrade tells a resumed socket from a new one", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Replay replay;
  Listener first(replay, "jitbot");
  first.settle();
  const std::string id = id_of(first.frames()[0]);
  const auto last = static_cast<std::int64_t>(first.frames().size());
  first.drop();
  replay.until([&] { return replay.server.sockets() == 0; });
  Listener second(replay, "jitbot", resuming(id, last));
  second.settle();
  CHECK(second.names() == std::vector<std::string>{"status_change", "status_change"});
}

TEST_CASE("a resume that asks for more than was missed gets the ring once more", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Replay replay;
  Listener first(replay, "jitbot");
  REQUIRE(replay.server.as("alice").say("#inc-42", "one"));
  REQUIRE(replay.server.as("alice").say("#inc-42", "two"));
  first.settle();
  const std::vector<Json> before = first.frames();
  first.drop();
  replay.until([&] { return replay.server.sockets() == 0; });
  Listener second(replay, "jitbot", resuming(id_of(before[0]), number_of(before.back(), "seq")));
  second.settle();
  REQUIRE(second.frames().size() == 3);
  CHECK(second.frames()[0] == before.back());
}

TEST_CASE("what cannot be resumed begins anew", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Replay replay;
  Listener first(replay, "jitbot");
  first.settle();
  const std::string id = id_of(first.frames()[0]);
  SECTION("an id nobody knows") {
    first.drop();
    replay.until([&] { return replay.server.sockets() == 0; });
    Listener second(replay, "jitbot", resuming(std::string(26, 'a'), 3));
    second.settle();
    compare(replay, from_server(recording("wsrel_resume_unknown_connection")["frames"]), second.frames());
  }
  SECTION("a number that was never sent: two hellos, of one new id") {
    first.drop();
    replay.until([&] { return replay.server.sockets() == 0; });
    Listener second(replay, "jitbot", resuming(id, 100));
    second.settle();
    const auto hello = [](const Json& frame) { return text_of(frame, "event") == "hello"; };
    CHECK(std::ranges::count_if(second.frames(), hello) == 2);
    CHECK(id_of(second.frames()[0]) != id);
    CHECK(number_of(second.frames()[0], "seq") == 0);
  }
  SECTION("a connection that is alive: both hear everything") {
    Listener second(replay, "jitbot", resuming(id, 1));
    second.settle();
    CHECK(id_of(second.frames()[0]) != id);
    REQUIRE(replay.server.as("alice").say("#inc-42", "twice"));
    first.settle();
    second.settle();
    CHECK(first.names().back() == "posted");
    CHECK(second.names().back() == "posted");
  }
  SECTION("one whose token comes in a frame") {
    first.drop();
    replay.until([&] { return replay.server.sockets() == 0; });
    Listener second(replay, net::Headers{}, resuming(id, 2));
    const Json frames = recording("wsrel_resume_with_challenge_auth")["frames"];
    second.say(frames[2]["json"]);
    second.settle();
    CHECK(second.names().front() == "hello");
    CHECK(id_of(second.frames()[0]) != id);
  }
  SECTION("a resume without a number, or with an id that is none, breaks the socket at once") {
    first.drop();
    replay.until([&] { return replay.server.sockets() == 0; });
    Listener second(replay, "jitbot", "?connection_id=" + id);
    replay.until([&] { return second.over(); });
    Listener third(replay, "jitbot", "?connection_id=xyz&sequence_number=1");
    replay.until([&] { return third.over(); });
    CHECK(second.frames().empty());
    CHECK(third.frames().empty());
  }
  SECTION("one that was away for longer than five minutes") {
    first.drop();
    replay.until([&] { return replay.server.sockets() == 0; });
    replay.clock.advance(301s);
    Listener second(replay, "jitbot", resuming(id, 2));
    second.settle();
    CHECK(second.names().front() == "hello");
  }
}

TEST_CASE("of what was missed two hundred events are kept, three hundred are not", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Replay replay;
  Listener first(replay, "jitbot");
  first.settle();
  const std::string id = id_of(first.frames()[0]);
  first.drop();
  replay.until([&] { return replay.server.sockets() == 0; });
  const auto [name, missed] = GENERATE(table<std::string, int>(
      {{"wsrel_resume_after_200_missed", 200}, {"wsrel_resume_after_300_missed", 300}}));
  for (int post = 0; post < missed; ++post) REQUIRE(replay.server.as("alice").say("#inc-42", "flood"));
  Listener second(replay, "jitbot", resuming(id, 2));
  second.settle();
  const bool all = second.names().front() != "hello";
  CHECK(all == (missed == 200));
  if (all) CHECK(second.frames().size() == 202);
  CHECK(recording(name)["first"][0]["json"]["event"] == (all ? "posted" : "hello"));
}

TEST_CASE("the socket of a bot that was switched off stays open and deaf", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Replay replay;
  const Json recorded = recording("ws_bot_disabled_enabled");
  Listener bot(replay, "jitbot");
  bot.settle();
  bot.frames().clear();
  replay.comparison.forget_times();
  replay.exchange(recorded["disable"], "disable");
  replay.exchange(recorded["rest_while_disabled"], "while disabled");
  bot.say(recorded["bot_ws"][1]["json"]);
  replay.exchange(recorded["enable"], "enable");
  replay.exchange(recorded["rest_after_enable"], "after");
  REQUIRE(replay.server.as("alice").say("#inc-42", "nobody hears"));
  bot.say(recorded["bot_ws"][3]["json"]);
  std::vector<Json> wanted = from_server(recorded["bot_ws"]);
  for (Json& frame : wanted) frame.erase("seq");
  replay.until([&] { return bot.frames().size() >= 3; });
  compare(replay, wanted, bot.frames());
  CHECK_FALSE(bot.over());
}

TEST_CASE("a socket whose token was revoked hears on until it asks", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Replay replay;
  const Json recorded = recording("ws_token_revoked");
  Listener bot(replay, "jitbot");
  bot.settle();
  bot.frames().clear();
  replay.server.revoke_tokens("jitbot");
  REQUIRE(replay.server.as("alice").say("#inc-42", "after token revoke"));
  bot.say(recorded["bot_ws"][1]["json"]);
  replay.until([&] { return bot.frames().size() >= 2; });
  const std::vector<Json> frames = from_server(recorded["bot_ws"]);
  CHECK(same(replay.comparison, frames[0], bot.frames()[0]).empty());
  CHECK(text_of(bot.frames()[1], "status") == "FAIL");
  CHECK(text_of(bot.frames()[1]["error"], "id") == text_of(frames[1]["error"], "id"));
  CHECK(text_of(bot.frames()[1]["error"], "message").find(replay.server.token_of("alice")) ==
        std::string::npos);
}

TEST_CASE("the server pings each minute, and ends who does not answer", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Replay replay;
  Listener bot(replay, "jitbot");
  bot.settle();
  replay.clock.advance(60s);
  bot.settle();
  CHECK_FALSE(bot.over());
  replay.clock.advance(60s);
  bot.settle();
  CHECK_FALSE(bot.over());
}

TEST_CASE("a stopped server closes without a Close frame, and knows nobody afterwards",
          "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Replay replay;
  Listener bot(replay, "jitbot");
  bot.settle();
  const std::string id = id_of(bot.frames()[0]);
  replay.server.restart();
  replay.until([&] { return bot.over(); });
  Listener again(replay, "jitbot", resuming(id, 3));
  again.settle();
  const Json reconnect = recording("ws_server_kill")["reconnect"];
  CHECK(text_of(from_server(reconnect)[0], "event") == "hello");
  CHECK(again.names().front() == "hello");
  CHECK(id_of(again.frames()[0]) != id);
}
