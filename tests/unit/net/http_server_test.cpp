#include "adapters/net/http_server.hpp"

#include "tests/support/event_loop.hpp"
#include "tests/unit/net/background.hpp"
#include "tests/unit/net/raw_peer.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <stdexcept>

namespace asio = boost::asio;
using namespace jitbot;
using namespace jitbot::net;
using namespace jitbot::testing;

namespace {

Task<ServerResponse> handle(ServerRequest request) {
  if (request.path == "/throw") throw std::runtime_error("the handler broke");
  if (request.path == "/wait") {
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer forever(executor, asio::steady_timer::time_point::max());
    co_await forever.async_wait(asio::use_awaitable);
  }
  ServerResponse response;
  if (request.path == "/empty") response.status = 204;
  if (request.path == "/die") response.status = 0;
  if (request.path == "/split") response.headers.push_back({"X-Name", "a\r\nSet-Cookie: b"});
  response.body = request.method + " " + request.path + "?" + request.query + " " + request.body;
  co_return response;
}

HttpServer::Handler counting(std::shared_ptr<int> requests) {
  return [requests](ServerRequest request) {
    ++*requests;
    return handle(std::move(request));
  };
}

struct Site {
  explicit Site(HttpServerOptions options = {})
      : server(loop.executor(), std::move(options), counting(requests)) {
    REQUIRE(server.start());
  }
  std::string exchange(std::string bytes) { return loop.run(exchange_raw(server.port(), std::move(bytes))); }

  EventLoop loop;
  std::shared_ptr<int> requests = std::make_shared<int>(0);
  HttpServer server;
};

std::string closing(const std::string& line) {
  return line + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
}

// What spdlog's default logger says meanwhile.
class CapturedLog {
 public:
  CapturedLog() : before_(spdlog::default_logger()) {
    auto sink = std::make_shared<spdlog::sinks::ostream_sink_st>(text_);
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("captured", std::move(sink)));
  }
  ~CapturedLog() { spdlog::set_default_logger(before_); }
  CapturedLog(const CapturedLog&) = delete;
  CapturedLog& operator=(const CapturedLog&) = delete;
  std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_;
  std::shared_ptr<spdlog::logger> before_;
};

}  // namespace

TEST_CASE("an answer of status 0 is none: the connection breaks, and the server goes on", "[net]") {
  Site site;
  CHECK(site.exchange("GET /die HTTP/1.1\r\nHost: x\r\n\r\n").empty());
  CHECK(site.exchange(closing("GET /after")).find(" 200 ") != std::string::npos);
}

TEST_CASE("one connection carries several requests, also sent ahead", "[net][server]") {
  Site site;
  const std::string answer = site.exchange(
      "GET /one?a=b HTTP/1.1\r\nHost: x\r\n\r\nPOST /two HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n"
      "body" +
      closing("GET /three"));
  const auto one = answer.find("GET /one?a=b ");
  const auto two = answer.find("POST /two? body");
  const auto three = answer.find("GET /three?");
  REQUIRE(one != std::string::npos);
  REQUIRE(two != std::string::npos);
  REQUIRE(three != std::string::npos);
  CHECK(one < two);
  CHECK(two < three);
}

TEST_CASE("HEAD gets the length and no body", "[net][server]") {
  Site site;
  const std::string answer = site.exchange(closing("HEAD /h"));
  CHECK(answer.starts_with("HTTP/1.1 200"));
  CHECK(answer.find("Content-Length: 9\r\n") != std::string::npos);
  CHECK(answer.ends_with("\r\n\r\n"));
}

TEST_CASE("an answer without content says no length", "[net][server]") {
  Site site;
  const std::string answer = site.exchange(closing("GET /empty"));
  CHECK(answer.starts_with("HTTP/1.1 204"));
  CHECK(answer.find("Content-Length") == std::string::npos);
  CHECK(answer.ends_with("\r\n\r\n"));
}

TEST_CASE("what is no request gets the status that says why", "[net][server]") {
  HttpServerOptions options;
  options.max_body = 1000;
  Site site(options);
  const auto [bytes, status] = GENERATE(table<std::string, std::string>({
      {"nonsense\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\nno colon here\r\n\r\n", "400"},
      {"GET  / HTTP/9.9\r\n\r\n", "400"},
      {"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", "400"},
      {"POST / HTTP/1.1\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'x'), "413"},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + std::string(1001, 'x') +
           "\r\n0\r\n\r\n",
       "413"},
      {"GET / HTTP/1.1\r\nX: " + std::string(40'000, 'x') + "\r\n\r\n", "431"},
  }));
  CAPTURE(bytes.substr(0, 60));
  auto socket = site.loop.run(connect_raw(site.server.port()));
  site.loop.run(write_raw(socket, bytes));
  const std::string head = site.loop.run(read_head(socket));
  CHECK(head.starts_with("HTTP/1.1 " + status));
  CHECK(head.find("Connection: close") != std::string::npos);
}

TEST_CASE("a body of just the allowed size is taken", "[net][server]") {
  HttpServerOptions options;
  options.max_body = 1000;
  Site site(options);
  const std::string body(1000, 'x');
  const std::string answer =
      site.exchange("POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 1000\r\n\r\n" + body);
  CHECK(answer.starts_with("HTTP/1.1 200"));
  CHECK(answer.ends_with(body));
}

TEST_CASE("a handler that throws answers 500, is logged, and the server goes on", "[net][server]") {
  const CapturedLog log;
  Site site;
  const std::string answer =
      site.exchange("GET /throw?token=secret HTTP/1.1\r\nHost: x\r\n\r\n" + closing("GET /after"));
  CHECK(answer.starts_with("HTTP/1.1 500"));
  CHECK(answer.find("the handler broke") == std::string::npos);
  CHECK(answer.find("GET /after") != std::string::npos);
  CHECK(log.text().find("the handler broke") != std::string::npos);
  CHECK(log.text().find("secret") == std::string::npos);
}

TEST_CASE("a handler cannot smuggle a header line", "[net][server]") {
  const CapturedLog log;
  Site site;
  const std::string answer = site.exchange(closing("GET /split"));
  CHECK(answer.starts_with("HTTP/1.1 500"));
  CHECK(answer.find("Set-Cookie") == std::string::npos);
}

TEST_CASE("a connection that says nothing, or too slowly, is closed", "[net][server]") {
  HttpServerOptions options;
  options.request_timeout = 50ms;
  Site site(options);
  const std::string bytes =
      GENERATE(as<std::string>{}, "", "GET / HT", "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nab");
  CAPTURE(bytes);
  CHECK(site.exchange(bytes).empty());
}

TEST_CASE("a connection that says nothing more after an answer is closed", "[net][server]") {
  HttpServerOptions options;
  options.idle_timeout = 50ms;
  Site site(options);
  const std::string answer = site.exchange("GET /one HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(answer.starts_with("HTTP/1.1 200"));
}

TEST_CASE("a request says where it came from", "[net][server]") {
  EventLoop loop;
  std::string from;
  HttpServer server(loop.executor(), HttpServerOptions{},
                    [&from](ServerRequest request) -> Task<ServerResponse> {
                      from = request.peer;
                      return handle(std::move(request));
                    });
  REQUIRE(server.start());
  (void)loop.run(exchange_raw(server.port(), closing("GET /one")));
  CHECK(from == "127.0.0.1");
}

TEST_CASE("stopping drops connections and frees the port", "[net][server]") {
  Site site;
  Background<std::string> waiting(site.loop.executor(),
                                  exchange_raw(site.server.port(), closing("GET /wait")));
  REQUIRE(site.loop.run_until([&site] { return *site.requests == 1; }));
  CHECK_FALSE(waiting.done());
  site.server.stop();
  REQUIRE(site.loop.run_until([&waiting] { return waiting.done(); }));
  CHECK(waiting.value().empty());
  CHECK_THROWS(site.loop.run(connect_raw(site.server.port())));
}

TEST_CASE("a server may be destroyed while a request runs", "[net][server]") {
  EventLoop loop;
  const auto requests = std::make_shared<int>(0);
  auto server = std::make_unique<HttpServer>(loop.executor(), HttpServerOptions{}, counting(requests));
  REQUIRE(server->start());
  Background<std::string> waiting(loop.executor(), exchange_raw(server->port(), closing("GET /wait")));
  REQUIRE(loop.run_until([&requests] { return *requests == 1; }));
  server.reset();
  CHECK(loop.run_until([&waiting] { return waiting.done(); }));
}

TEST_CASE("a port that is taken is named in the error", "[net][server]") {
  Site site;
  HttpServerOptions options;
  options.port = site.server.port();
  HttpServer second(site.loop.executor(), options, &handle);
  const auto started = second.start();
  REQUIRE_FALSE(started);
  CHECK(started.error().kind == ErrorKind::unavailable);
  CHECK(started.error().message.find("127.0.0.1:" + std::to_string(options.port)) != std::string::npos);
}

TEST_CASE("an address that is none is refused", "[net][server]") {
  EventLoop loop;
  HttpServerOptions options;
  options.address = "not-an-address";
  HttpServer server(loop.executor(), options, &handle);
  const auto started = server.start();
  REQUIRE_FALSE(started);
  CHECK(started.error().kind == ErrorKind::invalid);
}

TEST_CASE("connections beyond the limit wait for their turn", "[net][server]") {
  HttpServerOptions options;
  options.max_connections = 1;
  Site site(options);
  const auto first = site.loop.run(connect_raw(site.server.port()));
  site.loop.run(write_raw(first, "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"));
  CHECK(site.loop.run(read_head(first)).starts_with("HTTP/1.1 200"));
  Background<std::string> second(site.loop.executor(), exchange_raw(site.server.port(), closing("GET /2")));
  site.loop.run(write_raw(first, "HEAD /3 HTTP/1.1\r\nHost: x\r\n\r\n"));
  REQUIRE(site.loop.run_until(
      [&site] { return *site.requests == 2; }));  // the second request, not the second peer
  CHECK_FALSE(second.done());
  first->close();
  REQUIRE(site.loop.run_until([&second] { return second.done(); }));
  CHECK(second.value().find("GET /2") != std::string::npos);
}
