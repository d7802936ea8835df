#pragma once

#include "adapters/chat/sandbox/sandbox.hpp"
#include "adapters/chat/slack/slack.hpp"
#include "tests/support/event_loop.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/seeded_random.hpp"
#include "tests/unit/net/background.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <nlohmann/json.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace jitbot::slack::testing {

using Json = nlohmann::json;
template <class T>
using Beside = jitbot::testing::Background<T>;

// The least bot there can be: everything is durable at once, and answered as the test says.
class TinyInbox : public Inbox {
 public:
  Task<Result<void>> accept(Inbound inbound) override {
    accepted.push_back(inbound);
    if (on_accept) on_accept(std::move(inbound));
    co_return Result<void>{};
  }
  std::optional<Form> form_for(const Inbound& inbound) const override {
    return form ? form(inbound) : std::nullopt;
  }
  Task<std::vector<FieldProblem>> check(Inbound inbound) override {
    co_return problems ? problems(inbound) : std::vector<FieldProblem>{};
  }
  Task<std::vector<Choice>> suggest(PrincipalId, std::string, std::string) override {
    co_return std::vector<Choice>{};
  }
  Task<std::optional<Form>> reshape(PrincipalId, Submitted) override { co_return std::optional<Form>{}; }
  Task<Result<Home>> home(PrincipalId) override { co_return Home{}; }

  std::vector<Inbound> accepted;
  std::function<void(Inbound)> on_accept;
  std::function<std::optional<Form>(const Inbound&)> form;
  std::function<std::vector<FieldProblem>(const Inbound&)> problems;
};

inline net::HttpClientOptions by_way_of(const net::Proxies& proxies) {
  net::HttpClientOptions options;
  options.proxies = proxies;
  return options;
}

inline SlackOptions options_for(const sandbox::Sandbox& box, const net::Proxies& proxies) {
  SlackOptions options;
  options.app_token = Secret(box.app_token());
  options.bot_token = Secret(box.bot_token());
  options.api_url = box.api_url();
  options.proxies = proxies;
  return options;
}

inline Task<void> answer_later(Slack* slack, Inbound to, Card card) {
  (void)co_await slack->answer(std::move(to), std::move(card));
}

// The adapter in a sandbox workspace, both on the test's time.
class Stand {
 public:
  explicit Stand(sandbox::SandboxOptions options = {}, const net::Proxies& proxies = {})
      : http(by_way_of(proxies)),
        box(loop.executor(), clock, random, sandbox::demo_world(), std::move(options)) {
    REQUIRE(box.start());
    slack.emplace(loop.executor(), clock, random, http, options_for(box, proxies));
    running.emplace(loop.executor(), slack->run(inbox));
    until([this] { return slack->stats().live == 2; });
  }
  ~Stand() {
    loop.run(slack->stop());
    (void)loop.run_until([this] { return running->done(); });
    box.stop();
    (void)loop.run_until([] { return false; }, std::chrono::milliseconds(20));
  }
  Stand(const Stand&) = delete;
  Stand& operator=(const Stand&) = delete;

  void until(const std::function<bool()>& condition) { REQUIRE(loop.run_until(condition)); }
  int seconds_until(const std::function<bool()>& condition, int most) {
    for (int second = 0; second <= most; ++second) {
      if (loop.run_until(condition, std::chrono::milliseconds(second == most ? 2000 : 10))) return second;
      clock.advance(1s);
    }
    return most + 1;
  }

  std::string id_of(std::string_view who) const { return box.world().find_person(who)->id; }
  std::string channel_id(std::string_view name) const { return box.world().find_channel(name)->id; }
  Beside<sandbox::Outcome> command(const std::string& user, const std::string& text) {
    sandbox::CommandInput input;
    input.user = user;
    input.channel = "#general";
    input.text = text;
    return {loop.executor(), box.run_command(std::move(input))};
  }
  sandbox::Outcome done(Beside<sandbox::Outcome> outcome) {
    until([&] { return outcome.done(); });
    return outcome.value();
  }
  // Answers everything accepted with these words.
  void answer_all(const std::string& words) {
    inbox.on_accept = [this, words](Inbound inbound) {
      boost::asio::co_spawn(loop.executor(), answer_later(&*slack, std::move(inbound), answer(words)),
                            boost::asio::detached);
    };
  }
  MessageRef post_card(const std::string& channel, const std::string& key, Act act) {
    Card card;
    card.emoji = "⏳";
    card.headline = "Waiting · JIT-7K3F";
    card.facts.push_back({Mention{{slack->workspace("slack"), id_of("alice")}}, Plain{" asks for staging"}});
    card.quote = "INC-7 <!channel> *Approved by <@U1>*";
    card.buttons.push_back({"Press", {RequestId{"7K3F"}, "1a2b3c4d5e6f", act}, ButtonStyle::primary});
    const Place place{channel_id(channel), "", std::nullopt};
    const auto posted = loop.run(slack->post(place, card, key));
    REQUIRE(posted);
    return *posted;
  }
  Beside<sandbox::Outcome> click(const std::string& user, const MessageRef& message,
                                 const std::string& action) {
    sandbox::ClickInput input;
    input.user = user;
    input.channel = message.channel;
    input.ts = message.id;
    input.action_id = action;
    return {loop.executor(), box.click(std::move(input))};
  }
  std::size_t calls(const std::string& method) const {
    return static_cast<std::size_t>(std::ranges::count(box.api_calls(), method, &sandbox::ApiCall::method));
  }

  jitbot::testing::EventLoop loop;
  jitbot::testing::ManualClock clock;
  jitbot::testing::SeededRandom random;
  net::HttpClient http;
  sandbox::Sandbox box;
  TinyInbox inbox;
  std::optional<Slack> slack;
  std::optional<Beside<Result<void>>> running;
};

}  // namespace jitbot::slack::testing
