#pragma once

#include "adapters/chat/slack/slack.hpp"
#include "tests/support/event_loop.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/seeded_random.hpp"
#include "tests/unit/net/background.hpp"
#include "tests/unit/slack/fake_slack.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace jitbot::slack::testing {

// An Inbox that remembers, and answers as the test says.
class ScriptedInbox : public Inbox {
 public:
  Task<Result<void>> accept(Inbound inbound) override {
    if (down) co_return fail(ErrorKind::unavailable, "the store is down", "the store is down");
    accepted.push_back(std::move(inbound));
    if (on_accept) on_accept(accepted.back());
    co_return Result<void>{};
  }
  std::optional<Form> form_for(const Inbound& inbound) const override {
    return form ? form(inbound) : std::nullopt;
  }
  Task<std::vector<FieldProblem>> check(Inbound inbound) override {
    if (before_check) co_await before_check(inbound);
    co_return problems;
  }
  Task<std::vector<Choice>> suggest(PrincipalId who, std::string field, std::string typed) override {
    asked.push_back(who.user + " " + field + " " + typed);
    co_return choices;
  }
  Task<std::optional<Form>> reshape(PrincipalId, Submitted so_far) override {
    reshaped.push_back(so_far);
    if (before_shape) co_await before_shape(so_far);
    co_return shape ? shape(so_far) : std::nullopt;
  }
  Task<Result<Home>> home(PrincipalId who) override {
    ++homes[who.user];
    co_return page;
  }

  bool down = false;
  std::vector<Inbound> accepted;
  std::function<void(const Inbound&)> on_accept;
  std::function<std::optional<Form>(const Inbound&)> form;
  std::vector<FieldProblem> problems;
  std::function<Task<void>(const Inbound&)> before_check;
  std::vector<Choice> choices;
  std::vector<std::string> asked;  // "U1 resource stag"
  std::vector<Submitted> reshaped;
  std::function<Task<void>(const Submitted&)> before_shape;
  std::function<std::optional<Form>(const Submitted&)> shape;
  std::map<std::string, int> homes;
  Home page;
};

inline SlackOptions options_for(const std::string& api_url) {
  SlackOptions options;
  options.app_token = Secret("xapp-1-A1-42-secret");
  options.bot_token = Secret("xoxb-secret");
  options.api_url = api_url;
  return options;
}

// The adapter against the fake, on the test's time.
class Stage {
 public:
  explicit Stage(unsigned connections = 2) : fake(loop) {
    SlackOptions options = options_for(fake.api_url());
    options.connections = connections;
    options.on_alarm = [this](Alarm alarm, std::string) { alarms.push_back(alarm); };
    options.on_live = [this] { ++greeted; };
    slack.emplace(loop.executor(), clock, random, http, std::move(options));
  }
  ~Stage() {
    if (running && !running->done()) {
      loop.run(slack->stop());
      until([this] { return running->done(); });
    }
  }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  void start() { running.emplace(loop.executor(), slack->run(inbox)); }
  void until(const std::function<bool()>& condition) { REQUIRE(loop.run_until(condition)); }
  void live(unsigned connections) {
    until([this, connections] { return slack->stats().live == connections; });
  }
  // Lets what is ready on the loop happen.
  void settle() {
    for (int i = 0; i < 20; ++i) loop.run(jitbot::testing::a_turn());
  }
  void advance(Millis by) {
    clock.advance(by);
    settle();
  }
  // Steps of a second, at most `most` of them, until the condition holds; tells how many it took.
  int seconds_until(const std::function<bool()>& condition, int most) {
    for (int second = 0; second <= most; ++second) {
      // What a step set going over the network gets real time to end.
      if (loop.run_until(condition, std::chrono::milliseconds(second == most ? 2000 : 10))) return second;
      clock.advance(1s);
    }
    return most + 1;
  }
  bool alarmed(Alarm alarm) const { return std::ranges::find(alarms, alarm) != alarms.end(); }

  jitbot::testing::EventLoop loop;
  jitbot::testing::ManualClock clock;
  jitbot::testing::SeededRandom random;
  net::HttpClient http;
  FakeSlack fake;
  ScriptedInbox inbox;
  std::vector<Alarm> alarms;
  int greeted = 0;
  std::optional<Slack> slack;
  std::optional<jitbot::testing::Background<Result<void>>> running;
};

}  // namespace jitbot::slack::testing
