#include "adapters/net/http_client.hpp"

#include "adapters/net/http_server.hpp"
#include "tests/support/event_loop.hpp"
#include "tests/unit/net/background.hpp"
#include "tests/unit/net/raw_peer.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>

namespace asio = boost::asio;
using namespace jitbot;
using namespace jitbot::net;
using namespace jitbot::testing;

namespace {

Task<ServerResponse> mirror(ServerRequest request) {
  ServerResponse response;
  response.headers.push_back({"X-Seen", request.method + " " + request.path + " " + request.query});
  response.headers.push_back(
      {"X-Authorization", std::string(find_header(request.headers, "authorization").value_or("none"))});
  response.headers.push_back(
      {"X-Type", std::string(find_header(request.headers, "content-type").value_or("none"))});
  response.body = std::move(request.body);
  co_return response;
}

Task<ServerResponse> redirect(ServerRequest) {
  ServerResponse response;
  response.status = 302;
  response.headers.push_back({"Location", "/elsewhere"});
  co_return response;
}

Task<ServerResponse> never(ServerRequest) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer forever(executor, asio::steady_timer::time_point::max());
  co_await forever.async_wait(asio::use_awaitable);
  co_return ServerResponse{};
}

struct Site {
  explicit Site(HttpServer::Handler handler, std::size_t max_body = 1024UL * 1024)
      : server(loop.executor(), options_for(max_body), std::move(handler)) {
    REQUIRE(server.start());
  }
  static HttpServerOptions options_for(std::size_t max_body) {
    HttpServerOptions options;
    options.max_body = max_body;
    return options;
  }
  std::string url(const std::string& target) const {
    return "http://127.0.0.1:" + std::to_string(server.port()) + target;
  }

  EventLoop loop;
  HttpServer server;
  HttpClient client;
};

HttpRequest request_to(std::string method, std::string url) {
  HttpRequest request;
  request.method = std::move(method);
  request.url = std::move(url);
  return request;
}

std::string local(std::uint16_t port) {
  return "http://127.0.0.1:" + std::to_string(port) + "/";
}

}  // namespace

TEST_CASE("a request arrives as it was made and its answer comes back whole", "[net][http]") {
  Site site(&mirror);
  const std::string method = GENERATE(as<std::string>{}, "GET", "POST", "PUT", "PATCH", "DELETE");
  CAPTURE(method);
  HttpRequest request = request_to(method, site.url("/a%20b/c?x=1&y=%2F"));
  request.headers = {{"Authorization", "Bearer t"}};
  if (method != "GET") {
    request.headers.push_back({"Content-Type", "application/json"});
    request.body = std::string("{\"a\":\0}", 7);
  }
  const auto answer = site.loop.run(site.client.send(request));
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(find_header(answer->headers, "x-seen") == method + " /a%20b/c x=1&y=%2F");
  CHECK(find_header(answer->headers, "x-authorization") == "Bearer t");
  CHECK(find_header(answer->headers, "x-type") == (method == "GET" ? "none" : "application/json"));
  CHECK(answer->body == request.body);
}

TEST_CASE("a body without a type gets none assumed", "[net][http]") {
  Site site(&mirror);
  HttpRequest request = request_to("POST", site.url("/"));
  const auto empty = site.loop.run(site.client.send(request));
  REQUIRE(empty);
  CHECK(find_header(empty->headers, "x-type") == "none");
  CHECK(empty->body.empty());
}

TEST_CASE("HEAD is answered without a body", "[net][http]") {
  Site site(&mirror);
  const auto answer = site.loop.run(site.client.send(request_to("HEAD", site.url("/"))));
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(answer->body.empty());
}

TEST_CASE("any status is an answer, and redirects are not followed", "[net][http]") {
  Site site(&redirect);
  const auto answer = site.loop.run(site.client.send(request_to("GET", site.url("/"))));
  REQUIRE(answer);
  CHECK(answer->status == 302);
  CHECK(find_header(answer->headers, "location") == "/elsewhere");
}

TEST_CASE("large bodies travel both ways", "[net][http]") {
  Site site(&mirror, 16UL * 1024 * 1024);
  HttpRequest request = request_to("POST", site.url("/"));
  for (int i = 0; request.body.size() < 8UL * 1024 * 1024; ++i) request.body += std::to_string(i);
  const auto answer = site.loop.run(site.client.send(request));
  REQUIRE(answer);
  CHECK(answer->body == request.body);
}

TEST_CASE("an answer beyond the limit is an error, not half an answer", "[net][http]") {
  Site site(&mirror);
  HttpRequest request = request_to("POST", site.url("/"));
  request.body.assign(1001, 'x');
  request.max_response = 1000;
  const auto answer = site.loop.run(site.client.send(request));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == ErrorKind::outcome_unknown);
  CHECK(answer.error().message.find("1000") != std::string::npos);
}

TEST_CASE("a server that does not answer leaves the outcome unknown", "[net][http]") {
  Site site(&never);
  HttpRequest request = request_to("POST", site.url("/"));
  request.timeout = 100ms;
  const auto answer = site.loop.run(site.client.send(request));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == ErrorKind::outcome_unknown);
  CHECK(answer.error().message.find("100 ms") != std::string::npos);
}

TEST_CASE("a refused connection means that nothing was sent", "[net][http]") {
  EventLoop loop;
  HttpClient client;
  const std::uint16_t port = closed_port(loop.executor());
  const auto answer = loop.run(client.send(request_to("POST", local(port))));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == ErrorKind::unavailable);
  CHECK(answer.error().message.find(std::to_string(port)) != std::string::npos);
}

TEST_CASE("a host that does not exist means that nothing was sent", "[net][http]") {
  EventLoop loop;
  HttpClient client;
  const auto answer = loop.run(client.send(request_to("POST", "http://host.invalid/")));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == ErrorKind::unavailable);
}

namespace {

Task<void> hang_up_after_request(std::shared_ptr<tcp::socket> socket) {
  (void)co_await read_head(socket);
}

Task<void> half_an_answer(std::shared_ptr<tcp::socket> socket) {
  (void)co_await read_head(socket);
  co_await write_raw(socket, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
}

// Answers the first request of a connection, then hangs up on the second after reading it.
Task<void> hang_up_on_second(std::shared_ptr<int> requests, std::shared_ptr<tcp::socket> socket) {
  (void)co_await read_head(socket);
  ++*requests;
  co_await write_raw(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  (void)co_await read_head(socket);
  ++*requests;
}

Task<void> read_without_answer(std::shared_ptr<int> requests, std::shared_ptr<tcp::socket> socket) {
  (void)co_await read_head(socket);
  ++*requests;
  (void)co_await read_until_end(socket);
}

}  // namespace

TEST_CASE("a connection lost after the request was sent leaves the outcome unknown", "[net][http]") {
  EventLoop loop;
  const RawServer server(loop.executor(), GENERATE(&hang_up_after_request, &half_an_answer));
  HttpClient client;
  const auto answer = loop.run(client.send(request_to("POST", local(server.port()))));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == ErrorKind::outcome_unknown);
}

TEST_CASE("what changes something is never sent twice by itself", "[net][http]") {
  EventLoop loop;
  const auto requests = std::make_shared<int>(0);
  const RawServer server(loop.executor(), [requests](std::shared_ptr<tcp::socket> socket) {
    return hang_up_on_second(requests, std::move(socket));
  });
  HttpClientOptions options;
  options.threads = 1;
  HttpClient client(options);
  REQUIRE(loop.run(client.send(request_to("POST", local(server.port())))));
  const auto second = loop.run(client.send(request_to("POST", local(server.port()))));
  REQUIRE_FALSE(second);
  CHECK(second.error().kind == ErrorKind::outcome_unknown);
  CHECK(*requests == 2);
}

TEST_CASE("what only reads is sent again on a fresh connection", "[net][http]") {
  EventLoop loop;
  const auto requests = std::make_shared<int>(0);
  const RawServer server(loop.executor(), [requests](std::shared_ptr<tcp::socket> socket) {
    return hang_up_on_second(requests, std::move(socket));
  });
  HttpClientOptions options;
  options.threads = 1;
  HttpClient client(options);
  REQUIRE(loop.run(client.send(request_to("GET", local(server.port())))));
  const auto second = loop.run(client.send(request_to("GET", local(server.port()))));
  REQUIRE(second);
  CHECK(second->body == "ok");
  CHECK(*requests == 3);
}

TEST_CASE("a request that cannot be sent as it stands is refused", "[net][http]") {
  EventLoop loop;
  HttpClient client;
  HttpRequest request = request_to("GET", "http://127.0.0.1:1/");
  SECTION("a line break in a header") {
    request.headers = {{"X", "a\r\nHost: evil"}};
  }
  SECTION("a colon in a header name") {
    request.headers = {{"X: y", "a"}};
  }
  SECTION("a method that is no word") {
    request.method = "GET / HTTP/1.1\r\n";
  }
  SECTION("a scheme that is not HTTP") {
    request.url = "ws://127.0.0.1:1/";
  }
  SECTION("no URL at all") {
    request.url = "nonsense";
  }
  const auto answer = loop.run(client.send(request));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == ErrorKind::invalid);
}

TEST_CASE("many requests at once all come back", "[net][http]") {
  Site site(&mirror);
  std::vector<Background<Result<HttpResponse>>> running;
  for (int i = 0; i < 40; ++i) {
    HttpRequest request = request_to("POST", site.url("/"));
    request.body = std::to_string(i);
    running.emplace_back(site.loop.executor(), site.client.send(std::move(request)));
  }
  for (std::size_t i = 0; i < running.size(); ++i) {
    REQUIRE(site.loop.run_until([&running, i] { return running[i].done(); }));
    REQUIRE(running[i].value());
    CHECK(running[i].value()->body == std::to_string(i));
  }
}

TEST_CASE("a cancelled request gives its waiter back at once", "[net][http]") {
  const auto entered = std::make_shared<int>(0);
  Site site([entered](ServerRequest request) {
    ++*entered;
    return never(std::move(request));
  });
  HttpRequest request = request_to("POST", site.url("/"));
  request.timeout = 5s;
  Background<Result<HttpResponse>> running(site.loop.executor(), site.client.send(std::move(request)));
  REQUIRE(site.loop.run_until([&entered] { return *entered == 1; }));
  CHECK_FALSE(running.done());
  running.cancel();
  REQUIRE(site.loop.run_until([&running] { return running.done(); }, 1s));
  CHECK(running.threw());
  HttpRequest quick = request_to("GET", site.url("/"));
  quick.timeout = 50ms;
  CHECK_FALSE(site.loop.run(site.client.send(quick)));  // the client goes on working
}

TEST_CASE("stopping the client ends what waits for a thread", "[net][http]") {
  EventLoop loop;
  const auto requests = std::make_shared<int>(0);
  const RawServer server(loop.executor(), [requests](std::shared_ptr<tcp::socket> socket) {
    return read_without_answer(requests, std::move(socket));
  });
  HttpClientOptions options;
  options.threads = 1;
  auto client = std::make_unique<HttpClient>(options);
  HttpRequest request = request_to("POST", local(server.port()));
  request.timeout = 200ms;
  Background<Result<HttpResponse>> first(loop.executor(), client->send(request));
  Background<Result<HttpResponse>> second(loop.executor(), client->send(request));
  REQUIRE(loop.run_until([&requests] { return *requests == 1; }));
  client.reset();
  REQUIRE(loop.run_until([&] { return first.done() && second.done(); }));
  REQUIRE_FALSE(first.value());
  CHECK(first.value().error().kind == ErrorKind::outcome_unknown);
  REQUIRE_FALSE(second.value());
  CHECK(second.value().error().kind == ErrorKind::unavailable);
}
