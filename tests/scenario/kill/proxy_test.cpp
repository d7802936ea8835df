#include "tests/integration/proxy/tinyproxy.hpp"
#include "tests/scenario/kill/sight.hpp"
#include "tests/scenario/kill/stage.hpp"

// What the environment says of proxies and certificates, as the program meets it.
namespace jitbot::kill {

namespace {

using jitbot::testing::EventLoop;
using jitbot::testing::Tinyproxy;

constexpr auto k_patience = std::chrono::seconds(60);

int run(EventLoop& loop, Stage& stage, std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--config", "jitbot.yaml"});
  return loop.run(stage.run_jitbot(std::move(arguments)), k_patience);
}

}  // namespace

TEST_CASE("bot and doctor go through the proxy that their environment names") {
  const Tinyproxy proxy("BasicAuth jit p.w");
  EventLoop loop;
  StageOptions options;
  options.env["http_proxy"] = "http://jit:p%2Ew@" + proxy.where();
  Stage stage(loop.executor(), std::move(options));
  CHECK(run(loop, stage, {"doctor"}) == 0);
  INFO(stage.said());
  CHECK(contains(stage.said(), "✓ proxy: " + proxy.where() + " stands between the bot and 127.0.0.1"));
  CHECK_FALSE(contains(stage.said(), "p.w"));

  stage.start_bot();
  REQUIRE(loop.run_until([&] { return stage.reachable() && stage.sandbox->connections().size() == 2; },
                         k_patience));
  loop.run(stage.says("p1", "request play 10m", "ensure play 10m"), k_patience);
  CHECK(proxy.log().find("CONNECT") != std::string::npos);
  CHECK(loop.run(stage.stop_bot(), k_patience) == 0);
  CHECK_FALSE(contains(stage.bot_log(), "p.w"));
}

TEST_CASE("a proxy that cannot be used is refused at start, and is nothing to an audit log on disk") {
  EventLoop loop;
  StageOptions options;
  options.env["all_proxy"] = "socks5://127.0.0.1:1080";
  Stage stage(loop.executor(), std::move(options));
  for (const char* command : {"run", "doctor", "check"}) {
    INFO(command);
    CHECK(run(loop, stage, {command}) != 0);
    CHECK(contains(stage.said(), "all_proxy"));
  }
  CHECK(run(loop, stage, {"audit", "verify"}) == 1);  // nothing ran yet
  CHECK_FALSE(contains(stage.said(), "all_proxy"));
}

TEST_CASE("certificates that cannot be read are refused at start") {
  EventLoop loop;
  StageOptions options;
  options.env["SSL_CERT_FILE"] = "/nonexistent/ca.pem";
  Stage stage(loop.executor(), std::move(options));
  CHECK(run(loop, stage, {"run"}) == 2);
  INFO(stage.said());
  CHECK(contains(stage.said(), "SSL_CERT_FILE: "));
  CHECK(contains(stage.said(), "/nonexistent/ca.pem"));
}

}  // namespace jitbot::kill
