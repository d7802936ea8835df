#include "adapters/net/http_server.hpp"
#include "adapters/net/web_socket.hpp"
#include "tests/support/event_loop.hpp"
#include "tests/unit/net/background.hpp"
#include "tests/unit/net/raw_peer.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>

using namespace jitbot;
using namespace jitbot::net;
using namespace jitbot::testing;

namespace {

using DialResult = tl::expected<std::shared_ptr<WebSocket>, WsDialError>;

WsDialOptions to(std::uint16_t port) {
  WsDialOptions options;
  options.url = "ws://127.0.0.1:" + std::to_string(port) + "/link?ticket=1%2F2";
  return options;
}

Task<void> answer_with(std::string answer, std::shared_ptr<tcp::socket> socket) {
  (void)co_await read_head(socket);
  co_await write_raw(socket, std::move(answer));
}

Task<void> keep_silent(std::shared_ptr<tcp::socket> socket) {
  (void)co_await read_until_end(socket);
}

Task<ServerResponse> not_found(ServerRequest) {
  ServerResponse response;
  response.status = 404;
  co_return response;
}

Task<void> leave_at_once(ServerRequest, std::shared_ptr<WebSocket>) {
  co_return;
}

Task<void> remember_head(std::shared_ptr<std::string> head, std::shared_ptr<tcp::socket> socket) {
  *head = co_await read_head(socket);
}

Task<void> read_and_keep_silent(std::shared_ptr<std::string> head, std::shared_ptr<tcp::socket> socket) {
  *head = co_await read_head(socket);
  (void)co_await read_until_end(socket);
}

}  // namespace

TEST_CASE("an upgrade that is not answered with 101 shows the status", "[net][websocket]") {
  EventLoop loop;
  const auto [answer, status] = GENERATE(table<std::string, int>({
      {"HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n", 409},
      {"HTTP/1.1 302 Found\r\nLocation: http://login.example/\r\nContent-Length: 0\r\n\r\n", 302},
      {"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<html></html>", 200},
      {"HTTP/1.1 503 Service Unavailable\r\n\r\n", 503},
      {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
       "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n",
       101},
  }));
  CAPTURE(answer);
  const RawServer server(loop.executor(), [text = answer](std::shared_ptr<tcp::socket> socket) {
    return answer_with(text, std::move(socket));
  });
  const auto socket = loop.run(dial(to(server.port())));
  REQUIRE_FALSE(socket);
  CHECK(socket.error().error.kind == ErrorKind::unavailable);
  CHECK(socket.error().http_status == (status == 101 ? 0 : status));
  if (status != 101) CHECK(socket.error().error.message.find(std::to_string(status)) != std::string::npos);
}

TEST_CASE("an upgrade that is not answered in HTTP shows no status", "[net][websocket]") {
  EventLoop loop;
  const std::string answer = GENERATE(as<std::string>{}, "", "SSH-2.0-OpenSSH\r\n\r\n");
  const RawServer server(loop.executor(), [answer](std::shared_ptr<tcp::socket> socket) {
    return answer_with(answer, std::move(socket));
  });
  const auto socket = loop.run(dial(to(server.port())));
  REQUIRE_FALSE(socket);
  CHECK(socket.error().http_status == 0);
  CHECK(socket.error().error.kind == ErrorKind::unavailable);
}

TEST_CASE("the gate of a server refuses an upgrade with its status", "[net][websocket]") {
  EventLoop loop;
  HttpServer server(loop.executor(), {}, &not_found);
  server.on_upgrade([](const ServerRequest& request) { return request.query == "ticket=1%2F2" ? 429 : 101; },
                    &leave_at_once);
  REQUIRE(server.start());
  const auto socket = loop.run(dial(to(server.port())));
  REQUIRE_FALSE(socket);
  CHECK(socket.error().http_status == 429);
}

TEST_CASE("a server without upgrades treats one as a request", "[net][websocket]") {
  EventLoop loop;
  HttpServer server(loop.executor(), {}, &not_found);
  REQUIRE(server.start());
  const auto socket = loop.run(dial(to(server.port())));
  REQUIRE_FALSE(socket);
  CHECK(socket.error().http_status == 404);
}

TEST_CASE("a server that accepts TCP and never answers the upgrade is given up in time", "[net][websocket]") {
  EventLoop loop;
  const RawServer server(loop.executor(), &keep_silent);
  WsDialOptions options = to(server.port());
  options.upgrade_timeout = 60ms;
  const auto socket = loop.run(dial(options), 2s);
  REQUIRE_FALSE(socket);
  CHECK(socket.error().error.kind == ErrorKind::unavailable);
  CHECK(socket.error().error.message.find("60 ms") != std::string::npos);
}

TEST_CASE("nobody listening and nobody by that name are both unavailable", "[net][websocket]") {
  EventLoop loop;
  WsDialOptions options = to(closed_port(loop.executor()));
  SECTION("nobody listens") {}
  SECTION("no such name") {
    options.url = "ws://host.invalid/";
  }
  const auto socket = loop.run(dial(options));
  REQUIRE_FALSE(socket);
  CHECK(socket.error().error.kind == ErrorKind::unavailable);
  CHECK(socket.error().http_status == 0);
}

TEST_CASE("what cannot be dialled is refused before any traffic", "[net][websocket]") {
  EventLoop loop;
  WsDialOptions options;
  options.url = "ws://127.0.0.1:1/";
  SECTION("an HTTP URL") {
    options.url = "http://127.0.0.1:1/";
  }
  SECTION("no URL") {
    options.url = "link";
  }
  SECTION("a line break in a header") {
    options.headers = {{"X", "a\r\nb: c"}};
  }
  const auto socket = loop.run(dial(options));
  REQUIRE_FALSE(socket);
  CHECK(socket.error().error.kind == ErrorKind::invalid);
}

TEST_CASE("the upgrade carries target, host and headers as given", "[net][websocket]") {
  EventLoop loop;
  const auto head = std::make_shared<std::string>();
  const RawServer server(loop.executor(), [head](std::shared_ptr<tcp::socket> socket) {
    return remember_head(head, std::move(socket));
  });
  WsDialOptions options = to(server.port());
  options.headers = {{"User-Agent", "jitbot/1"}, {"X-Extra", "yes"}};
  CHECK_FALSE(loop.run(dial(options)));
  CHECK(head->starts_with("GET /link?ticket=1%2F2 HTTP/1.1\r\n"));
  CHECK(head->find("Host: 127.0.0.1:" + std::to_string(server.port()) + "\r\n") != std::string::npos);
  CHECK(head->find("User-Agent: jitbot/1\r\n") != std::string::npos);
  CHECK(head->find("X-Extra: yes\r\n") != std::string::npos);
  CHECK(head->find("Sec-WebSocket-Version: 13\r\n") != std::string::npos);
}

TEST_CASE("a cancelled dial ends at once", "[net][websocket]") {
  EventLoop loop;
  const auto head = std::make_shared<std::string>();
  const RawServer server(loop.executor(), [head](std::shared_ptr<tcp::socket> socket) {
    return read_and_keep_silent(head, std::move(socket));
  });
  Background<DialResult> dialling(loop.executor(), dial(to(server.port())));
  REQUIRE(loop.run_until([&head] { return !head->empty(); }));
  CHECK_FALSE(dialling.done());
  dialling.cancel();
  REQUIRE(loop.run_until([&dialling] { return dialling.done(); }, 1s));
  CHECK(dialling.threw());
}
