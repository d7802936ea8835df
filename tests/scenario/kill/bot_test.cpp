#include "adapters/net/http_client.hpp"
#include "tests/scenario/kill/stage.hpp"

#include <fstream>

// The process as whoever runs it meets it.
namespace jitbot::kill {

namespace {

using jitbot::testing::EventLoop;

constexpr auto k_patience = std::chrono::seconds(60);

Task<void> bring_up(Stage& stage) {
  stage.start_bot();
  std::function<bool()> there = [&stage] {
    return stage.reachable() && stage.sandbox->connections().size() == 2;
  };
  co_await stage.until(std::move(there), "the bot in the workspace");
}

Task<int> verify(Stage& stage) {
  std::vector<std::string> arguments{"audit", "verify", "--config", "jitbot.yaml"};
  co_return co_await stage.run_jitbot(std::move(arguments));
}

}  // namespace

TEST_CASE("SIGTERM ends the bot in good order, and its log of events verifies") {
  EventLoop loop;
  Stage stage(loop.executor());
  loop.run(bring_up(stage), k_patience);
  loop.run(stage.says("p1", "request play 10m", "ensure play 10m"), k_patience);
  const auto usable = [&stage] {
    const auto card = stage.card("@p1", {});
    return card && !action_of(*card, "done").empty();
  };
  REQUIRE(loop.run_until(usable, k_patience));

  const auto asked_at = std::chrono::steady_clock::now();
  CHECK(loop.run(stage.stop_bot(), k_patience) == 0);
  CHECK(std::chrono::steady_clock::now() - asked_at < std::chrono::seconds(8));
  CHECK(loop.run_until([&stage] { return stage.sandbox->connections().empty(); }));
  const auto farewells = stage.sandbox->farewells();
  CHECK(farewells.size() == 2);
  for (const auto& farewell : farewells) CHECK(farewell.close_code == 1000);

  CHECK(loop.run(verify(stage), k_patience) == 0);
  INFO(stage.said());
  // The last thing it did was to sign where the chain ends.
  CHECK(stage.said().starts_with("ok: "));
  const auto up_to = stage.said().find(" events");
  const std::string events = stage.said().substr(4, up_to - 4);
  CHECK(contains(stage.said(), "at event " + events + ","));
  CHECK(stage.has_access("p1", "play"));  // a restart is no reason to take away what is granted
}

TEST_CASE("a second process on one store refuses to start and says why") {
  EventLoop loop;
  Stage stage(loop.executor());
  loop.run(bring_up(stage), k_patience);
  std::vector<std::string> arguments{"run", "--config", "jitbot.yaml"};
  CHECK(loop.run(stage.run_jitbot(arguments), k_patience) == 2);
  INFO(stage.said());
  CHECK(contains(stage.said(), "jitbot.db"));
  CHECK(contains(stage.said(), "is using this store"));
  CHECK(stage.bot_running());
  CHECK(loop.run(stage.stop_bot(), k_patience) == 0);
}

TEST_CASE("doctor finds nothing wrong before the first start, beside a running bot, and after it") {
  EventLoop loop;
  Stage stage(loop.executor());
  const std::vector<std::string> arguments{"doctor", "--config", "jitbot.yaml"};
  const auto look = [&] {
    const int exit_code = loop.run(stage.run_jitbot(arguments), k_patience);
    INFO(stage.said());
    CHECK(exit_code == 0);
    CHECK(contains(stage.said(), "✓ slack bot token: accepted"));
    CHECK_FALSE(contains(stage.said(), "✗"));
    CHECK_FALSE(contains(stage.said(), stage.sandbox->app_token()));
    CHECK_FALSE(contains(stage.said(), stage.sandbox->bot_token()));
    return stage.said();
  };
  CHECK(contains(look(), "is not there yet: the first `jitbot run` makes it"));
  CHECK_FALSE(std::filesystem::exists(stage.folder() / "jitbot.db"));

  loop.run(bring_up(stage), k_patience);
  CHECK(contains(look(), "the bot is running (process "));
  CHECK(stage.sandbox->connections().size() == 2);
  CHECK(stage.bot_running());
  loop.run(stage.says("p1", "request play 10m", "ensure play 10m"), k_patience);
  CHECK(loop.run(stage.stop_bot(), k_patience) == 0);

  const std::string after = look();
  CHECK(contains(after, "can be written, "));
  CHECK(contains(after, "all is well"));
  CHECK(loop.run(verify(stage), k_patience) == 0);
}

TEST_CASE("doctor says what is wrong and what to do, one line each") {
  EventLoop loop;
  Stage stage(loop.executor());
  REQUIRE(stage.sandbox->archive_channel("staging-approvals", sandbox::Switch::on).has_value());
  stage.sandbox->set_scopes({"chat:write", "channels:read", "users:read", "usergroups:read"});
  const std::vector<std::string> arguments{"doctor", "--config", "jitbot.yaml"};
  CHECK(loop.run(stage.run_jitbot(arguments), k_patience) == 1);
  INFO(stage.said());
  CHECK(contains(stage.said(), "✗ channel #staging-approvals (rule staging): is archived → "));
  CHECK(contains(stage.said(), "✗ slack scopes: missing: commands (the command /jit), im:write"));
  CHECK(contains(stage.said(), "Reinstall to Workspace"));
  CHECK(contains(stage.said(), "2 to mend, "));
  const std::vector<std::string> nothing{"doctor"};
  CHECK(loop.run(stage.run_jitbot(nothing), k_patience) == 2);
}

TEST_CASE("the audit log verifies beside a running bot") {
  EventLoop loop;
  Stage stage(loop.executor());
  loop.run(bring_up(stage), k_patience);
  CHECK(loop.run(verify(stage), k_patience) == 0);
  loop.run(stage.says("p1", "request play 10m", "ensure play 10m"), k_patience);
  CHECK(loop.run(verify(stage), k_patience) == 0);
  INFO(stage.said());
  CHECK(contains(stage.said(), "signature good"));
  CHECK(loop.run(stage.stop_bot(), k_patience) == 0);
}

TEST_CASE("the port that was chosen for port 0 is printed whatever the log level is") {
  EventLoop loop;
  Stage stage(loop.executor());
  std::ofstream(stage.folder() / "jitbot.yaml", std::ios::app)
      << "http: {listen: \"127.0.0.1:0\"}\nlog: {level: error}\n";
  loop.run(bring_up(stage), k_patience);
  const std::string log = stage.bot_log();
  INFO(log);
  CHECK_FALSE(contains(log, "http_listening"));
  const std::string start = "listening on 127.0.0.1:";
  const auto told = log.find(start);
  REQUIRE(told != std::string::npos);
  const int port = std::stoi(log.substr(told + start.size()));
  CHECK(port > 0);

  net::HttpClient client;
  net::HttpRequest request;
  request.url = "http://127.0.0.1:" + std::to_string(port) + "/healthz";
  const auto answer = loop.run(client.send(std::move(request)), k_patience);
  REQUIRE(answer.has_value());
  CHECK(answer->status == 200);
  CHECK(loop.run(stage.stop_bot(), k_patience) == 0);
}

TEST_CASE("a configuration that cannot be used is refused with the place of the mistake") {
  EventLoop loop;
  Stage stage(loop.executor());
  std::ofstream(stage.folder() / "jitbot.yaml", std::ios::app) << "nonsense: true\n";
  std::vector<std::string> arguments{"run", "--config", "jitbot.yaml"};
  CHECK(loop.run(stage.run_jitbot(arguments), k_patience) == 2);
  INFO(stage.said());
  CHECK(contains(stage.said(), "jitbot.yaml:"));
  CHECK(contains(stage.said(), "nonsense"));
  CHECK_FALSE(std::filesystem::exists(stage.folder() / "jitbot.db"));
  std::vector<std::string> nowhere{"run", "--config", "nowhere.yaml"};
  CHECK(loop.run(stage.run_jitbot(nowhere), k_patience) == 2);
  std::vector<std::string> nothing{"run"};
  CHECK(loop.run(stage.run_jitbot(nothing), k_patience) == 2);
}

TEST_CASE("tokens are never in the log, however much is logged") {
  EventLoop loop;
  Stage stage(loop.executor());
  std::ofstream(stage.folder() / "jitbot.yaml", std::ios::app) << "log: {level: trace}\n";
  loop.run(bring_up(stage), k_patience);
  loop.run(stage.says("p1", "request play 10m", "ensure play 10m"), k_patience);
  REQUIRE(loop.run_until([&stage] { return stage.card("@p1", {}).has_value(); }, k_patience));
  CHECK(loop.run(stage.stop_bot(), k_patience) == 0);
  const std::string log = stage.bot_log();
  REQUIRE_FALSE(log.empty());
  CHECK_FALSE(contains(log, stage.sandbox->app_token()));
  CHECK_FALSE(contains(log, stage.sandbox->bot_token()));
}

}  // namespace jitbot::kill
