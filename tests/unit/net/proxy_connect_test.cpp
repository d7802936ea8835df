#include "adapters/net/http_client.hpp"
#include "adapters/net/web_socket.hpp"
#include "tests/support/event_loop.hpp"
#include "tests/unit/net/raw_peer.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <cstdlib>

using namespace jitbot;
using namespace jitbot::net;
using namespace jitbot::testing;

// Proxies that answer what no proper proxy would, for both clients.
namespace {

constexpr const char* k_password = "hunter2";

Proxies through(std::uint16_t port, const std::string& user = "") {
  const std::string value = fmt::format("http://{}127.0.0.1:{}", user, port);
  return Proxies::from_environment([value](const std::string& name) -> std::optional<std::string> {
    if (name == "http_proxy" || name == "https_proxy") return value;
    return std::nullopt;
  });
}

// What both clients say when they go to a server of that scheme through the proxy.
struct Said {
  Error web;
  Error socket;
  int upgrade_status = 0;
};

Said ask(EventLoop& loop, const Proxies& proxies, bool tls, Millis patience = 10s) {
  Said said;
  HttpClientOptions options;
  options.threads = 1;
  options.proxies = proxies;
  HttpClient client(options);
  HttpRequest request;
  request.method = "POST";
  request.body = "x=1";
  request.url = tls ? "https://slack.test/api" : "http://slack.test/api";
  request.timeout = patience;
  const auto answer = loop.run(client.send(std::move(request)));
  REQUIRE_FALSE(answer);
  said.web = answer.error();

  WsDialOptions dialling;
  dialling.url = tls ? "wss://slack.test/link" : "ws://slack.test/link";
  dialling.proxies = proxies;
  dialling.connect_timeout = patience;
  dialling.upgrade_timeout = patience;
  const auto socket = loop.run(dial(std::move(dialling)));
  REQUIRE_FALSE(socket);
  said.socket = socket.error().error;
  said.upgrade_status = socket.error().http_status;
  for (const Error& error : {said.web, said.socket}) {
    CHECK(error.kind == ErrorKind::unavailable);  // no request went out
    CHECK((error.message + error.detail).find(k_password) == std::string::npos);
  }
  return said;
}

Task<void> answer_with(std::string answer, std::shared_ptr<tcp::socket> socket) {
  (void)co_await read_head(socket);
  co_await write_raw(socket, std::move(answer));
  (void)co_await read_until_end(socket);
}

Task<void> answer_and_leave(std::string answer, std::shared_ptr<tcp::socket> socket) {
  (void)co_await read_head(socket);
  co_await write_raw(socket, std::move(answer));
}

RawServer answering(const Executor& executor, std::string answer) {
  return RawServer(executor, [answer = std::move(answer)](std::shared_ptr<tcp::socket> socket) {
    return answer_with(answer, std::move(socket));
  });
}

Task<void> tunnel_by_hand(std::shared_ptr<std::vector<std::string>> heads, std::string opened,
                          std::shared_ptr<tcp::socket> socket) {
  heads->push_back(co_await read_head(socket));
  co_await write_raw(socket, std::move(opened));
  const std::string head = co_await read_head(socket);
  heads->push_back(head);
  std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  if (head.find("Sec-WebSocket-Key") != std::string::npos) answer = switching_protocols(head);
  co_await write_raw(socket, std::move(answer));
  (void)co_await read_until_end(socket);
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("both clients open a tunnel, name the server to the proxy and show it nothing else",
          "[net][proxy]") {
  EventLoop loop;
  const std::string opened = GENERATE(as<std::string>{}, "HTTP/1.1 200 Connection established\r\n\r\n",
                                      "HTTP/1.0 200 OK\r\nProxy-agent: x\r\n\r\n");
  CAPTURE(opened);
  const auto heads = std::make_shared<std::vector<std::string>>();
  const RawServer proxy(loop.executor(), [heads, opened](std::shared_ptr<tcp::socket> socket) {
    return tunnel_by_hand(heads, opened, std::move(socket));
  });
  const Proxies proxies = through(proxy.port(), "al:hunter%32@");
  HttpClientOptions options;
  options.threads = 1;
  options.proxies = proxies;
  HttpClient client(options);
  HttpRequest request;
  request.url = "http://slack.test:81/api";
  request.headers.push_back({"Authorization", "Bearer xoxb"});
  const auto answer = loop.run(client.send(std::move(request)));
  REQUIRE(answer);
  CHECK(answer->body == "ok");
  WsDialOptions dialling;
  dialling.url = "ws://slack.test/link?ticket=secret";
  dialling.proxies = proxies;
  REQUIRE(loop.run(dial(std::move(dialling))));

  REQUIRE(heads->size() == 4);
  CHECK(heads->at(0).starts_with("CONNECT slack.test:81 HTTP/1.1\r\n"));
  CHECK(heads->at(1).starts_with("GET /api HTTP/1.1\r\n"));
  CHECK(heads->at(2).starts_with("CONNECT slack.test:80 HTTP/1.1\r\n"));
  CHECK(heads->at(3).starts_with("GET /link?ticket=secret HTTP/1.1\r\n"));
  for (const std::size_t connect : {0U, 2U}) {
    CHECK(contains(heads->at(connect), "\r\nProxy-Authorization: Basic YWw6aHVudGVyMg==\r\n"));
    CHECK_FALSE(contains(heads->at(connect), "xoxb"));
    CHECK_FALSE(contains(heads->at(connect), "ticket"));
  }
  for (const std::size_t inside : {1U, 3U}) CHECK_FALSE(contains(heads->at(inside), "Proxy-"));
}

TEST_CASE("a refusal of the proxy is told with its status", "[net][proxy]") {
  EventLoop loop;
  const bool tls = GENERATE(true, false);
  const auto [answer, user, told] = GENERATE(table<std::string, std::string, std::string>({
      {"407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"", "",
       "wants a user and password (HTTP 407)"},
      {"407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate", "al:hunter2@",
       "does not take the ones it was given (HTTP 407)"},
      {"403 Filtered", "", "refused to connect to slack.test:{} (HTTP 403)"},
      {"302 Found\r\nLocation: http://login.example/", "", "refused to connect to slack.test:{} (HTTP 302)"},
      {"103 Early Hints", "", "refused to connect to slack.test:{} (HTTP 103)"},
      {"502 Bad Gateway", "", "refused to connect to slack.test:{} (HTTP 502)"},
  }));
  CAPTURE(answer, tls);
  const auto proxy = answering(loop.executor(), "HTTP/1.1 " + answer + "\r\nContent-Length: 4\r\n\r\nnope");
  const Said said = ask(loop, through(proxy.port(), user), tls);
  std::string expected = fmt::format("the proxy 127.0.0.1:{} ", proxy.port()) + told;
  if (const auto hole = expected.find("{}"); hole != std::string::npos)
    expected.replace(hole, 2, tls ? "443" : "80");
  if (told.starts_with("does not")) {
    CHECK(contains(said.web.message, told));
    CHECK(said.web.message.starts_with(fmt::format("the proxy 127.0.0.1:{} wants", proxy.port())));
  } else {
    CHECK(said.web.message == expected);
  }
  CHECK(said.socket.message == said.web.message);
  CHECK(said.upgrade_status == 0);  // it is no answer to the upgrade
}

TEST_CASE("what is no answer of a proxy is told as that", "[net][proxy]") {
  EventLoop loop;
  const std::string answer = GENERATE(as<std::string>{}, "SSH-2.0-OpenSSH\r\n\r\n", "<html>\r\n\r\n",
                                      "HTTP/1.1 banana\r\n\r\n", "HTTP/1.1 2");
  CAPTURE(answer);
  const RawServer proxy(loop.executor(), [answer](std::shared_ptr<tcp::socket> socket) {
    return answer_and_leave(answer, std::move(socket));
  });
  const Said said = ask(loop, through(proxy.port()), true);
  const std::string whom = fmt::format("the proxy 127.0.0.1:{} ", proxy.port());
  CHECK(said.web.message == whom + "did not answer as an HTTP proxy does");
  CHECK(said.socket.message.starts_with(whom));
}

TEST_CASE("a proxy that says more than its answer is not trusted with a socket", "[net][proxy]") {
  EventLoop loop;
  const auto proxy = answering(loop.executor(), "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 101 Switching\r\n\r\n");
  WsDialOptions dialling;
  dialling.url = "ws://slack.test/";
  dialling.proxies = through(proxy.port());
  const auto socket = loop.run(dial(std::move(dialling)));
  REQUIRE_FALSE(socket);
  CHECK(contains(socket.error().error.message, "did not answer as an HTTP proxy does"));
}

TEST_CASE("an endless answer of a proxy is cut off", "[net][proxy]") {
  EventLoop loop;
  const auto proxy = answering(loop.executor(), "HTTP/1.1 200 OK\r\nX: " + std::string(40'000, 'x') + "\r\n");
  WsDialOptions dialling;
  dialling.url = "ws://slack.test/";
  dialling.proxies = through(proxy.port());
  const auto socket = loop.run(dial(std::move(dialling)));
  REQUIRE_FALSE(socket);
  CHECK(contains(socket.error().error.message, "did not answer as an HTTP proxy does"));
}

TEST_CASE("a silent proxy is given up in time, and it is told who was silent", "[net][proxy]") {
  EventLoop loop;
  std::string told;
  std::optional<RawServer> proxy;
  SECTION("before its answer") {
    proxy.emplace(loop.executor(), [](std::shared_ptr<tcp::socket> socket) -> Task<void> {
      (void)co_await read_until_end(std::move(socket));
    });
    told = fmt::format("the proxy 127.0.0.1:{} did not answer within 150 ms", proxy->port());
  }
  SECTION("after its answer") {
    proxy.emplace(loop.executor(), [](std::shared_ptr<tcp::socket> socket) {
      return answer_with("HTTP/1.1 200 OK\r\n\r\n", std::move(socket));
    });
    told = fmt::format("slack.test:443 (through the proxy 127.0.0.1:{})", proxy->port());
  }
  const Said said = ask(loop, through(proxy->port()), true, 150ms);
  CHECK(said.web.message.starts_with(told));
  CHECK(said.socket.message.starts_with(told));
  CHECK(contains(said.web.message, "150 ms"));
  CHECK(contains(said.socket.message, "150 ms"));
}

TEST_CASE("a proxy that is down or unknown is told by its name", "[net][proxy]") {
  EventLoop loop;
  const auto port = closed_port(loop.executor());
  const Said down = ask(loop, through(port), true);
  CHECK(down.web.message == fmt::format("cannot connect to the proxy 127.0.0.1:{}", port));
  CHECK(down.socket.message == fmt::format("cannot connect to the proxy 127.0.0.1:{}", port));
  const auto unknown = Proxies::from_environment([](const std::string& name) -> std::optional<std::string> {
    if (name == "all_proxy") return "http://proxy.invalid:1";
    return std::nullopt;
  });
  const Said said = ask(loop, unknown, true);
  CHECK(said.web.message == "the name of the proxy proxy.invalid cannot be resolved");
  CHECK(said.socket.message == "the name of the proxy proxy.invalid cannot be resolved");
}

TEST_CASE("an unusable proxy stops both clients before any traffic", "[net][proxy]") {
  EventLoop loop;
  const auto proxies = Proxies::from_environment([](const std::string& name) -> std::optional<std::string> {
    if (name == "all_proxy") return "socks5://al:hunter2@p:1";
    return std::nullopt;
  });
  HttpClientOptions options;
  options.threads = 1;
  options.proxies = proxies;
  HttpClient client(options);
  HttpRequest request;
  request.url = "https://slack.test/";
  const auto answer = loop.run(client.send(std::move(request)));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == ErrorKind::invalid);
  WsDialOptions dialling;
  dialling.url = "wss://slack.test/";
  dialling.proxies = proxies;
  const auto socket = loop.run(dial(std::move(dialling)));
  REQUIRE_FALSE(socket);
  CHECK(socket.error().error.kind == ErrorKind::invalid);
  CHECK(socket.error().error.message == answer.error().message);
}

TEST_CASE("the environment itself is never asked by a client", "[net][proxy]") {
  EventLoop loop;
  const RawServer server(loop.executor(), [](std::shared_ptr<tcp::socket> socket) {
    return answer_with("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\ndirect", std::move(socket));
  });
  const auto nobody = fmt::format("http://127.0.0.1:{}", closed_port(loop.executor()));
  for (const char* name : {"http_proxy", "all_proxy", "ALL_PROXY"}) setenv(name, nobody.c_str(), 1);
  {
    HttpClient client;
    HttpRequest request;
    request.url = fmt::format("http://127.0.0.1:{}/", server.port());
    const auto answer = loop.run(client.send(std::move(request)));
    REQUIRE(answer);
    CHECK(answer->body == "direct");
  }
  // What the environment exempts is not exempt from what the client was told.
  setenv("no_proxy", "slack.test", 1);
  const auto port = closed_port(loop.executor());
  CHECK(contains(ask(loop, through(port), false).web.message, std::to_string(port)));
  for (const char* name : {"http_proxy", "all_proxy", "ALL_PROXY", "no_proxy"}) unsetenv(name);
}
