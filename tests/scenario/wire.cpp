#include "adapters/net/http_client.hpp"
#include "tests/scenario/harness.hpp"

#include <algorithm>
#include <chrono>

// What goes on between Slack and the bot, and what a test does to it.
namespace jitbot::scenario {

namespace {

// The first button of the message that does this; of all its versions, when they are asked for.
std::string action_on(const Message& message, const std::string& act, sandbox::Replay replay) {
  std::vector<Json> versions{message.blocks};
  if (replay == sandbox::Replay::any_version) {
    for (const auto& version : message.earlier) versions.push_back(version.blocks);
  }
  for (const Json& blocks : versions) {
    for (const Json& block : blocks) {
      if (block.value("type", "") != "actions") continue;
      for (const Json& element : block["elements"]) {
        const std::string action = element.value("action_id", "");
        if (action.starts_with(act + ":")) return action;
      }
    }
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
  const auto& calls = sandbox->api_calls();
  const auto original = std::ranges::find_if(calls, [&](const sandbox::ApiCall& call) {
    return call.method == "chat.postMessage" && call.answer.is_object() &&
           call.answer.value("ts", "") == message.ts;
  });
  REQUIRE(original != calls.end());
  Json args = original->args;
  args["blocks"] = message.blocks;  // as it is shown now
  args["text"] = message.text;
  const Json posted = call_as_bot("chat.postMessage", args);
  const auto copy = sandbox->find_message(message.channel, posted["ts"].get<std::string>());
  REQUIRE(copy.has_value());
  return *copy;
}

Message Stage::as_it_is(const Message& message) const {
  auto found = sandbox->find_message(message.channel, message.ts);
  REQUIRE(found.has_value());
  return *found;
}

std::string Stage::click_on(Someone& who, const Message& message, const std::string& act,
                            sandbox::Replay replay) {
  const std::string action = action_on(as_it_is(message), act, replay);
  INFO("button " << act << " of message " << message.ts);
  REQUIRE(!action.empty());
  const std::size_t before = who.told().size();
  sandbox::ClickInput input;
  input.user = who.name();
  input.channel = message.channel;
  input.ts = message.ts;
  input.action_id = action;
  input.replay = replay;
  (void)begin(sandbox->click(std::move(input)));
  settle();
  happens([&] { return who.told().size() > before; }, 3s);
  const auto all = who.told();
  return all.size() > before ? all.back() : std::string();
}

}  // namespace jitbot::scenario
