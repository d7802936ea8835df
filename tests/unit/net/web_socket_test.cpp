#include "adapters/net/web_socket.hpp"

#include "adapters/net/http_server.hpp"
#include "tests/support/event_loop.hpp"
#include "tests/unit/net/background.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>

#include <chrono>
#include <vector>

// Both ends are ours here: HttpServer's WebSocket and the dialled one.

namespace asio = boost::asio;
using namespace jitbot;
using namespace jitbot::net;
using namespace jitbot::testing;

namespace {

Task<ServerResponse> no_page(ServerRequest) {
  ServerResponse response;
  response.status = 404;
  co_return response;
}

// Gives the server's end to the test and keeps it open.
Task<void> hand_over(std::shared_ptr<std::shared_ptr<WebSocket>> to, std::shared_ptr<WebSocket> socket) {
  *to = std::move(socket);
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer forever(executor, asio::steady_timer::time_point::max());
  co_await forever.async_wait(asio::use_awaitable);
}

struct Pair {
  Pair() : server(loop.executor(), {}, &no_page) {
    const auto handed = std::make_shared<std::shared_ptr<WebSocket>>();
    server.on_upgrade([](const ServerRequest&) { return 101; },
                      [handed](ServerRequest, std::shared_ptr<WebSocket> socket) {
                        return hand_over(handed, std::move(socket));
                      });
    REQUIRE(server.start());
    WsDialOptions options;
    options.url = "ws://127.0.0.1:" + std::to_string(server.port()) + "/";
    auto dialled = loop.run(dial(options));
    REQUIRE(dialled);
    near = *dialled;
    REQUIRE(loop.run_until([&handed] { return *handed != nullptr; }));
    far = *handed;
    handed->reset();
  }

  EventLoop loop;
  HttpServer server;
  std::shared_ptr<WebSocket> near;  // the client's end
  std::shared_ptr<WebSocket> far;   // the server's end
};

using Clock = std::chrono::steady_clock;

}  // namespace

TEST_CASE("messages of a mebibyte and more pass both ways unchanged", "[net][websocket]") {
  Pair pair;
  const std::size_t size = GENERATE(0U, 1U, 125U, 126U, 65'535U, 65'536U, 1024U * 1024U, 5'000'001U);
  CAPTURE(size);
  std::string text;
  for (int i = 0; text.size() < size; ++i) text += std::to_string(i);
  text.resize(size);
  Background<Result<void>> sending(pair.loop.executor(), pair.near->send(text));
  const auto there = pair.loop.run(pair.far->receive());
  REQUIRE(there);
  CHECK((there->data == text));
  CHECK_FALSE(there->binary);
  Background<Result<void>> answering(pair.loop.executor(), pair.far->send(there->data));
  const auto back = pair.loop.run(pair.near->receive());
  REQUIRE(back);
  CHECK((back->data == text));
  REQUIRE(pair.loop.run_until([&] { return sending.done() && answering.done(); }));
  CHECK(sending.value());
  CHECK(answering.value());
  CHECK(pair.near->frames_in() == 1);
  CHECK(pair.far->frames_in() == 1);
}

TEST_CASE("sends from many coroutines go out in order and whole", "[net][websocket]") {
  Pair pair;
  std::vector<Background<Result<void>>> sending;
  for (int i = 0; i < 50; ++i) {
    sending.emplace_back(pair.loop.executor(), pair.near->send(std::to_string(i) + std::string(20'000, 'x')));
    sending.emplace_back(pair.loop.executor(), pair.near->ping("p" + std::to_string(i)));
  }
  for (int i = 0; i < 50; ++i) {
    const auto message = pair.loop.run(pair.far->receive());
    REQUIRE(message);
    CHECK((message->data == std::to_string(i) + std::string(20'000, 'x')));
  }
  REQUIRE(pair.loop.run_until([&pair] { return pair.near->pongs_in() == 50; }));
  for (auto& one : sending) {
    REQUIRE(one.done());
    CHECK(one.value());
  }
  CHECK(pair.far->frames_in() == 100);
}

TEST_CASE("a ping is answered while nobody receives at either end", "[net][websocket]") {
  Pair pair;
  CHECK(pair.near->pongs_in() == 0);
  REQUIRE(pair.loop.run(pair.near->ping("are you there")));
  REQUIRE(pair.loop.run_until([&pair] { return pair.near->pongs_in() == 1; }));
  CHECK(pair.near->frames_in() == 1);
  CHECK(pair.far->frames_in() == 1);
  CHECK(pair.far->pongs_in() == 0);
}

TEST_CASE("a ping that is too long is refused and harms nothing", "[net][websocket]") {
  Pair pair;
  const auto refused = pair.loop.run(pair.near->ping(std::string(126, 'x')));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::invalid);
  REQUIRE(pair.loop.run(pair.near->ping(std::string(125, 'x'))));
  CHECK(pair.loop.run_until([&pair] { return pair.near->pongs_in() == 1; }));
}

TEST_CASE("a close reaches the other side with its code, and ends both", "[net][websocket]") {
  Pair pair;
  WebSocket& closing = GENERATE(0, 1) == 0 ? *pair.near : *pair.far;
  WebSocket& other = &closing == pair.near.get() ? *pair.far : *pair.near;
  REQUIRE(pair.loop.run(closing.send("before")));
  const auto begun = Clock::now();
  pair.loop.run(closing.close(4001, "enough", 5s));
  CHECK(Clock::now() - begun < 4s);  // the answer ended it, not the patience
  const auto before = pair.loop.run(other.receive());
  REQUIRE(before);
  CHECK(before->data == "before");
  const auto end = pair.loop.run(other.receive());
  REQUIRE_FALSE(end);
  CHECK(end.error().kind == ErrorKind::unavailable);
  CHECK(end.error().message.find("4001") != std::string::npos);
  CHECK(other.close_code() == 4001);
  CHECK(closing.close_code() == 4001);  // the echo
  for (WebSocket* socket : {&closing, &other}) {
    const auto sent = pair.loop.run(socket->send("late"));
    REQUIRE_FALSE(sent);
    CHECK(sent.error().kind == ErrorKind::unavailable);
    CHECK_FALSE(pair.loop.run(socket->ping("late")));
    CHECK_FALSE(pair.loop.run(socket->receive()));
    pair.loop.run(socket->close(1000, "", 5s));  // again is harmless
  }
}

TEST_CASE("both ends may close at the same moment", "[net][websocket]") {
  Pair pair;
  auto both = [](std::shared_ptr<WebSocket> socket) -> Task<int> {
    co_await socket->close(1000, "bye", 5s);
    co_return 0;
  };
  const auto begun = Clock::now();
  Background<int> one(pair.loop.executor(), both(pair.near));
  Background<int> two(pair.loop.executor(), both(pair.far));
  REQUIRE(pair.loop.run_until([&] { return one.done() && two.done(); }));
  CHECK(Clock::now() - begun < 4s);
  CHECK(pair.near->close_code() == 1000);
  CHECK(pair.far->close_code() == 1000);
}

TEST_CASE("a close also ends the receive that waits", "[net][websocket]") {
  Pair pair;
  Background<Result<WsMessage>> receiving(pair.loop.executor(), pair.near->receive());
  pair.loop.run(pair.near->close(1000, std::string(500, 'r'), 5s));
  REQUIRE(pair.loop.run_until([&receiving] { return receiving.done(); }));
  CHECK_FALSE(receiving.value());
}

TEST_CASE("a dropped connection ends the other side without a code", "[net][websocket]") {
  Pair pair;
  Background<Result<WsMessage>> receiving(pair.loop.executor(), pair.near->receive());
  pair.far->drop();
  REQUIRE(pair.loop.run_until([&receiving] { return receiving.done(); }));
  REQUIRE_FALSE(receiving.value());
  CHECK(receiving.value().error().kind == ErrorKind::unavailable);
  CHECK(pair.near->close_code() == 0);
  CHECK_FALSE(pair.loop.run(pair.near->send("late")));
  pair.loop.run(pair.near->close(1000, "", 5s));
}

TEST_CASE("a cancelled receive loses no message", "[net][websocket]") {
  Pair pair;
  for (int round = 0; round < 5; ++round) {
    Background<Result<WsMessage>> receiving(pair.loop.executor(), pair.near->receive());
    pair.loop.run(a_turn());
    receiving.cancel();
    REQUIRE(pair.loop.run_until([&receiving] { return receiving.done(); }));
    CHECK(receiving.threw());
    REQUIRE(pair.loop.run(pair.far->send("message " + std::to_string(round))));
    const auto message = pair.loop.run(pair.near->receive());
    REQUIRE(message);
    CHECK(message->data == "message " + std::to_string(round));
  }
}

TEST_CASE("a second receive at once is refused and the first goes on", "[net][websocket]") {
  Pair pair;
  Background<Result<WsMessage>> first(pair.loop.executor(), pair.near->receive());
  pair.loop.run(a_turn());
  const auto second = pair.loop.run(pair.near->receive());
  REQUIRE_FALSE(second);
  CHECK(second.error().kind == ErrorKind::internal);
  REQUIRE(pair.loop.run(pair.far->send("hello")));
  REQUIRE(pair.loop.run_until([&first] { return first.done(); }));
  CHECK(first.value()->data == "hello");
}

TEST_CASE("more messages than the queue holds wait on the wire and all arrive", "[net][websocket]") {
  Pair pair;
  constexpr int k_messages = 1000;
  std::vector<Background<Result<void>>> sending;
  for (int i = 0; i < k_messages; ++i) {
    sending.emplace_back(pair.loop.executor(), pair.far->send(std::to_string(i)));
  }
  REQUIRE(pair.loop.run_until([&sending] { return sending.back().done(); }));
  for (int i = 0; i < k_messages; ++i) {
    const auto message = pair.loop.run(pair.near->receive());
    REQUIRE(message);
    REQUIRE(message->data == std::to_string(i));
  }
}

TEST_CASE("a close gets through to a side that stopped receiving", "[net][websocket]") {
  Pair pair;
  for (int i = 0; i < 300; ++i) REQUIRE(pair.loop.run(pair.far->send("unread")));
  const auto begun = Clock::now();
  pair.loop.run(pair.near->close(1000, "", 5s));
  CHECK(Clock::now() - begun < 4s);
  CHECK(pair.near->close_code() == 1000);
}

TEST_CASE("destroying a WebSocket ends its receives and sends, and the other side", "[net][websocket]") {
  Pair pair;
  Background<Result<WsMessage>> receiving(pair.loop.executor(), pair.near->receive());
  Background<Result<void>> stuck(pair.loop.executor(), pair.near->send(std::string(15'000'000, 'x')));
  Background<Result<void>> behind(pair.loop.executor(), pair.near->send("never begun"));
  pair.loop.run(a_turn());
  pair.near.reset();
  REQUIRE(pair.loop.run_until([&] { return receiving.done() && stuck.done() && behind.done(); }));
  CHECK_FALSE(receiving.value());
  REQUIRE_FALSE(stuck.value());
  CHECK(stuck.value().error().kind == ErrorKind::outcome_unknown);
  REQUIRE_FALSE(behind.value());
  CHECK(behind.value().error().kind == ErrorKind::unavailable);
  CHECK_FALSE(pair.loop.run(pair.far->receive()));
}

TEST_CASE("a loop may end while everything is still open", "[net][websocket]") {
  auto pair = std::make_unique<Pair>();
  Background<Result<WsMessage>> receiving(pair->loop.executor(), pair->near->receive());
  pair->loop.run(a_turn());
  CHECK_FALSE(receiving.done());
  pair.reset();  // the sanitizers watch this
}

TEST_CASE("stopping the server ends its WebSockets", "[net][websocket]") {
  Pair pair;
  pair.server.stop();
  CHECK_FALSE(pair.loop.run(pair.near->receive()));
  CHECK_FALSE(pair.loop.run(pair.far->receive()));
}
