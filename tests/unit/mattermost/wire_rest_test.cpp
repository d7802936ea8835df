#include "tests/unit/mattermost/wire_stage.hpp"

using namespace jitbot;
using namespace jitbot::mattermost;
using namespace jitbot::mattermost::testing;
using Json = nlohmann::json;

namespace {

const std::string k_me = "GET /users/me";
const Script k_ailing{500, {{"status", "UNHEALTHY"}, {"database_status", "UNHEALTHY"}}};
const Script k_denied = refusal(403, "api.context.permissions.app_error");
const Script k_expired = refusal(401, "api.context.session_expired.app_error");

RestCall posting(Repeat repeat) {
  RestCall call;
  call.method = "POST";
  call.path = "/posts";
  call.body = body_of({{"message", "hello"}});
  call.repeat = repeat;
  return call;
}

}  // namespace

TEST_CASE("a call is below /api/v4, with the token in its header", "[mattermost][wire][rest]") {
  WireStage stage;
  stage.server.next(k_me, {200, {{"id", k_bot}}});
  const auto reply = stage.run(stage.rest.get("/users/me"));
  REQUIRE(reply);
  CHECK(reply->body->at("id") == k_bot);
  CHECK(stage.server.calls_of(k_me).front().authorization == "Bearer secrettoken");
}

TEST_CASE("a path of the server's address is kept", "[mattermost][wire][rest]") {
  WireStage stage;
  RestOptions options = stage.options();
  options.url += "/chat/";
  Rest rest(stage.clock, stage.random, stage.http, options);
  stage.server.next("GET /chat/api/v4/users/me", {200, {{"id", k_bot}}});
  CHECK(stage.run(rest.get("/users/me")));
}

TEST_CASE("a refusal counts when a server that is well repeats it", "[mattermost][wire][rest]") {
  WireStage stage;
  stage.server.always(k_me, k_denied);
  const auto reply = stage.finish(stage.rest.get("/users/me"));
  REQUIRE_FALSE(reply);
  CHECK(reply.error().error.kind == ErrorKind::refused);
  CHECK(reply.error().status == 403);
  CHECK(reply.error().id == "api.context.permissions.app_error");
  CHECK_FALSE(reply.error().perhaps_done);
  CHECK(stage.server.calls_of(k_me).size() == 2);
  const auto pings = stage.server.calls_of("GET /system/ping");
  REQUIRE(pings.size() == 1);
  CHECK(pings.front().query == "get_server_status=true");
  CHECK(pings.front().authorization.empty());
}

TEST_CASE("what a server without its database refuses is asked again", "[mattermost][wire][rest]") {
  const Script refused =
      GENERATE_COPY(as<Script>{}, k_denied, k_expired, refusal(400, "api.context.invalid_param.app_error"));
  WireStage stage;
  int told = 0;
  stage.rest.on_refused([&told](const RestFault&) { ++told; });
  for (int i = 0; i < 3; ++i) {
    stage.server.next("POST /posts", refused);
    stage.server.next("GET /system/ping", k_ailing);
  }
  stage.server.next("POST /posts", {201, {{"id", k_post}}});
  const auto reply = stage.finish(stage.rest.call(posting(Repeat::unsent)));
  CHECK(reply);
  CHECK(told == 0);
}

TEST_CASE("a server that stays ill is unavailable, and nothing was done", "[mattermost][wire][rest]") {
  WireStage stage;
  stage.server.always(k_me, k_expired);
  stage.server.always("GET /system/ping", k_ailing);
  const auto reply = stage.finish(stage.rest.get("/users/me"));
  REQUIRE_FALSE(reply);
  CHECK(reply.error().error.kind == ErrorKind::unavailable);
}

TEST_CASE("a token that is refused for good is told", "[mattermost][wire][rest]") {
  WireStage stage;
  std::vector<std::string> told;
  stage.rest.on_refused([&told](const RestFault& fault) { told.push_back(fault.id); });
  stage.server.always(k_me, k_expired);
  const auto reply = stage.finish(stage.rest.get("/users/me"));
  REQUIRE_FALSE(reply);
  CHECK(reply.error().error.kind == ErrorKind::refused);
  CHECK(told == std::vector<std::string>{"api.context.session_expired.app_error"});
}

TEST_CASE("what a refused token keeps from being done can be done when it is restored",
          "[mattermost][wire][rest]") {
  WireStage stage;
  stage.server.always("POST /posts", k_expired);
  const auto reply = stage.finish(stage.rest.call(posting(Repeat::unsent)));
  REQUIRE_FALSE(reply);
  CHECK(reply.error().error.kind == ErrorKind::unavailable);
  CHECK(reply.error().status == 401);
}

TEST_CASE("a message that is too long is told at once", "[mattermost][wire][rest]") {
  const auto* id =
      GENERATE("model.post.is_valid.msg.app_error", "model.post.is_valid.message_length.app_error",
               "model.post.is_valid.props.app_error");
  WireStage stage;
  stage.server.always("POST /posts", refusal(400, id));
  const auto reply = stage.run(stage.rest.call(posting(Repeat::unsent)));
  REQUIRE_FALSE(reply);
  CHECK(reply.error().error.kind == ErrorKind::invalid);
  CHECK(is_too_long(reply.error()));
  CHECK(stage.server.calls() == 1);
}

TEST_CASE("a 429 lets everybody wait as long as the server says", "[mattermost][wire][rest]") {
  WireStage stage;
  stage.server.next(k_me, {429, "limit exceeded\n", {{"Retry-After", "2"}, {"Retry-After", "7"}}});
  stage.server.always(k_me, {200, {{"id", k_bot}}});
  stage.server.always("GET /users/" + k_alice, {200, {{"id", k_alice}}});
  Beside<RestResult<RestReply>> slow(stage.loop.executor(), stage.rest.get("/users/me"));
  stage.until([&] { return stage.server.calls_of(k_me).size() == 1; });
  stage.settle();
  Beside<RestResult<RestReply>> other(stage.loop.executor(), stage.rest.get("/users/" + k_alice));
  stage.until([&] { return stage.clock.until_next().has_value(); });
  const int seconds = stage.steps_until([&] { return slow.done() && other.done(); }, 15);
  CHECK(seconds >= 7);
  CHECK(seconds <= 9);
  CHECK(slow.value().has_value());
  CHECK(other.value().has_value());
  CHECK(stage.server.calls_of("GET /users/" + k_alice).size() == 1);
}

TEST_CASE("a pause longer than a caller's patience is told at once", "[mattermost][wire][rest]") {
  WireStage stage;
  stage.server.next(k_me, {429, "limit exceeded\n", {{"Retry-After", "600"}}});
  const auto reply = stage.run(stage.rest.get("/users/me"));
  REQUIRE_FALSE(reply);
  CHECK(reply.error().error.kind == ErrorKind::rate_limited);
  CHECK(stage.server.calls() == 1);
}

TEST_CASE("Retry-After is read alone, joined and doubled", "[mattermost][wire][rest]") {
  CHECK(retry_after({{"retry-after", "1"}}) == 1s);
  CHECK(retry_after({{"Retry-After", "9, 6"}}) == 9s);
  CHECK(retry_after({{"Retry-After", "3"}, {"X", "1"}, {"retry-after", "11"}}) == 11s);
  CHECK(retry_after({}) == 2s);
  CHECK(retry_after({{"Retry-After", "soon"}}) == 2s);
  CHECK(retry_after({{"Retry-After", "4000000"}}) == 3600s);
}

TEST_CASE("what may have been done is repeated only where that is harmless", "[mattermost][wire][rest]") {
  WireStage stage;
  stage.server.next("POST /posts", {500, "oops"});
  const auto once = stage.run(stage.rest.call(posting(Repeat::unsent)));
  REQUIRE_FALSE(once);
  CHECK(once.error().error.kind == ErrorKind::outcome_unknown);
  CHECK(once.error().perhaps_done);
  CHECK(stage.server.calls_of("POST /posts").size() == 1);
  stage.server.next("POST /posts", {500, "oops"});
  stage.server.next("POST /posts", {200, "<html>log in</html>"});
  stage.server.next("POST /posts", {201, {{"id", k_post}}});
  CHECK(stage.finish(stage.rest.call(posting(Repeat::safe))));
  CHECK(stage.server.calls_of("POST /posts").size() == 4);
}

TEST_CASE("that an earlier try may have been done is not forgotten", "[mattermost][wire][rest]") {
  WireStage stage;
  stage.server.next("POST /posts", {500, "oops"});
  stage.server.next("POST /posts", {429, "limit exceeded\n", {{"Retry-After", "600"}}});
  const auto reply = stage.finish(stage.rest.call(posting(Repeat::safe)));
  REQUIRE_FALSE(reply);
  CHECK(reply.error().error.kind == ErrorKind::outcome_unknown);
  CHECK(reply.error().perhaps_done);
}

TEST_CASE("what is good for seconds is asked once", "[mattermost][wire][rest]") {
  WireStage stage;
  stage.server.always("POST /posts", k_denied);
  CHECK_FALSE(stage.run(stage.rest.call(posting(Repeat::never))));
  CHECK(stage.server.calls() == 1);
}

TEST_CASE("an error names call, id and request, never the token or what people wrote",
          "[mattermost][wire][rest]") {
  WireStage stage;
  stage.server.always("GET /users/email/carol%40example.com", k_denied);
  RestCall call;
  call.path = "/users/email/carol%40example.com";
  call.shown = "GET /users/email";
  const auto reply = stage.finish(stage.rest.call(std::move(call)));
  REQUIRE_FALSE(reply);
  const std::string& detail = reply.error().error.detail;
  for (const char* part : {"GET /users/email", "status=403", "req_id=req1", "permissions"}) {
    CHECK(detail.find(part) != std::string::npos);
  }
  for (const char* never : {"secrettoken", "carol", "words"}) CHECK(detail.find(never) == std::string::npos);
}

TEST_CASE("a server that cannot be reached was not asked", "[mattermost][wire][rest]") {
  WireStage stage;
  RestOptions options = stage.options();
  options.url = "http://127.0.0.1:1";
  options.patience = 3s;
  Rest rest(stage.clock, stage.random, stage.http, options);
  const auto reply = stage.finish(rest.get("/users/me"));
  REQUIRE_FALSE(reply);
  CHECK(reply.error().error.kind == ErrorKind::unavailable);
  CHECK(reply.error().status == 0);
}

TEST_CASE("of an answer address only the ticket is taken, and goes to our own server",
          "[mattermost][wire][rest]") {
  WireStage stage;
  const std::string ticket = "599egrco5frnmyn1x7mbr5nc9c";
  const std::string route = "POST /hooks/commands/" + ticket;
  stage.server.next(route, {200, "ok"});
  const Secret url("https://evil.example/hooks/commands/" + ticket);
  CHECK(stage.run(stage.rest.respond(url, body_of({{"text", "hi"}}))));
  const auto calls = stage.server.calls_of(route);
  REQUIRE(calls.size() == 1);
  CHECK(calls.front().body == Json{{"text", "hi"}});
  CHECK(calls.front().authorization.empty());

  CHECK(command_ticket("https://a.example/mm/hooks/commands/" + ticket) == ticket);
  for (const char* bad : {"https://a.example/hooks/commands/../../api/v4/users", "", "https://a.example/x",
                          "https://a.example/hooks/commands/599egrco5frnmyn1x7mbr5nc9c/more"}) {
    CHECK(command_ticket(bad).empty());
    const auto refused = stage.run(stage.rest.respond(Secret(bad), body_of({{"text", "hi"}})));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::refused);
  }
  CHECK(stage.server.calls() == 1);
}

TEST_CASE("an answer address that is used up or expired is not found", "[mattermost][wire][rest]") {
  const Script script = GENERATE(refusal(400, "app.command_webhook.try_use.invalid"),
                                 refusal(404, "app.command_webhook.get.missing"));
  WireStage stage;
  const std::string ticket = "599egrco5frnmyn1x7mbr5nc9c";
  stage.server.always("POST /hooks/commands/" + ticket, script);
  const auto answered =
      stage.run(stage.rest.respond(Secret("http://x/hooks/commands/" + ticket), body_of({{"text", "hi"}})));
  REQUIRE_FALSE(answered);
  CHECK(answered.error().kind == ErrorKind::not_found);
  CHECK(answered.error().detail.find(ticket) == std::string::npos);
}

TEST_CASE("a call that waits when all is closed fails then", "[mattermost][wire][rest]") {
  WireStage stage;
  stage.server.always(k_me, {429, "limit exceeded\n", {{"Retry-After", "20"}}});
  Beside<RestResult<RestReply>> waiting(stage.loop.executor(), stage.rest.get("/users/me"));
  stage.until([&] { return stage.clock.until_next().has_value(); });
  stage.rest.close();
  stage.until([&] { return waiting.done(); });
  REQUIRE_FALSE(waiting.value().has_value());
  CHECK(waiting.value().error().error.kind == ErrorKind::unavailable);
  CHECK_FALSE(stage.run(stage.rest.get("/users/me")));
  CHECK(stage.server.calls() == 1);
}
