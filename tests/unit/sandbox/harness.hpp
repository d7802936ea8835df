#pragma once

#include "adapters/chat/sandbox/sandbox.hpp"
#include "adapters/net/http.hpp"
#include "adapters/net/http_client.hpp"
#include "adapters/net/web_socket.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/seeded_random.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// A sandbox whose time is the test's, and the smallest possible app that talks to it over real sockets.
namespace jitbot::sandbox::testing {

using Json = nlohmann::json;
using jitbot::testing::ManualClock;
using jitbot::testing::SeededRandom;

struct Socket {
  std::shared_ptr<net::WebSocket> socket;
  std::vector<Json> received;
  bool over = false;

  std::vector<Json> of_type(const std::string& type) const {
    std::vector<Json> out;
    for (const Json& message : received) {
      if (message.value("type", "") == type) out.push_back(message);
    }
    return out;
  }
};

class Harness {
 public:
  explicit Harness(SandboxOptions options = {})
      : sandbox(loop.get_executor(), clock, random, demo_world(), std::move(options)) {
    REQUIRE(sandbox.start().has_value());
  }
  ~Harness() {
    sandbox.stop();
    loop.poll();
  }
  Harness(const Harness&) = delete;
  Harness& operator=(const Harness&) = delete;

  // Runs the loop until the condition holds; the deadline is for a broken test only.
  void until(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition() && std::chrono::steady_clock::now() < deadline) {
      loop.restart();
      loop.run_one_for(std::chrono::milliseconds(20));
    }
    REQUIRE(condition());
  }
  void settle() {  // everything that is ready now
    loop.restart();
    while (loop.run_one_for(std::chrono::milliseconds(15)) > 0) {
    }
  }

  template <class T>
  std::shared_ptr<std::optional<T>> start(Task<T> task) {
    auto result = std::make_shared<std::optional<T>>();
    boost::asio::co_spawn(loop, std::move(task), [result](std::exception_ptr error, T value) {
      if (error) std::rethrow_exception(error);
      *result = std::move(value);
    });
    return result;
  }
  template <class T>
  T wait(Task<T> task) {
    const auto result = start(std::move(task));
    until([&] { return result->has_value(); });
    return std::move(**result);
  }

  Json call(const std::string& method, const Json& args, std::optional<std::string> token = std::nullopt) {
    const net::HttpResponse response = post(method, args, std::move(token));
    return Json::parse(response.body);
  }
  net::HttpResponse post(const std::string& method, const Json& args, std::optional<std::string> token = {}) {
    net::HttpRequest request;
    request.method = "POST";
    request.url = sandbox.api_url() + method;
    request.headers = {{"Content-Type", "application/json; charset=utf-8"},
                       {"Authorization", "Bearer " + token.value_or(sandbox.bot_token())}};
    request.body = args.dump();
    const auto response = wait(client.send(std::move(request)));
    REQUIRE(response.has_value());
    return *response;
  }
  net::HttpResponse send(net::HttpRequest request) {
    const auto response = wait(client.send(std::move(request)));
    REQUIRE(response.has_value());
    return *response;
  }
  std::string socket_url() {
    const Json opened = call("apps.connections.open", Json::object(), sandbox.app_token());
    REQUIRE(opened["ok"] == true);
    return opened["url"].get<std::string>();
  }

  // A connection that is read all the time; a status when the upgrade was refused.
  tl::expected<std::shared_ptr<Socket>, int> dial(std::string url) {
    net::WsDialOptions options;
    options.url = std::move(url);
    auto dialled = wait(net::dial(std::move(options)));
    if (!dialled) return tl::unexpected<int>(dialled.error().http_status);
    auto socket = std::make_shared<Socket>();
    socket->socket = *dialled;
    boost::asio::co_spawn(loop, read(socket), boost::asio::detached);
    return socket;
  }
  std::shared_ptr<Socket> connect() {
    auto socket = dial(socket_url());
    REQUIRE(socket.has_value());
    until([&] { return !(*socket)->of_type("hello").empty(); });
    return *socket;
  }
  void ack(const std::shared_ptr<Socket>& socket, const Json& envelope, const Json& payload = nullptr) {
    Json answer = {{"envelope_id", envelope["envelope_id"]}};
    if (!payload.is_null()) answer["payload"] = payload;
    const auto sent = wait(socket->socket->send(answer.dump()));
    REQUIRE(sent.has_value());
  }
  // The next envelope of this type, counted from 0.
  Json envelope(const std::shared_ptr<Socket>& socket, const std::string& type, std::size_t index = 0) {
    until([&] { return socket->of_type(type).size() > index; });
    return socket->of_type(type)[index];
  }

  boost::asio::io_context loop{1};
  ManualClock clock;
  SeededRandom random;
  net::HttpClient client;
  Sandbox sandbox;

 private:
  static Task<void> read(std::shared_ptr<Socket> socket) {
    while (true) {
      const auto message = co_await socket->socket->receive();
      if (!message) break;
      socket->received.push_back(Json::parse(message->data));
    }
    socket->over = true;
  }
};

inline Json text_block(const std::string& text) {
  return {{"type", "section"}, {"block_id", "facts"}, {"text", {{"type", "mrkdwn"}, {"text", text}}}};
}
inline Json button_block(const std::string& action_id, const std::string& value) {
  return {{"type", "actions"},
          {"block_id", "acts"},
          {"elements", Json::array({{{"type", "button"},
                                     {"action_id", action_id},
                                     {"value", value},
                                     {"text", {{"type", "plain_text"}, {"text", action_id}}}}})}};
}
inline Json modal(const std::string& block_id) {
  return {{"type", "modal"},
          {"callback_id", "form"},
          {"title", {{"type", "plain_text"}, {"text", "Form"}}},
          {"submit", {{"type", "plain_text"}, {"text", "Send"}}},
          {"blocks", Json::array({{{"type", "input"},
                                   {"block_id", block_id},
                                   {"label", {{"type", "plain_text"}, {"text", "Reason"}}},
                                   {"element", {{"type", "plain_text_input"}, {"action_id", "typed"}}}}})}};
}

}  // namespace jitbot::sandbox::testing
