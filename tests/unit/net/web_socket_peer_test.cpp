#include "adapters/net/http_server.hpp"
#include "adapters/net/web_socket.hpp"
#include "tests/support/event_loop.hpp"
#include "tests/unit/net/background.hpp"
#include "tests/unit/net/raw_peer.hpp"

#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>

#include <chrono>

// One end is ours, the other puts frames on the wire by hand.

using namespace jitbot;
using namespace jitbot::net;
using namespace jitbot::testing;

namespace {

// A hand-driven server and our client connected to it.
struct Wire {
  explicit Wire(std::size_t max_message = 16UL * 1024 * 1024)
      : server(loop.executor(), [keep = peer](std::shared_ptr<tcp::socket> socket) {
          *keep = socket;
          return accept_upgrade(std::move(socket));
        }) {
    WsDialOptions options;
    options.url = "ws://127.0.0.1:" + std::to_string(server.port()) + "/";
    options.max_message = max_message;
    auto dialled = loop.run(dial(options));
    REQUIRE(dialled);
    ours = *dialled;
  }

  void put(std::string bytes) { loop.run(write_raw(theirs(), std::move(bytes))); }
  Frame take() { return loop.run(read_frame(theirs())); }
  std::shared_ptr<tcp::socket> theirs() const { return *peer; }

  EventLoop loop;
  std::shared_ptr<std::shared_ptr<tcp::socket>> peer = std::make_shared<std::shared_ptr<tcp::socket>>();
  RawServer server;
  std::shared_ptr<WebSocket> ours;
};

constexpr unsigned k_continuation = 0, k_text = 1, k_binary = 2, k_close = 8, k_ping = 9, k_pong = 10;

}  // namespace

TEST_CASE("fragments are joined, and a ping between them is answered with its bytes", "[net][websocket]") {
  Wire wire;
  const std::string payload = "Ping from applink-1 \x01\x02";
  wire.put(encode(Frame{k_text, false, false, "frag"}) + encode(Frame{k_ping, true, false, payload}) +
           encode(Frame{k_continuation, false, false, "men"}) +
           encode(Frame{k_pong, true, false, "unasked"}) + encode(Frame{k_continuation, true, false, "ted"}));
  const auto message = wire.loop.run(wire.ours->receive());
  REQUIRE(message);
  CHECK(message->data == "fragmented");
  CHECK(wire.ours->frames_in() == 5);
  CHECK(wire.ours->pongs_in() == 1);
  const Frame pong = wire.take();
  CHECK(pong.opcode == k_pong);
  CHECK(pong.payload == payload);
  CHECK(pong.masked);
}

TEST_CASE("a large message cut into many fragments arrives whole", "[net][websocket]") {
  Wire wire;
  std::string bytes, expected;
  constexpr int k_fragments = 40;
  for (int i = 0; i < k_fragments; ++i) {
    const std::string part(30'000, static_cast<char>('a' + i % 26));
    expected += part;
    bytes += encode(Frame{i == 0 ? k_text : k_continuation, i == k_fragments - 1, false, part});
  }
  Background<Result<WsMessage>> receiving(wire.loop.executor(), wire.ours->receive());
  wire.put(bytes);
  REQUIRE(wire.loop.run_until([&receiving] { return receiving.done(); }));
  REQUIRE(receiving.value());
  CHECK((receiving.value()->data == expected));
  CHECK(wire.ours->frames_in() == k_fragments);
}

TEST_CASE("our frames are masked and each message is one frame", "[net][websocket]") {
  Wire wire;
  const std::size_t size = GENERATE(5U, 300U, 70'000U, 1024U * 1024U);
  const std::string text(size, 't');
  Background<Result<void>> sending(wire.loop.executor(), wire.ours->send(text));
  const Frame frame = wire.take();
  CHECK(frame.opcode == k_text);
  CHECK(frame.final);
  CHECK(frame.masked);
  CHECK((frame.payload == text));
  REQUIRE(wire.loop.run_until([&sending] { return sending.done(); }));
  CHECK(sending.value());
}

TEST_CASE("binary messages say so", "[net][websocket]") {
  Wire wire;
  wire.put(encode(Frame{k_binary, true, false, std::string("\x00\xff", 2)}));
  const auto message = wire.loop.run(wire.ours->receive());
  REQUIRE(message);
  CHECK(message->binary);
  CHECK(message->data == std::string("\x00\xff", 2));
}

TEST_CASE("bytes that come with the answer to the upgrade are not lost", "[net][websocket]") {
  EventLoop loop;
  const RawServer server(loop.executor(), [](std::shared_ptr<tcp::socket> socket) -> Task<void> {
    const std::string head = co_await read_head(socket);
    std::string all = switching_protocols(head) + encode(Frame{k_text, true, false, "hello"});
    co_await write_raw(socket, std::move(all));
    (void)co_await read_until_end(socket);
  });
  WsDialOptions options;
  options.url = "ws://127.0.0.1:" + std::to_string(server.port()) + "/";
  auto socket = loop.run(dial(options));
  REQUIRE(socket);
  const auto message = loop.run((*socket)->receive());
  REQUIRE(message);
  CHECK(message->data == "hello");
  CHECK((*socket)->frames_in() == 1);
}

TEST_CASE("a peer that breaks the protocol ends the connection", "[net][websocket]") {
  Wire wire(1000);
  std::string bytes;
  SECTION("a masked frame from a server") {
    bytes = encode(Frame{k_text, true, true, "masked"});
  }
  SECTION("a message above the limit") {
    bytes = encode(Frame{k_text, true, false, std::string(1001, 'x')});
  }
  SECTION("fragments above the limit") {
    bytes = encode(Frame{k_text, false, false, std::string(600, 'x')}) +
            encode(Frame{k_continuation, true, false, std::string(600, 'x')});
  }
  SECTION("a length that claims exabytes") {
    bytes = std::string("\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", 10);
  }
  SECTION("a continuation of nothing") {
    bytes = encode(Frame{k_continuation, true, false, "x"});
  }
  SECTION("a reserved opcode") {
    bytes = encode(Frame{3, true, false, "x"});
  }
  SECTION("a fragmented ping") {
    bytes = encode(Frame{k_ping, false, false, "x"});
  }
  SECTION("text that is not UTF-8") {
    bytes = encode(Frame{k_text, true, false, "\xff\xfe"});
  }
  wire.put(bytes);
  const auto message = wire.loop.run(wire.ours->receive());
  REQUIRE_FALSE(message);
  CHECK(message.error().kind == ErrorKind::unavailable);
  CHECK_FALSE(wire.loop.run(wire.ours->send("late")));
}

TEST_CASE("a peer that never answers a close is hung up on after the patience", "[net][websocket]") {
  Wire wire;
  const auto begun = std::chrono::steady_clock::now();
  wire.loop.run(wire.ours->close(1001, "bye", 80ms));
  const auto took = std::chrono::steady_clock::now() - begun;
  CHECK(took >= 80ms);
  CHECK(took < 5s);
  const Frame close = wire.take();
  CHECK(close.opcode == k_close);
  CHECK(close.payload ==
        "\x03\xe9"
        "bye");
  CHECK(wire.loop.run(read_until_end(wire.theirs())).empty());  // and then the end of the stream
  CHECK(wire.ours->close_code() == 0);
}

TEST_CASE("messages that cross our close are not delivered, and do not keep it open", "[net][websocket]") {
  Wire wire;
  auto closing = [](std::shared_ptr<WebSocket> socket) -> Task<int> {
    co_await socket->close(1000, "", 5s);
    co_return 0;
  };
  Background<int> running(wire.loop.executor(), closing(wire.ours));
  CHECK(wire.take().opcode == k_close);
  wire.put(encode(Frame{k_text, true, false, "too late"}) + encode(Frame{k_close, true, false, "\x03\xe8"}));
  REQUIRE(wire.loop.run_until([&running] { return running.done(); }, 3s));
  CHECK_FALSE(wire.loop.run(wire.ours->receive()));
  CHECK(wire.ours->close_code() == 1000);
}

TEST_CASE("a close frame is answered and its code kept, also when it has none", "[net][websocket]") {
  Wire wire;
  const auto [payload, code] =
      GENERATE(table<std::string, int>({{std::string("\x0f\xa0", 2), 4000}, {"", 1005}}));
  wire.put(encode(Frame{k_close, true, false, payload}));
  REQUIRE_FALSE(wire.loop.run(wire.ours->receive()));
  CHECK(wire.ours->close_code() == code);
  CHECK(wire.take().opcode == k_close);
  CHECK(wire.loop.run(read_until_end(wire.theirs())).empty());
}

TEST_CASE("a peer that reads nothing cannot hold a close up", "[net][websocket]") {
  Wire wire;
  Background<Result<void>> stuck(wire.loop.executor(), wire.ours->send(std::string(30'000'000, 'x')));
  CHECK(wire.loop.run(read_exactly(wire.theirs(), 2)) == "\x81\xff");  // it has begun to come
  CHECK_FALSE(stuck.done());
  wire.loop.run(wire.ours->close(1000, "", 50ms), 3s);
  REQUIRE(wire.loop.run_until([&stuck] { return stuck.done(); }));
  REQUIRE_FALSE(stuck.value());
  CHECK(stuck.value().error().kind == ErrorKind::outcome_unknown);
}

TEST_CASE("a connection that breaks inside a message gives no half message", "[net][websocket]") {
  Wire wire;
  const std::string bytes = encode(Frame{k_text, true, false, std::string(1000, 'x')});
  wire.put(bytes.substr(0, 500));
  wire.theirs()->close();
  const auto message = wire.loop.run(wire.ours->receive());
  REQUIRE_FALSE(message);
  CHECK(wire.ours->frames_in() == 0);
  CHECK(wire.ours->close_code() == 0);
}

TEST_CASE("the server's end refuses frames that are not masked", "[net][websocket]") {
  EventLoop loop;
  const auto outcome = std::make_shared<std::optional<bool>>();
  auto receive_one = [](std::shared_ptr<std::optional<bool>> into,
                        std::shared_ptr<WebSocket> socket) -> Task<void> {
    const auto message = co_await socket->receive();
    *into = message.has_value();
  };
  auto page = [](ServerRequest) -> Task<ServerResponse> { co_return ServerResponse{}; };
  HttpServer server(loop.executor(), {}, page);
  server.on_upgrade([](const ServerRequest&) { return 101; },
                    [outcome, receive_one](ServerRequest, std::shared_ptr<WebSocket> socket) {
                      return receive_one(outcome, std::move(socket));
                    });
  REQUIRE(server.start());
  const bool masked = GENERATE(true, false);
  CAPTURE(masked);
  const auto socket = loop.run(connect_raw(server.port()));
  loop.run(write_raw(socket,
                     "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
  const std::string head = loop.run(read_head(socket));
  CHECK(head.starts_with("HTTP/1.1 101"));
  CHECK(head.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n") != std::string::npos);
  loop.run(write_raw(socket, encode(Frame{k_text, true, masked, "hello"})));
  REQUIRE(loop.run_until([&outcome] { return outcome->has_value(); }));
  CHECK(**outcome == masked);
}
