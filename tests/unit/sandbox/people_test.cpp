#include "tests/unit/sandbox/harness.hpp"

using namespace jitbot;
using namespace jitbot::sandbox;
using namespace jitbot::sandbox::testing;

namespace {

std::string post_card(Harness& h, const std::string& channel, const std::string& value) {
  const Json posted = h.call(
      "chat.postMessage",
      {{"channel", channel}, {"text", "card"}, {"blocks", Json::array({button_block("approve", value)})}});
  REQUIRE(posted["ok"] == true);
  return posted["ts"].get<std::string>();
}

ClickInput press(const std::string& user, const std::string& channel, const std::string& ts) {
  ClickInput input;
  input.user = user;
  input.channel = channel;
  input.ts = ts;
  input.action_id = "approve";
  return input;
}

SubmitInput fill(const std::string& user, Json values) {
  SubmitInput input;
  input.user = user;
  input.values = std::move(values);
  return input;
}

// Opens a modal for alice through a command's trigger.
void open_modal(Harness& h, const std::shared_ptr<Socket>& socket, const Json& view) {
  CommandInput input;
  input.user = "alice";
  input.channel = "#staging-approvals";
  const std::size_t before = socket->of_type("slash_commands").size();
  const auto seen = h.start(h.sandbox.run_command(input));
  const Json envelope = h.envelope(socket, "slash_commands", before);
  h.ack(socket, envelope);
  h.until([&] { return seen->has_value(); });
  const Json opened =
      h.call("views.open", {{"trigger_id", envelope["payload"]["trigger_id"]}, {"view", view}});
  REQUIRE(opened["ok"] == true);
}

net::HttpResponse respond(Harness& h, const std::string& url, const Json& body) {
  net::HttpRequest request;
  request.method = "POST";
  request.url = url;
  request.headers = {{"Content-Type", "application/json"}};
  request.body = body.dump();
  return h.send(std::move(request));
}

}  // namespace

TEST_CASE("a click carries the message, the value and the clicker's home team") {
  Harness h;
  const auto socket = h.connect();
  const std::string ts = post_card(h, "C0VENDOR1", "JIT-7K3F:abc:approve");
  const auto seen = h.start(h.sandbox.click(press("sam", "#vendor-bridge", ts)));
  const Json payload = h.envelope(socket, "interactive")["payload"];
  CHECK(payload["type"] == "block_actions");
  CHECK(payload["user"]["id"] == "U0SAM0001");
  CHECK(payload["user"]["team_id"] == "T0VENDOR1");
  CHECK(payload["actions"][0]["value"] == "JIT-7K3F:abc:approve");
  CHECK(payload["actions"][0]["action_id"] == "approve");
  CHECK(payload["container"]["message_ts"] == ts);
  CHECK(payload["message"]["blocks"][0]["block_id"] == "acts");
  h.ack(socket, h.envelope(socket, "interactive"));
  h.until([&] { return seen->has_value(); });
  CHECK((*seen)->ok());
}

TEST_CASE("people click only what their window shows") {
  Harness h;
  h.connect();
  const std::string ts = post_card(h, "C0ADMINS1", "v1");
  CHECK(h.wait(h.sandbox.click(press("alice", "#jit-admins", ts))).error == "not_in_channel");
  CHECK(h.wait(h.sandbox.click(press("erin", "#jit-admins", "1.000000"))).error == "message_not_found");
  auto other = press("erin", "#jit-admins", ts);
  other.action_id = "deny";
  CHECK(h.wait(h.sandbox.click(other)).error == "no_such_element");
  CommandInput command;
  command.user = "sam";
  command.channel = "#vendor-bridge";
  CHECK(h.wait(h.sandbox.run_command(command)).error == "not_available_to_external_people");
  CHECK(h.sandbox.envelopes().empty());
}

TEST_CASE("a vanished button can be replayed from an earlier version, also of a deleted message") {
  Harness h;
  const auto socket = h.connect();
  const std::string ts = post_card(h, "C0STAGING", "old");
  h.call("chat.update",
         {{"channel", "C0STAGING"}, {"ts", ts}, {"text", "decided"}, {"blocks", Json::array()}});
  CHECK(h.wait(h.sandbox.click(press("bob", "#staging-approvals", ts))).error == "no_such_element");
  h.call("chat.delete", {{"channel", "C0STAGING"}, {"ts", ts}});
  CHECK(h.wait(h.sandbox.click(press("bob", "#staging-approvals", ts))).error == "message_not_found");
  auto stale = press("bob", "#staging-approvals", ts);
  stale.replay = Replay::any_version;
  h.start(h.sandbox.click(stale));
  CHECK(h.envelope(socket, "interactive")["payload"]["actions"][0]["value"] == "old");
  stale.value = "forged";
  h.start(h.sandbox.click(stale));
  CHECK(h.envelope(socket, "interactive", 1)["payload"]["actions"][0]["value"] == "forged");
}

TEST_CASE("an ephemeral message's button comes without the message, and replace_original edits it") {
  Harness h;
  const auto socket = h.connect();
  const Json posted = h.call("chat.postEphemeral", {{"channel", "C0STAGING"},
                                                    {"user", "U0ALICE01"},
                                                    {"text", "only you"},
                                                    {"blocks", Json::array({button_block("approve", "v")})}});
  const std::string ts = posted["message_ts"].get<std::string>();
  CHECK(h.wait(h.sandbox.click(press("bob", "#staging-approvals", ts))).error == "message_not_found");
  const auto seen = h.start(h.sandbox.click(press("alice", "#staging-approvals", ts)));
  const Json envelope = h.envelope(socket, "interactive");
  h.ack(socket, envelope);
  h.until([&] { return seen->has_value(); });
  CHECK(envelope["payload"]["container"]["is_ephemeral"] == true);
  CHECK_FALSE(envelope["payload"].contains("message"));
  const auto url = envelope["payload"]["response_url"].get<std::string>();
  CHECK(respond(h, url, {{"replace_original", true}, {"text", "replaced"}}).body == "ok");
  REQUIRE(h.sandbox.ephemerals("alice").size() == 1);
  CHECK(h.sandbox.ephemerals("alice").front().text == "replaced");
  CHECK(respond(h, url, {{"delete_original", true}}).status == 200);
  CHECK(h.sandbox.ephemerals("alice").empty());
}

TEST_CASE("a response URL answers privately or in the channel, five times") {
  Harness h;
  const auto socket = h.connect();
  CommandInput input;
  input.user = "alice";
  input.channel = "#staging-approvals";
  const auto seen = h.start(h.sandbox.run_command(input));
  const Json envelope = h.envelope(socket, "slash_commands");
  h.ack(socket, envelope);
  h.until([&] { return seen->has_value(); });
  const auto url = envelope["payload"]["response_url"].get<std::string>();
  CHECK(respond(h, url, {{"text", "private"}}).status == 200);
  CHECK(respond(h, url, {{"text", "public"}, {"response_type", "in_channel"}}).status == 200);
  CHECK(h.sandbox.ephemerals("alice").size() == 1);
  CHECK(h.sandbox.messages("#staging-approvals").size() == 1);
  CHECK(respond(h, url, {{"text", 7}}).status == 400);
  CHECK(respond(h, url, Json::object()).body == "no_text");
  CHECK(respond(h, url, {{"blocks", Json::array({{{"type", "nope"}}})}}).body == "invalid_blocks");
  const auto used = respond(h, url, {{"text", "sixth"}});
  CHECK(used.status == 404);
  CHECK(used.body == "used_url");
}

TEST_CASE("a modal opens once for a trigger, and not after three seconds") {
  Harness h;
  const auto socket = h.connect();
  CommandInput input;
  input.user = "alice";
  input.channel = "#staging-approvals";
  h.start(h.sandbox.run_command(input));
  const Json trigger = h.envelope(socket, "slash_commands")["payload"]["trigger_id"];
  const Json args = {{"trigger_id", trigger}, {"view", modal("reason")}};
  CHECK(h.call("views.open", args)["view"]["callback_id"] == "form");
  CHECK(h.call("views.open", args)["error"] == "exchanged_trigger_id");
  REQUIRE(h.sandbox.open_views("alice").size() == 1);
  h.start(h.sandbox.run_command(input));
  const Json late = h.envelope(socket, "slash_commands", 1)["payload"]["trigger_id"];
  h.clock.advance(3001ms);
  CHECK(h.call("views.open", {{"trigger_id", late}, {"view", modal("reason")}})["error"] ==
        "expired_trigger_id");
  CHECK(h.call("views.open", {{"trigger_id", "1.2.x"}, {"view", modal("reason")}})["error"] ==
        "invalid_arguments");
  Json bad = modal("reason");
  bad["title"]["text"] = "a title that is much too long";
  const Json refused = h.call("views.open", {{"trigger_id", late}, {"view", bad}});
  CHECK(refused["error"] == "invalid_arguments");
  CHECK(refused["response_metadata"]["messages"][0] ==
        "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]");
}

TEST_CASE("a submission's errors keep the modal open, a plain acknowledgement closes it") {
  Harness h;
  const auto socket = h.connect();
  open_modal(h, socket, modal("reason"));
  CHECK(h.wait(h.sandbox.submit(fill("alice", Json::object()))).error ==
        "view_errors");                      // required, still empty
  CHECK(h.sandbox.envelopes().size() == 1);  // Slack's client sends nothing then
  auto seen = h.start(h.sandbox.submit(fill("alice", {{"reason", "x"}})));
  Json envelope = h.envelope(socket, "interactive");
  CHECK(envelope["payload"]["type"] == "view_submission");
  CHECK(envelope["payload"]["view"]["state"]["values"]["reason"]["typed"]["value"] == "x");
  h.ack(socket, envelope, {{"response_action", "errors"}, {"errors", {{"reason", "Too short"}}}});
  h.until([&] { return seen->has_value(); });
  CHECK((*seen)->error == "view_errors");
  REQUIRE(h.sandbox.open_views("alice").size() == 1);
  CHECK(h.sandbox.open_views("alice").front().errors["reason"] == "Too short");
  seen = h.start(h.sandbox.submit(fill("alice", {{"reason", "longer"}})));
  h.ack(socket, h.envelope(socket, "interactive", 1));
  h.until([&] { return seen->has_value(); });
  CHECK((*seen)->ok());
  CHECK(h.sandbox.open_views("alice").empty());
}

TEST_CASE("errors for blocks that are no inputs are a failure the person sees") {
  Harness h;
  const auto socket = h.connect();
  open_modal(h, socket, modal("reason"));
  const auto seen = h.start(h.sandbox.submit(fill("alice", {{"reason", "x"}})));
  h.ack(socket, h.envelope(socket, "interactive"),
        {{"response_action", "errors"}, {"errors", {{"elsewhere", "no"}}}});
  h.until([&] { return seen->has_value(); });
  CHECK((*seen)->error == "invalid_response");
  CHECK(h.sandbox.open_views("alice").size() == 1);
}

TEST_CASE("a submission can replace the view, put one on top, or clear the stack") {
  Harness h;
  const auto socket = h.connect();
  open_modal(h, socket, modal("first"));
  const auto answer = [&](Json values, std::size_t index, Json ack) {
    const auto seen = h.start(h.sandbox.submit(fill("alice", std::move(values))));
    h.ack(socket, h.envelope(socket, "interactive", index), ack);
    h.until([&] { return seen->has_value(); });
    return **seen;
  };
  CHECK(answer({{"first", "x"}}, 0, {{"response_action", "update"}, {"view", modal("second")}}).ok());
  CHECK(answer({{"second", "x"}}, 1, {{"response_action", "push"}, {"view", modal("third")}}).ok());
  const auto stack = h.sandbox.open_views("alice");
  REQUIRE(stack.size() == 2);
  CHECK(stack[1].previous_id == stack[0].id);
  CHECK(stack[1].root_id == stack[0].id);
  CHECK(answer({{"third", "x"}}, 2, {{"response_action", "clear"}}).ok());
  CHECK(h.sandbox.open_views("alice").empty());
}

TEST_CASE("view_closed is sent only where it was asked for") {
  Harness h;
  const auto socket = h.connect();
  open_modal(h, socket, modal("reason"));
  CloseInput input;
  input.user = "alice";
  CHECK(h.wait(h.sandbox.close(input)).ok());
  h.settle();
  CHECK(socket->of_type("interactive").empty());
  Json view = modal("reason");
  view["notify_on_close"] = true;
  open_modal(h, socket, view);
  const auto seen = h.start(h.sandbox.close(input));
  const Json envelope = h.envelope(socket, "interactive");
  CHECK(envelope["payload"]["type"] == "view_closed");
  CHECK(envelope["payload"]["is_cleared"] == false);
  h.ack(socket, envelope);
  h.until([&] { return seen->has_value(); });
}

TEST_CASE("views are updated by hash and Home is published") {
  Harness h;
  const Json home = {{"type", "home"}, {"blocks", Json::array({text_block("what I have")})}};
  const Json published = h.call("views.publish", {{"user_id", "U0ALICE01"}, {"view", home}});
  REQUIRE(published["ok"] == true);
  REQUIRE(h.sandbox.home("alice").has_value());
  CHECK(h.call("views.publish", {{"user_id", "U0ALICE01"}, {"view", home}, {"hash", "old"}})["error"] ==
        "hash_conflict");
  const Json id = published["view"]["id"];
  const Json hash = published["view"]["hash"];
  CHECK(h.call("views.update", {{"view_id", id}, {"view", home}, {"hash", hash}})["ok"] == true);
  CHECK(h.call("views.update", {{"view_id", id}, {"view", home}, {"hash", hash}})["error"] ==
        "hash_conflict");
  CHECK(h.call("views.update", {{"view_id", "V0NONE"}, {"view", home}})["error"] == "not_found");
}

TEST_CASE("a shortcut, Home and a direct message reach the app") {
  Harness h;
  const auto socket = h.connect();
  ShortcutInput shortcut;
  shortcut.user = "alice";
  h.start(h.sandbox.shortcut(shortcut));
  const Json used = h.envelope(socket, "interactive")["payload"];
  CHECK(used["type"] == "shortcut");
  CHECK(used["callback_id"] == "request_access");
  REQUIRE(h.sandbox.open_home("alice", HomeTab::home).has_value());
  CHECK(h.envelope(socket, "events_api")["payload"]["event"]["tab"] == "home");
  SayInput said;
  said.user = "alice";
  said.channel = "@alice";
  said.text = "mine";
  REQUIRE(h.sandbox.say(said).has_value());
  const Json event = h.envelope(socket, "events_api", 1)["payload"]["event"];
  CHECK(event["type"] == "message");
  CHECK(event["channel_type"] == "im");
  CHECK(event["text"] == "mine");
}

TEST_CASE("each change of the directory sends Slack's event") {
  Harness h;
  const auto socket = h.connect();
  std::size_t next = 0;
  const auto event = [&] {
    const Json envelope = h.envelope(socket, "events_api", next++);
    h.ack(socket, envelope);
    return envelope["payload"]["event"];
  };
  REQUIRE(h.sandbox.set_email("alice", "alice@other.example").has_value());
  CHECK(event()["user"]["profile"]["email"] == "alice@other.example");
  REQUIRE(h.sandbox.set_kind("bob", PersonKind::guest).has_value());
  CHECK(event()["user"]["is_restricted"] == true);
  REQUIRE(h.sandbox.set_group_members("approvers", {"carol", "erin"}).has_value());
  const Json members = event();
  CHECK(members["type"] == "subteam_members_changed");
  CHECK(members["added_users"] == Json({"U0ERIN001"}));
  CHECK(members["removed_users"] == Json({"U0DAVE001"}));
  CHECK(event()["type"] == "subteam_updated");
  REQUIRE(h.sandbox.archive_channel("#general", Switch::on).has_value());
  CHECK(event()["channel"] == "C0GENERAL");
  REQUIRE(h.sandbox.rename_channel("#prod-approvals", "prod-gate").has_value());
  CHECK(event()["channel"]["name"] == "prod-gate");
  REQUIRE(h.sandbox.share_channel("#prod-gate", Switch::on).has_value());
  CHECK(event()["type"] == "channel_shared");
  REQUIRE(h.sandbox.leave_channel("#prod-gate", "U0JITBOT1").has_value());
  CHECK(event()["type"] == "member_left_channel");
  Person joined;
  joined.id = "U0NEW0001";
  joined.name = "newcomer";
  REQUIRE(h.sandbox.add_person(joined).has_value());
  CHECK(event()["type"] == "team_join");
  CHECK_FALSE(h.sandbox.deactivate("nobody").has_value());
}
