#include "tests/unit/sandbox/harness.hpp"

using namespace jitbot;
using namespace jitbot::sandbox;
using namespace jitbot::sandbox::testing;

namespace {

net::HttpRequest form_post(const std::string& url, const std::string& body, net::Headers headers) {
  net::HttpRequest request;
  request.method = "POST";
  request.url = url;
  request.headers = std::move(headers);
  request.headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
  request.body = body;
  return request;
}

std::string error_of(const Json& answer) {
  return answer.value("error", "");
}

}  // namespace

TEST_CASE("tokens open only what is theirs") {
  Harness h;
  CHECK(h.call("auth.test", Json::object())["user_id"] == "U0JITBOT1");
  CHECK(error_of(h.call("auth.test", Json::object(), "xoxb-wrong")) == "invalid_auth");
  CHECK(error_of(h.call("auth.test", Json::object(), "")) == "not_authed");
  CHECK(error_of(h.call("auth.test", Json::object(), h.sandbox.app_token())) == "not_allowed_token_type");
  CHECK(error_of(h.call("apps.connections.open", Json::object())) == "not_allowed_token_type");
  CHECK(error_of(h.call("chat.postMessag", Json::object())) == "unknown_method");
  CHECK(h.sandbox.app_token().starts_with("xapp-1-A0JITBOT1-"));
}

TEST_CASE("the app's token opens a loopback WebSocket URL and the log keeps no ticket") {
  Harness h;
  CHECK(h.socket_url().starts_with("ws://127.0.0.1:"));
  const ApiCall& call = h.sandbox.api_calls().back();
  CHECK(call.method == "apps.connections.open");
  CHECK_FALSE(call.answer.contains("url"));
}

TEST_CASE("forms and JSON are read alike, with Slack's charset warnings") {
  Harness h;
  const Json blocks = Json::array({text_block("hello")});
  const std::string body =
      net::encode_form({{"channel", "C0STAGING"}, {"text", "a&b"}, {"blocks", blocks.dump()}});
  const auto response = h.send(form_post(h.sandbox.api_url() + "chat.postMessage", body,
                                         {{"Authorization", "Bearer " + h.sandbox.bot_token()}}));
  CHECK(response.status == 200);
  const Json posted = Json::parse(response.body);
  CHECK(posted["ok"] == true);
  CHECK(posted["message"]["text"] == "a&b");
  CHECK(posted["message"]["blocks"][0]["block_id"] == "facts");
  const std::string with_token = net::encode_form({{"token", h.sandbox.bot_token()}});
  const auto by_body = h.send(form_post(h.sandbox.api_url() + "auth.test", with_token, {}));
  CHECK(Json::parse(by_body.body)["ok"] == true);
  net::HttpRequest bare;
  bare.method = "POST";
  bare.url = h.sandbox.api_url() + "auth.test";
  bare.headers = {{"Content-Type", "application/json"}, {"Authorization", "Bearer " + h.sandbox.bot_token()}};
  bare.body = "{}";
  CHECK(Json::parse(h.send(bare).body)["warning"] == "missing_charset");
}

TEST_CASE("every answer carries the Clock's date and the token's scopes") {
  Harness h;
  const auto response = h.post("auth.test", Json::object());
  CHECK(net::find_header(response.headers, "date") == "Sun, 01 Mar 2026 02:00:00 GMT");
  CHECK(net::find_header(response.headers, "x-oauth-scopes")->find("chat:write") != std::string_view::npos);
}

TEST_CASE("a scope that is missing is named") {
  Harness h;
  h.sandbox.set_scopes({"commands", "users:read"});
  const Json answer = h.call("chat.postMessage", {{"channel", "C0STAGING"}, {"text", "x"}});
  CHECK(error_of(answer) == "missing_scope");
  CHECK(answer["needed"] == "chat:write");
  CHECK(answer["provided"] == "commands,users:read");
  CHECK_FALSE(h.call("users.info", {{"user", "U0ALICE01"}})["user"]["profile"].contains("email"));
}

TEST_CASE("a message is posted, edited, found again by its metadata and deleted") {
  Harness h;
  const Json metadata = {{"event_type", "card"}, {"event_payload", {{"id", "JIT-7K3F"}}}};
  const Json posted = h.call("chat.postMessage", {{"channel", "#staging-approvals"},
                                                  {"text", "waiting"},
                                                  {"blocks", Json::array({button_block("approve", "v1")})},
                                                  {"metadata", metadata}});
  REQUIRE(posted["ok"] == true);
  const std::string ts = posted["ts"].get<std::string>();
  const Json reply =
      h.call("chat.postMessage", {{"channel", "C0STAGING"}, {"text", "step"}, {"thread_ts", ts}});
  CHECK(reply["message"]["thread_ts"] == ts);
  const Json edited = h.call("chat.update", {{"channel", "C0STAGING"}, {"ts", ts}, {"text", "active"}});
  CHECK(edited["message"]["blocks"][0]["block_id"] == "acts");  // not named: kept
  h.call("chat.update", {{"channel", "C0STAGING"}, {"ts", ts}, {"text", "done"}, {"blocks", Json::array()}});
  const Json plain = h.call("conversations.history", {{"channel", "C0STAGING"}});
  REQUIRE(plain["messages"].size() == 1);  // replies are in the thread
  CHECK(plain["messages"][0]["text"] == "done");
  CHECK_FALSE(plain["messages"][0].contains("metadata"));
  CHECK(plain["messages"][0]["reply_count"] == 1);
  const Json with_metadata =
      h.call("conversations.history", {{"channel", "C0STAGING"}, {"include_all_metadata", true}});
  CHECK(with_metadata["messages"][0]["metadata"] == metadata);
  CHECK(h.call("conversations.replies", {{"channel", "C0STAGING"}, {"ts", ts}})["messages"].size() == 2);
  const auto kept = h.sandbox.find_message("#staging-approvals", ts);
  REQUIRE(kept.has_value());
  CHECK(kept->earlier.size() == 2);
  CHECK(kept->earlier.front().text == "waiting");
  CHECK(h.call("chat.delete", {{"channel", "C0STAGING"}, {"ts", ts}})["ok"] == true);
  CHECK(error_of(h.call("chat.update", {{"channel", "C0STAGING"}, {"ts", ts}, {"text", "x"}})) ==
        "message_not_found");
}

TEST_CASE("posting is refused where Slack refuses it") {
  Harness h;
  const auto post = [&h](Json args) { return error_of(h.call("chat.postMessage", args)); };
  CHECK(post({{"channel", "C0NOWHERE"}, {"text", "x"}}) == "channel_not_found");
  CHECK(post({{"channel", "C0QUIET01"}, {"text", "x"}}) == "not_in_channel");
  CHECK(post({{"channel", "C0STAGING"}}) == "no_text");
  CHECK(post({{"text", "x"}}) == "invalid_arguments");
  CHECK(post({{"channel", "C0STAGING"}, {"blocks", "not json"}}) == "invalid_blocks_format");
  REQUIRE(h.sandbox.archive_channel("#staging-approvals", Switch::on).has_value());
  CHECK(post({{"channel", "C0STAGING"}, {"text", "x"}}) == "is_archived");
  REQUIRE(h.sandbox.leave_channel("#jit-admins", "U0JITBOT1").has_value());
  CHECK(post({{"channel", "C0ADMINS1"}, {"text", "x"}}) == "channel_not_found");
}

TEST_CASE("blocks that Slack would refuse fail the whole message and say where") {
  Harness h;
  Json bad = button_block("approve", "v");
  bad["elements"][0]["text"]["text"] = std::string(76, 'x');
  const Json answer =
      h.call("chat.postMessage", {{"channel", "C0STAGING"}, {"text", "x"}, {"blocks", Json::array({bad})}});
  CHECK(error_of(answer) == "invalid_blocks");
  CHECK(answer["response_metadata"]["messages"][0] ==
        "[ERROR] must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]");
  CHECK(answer["errors"][0] ==
        "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]");
  Json long_blocks = Json::array();
  for (int i = 0; i < 5; ++i) {
    Json block = text_block(std::string(2900, 'x'));
    block.erase("block_id");
    long_blocks.push_back(block);
  }
  CHECK(error_of(
            h.call("chat.postMessage", {{"channel", "C0STAGING"}, {"text", "x"}, {"blocks", long_blocks}})) ==
        "msg_blocks_too_long");
  const Json cut = h.call("chat.postMessage", {{"channel", "C0STAGING"}, {"text", std::string(40'001, 'x')}});
  CHECK(cut["message"]["text"].get<std::string>().size() == 40'000);
}

TEST_CASE("another author's message cannot be edited") {
  Harness h;
  SayInput said;
  said.user = "alice";
  said.channel = "#staging-approvals";
  said.text = "mine";
  const auto ts = h.sandbox.say(said);
  REQUIRE(ts.has_value());
  CHECK(error_of(h.call("chat.update", {{"channel", "C0STAGING"}, {"ts", *ts}, {"text", "x"}})) ==
        "cant_update_message");
  CHECK(error_of(h.call("chat.delete", {{"channel", "C0STAGING"}, {"ts", *ts}})) == "cant_delete_message");
}

TEST_CASE("lists are paged by cursor") {
  Harness h;
  Json seen = Json::array();
  std::string cursor;
  do {
    const Json page = h.call("users.list", {{"limit", 4}, {"cursor", cursor}});
    REQUIRE(page["ok"] == true);
    CHECK(page["members"].size() <= 4);
    for (const Json& member : page["members"]) seen.push_back(member["id"]);
    cursor = page["response_metadata"]["next_cursor"].get<std::string>();
  } while (!cursor.empty() && seen.size() < 50);
  CHECK(seen.size() == 10);  // the bot and nine people; the stranger is not listed
  CHECK(error_of(h.call("users.list", {{"cursor", "bogus"}})) == "invalid_cursor");
}

TEST_CASE("people are shown as what they are") {
  Harness h;
  const auto user = [&h](const char* id) { return h.call("users.info", {{"user", id}})["user"]; };
  CHECK(user("U0ALICE01")["profile"]["email"] == "alice@example.com");
  CHECK(user("U0ALICE01")["is_email_confirmed"] == true);
  CHECK(user("U0GINA001")["is_restricted"] == true);
  CHECK(user("U0SID0001")["is_ultra_restricted"] == true);
  CHECK(user("U0DAN0001")["deleted"] == true);
  CHECK(user("U0DEPLOY1")["is_bot"] == true);
  CHECK(user("U0SAM0001")["is_stranger"] == true);
  CHECK(user("U0SAM0001")["team_id"] == "T0VENDOR1");
  CHECK_FALSE(user("U0SAM0001")["profile"].contains("email"));
  CHECK(error_of(h.call("users.info", {{"user", "U0NOBODY1"}})) == "user_not_found");
  CHECK(h.call("users.lookupByEmail", {{"email", "bob@example.com"}})["user"]["id"] == "U0BOB0001");
  for (const char* email : {"dan@example.com", "sam@vendor.example", "nobody@example.com"}) {
    CHECK(error_of(h.call("users.lookupByEmail", {{"email", email}})) == "users_not_found");
  }
  CHECK(h.call("usergroups.users.list", {{"usergroup", "S0APPROVE"}})["users"] ==
        Json({"U0CAROL01", "U0DAVE001"}));
  CHECK(error_of(h.call("usergroups.users.list", {{"usergroup", "S0NONE"}})) == "no_such_subteam");
}

TEST_CASE("direct messages open for people, not for bots or the deactivated") {
  Harness h;
  const auto open = [&h](const char* id) { return h.call("conversations.open", {{"users", id}}); };
  CHECK(open("U0ALICE01")["channel"]["id"].get<std::string>().starts_with("D"));
  CHECK(open("U0ALICE01") == open("U0ALICE01"));
  CHECK(error_of(open("U0DAN0001")) == "user_disabled");
  CHECK(error_of(open("U0DEPLOY1")) == "cannot_dm_bot");
  CHECK(error_of(open("U0NOBODY1")) == "user_not_found");
  CHECK(h.call("chat.postMessage", {{"channel", "U0BOB0001"}, {"text", "hi"}})["ok"] == true);
  CHECK(h.sandbox.messages("@bob").size() == 1);
}

TEST_CASE("rate limits answer 429 with Retry-After once they are on") {
  Harness h;
  h.sandbox.set_rate_limits(Switch::on);
  const Json args = {{"channel", "C0STAGING"}, {"text", "x"}};
  for (int i = 0; i < 5; ++i) CHECK(h.call("chat.postMessage", args)["ok"] == true);
  const auto limited = h.post("chat.postMessage", args);
  CHECK(limited.status == 429);
  CHECK(net::find_header(limited.headers, "retry-after") == "1");
  CHECK(error_of(Json::parse(limited.body)) == "ratelimited");
  h.clock.advance(1s);
  CHECK(h.call("chat.postMessage", args)["ok"] == true);
  CHECK(h.sandbox.messages("#staging-approvals").size() == 6);
}

TEST_CASE("a call can fail before its effect, after it, or be left hanging") {
  Harness h;
  const Json args = {{"channel", "C0STAGING"}, {"text", "x"}};
  MethodFault fault;
  fault.method = "chat.postMessage";
  fault.kind = MethodFaultKind::error_before;
  h.sandbox.fail_calls(fault);
  CHECK(h.post("chat.postMessage", args).status == 500);
  CHECK(h.sandbox.messages("#staging-approvals").empty());
  fault.kind = MethodFaultKind::error_after;
  h.sandbox.fail_calls(fault);
  CHECK(h.post("chat.postMessage", args).status == 500);
  CHECK(h.sandbox.messages("#staging-approvals").size() == 1);
  fault.kind = MethodFaultKind::rate_limited;
  fault.retry_after = 7;
  h.sandbox.fail_calls(fault);
  CHECK(net::find_header(h.post("chat.postMessage", args).headers, "retry-after") == "7");
  fault.kind = MethodFaultKind::api_error;
  fault.error = "channel_is_limited_access";
  h.sandbox.fail_calls(fault);
  CHECK(error_of(h.call("chat.postMessage", args)) == "channel_is_limited_access");
  fault.kind = MethodFaultKind::hang_after;
  h.sandbox.fail_calls(fault);
  net::HttpRequest request;
  request.method = "POST";
  request.url = h.sandbox.api_url() + "chat.postMessage";
  request.headers = {{"Content-Type", "application/json; charset=utf-8"},
                     {"Authorization", "Bearer " + h.sandbox.bot_token()}};
  request.body = args.dump();
  const auto hanging = h.start(h.client.send(std::move(request)));
  h.until([&] { return h.sandbox.messages("#staging-approvals").size() == 2; });
  h.settle();
  CHECK_FALSE(hanging->has_value());
  h.sandbox.release_hanging();
  h.until([&] { return hanging->has_value(); });
  CHECK((*hanging)->value().status == 200);
  CHECK(h.call("chat.postMessage", args)["ok"] == true);  // the faults are used up
}

TEST_CASE("in an outage the Slack side answers nothing and the page stays") {
  Harness h;
  const auto socket = h.connect();
  h.sandbox.outage(Switch::on);
  h.until([&] { return socket->over; });
  CHECK(h.post("auth.test", Json::object()).status == 503);
  net::HttpRequest page;
  page.url = h.sandbox.page_url();
  CHECK(h.send(page).status == 200);
  h.sandbox.outage(Switch::off);
  CHECK(h.call("auth.test", Json::object())["ok"] == true);
}

TEST_CASE("revoked tokens stop every call") {
  Harness h;
  h.sandbox.revoke_tokens();
  CHECK(error_of(h.call("auth.test", Json::object())) == "token_revoked");
  CHECK(error_of(h.call("apps.connections.open", Json::object(), h.sandbox.app_token())) == "token_revoked");
}

TEST_CASE("the page's JSON refuses other hosts, other origins and forms") {
  Harness h;
  net::HttpRequest request;
  request.method = "POST";
  request.url = h.sandbox.page_url() + "page/act";
  request.headers = {{"Content-Type", "application/json"}};
  request.body = R"({"do":"say","user":"alice","channel":"#general","text":"hi"})";
  CHECK(h.send(request).status == 200);
  auto foreign = request;
  foreign.headers.push_back({"Origin", "http://evil.example"});
  CHECK(h.send(foreign).status == 403);
  auto rebound = request;
  rebound.headers.push_back({"Host", "evil.example:" + std::to_string(h.sandbox.port())});
  CHECK(h.send(rebound).status == 403);
  auto form = request;
  form.headers = {{"Content-Type", "text/plain"}};
  CHECK(h.send(form).status == 415);
  auto broken = request;
  broken.body = R"({"do":"say","user":7})";
  CHECK(h.send(broken).status == 400);
  CHECK(h.sandbox.messages("#general").size() == 1);
}

TEST_CASE("the log of calls keeps the newest, and a call that it forgot ends well") {
  CHECK(SandboxOptions{}.remembered == 100'000);
  SandboxOptions options;
  options.remembered = 3;
  Harness h(options);
  MethodFault fault;
  fault.method = "auth.test";
  fault.kind = MethodFaultKind::hang_before;
  h.sandbox.fail_calls(fault);
  net::HttpRequest hanging = form_post(h.sandbox.api_url() + "auth.test", "",
                                       {{"Authorization", "Bearer " + h.sandbox.bot_token()}});
  const auto answered = h.start(h.client.send(std::move(hanging)));
  h.until([&] { return !h.sandbox.api_calls().empty(); });
  CHECK(h.sandbox.api_calls().front().status == 0);
  for (int i = 0; i < 5; ++i) h.call("team.info", Json::object());
  REQUIRE(h.sandbox.api_calls().size() == 3);
  CHECK(h.sandbox.api_calls().front().number == 4);
  CHECK(h.sandbox.api_calls().back().number == 6);
  CHECK(h.sandbox.api_calls().back().status == 200);
  h.sandbox.release_hanging();
  h.until([&] { return answered->has_value(); });
  REQUIRE((*answered)->has_value());
  CHECK(Json::parse((**answered)->body)["ok"] == true);
  CHECK(h.sandbox.api_calls().back().number == 6);
}

TEST_CASE("the sandbox serves loopback addresses only") {
  boost::asio::io_context loop;
  ManualClock clock;
  SeededRandom random;
  SandboxOptions options;
  options.address = "0.0.0.0";
  Sandbox sandbox(loop.get_executor(), clock, random, demo_world(), options);
  const auto started = sandbox.start();
  REQUIRE_FALSE(started.has_value());
  CHECK(started.error().kind == ErrorKind::invalid);
}
