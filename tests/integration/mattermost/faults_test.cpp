#include "tests/integration/mattermost/recorded.hpp"
#include "tests/unit/net/background.hpp"

using namespace jitbot;
using namespace jitbot::mattermost_stand_in;

namespace {

net::HttpRequest request_of(Replay& replay, const std::string& method, const std::string& path,
                            const Json& body = {}) {
  net::HttpRequest request;
  request.method = method;
  request.url = replay.server.url() + "/api/v4" + path;
  request.headers = {{"Authorization", "Bearer " + replay.server.token_of("jitbot")},
                     {"Content-Type", "application/json"}};
  if (!body.is_null()) request.body = body.dump();
  return request;
}

Result<net::HttpResponse> ask(Replay& replay, const std::string& method, const std::string& path,
                              const Json& body = {}) {
  return replay.loop.run(replay.http.send(request_of(replay, method, path, body)));
}

Json post_of(Replay& replay, const std::string& text, const std::string& pending = {}) {
  return {
      {"channel_id", replay.server.channel_id("approvals")}, {"message", text}, {"pending_post_id", pending}};
}

}  // namespace

TEST_CASE("a post whose answer is lost was made, and its pending id finds it", "[mattermost]") {
  Replay replay(small_world());
  replay.server.lose_next_post();
  const auto lost = ask(replay, "POST", "/posts", post_of(replay, "once", "p:1"));
  REQUIRE_FALSE(lost);
  CHECK(lost.error().kind == ErrorKind::outcome_unknown);
  const auto again = ask(replay, "POST", "/posts", post_of(replay, "once", "p:1"));
  REQUIRE(again);
  CHECK(again->status == 201);
  const std::vector<Message> all = replay.server.messages(replay.server.channel_id("approvals"));
  REQUIRE(all.size() == 1);
  CHECK(text_of(Json::parse(again->body), "id") == all[0].id);
  CHECK(replay.server.calls("POST", "/posts") == 2);
}

TEST_CASE("a restarted server is at the same address, and has forgotten what it held in memory",
          "[mattermost]") {
  Replay replay(small_world());
  REQUIRE(ask(replay, "POST", "/posts", post_of(replay, "one", "p:1")));
  const std::string url = replay.server.url();
  replay.server.restart();
  CHECK(replay.server.url() == url);
  REQUIRE(ask(replay, "POST", "/posts", post_of(replay, "one", "p:1")));
  CHECK(replay.server.messages(replay.server.channel_id("approvals")).size() == 2);
}

TEST_CASE("a stopped server is not there", "[mattermost]") {
  Replay replay(small_world());
  replay.server.stop();
  const auto refused = ask(replay, "GET", "/users/me");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::unavailable);
  REQUIRE(replay.server.start());
  CHECK(ask(replay, "GET", "/users/me")->status == 200);
}

TEST_CASE("a slow server answers when its time has come", "[mattermost]") {
  Replay replay(small_world());
  replay.server.be_slow(2s);
  jitbot::testing::Background<Result<net::HttpResponse>> asked(
      replay.loop.executor(), replay.http.send(request_of(replay, "GET", "/users/me")));
  replay.until([&] { return replay.clock.until_next() == 2s; });
  CHECK_FALSE(asked.done());
  replay.clock.advance(2s);
  replay.until([&] { return asked.done(); });
  CHECK(asked.value()->status == 200);
}

TEST_CASE("the answers to chosen calls can be planned", "[mattermost]") {
  Replay replay(small_world());
  replay.server.plan(
      {.method = "GET", .route = "/users/{}", .answer = failure(500, "x.y", "broken"), .times = 2});
  CHECK(ask(replay, "GET", "/users/me")->status == 500);
  CHECK(ask(replay, "GET", "/teams/name/ops")->status == 200);
  CHECK(ask(replay, "GET", "/users/me")->status == 500);
  CHECK(ask(replay, "GET", "/users/me")->status == 200);
}

TEST_CASE("a revoked token is refused until it is restored", "[mattermost]") {
  Replay replay(small_world());
  const net::HttpRequest request = request_of(replay, "GET", "/users/me");
  replay.server.revoke_tokens("jitbot");
  CHECK(replay.loop.run(replay.http.send(request))->status == 401);
  replay.server.restore_tokens("jitbot");
  CHECK(replay.loop.run(replay.http.send(request))->status == 200);
}

TEST_CASE("a bot that is switched off is refused until it is on again", "[mattermost]") {
  Replay replay(small_world());
  replay.server.disable_bot("jitbot");
  CHECK(ask(replay, "GET", "/users/me")->status == 401);
  replay.server.enable_bot("jitbot");
  CHECK(ask(replay, "GET", "/users/me")->status == 200);
}

TEST_CASE("a lost database is told apart by the ping alone", "[mattermost]") {
  Replay replay(small_world());
  CHECK(ask(replay, "GET", "/users/me")->status == 200);
  const auto [how, status] =
      GENERATE(table<Database, int>({{Database::lost_cold, 401}, {Database::lost_warm, 400}}));
  replay.server.lose_database(how);
  CHECK(ask(replay, "POST", "/posts", post_of(replay, "x"))->status == status);
  CHECK(ask(replay, "GET", "/system/ping?get_server_status=true")->status == 500);
  CHECK(ask(replay, "GET", "/system/ping")->status == 200);
  replay.server.restore_database();
  CHECK(ask(replay, "POST", "/posts", post_of(replay, "x"))->status == 201);
}
