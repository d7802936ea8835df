#include "adapters/net/http_client.hpp"
#include "adapters/net/web_socket.hpp"
#include "tests/support/event_loop.hpp"
#include "tests/unit/net/tls_server.hpp"

#include <catch2/catch.hpp>

using namespace jitbot;
using namespace jitbot::net;
using namespace jitbot::testing;

namespace {

WsDialOptions wss(const std::string& host, std::uint16_t port, const std::string& ca_file) {
  WsDialOptions options;
  options.url = "wss://" + host + ":" + std::to_string(port) + "/link";
  options.ca_file = ca_file;
  return options;
}

HttpClientOptions trusting(const std::string& ca_file) {
  HttpClientOptions options;
  options.threads = 1;
  options.ca_file = ca_file;
  return options;
}

HttpRequest get(const std::string& host, std::uint16_t port) {
  HttpRequest request;
  request.url = "https://" + host + ":" + std::to_string(port) + "/";
  return request;
}

}  // namespace

TEST_CASE("a WebSocket over TLS opens when the certificate names the host", "[net][tls]") {
  EventLoop loop;
  const TestCertificates certificates("DNS:localhost,IP:127.0.0.1");
  const RawServer server(loop.executor(), tls_server(certificates));
  const std::string host = GENERATE(as<std::string>{}, "localhost", "127.0.0.1");
  CAPTURE(host);
  auto socket = loop.run(dial(wss(host, server.port(), certificates.ca_file())));
  REQUIRE(socket);
  const auto message = loop.run((*socket)->receive());
  REQUIRE(message);
  CHECK(message->data == "hello over TLS");
  CHECK((*socket)->frames_in() == 1);
}

TEST_CASE("a WebSocket over TLS refuses a certificate for another host", "[net][tls]") {
  EventLoop loop;
  const TestCertificates certificates("DNS:elsewhere.example");
  const RawServer server(loop.executor(), tls_server(certificates));
  const auto socket = loop.run(dial(wss("localhost", server.port(), certificates.ca_file())));
  REQUIRE_FALSE(socket);
  CHECK(socket.error().error.kind == ErrorKind::unavailable);
  CHECK(socket.error().http_status == 0);
  CHECK(socket.error().error.message.find("TLS") != std::string::npos);
  CHECK(socket.error().error.detail.find("verify failed") != std::string::npos);
}

TEST_CASE("a WebSocket over TLS refuses a CA nobody told it to trust", "[net][tls]") {
  EventLoop loop;
  const TestCertificates certificates("DNS:localhost");
  const TestCertificates others("DNS:localhost");
  const RawServer server(loop.executor(), tls_server(certificates));
  const std::string ca_file = GENERATE(true, false) ? others.ca_file() : std::string();
  const auto socket = loop.run(dial(wss("localhost", server.port(), ca_file)));
  REQUIRE_FALSE(socket);
  CHECK(socket.error().error.kind == ErrorKind::unavailable);
}

TEST_CASE("a CA file that cannot be read is a configuration error", "[net][tls]") {
  EventLoop loop;
  const TestCertificates certificates("DNS:localhost");
  const RawServer server(loop.executor(), tls_server(certificates));
  const auto socket = loop.run(dial(wss("localhost", server.port(), "/nonexistent/ca.pem")));
  REQUIRE_FALSE(socket);
  CHECK(socket.error().error.kind == ErrorKind::invalid);
  CHECK(socket.error().error.message.find("/nonexistent/ca.pem") != std::string::npos);
}

TEST_CASE("a peer that accepts TCP but never speaks TLS is given up", "[net][tls]") {
  EventLoop loop;
  const RawServer server(loop.executor(), [](std::shared_ptr<tcp::socket> socket) -> Task<void> {
    (void)co_await read_until_end(std::move(socket));
  });
  WsDialOptions options = wss("localhost", server.port(), "");
  options.connect_timeout = 50ms;
  const auto socket = loop.run(dial(options));
  REQUIRE_FALSE(socket);
  CHECK(socket.error().error.kind == ErrorKind::unavailable);
}

TEST_CASE("HTTPS trusts the CA it was given, and that alone", "[net][tls]") {
  EventLoop loop;
  const TestCertificates certificates("DNS:localhost");
  const TestCertificates others("DNS:localhost");
  const RawServer server(loop.executor(), tls_server(certificates));
  {
    HttpClient client(trusting(certificates.ca_file()));
    const auto answer = loop.run(client.send(get("localhost", server.port())));
    REQUIRE(answer);
    CHECK(answer->body == "secure");
  }
  {
    HttpClient client(trusting(others.ca_file()));
    const auto answer = loop.run(client.send(get("localhost", server.port())));
    REQUIRE_FALSE(answer);
    CHECK(answer.error().kind == ErrorKind::unavailable);
    CHECK(answer.error().message.find("not trusted") != std::string::npos);
  }
  {
    HttpClient client(trusting(certificates.ca_file()));
    const auto answer = loop.run(client.send(get("127.0.0.1", server.port())));  // not among its names
    REQUIRE_FALSE(answer);
    CHECK(answer.error().kind == ErrorKind::unavailable);
  }
}

TEST_CASE("an https:// proxy is spoken to in TLS, with TLS to the server inside", "[net][tls][proxy]") {
  EventLoop loop;
  const TestCertificates certificates("DNS:localhost,DNS:slack.test");
  const TestCertificates others("DNS:localhost,DNS:slack.test");
  const auto heads = std::make_shared<std::vector<std::string>>();
  const RawServer proxy(loop.executor(), tls_proxy(certificates, heads));
  const auto proxies = Proxies::from_environment([&](const std::string& name) -> std::optional<std::string> {
    if (name != "https_proxy") return std::nullopt;
    return "https://al:pw@localhost:" + std::to_string(proxy.port());
  });
  const auto send = [&](const TestCertificates& trusted) {
    HttpClientOptions options = trusting(trusted.ca_file());
    options.proxies = proxies;
    HttpClient client(options);
    return loop.run(client.send(get("slack.test", 443)));
  };
  const auto open = [&](const TestCertificates& trusted) {
    WsDialOptions options = wss("slack.test", 443, trusted.ca_file());
    options.proxies = proxies;
    return loop.run(dial(options));
  };

  const auto answer = send(certificates);
  if (!answer) FAIL(answer.error().message << " " << answer.error().detail);
  CHECK(answer->body == "secure");
  const auto socket = open(certificates);
  if (!socket) FAIL(socket.error().error.message << " " << socket.error().error.detail);
  const auto message = loop.run((*socket)->receive());
  REQUIRE(message);
  CHECK(message->data == "hello over TLS");
  REQUIRE(heads->size() == 2);
  for (const std::string& head : *heads) {
    CHECK(head.starts_with("CONNECT slack.test:443 HTTP/1.1\r\n"));
    CHECK(head.find("Proxy-Authorization: Basic YWw6cHc=\r\n") != std::string::npos);
  }

  const std::string whom = "the proxy localhost:" + std::to_string(proxy.port());
  const auto mistrusted = send(others);
  REQUIRE_FALSE(mistrusted);
  CHECK(mistrusted.error().kind == ErrorKind::unavailable);
  CHECK(mistrusted.error().message == "the certificate of " + whom + " is not trusted");
  const auto not_opened = open(others);
  REQUIRE_FALSE(not_opened);
  CHECK(not_opened.error().error.message == "TLS with " + whom + " failed");
  CHECK(heads->size() == 2);  // no credentials for whom we do not trust
}
