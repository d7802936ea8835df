#include "tests/integration/proxy/tinyproxy.hpp"
#include "tests/integration/slack_sandbox/stand.hpp"

#include <catch2/catch.hpp>

// The whole Slack adapter on its way to the sandbox, with a real proxy between.
namespace jitbot::slack::testing {

namespace {

using jitbot::testing::Tinyproxy;

std::string target_of(const sandbox::Sandbox& box) {
  const auto url = net::parse_url(box.api_url()).value();
  return net::host_and_port(url.host, url.port);
}

}  // namespace

TEST_CASE("hello, a command and a card go through the proxy and nothing goes past it", "[proxy][slack]") {
  Tinyproxy proxy("BasicAuth jit p.w");
  Stand stand({}, proxy.proxies("jit:p%2Ew"));
  CHECK(stand.slack->live());
  // One for each WebSocket, at least one for the calls that asked for their addresses.
  const auto connects = proxy.connects_to(target_of(stand.box));
  CHECK(connects >= 3);
  CHECK(stand.box.connections().size() == 2);

  stand.answer_all("you have nothing");
  const auto outcome = stand.done(stand.command("alice", "mine"));
  CHECK(outcome.ok());
  CHECK(outcome.ack.at("text") == "you have nothing");
  const auto message = stand.post_card("#staging-approvals", "card:1", Act::approve);
  CHECK(stand.box.find_message(message.channel, message.id));
  CHECK(stand.done(stand.click("carol", message, "approve:0")).ok());
  stand.until([&] { return stand.box.ephemerals(stand.id_of("carol")).size() == 1; });

  // With the proxy gone nothing is left of either way.
  proxy.stop();
  stand.until([&] { return stand.slack->stats().live == 0; });
  net::HttpRequest request;
  request.method = "POST";
  request.url = stand.box.api_url() + "auth.test";
  const auto answer = stand.loop.run(stand.http.send(std::move(request)));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().message == "cannot connect to the proxy " + proxy.where());
}

TEST_CASE("a sandbox that NO_PROXY lists is spoken to directly", "[proxy][slack]") {
  const Tinyproxy proxy;
  Stand stand({}, proxy.proxies("", "127.0.0.1,localhost"));
  stand.answer_all("you have nothing");
  CHECK(stand.done(stand.command("alice", "mine")).ok());
  CHECK(proxy.connects_to(target_of(stand.box)) == 0);
}

}  // namespace jitbot::slack::testing
