#include "adapters/net/http_client.hpp"
#include "tests/scenario/harness.hpp"

#include <algorithm>
#include <chrono>

// What goes on between Slack and the bot, and what a test does to it.
namespace jitbot::scenario {

namespace {

// The first button of the message that does this; of all its versions, when they are asked for.
std::string action_on(const sandbox::Message& message, const std::string& act, sandbox::Replay replay) {
  std::vector<Json> versions{message.blocks};
  if (replay == sandbox::Replay::any_version) {
    for (const auto& version : message.earlier) versions.push_back(version.blocks);
  }
  for (const Json& blocks : versions) {
    if (std::string action = slack_action(blocks, act, {}); !action.empty()) return action;
  }
  return {};
}

}  // namespace

int Stage::slack_calls(const std::string& method) const {
  return static_cast<int>(std::ranges::count(sandbox->api_calls(), method, &sandbox::ApiCall::method));
}

Json Stage::call_as_bot(const std::string& method, const Json& args) {
  constexpr std::chrono::seconds k_patience{10};
  net::HttpClient client;
  net::HttpRequest request;
  request.method = "POST";
  request.url = sandbox->api_url() + method;
  request.headers = {{"authorization", "Bearer " + sandbox->bot_token()},
                     {"content-type", "application/json; charset=utf-8"}};
  request.body = args.dump();
  const auto answered = begin(client.send(std::move(request)));
  const auto deadline = std::chrono::steady_clock::now() + k_patience;
  while (!answered->has_value()) {
    if (std::chrono::steady_clock::now() > deadline) FAIL("no answer to " << method);
    loop.restart();
    loop.run_one_for(std::chrono::milliseconds(20));
  }
  REQUIRE((*answered)->has_value());
  Json answer = Json::parse((**answered)->body);
  INFO(method << ": " << answer.dump());
  REQUIRE(answer.value("ok", false));
  settle();
  return answer;
}

Message Stage::post_again(const Message& message) {
  const auto now = sandbox->find_message(message.channel, message.id);
  REQUIRE(now.has_value());
  const auto& calls = sandbox->api_calls();
  const auto original = std::ranges::find_if(calls, [&](const sandbox::ApiCall& call) {
    return call.method == "chat.postMessage" && call.answer.is_object() &&
           call.answer.value("ts", "") == message.id;
  });
  REQUIRE(original != calls.end());
  Json args = original->args;
  args["blocks"] = now->blocks;  // as it is shown now
  args["text"] = now->text;
  const Json posted = call_as_bot("chat.postMessage", args);
  const auto copy = sandbox->find_message(message.channel, posted["ts"].get<std::string>());
  REQUIRE(copy.has_value());
  return read(*copy, sandbox->world());
}

Message Stage::as_it_is(const Message& message) const {
  const auto found = sandbox->find_message(message.channel, message.id);
  REQUIRE(found.has_value());
  return read(*found, sandbox->world());
}

Json Stage::blocks_of(const Message& message) const {
  const auto found = sandbox->find_message(message.channel, message.id);
  REQUIRE(found.has_value());
  return found->blocks;
}

std::string Stage::click_on(Someone& who, const Message& message, const std::string& act,
                            sandbox::Replay replay) {
  const auto shown = sandbox->find_message(message.channel, message.id);
  REQUIRE(shown.has_value());
  const std::string action = action_on(*shown, act, replay);
  INFO("button " << act << " of message " << message.id);
  REQUIRE(!action.empty());
  const std::size_t before = who.told().size();
  sandbox::ClickInput input;
  input.user = who.name();
  input.channel = message.channel;
  input.ts = message.id;
  input.action_id = action;
  input.replay = replay;
  (void)begin(sandbox->click(std::move(input)));
  settle();
  happens([&] { return who.told().size() > before; }, 3s);
  const auto all = who.told();
  return all.size() > before ? all.back() : std::string();
}

// The newest message of that id that has the button, or once had it.
void Someone::starts_pressing(const std::string& act, const std::string& id, sandbox::Replay replay,
                              std::optional<std::string> value) {
  std::optional<sandbox::ClickInput> newest;
  for (const std::string& channel : {k_staging, k_prod, "@" + name_}) {
    for (const sandbox::Message& message : stage_.sandbox->messages(channel)) {
      std::string action = slack_action(message.blocks, act, id);
      for (const auto& version : message.earlier) {
        if (action.empty() && replay == sandbox::Replay::any_version)
          action = slack_action(version.blocks, act, id);
      }
      if (action.empty()) continue;
      newest.emplace();
      newest->channel = message.channel;
      newest->ts = message.ts;
      newest->action_id = action;
    }
  }
  INFO("button " << act << " of " << id);
  REQUIRE(newest.has_value());
  newest->user = name_;
  newest->replay = replay;
  newest->value = std::move(value);
  (void)stage_.begin(stage_.sandbox->click(std::move(*newest)));
}

}  // namespace jitbot::scenario
