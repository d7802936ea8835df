#include "tests/scenario/kill/stage.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <sstream>

// The policy of the real program, replaced by SIGHUP and read back from its store.
namespace jitbot::kill {

namespace {

using jitbot::testing::EventLoop;

constexpr auto k_patience = std::chrono::seconds(60);
const std::vector<std::string> k_show{"policy", "show", "--store", "sqlite:jitbot.db"};

std::string policy_of(const Stage& stage) {
  std::ifstream in(stage.folder() / "policy" / "policy.yaml", std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

bool told_admins(const Stage& stage, const std::string& part) {
  for (const Message& message : stage.sandbox->messages("#jit-admins")) {
    if (contains(raw_of(message), part)) return true;
  }
  return false;
}

}  // namespace

TEST_CASE(
    "SIGHUP puts another policy in force, or says where and why not, and every one of them can be read "
    "again") {
  EventLoop loop;
  Stage stage(loop.executor());
  stage.start_bot();
  REQUIRE(loop.run_until([&] { return stage.reachable() && stage.sandbox->connections().size() == 2; },
                         k_patience));
  loop.run(stage.says("p1", "request staging 30m", "ensure staging 30m"), k_patience);
  REQUIRE(loop.run_until([&] { return stage.card(k_approvals, {}).has_value(); }, k_patience));
  const auto show = [&](const std::vector<std::string>& more = {}) {
    auto arguments = k_show;
    arguments.insert(arguments.end(), more.begin(), more.end());
    const int exit_code = loop.run(stage.run_jitbot(arguments), k_patience);
    INFO(stage.said());
    REQUIRE(exit_code == 0);
    return stage.said();
  };
  const std::string first = show();
  CHECK(contains(first, "# proven: "));
  CHECK(contains(first, "max_duration: 1h"));

  const std::string good = policy_of(stage);
  stage.write_policy(replaced(good, "max_duration: 1h", "max_duration: soon"));
  stage.signal_bot(SIGHUP);
  REQUIRE(loop.run_until([&] { return told_admins(stage, "policy.yaml line 18, column 19"); }, k_patience));
  CHECK(show() == first);

  stage.write_policy(replaced(good, "max_duration: 1h", "max_duration: 2h"));
  stage.signal_bot(SIGHUP);
  std::string second = first;
  for (int i = 0; i < 200 && second == first; ++i) second = show();
  CHECK(contains(second, "max_duration: 2h"));
  const std::string digest = first.substr(first.find("# policy ") + 9, 12);
  CHECK(show({"--digest", digest}) == first);
  CHECK(stage.bot_running());

  // A kill takes nothing back, and what was asked before is still decided by its own steps.
  stage.kill_bot();
  REQUIRE(loop.run_until([&] { return stage.kills() == 1 && stage.reachable(); }, k_patience));
  CHECK(show() == second);
  loop.run(stage.says("p1", "request staging 30m", "ensure staging 30m"), k_patience);
  CHECK(stage.cards(k_approvals).size() == 1);
  CHECK(loop.run(stage.stop_bot(), k_patience) == 0);
  const std::vector<std::string> verify{"audit", "verify", "--config", "jitbot.yaml"};
  CHECK(loop.run(stage.run_jitbot(verify), k_patience) == 0);
}

TEST_CASE("a start whose policy fails its own tests ends with 2 and says where, why and the way out") {
  EventLoop loop;
  Stage stage(loop.executor());
  const std::string good = policy_of(stage);
  const auto with_test = [&](const std::string& decision) {
    return good +
           "tests:\n  - name: p1 asks somebody\n"
           "    given: {requester: p1@example.com, resource: staging, duration: 30m}\n"
           "    expect: {decision: " +
           decision + "}\n";
  };
  const auto line = std::ranges::count(good, '\n') + 2;  // of the test's name
  const std::vector<std::string> run{"run", "--config", "jitbot.yaml"};
  const std::vector<std::string> check{"check", "--config", "jitbot.yaml"};
  const std::string said =
      ":" + std::to_string(line) +
      ":5: test \"p1 asks somebody\" fails: decision: expected approved, found pending "
      "[failed-test] → mend the rule or the test; `jitbot policy test` explains what is decided\n";
  stage.write_policy(with_test("approved"));
  for (const auto& arguments : {run, check}) {
    CHECK(loop.run(stage.run_jitbot(arguments), k_patience) == 2);
    INFO(stage.said());
    CHECK(contains(stage.said(), "policy/policy.yaml" + said));
  }
  CHECK(stage.sandbox->connections().empty());
  CHECK_FALSE(std::filesystem::exists(stage.folder() / "jitbot.db"));

  stage.write_policy(with_test("pending"));
  stage.start_bot();
  REQUIRE(loop.run_until([&] { return stage.reachable(); }, k_patience));
  CHECK(loop.run(stage.stop_bot(), k_patience) == 0);
}

TEST_CASE("policies are compared and shown on the command line") {
  EventLoop loop;
  Stage stage(loop.executor());
  const auto say = [&](const std::vector<std::string>& arguments) {
    return loop.run(stage.run_jitbot(arguments), k_patience);
  };
  std::filesystem::copy(stage.folder() / "policy", stage.folder() / "old");
  CHECK(say({"policy", "diff", "old", "policy"}) == 0);
  CHECK(stage.said() == "no difference\n");
  stage.write_policy(replaced(policy_of(stage), "max_duration: 1h", "max_duration: 2h"));
  for (const std::vector<std::string>& more : {std::vector<std::string>{}, {"--config", "jitbot.yaml"}}) {
    std::vector<std::string> arguments{"policy", "diff", "old", "policy"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    CHECK(say(arguments) == 1);
    CHECK(stage.said() == "rule staging: at most 1h → 2h\n");
  }
  CHECK(say({"policy", "diff", "--quiet", "old", "policy"}) == 1);
  CHECK(stage.said().empty());
  CHECK(say({"policy", "diff", "old", "nowhere"}) == 2);
  CHECK(contains(stage.said(),
                 "there is no folder nowhere; name the one that holds the policy's *.yaml files"));
  CHECK(say({"policy", "show", "policy"}) == 0);
  CHECK(contains(stage.said(), "max_duration: 2h"));
  CHECK(say({"policy", "show", "policy", "--json", "--config", "jitbot.yaml"}) == 0);
  CHECK(stage.said().starts_with("{\"connectors\":{\"target\":{"));
  CHECK(say({"policy", "show"}) == 2);
  CHECK(say({"policy", "show", "policy", "--digest", "ab"}) == 2);
  CHECK(say({"policy", "show", "--store", "sqlite:nothing.db"}) != 0);
}

}  // namespace jitbot::kill
