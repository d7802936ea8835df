#include "adapters/net/http_client.hpp"
#include "adapters/net/web_socket.hpp"
#include "tests/support/event_loop.hpp"
#include "tests/unit/net/raw_peer.hpp"
#include "tests/unit/net/test_certificates.hpp"

#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>

namespace asio = boost::asio;
using namespace jitbot;
using namespace jitbot::net;
using namespace jitbot::testing;

namespace {

std::shared_ptr<asio::ssl::context> server_context(const TestCertificates& certificates) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  context->use_certificate_chain_file(certificates.certificate_file());
  context->use_private_key_file(certificates.key_file(), asio::ssl::context::pem);
  return context;
}

// Upgrades when asked to and greets with one message; answers anything else with 200.
Task<void> serve_tls(std::shared_ptr<asio::ssl::context> context, std::shared_ptr<tcp::socket> socket) {
  asio::ssl::stream<tcp::socket&> stream(*socket, *context);
  co_await stream.async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
  std::string head;
  co_await asio::async_read_until(stream, asio::dynamic_buffer(head), "\r\n\r\n", asio::use_awaitable);
  std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecure";
  if (head.find("Sec-WebSocket-Key") != std::string::npos) {
    answer = switching_protocols(head) + encode(Frame{1, true, false, "hello over TLS"});
  }
  co_await asio::async_write(stream, asio::buffer(answer), asio::use_awaitable);
  std::string rest;
  co_await asio::async_read_until(stream, asio::dynamic_buffer(rest), "never", asio::use_awaitable);
}

RawServer::Script script_for(const TestCertificates& certificates) {
  return [context = server_context(certificates)](std::shared_ptr<tcp::socket> socket) {
    return serve_tls(context, std::move(socket));
  };
}

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
  const RawServer server(loop.executor(), script_for(certificates));
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
  const RawServer server(loop.executor(), script_for(certificates));
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
  const RawServer server(loop.executor(), script_for(certificates));
  const std::string ca_file = GENERATE(true, false) ? others.ca_file() : std::string();
  const auto socket = loop.run(dial(wss("localhost", server.port(), ca_file)));
  REQUIRE_FALSE(socket);
  CHECK(socket.error().error.kind == ErrorKind::unavailable);
}

TEST_CASE("a CA file that cannot be read is a configuration error", "[net][tls]") {
  EventLoop loop;
  const TestCertificates certificates("DNS:localhost");
  const RawServer server(loop.executor(), script_for(certificates));
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
  const RawServer server(loop.executor(), script_for(certificates));
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
