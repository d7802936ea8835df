#include "tests/unit/net/tls_server.hpp"

#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace jitbot::testing {

namespace asio = boost::asio;

namespace {

using Context = std::shared_ptr<asio::ssl::context>;

Context context_of(const TestCertificates& certificates) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  context->use_certificate_chain_file(certificates.certificate_file());
  context->use_private_key_file(certificates.key_file(), asio::ssl::context::pem);
  return context;
}

template <class Stream>
Task<std::string> head_of(Stream& stream) {
  std::string head;
  co_await asio::async_read_until(stream, asio::dynamic_buffer(head), "\r\n\r\n", asio::use_awaitable);
  co_return head;
}

template <class Stream>
Task<void> greet(Stream& stream) {
  co_await stream.async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
  const std::string head = co_await head_of(stream);
  std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecure";
  if (head.find("Sec-WebSocket-Key") != std::string::npos) {
    answer = switching_protocols(head) + encode(Frame{1, true, false, "hello over TLS"});
  }
  co_await asio::async_write(stream, asio::buffer(answer), asio::use_awaitable);
  std::string rest;
  co_await asio::async_read_until(stream, asio::dynamic_buffer(rest), "never", asio::use_awaitable);
}

Task<void> serve(Context context, std::shared_ptr<tcp::socket> socket) {
  asio::ssl::stream<tcp::socket&> stream(*socket, *context);
  co_await greet(stream);
}

Task<void> serve_as_proxy(Context context, std::shared_ptr<std::vector<std::string>> heads,
                          std::shared_ptr<tcp::socket> socket) {
  using Outer = asio::ssl::stream<tcp::socket&>;
  Outer outer(*socket, *context);
  co_await outer.async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
  heads->push_back(co_await head_of(outer));
  const std::string opened = "HTTP/1.1 200 OK\r\n\r\n";
  co_await asio::async_write(outer, asio::buffer(opened), asio::use_awaitable);
  asio::ssl::stream<Outer&> inner(outer, *context);
  co_await greet(inner);
}

}  // namespace

RawServer::Script tls_server(const TestCertificates& certificates) {
  return [context = context_of(certificates)](std::shared_ptr<tcp::socket> socket) {
    return serve(context, std::move(socket));
  };
}

RawServer::Script tls_proxy(const TestCertificates& certificates,
                            std::shared_ptr<std::vector<std::string>> heads) {
  return [context = context_of(certificates), heads](std::shared_ptr<tcp::socket> socket) {
    return serve_as_proxy(context, heads, std::move(socket));
  };
}

}  // namespace jitbot::testing
