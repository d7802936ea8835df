#include "tests/unit/sandbox/harness.hpp"

using namespace jitbot;
using namespace jitbot::sandbox;
using namespace jitbot::sandbox::testing;

namespace {

CommandInput command(std::string text) {
  CommandInput input;
  input.user = "alice";
  input.channel = "#staging-approvals";
  input.text = std::move(text);
  return input;
}

}  // namespace

TEST_CASE("a connection is greeted with its lifetime and the app's registrations") {
  Harness h;
  const auto first = h.connect();
  const Json hello = first->of_type("hello").front();
  CHECK(hello["num_connections"] == 1);
  CHECK(hello["connection_info"]["app_id"] == "A0JITBOT1");
  CHECK(hello["debug_info"]["approximate_connection_time"] == 18060);
  const auto second = h.connect();
  CHECK(second->of_type("hello").front()["num_connections"] == 2);
  CHECK(h.sandbox.connections().size() == 2);
}

TEST_CASE("a ticket cannot be dialled twice") {
  Harness h;
  const std::string url = h.socket_url();
  REQUIRE(h.dial(url).has_value());
  const auto again = h.dial(url);
  REQUIRE_FALSE(again.has_value());
  CHECK(again.error() == 403);
}

TEST_CASE("the eleventh connection is told too_many_websockets instead of hello") {
  Harness h;
  std::vector<std::shared_ptr<Socket>> held;
  for (int i = 0; i < 10; ++i) held.push_back(h.connect());
  const auto extra = h.dial(h.socket_url());
  REQUIRE(extra.has_value());
  h.until([&] { return (*extra)->over; });
  REQUIRE((*extra)->received.size() == 1);
  CHECK((*extra)->received.front()["reason"] == "too_many_websockets");
  CHECK((*extra)->received.front()["num_connections"] == 10);
}

TEST_CASE("a command is delivered with what Slack sends, and its acknowledgement is shown") {
  Harness h;
  const auto socket = h.connect();
  const auto seen = h.start(h.sandbox.run_command(command("request staging 1h for @bob")));
  const Json envelope = h.envelope(socket, "slash_commands");
  CHECK(envelope["accepts_response_payload"] == true);
  const Json& payload = envelope["payload"];
  CHECK(payload["text"] == "request staging 1h for <@U0BOB0001|bob>");
  CHECK(payload["user_id"] == "U0ALICE01");
  CHECK(payload["channel_name"] == "staging-approvals");
  CHECK(payload["is_enterprise_install"] == "false");
  CHECK(payload["command"] == "/jit");
  h.ack(socket, envelope, {{"text", "got it"}});
  h.until([&] { return seen->has_value(); });
  CHECK((*seen)->ok());
  REQUIRE(h.sandbox.ephemerals("alice").size() == 1);
  CHECK(h.sandbox.ephemerals("alice").front().text == "got it");
  CHECK(h.sandbox.ephemerals("bob").empty());
}

TEST_CASE("without an acknowledgement in three seconds the person sees operation_timeout") {
  Harness h;
  const auto socket = h.connect();
  const auto seen = h.start(h.sandbox.run_command(command("help")));
  const Json envelope = h.envelope(socket, "slash_commands");
  h.clock.advance(2999ms);
  h.settle();
  CHECK_FALSE(seen->has_value());
  h.clock.advance(1ms);
  h.until([&] { return seen->has_value(); });
  CHECK((*seen)->error == "operation_timeout");
  h.ack(socket, envelope, {{"text", "too late"}});
  h.until([&] { return h.sandbox.envelopes().front().acked_at.has_value(); });
  CHECK(h.sandbox.envelopes().front().late);
  CHECK(h.sandbox.ephemerals("alice").empty());
}

TEST_CASE("without a connection the person sees dispatch_failed at once") {
  Harness h;
  const Outcome seen = h.wait(h.sandbox.run_command(command("help")));
  CHECK(seen.error == "dispatch_failed");
}

TEST_CASE("an acknowledgement on another connection does not count") {
  Harness h;
  const auto first = h.connect();
  const auto second = h.connect();
  const auto seen = h.start(h.sandbox.run_command(command("help")));
  h.until([&] {
    return !first->of_type("slash_commands").empty() || !second->of_type("slash_commands").empty();
  });
  const bool on_first = !first->of_type("slash_commands").empty();
  const Json envelope = h.envelope(on_first ? first : second, "slash_commands");
  h.ack(on_first ? second : first, envelope);
  h.settle();
  CHECK_FALSE(seen->has_value());
  h.ack(on_first ? first : second, envelope);
  h.until([&] { return seen->has_value(); });
  CHECK((*seen)->ok());
}

TEST_CASE("envelopes go to the connections in turn, to one each") {
  Harness h;
  const auto first = h.connect();
  const auto second = h.connect();
  for (int i = 0; i < 4; ++i) h.start(h.sandbox.run_command(command("help")));
  h.until([&] {
    return first->of_type("slash_commands").size() + second->of_type("slash_commands").size() == 4;
  });
  CHECK(first->of_type("slash_commands").size() == 2);
  CHECK(second->of_type("slash_commands").size() == 2);
}

TEST_CASE("a warning comes ten seconds before the end of a connection's life") {
  SandboxOptions options;
  options.connection_lifetime = 60s;
  Harness h(options);
  const auto socket = h.connect();
  h.clock.advance(49s);
  h.settle();
  CHECK(socket->of_type("disconnect").empty());
  h.clock.advance(1s);
  const Json notice = h.envelope(socket, "disconnect");
  CHECK(notice["reason"] == "warning");
  CHECK_FALSE(socket->over);
  h.clock.advance(10s);
  h.until([&] { return socket->over; });
  h.until([&] { return h.sandbox.connections().empty(); });
}

TEST_CASE("a refresh leaves ten seconds to make the replacement") {
  Harness h;
  const auto socket = h.connect();
  h.sandbox.disconnect(DisconnectReason::refresh_requested);
  CHECK(h.envelope(socket, "disconnect")["reason"] == "refresh_requested");
  const auto replacement = h.connect();
  CHECK_FALSE(socket->over);
  h.clock.advance(10s);
  h.until([&] { return socket->over; });
  CHECK_FALSE(replacement->over);
}

TEST_CASE("a disabled link stays so until it is enabled") {
  Harness h;
  const auto socket = h.connect();
  h.sandbox.disconnect(DisconnectReason::link_disabled);
  h.until([&] { return socket->over; });
  CHECK(socket->of_type("disconnect").front()["reason"] == "link_disabled");
  const auto refused = h.dial(h.socket_url());
  REQUIRE(refused.has_value());
  h.until([&] { return (*refused)->over; });
  CHECK((*refused)->of_type("hello").empty());
  h.sandbox.enable_link();
  CHECK_FALSE(h.connect()->over);
}

TEST_CASE("dialling faults: refused upgrades, no hello") {
  Harness h;
  UpgradeFault fault;
  fault.status = 408;
  fault.count = 2;
  h.sandbox.refuse_upgrades(fault);
  CHECK(h.dial(h.socket_url()).error() == 408);
  CHECK(h.dial(h.socket_url()).error() == 408);
  h.sandbox.withhold_hello(Switch::on);
  const auto silent = h.dial(h.socket_url());
  REQUIRE(silent.has_value());
  h.settle();
  CHECK((*silent)->received.empty());
  CHECK(h.wait(h.sandbox.run_command(command("help"))).error == "dispatch_failed");
  h.sandbox.withhold_hello(Switch::off);
  h.connect();
}

TEST_CASE("a dropped connection ends without a Close frame") {
  Harness h;
  const auto socket = h.connect();
  h.sandbox.drop_connections();
  h.until([&] { return socket->over; });
  CHECK(socket->socket->close_code() == 0);
  h.until([&] { return h.sandbox.connections().empty(); });
}

TEST_CASE("a frozen connection keeps its registration and takes its share, as a ghost does") {
  Harness h;
  const auto ghost = h.connect();
  h.sandbox.freeze_connections();
  const auto seen = h.start(h.sandbox.run_command(command("help")));
  h.settle();
  CHECK(ghost->of_type("slash_commands").empty());
  const auto pongs = ghost->socket->pongs_in();
  REQUIRE(h.wait(ghost->socket->ping("there?")).has_value());
  h.settle();
  CHECK(ghost->socket->pongs_in() == pongs);
  CHECK(h.sandbox.connections().size() == 1);
  h.clock.advance(3s);
  h.until([&] { return seen->has_value(); });
  CHECK((*seen)->error == "operation_timeout");
}

TEST_CASE("an event that is not acknowledged comes again at once, after a minute and after five") {
  Harness h;
  const auto socket = h.connect();
  SayInput hello;
  hello.user = "alice";
  hello.channel = "#general";
  hello.text = "@jit help";
  REQUIRE(h.sandbox.say(hello).has_value());
  const Json first = h.envelope(socket, "events_api");
  CHECK(first["retry_attempt"] == 0);
  CHECK(first["retry_reason"] == "");
  CHECK(first["payload"]["event"]["type"] == "app_mention");
  CHECK(first["payload"]["event"]["text"] == "<@U0JITBOT1> help");
  h.clock.advance(3s);
  const Json second = h.envelope(socket, "events_api", 1);
  CHECK(second["retry_attempt"] == 1);
  CHECK(second["retry_reason"] == "timeout");
  CHECK(second["payload"]["event_id"] == first["payload"]["event_id"]);
  CHECK(second["envelope_id"] != first["envelope_id"]);
  h.clock.advance(3s);
  h.settle();
  CHECK(socket->of_type("events_api").size() == 2);
  h.clock.advance(60s);
  CHECK(h.envelope(socket, "events_api", 2)["retry_attempt"] == 2);
  h.clock.advance(3s);
  h.settle();
  h.clock.advance(5min);
  const Json last = h.envelope(socket, "events_api", 3);
  CHECK(last["retry_attempt"] == 3);
  h.ack(socket, last);
  h.settle();
  h.clock.advance(1h);
  h.settle();
  CHECK(socket->of_type("events_api").size() == 4);
}

TEST_CASE("an event sent while nobody listened arrives later, and any event can be sent again") {
  Harness h;
  REQUIRE(h.sandbox.deactivate("carol").has_value());
  h.settle();
  const auto socket = h.connect();
  h.clock.advance(60s);
  const Json late = h.envelope(socket, "events_api");
  CHECK(late["retry_attempt"] == 2);
  CHECK(late["retry_reason"] == "connection_failed");
  CHECK(late["payload"]["event"]["type"] == "user_change");
  CHECK(late["payload"]["event"]["user"]["deleted"] == true);
  h.ack(socket, late);
  const auto id = late["payload"]["event_id"].get<std::string>();
  REQUIRE(h.sandbox.redeliver(id, 1, "timeout").has_value());
  CHECK(h.envelope(socket, "events_api", 1)["payload"]["event_id"] == id);
  CHECK_FALSE(h.sandbox.redeliver("Ev0", 1, "timeout").has_value());
}
