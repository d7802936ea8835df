#include "adapters/net/http_server.hpp"

#include "adapters/net/waiter.hpp"
#include "adapters/net/web_socket_upgrade.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <exception>
#include <optional>
#include <stdexcept>
#include <unordered_set>
#include <utility>

namespace jitbot::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

namespace {

constexpr std::uint32_t k_max_header = 32 * 1024;
constexpr std::size_t k_max_message = 16UL * 1024 * 1024;  // of a WebSocket peer
constexpr Millis k_accept_pause = 100ms;                   // after running out of file descriptors
constexpr Millis k_refusal_drain = 2000ms;

using Parser = http::request_parser<http::string_body>;
using Response = http::response<http::string_body>;

ServerRequest to_request(const Parser& parser) {
  const auto& message = parser.get();
  ServerRequest request;
  request.method.assign(message.method_string().data(), message.method_string().size());
  const std::string_view target(message.target().data(), message.target().size());
  const std::size_t question = std::min(target.find('?'), target.size());
  request.path = target.substr(0, question);
  if (question < target.size()) request.query = target.substr(question + 1);
  for (const auto& field : message) {
    Header header;
    header.name.assign(field.name_string().data(), field.name_string().size());
    header.value.assign(field.value().data(), field.value().size());
    request.headers.push_back(std::move(header));
  }
  return request;
}

bool breaks_line(const Header& header) {
  return (header.name + header.value).find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos;
}

Response to_response(ServerResponse answer, std::string_view method, unsigned version) {
  if (std::ranges::any_of(answer.headers, breaks_line))
    throw std::invalid_argument("a response header breaks its line");
  Response response;
  response.version(version);
  response.result(static_cast<unsigned>(answer.status));
  for (const Header& header : answer.headers) response.insert(header.name, header.value);
  const bool bodiless = answer.status < 200 || answer.status == 204 || answer.status == 304;
  if (!bodiless) response.content_length(answer.body.size());
  if (!bodiless && method != "HEAD") response.body() = std::move(answer.body);
  return response;
}

ServerResponse plain_answer(int status, std::string text) {
  ServerResponse answer;
  answer.status = status;
  answer.headers.push_back({"Content-Type", "text/plain; charset=utf-8"});
  answer.body = std::move(text) + "\n";
  return answer;
}

// The answer to bytes that are no request; nothing when the peer went away or stayed silent.
std::optional<ServerResponse> refusal(ErrorCode error) {
  if (error == http::error::end_of_stream || error == http::error::partial_message) return std::nullopt;
  if (error == http::error::body_limit) return plain_answer(413, "the request body is too large");
  if (error == http::error::header_limit) return plain_answer(431, "the request header is too large");
  if (error.category() == make_error_code(http::error::bad_method).category()) {
    return plain_answer(400, "this is not a valid HTTP request");
  }
  return std::nullopt;
}

// One client. Closing the wire ends whatever it waits for on the network; the signal cancels its handler.
struct Client {
  Client(std::shared_ptr<Wire> with, std::string from)
      : wire(with), stream(std::move(with)), idle(wire->executor()), peer(std::move(from)) {}

  std::shared_ptr<Wire> wire;
  WireStream stream;
  beast::flat_buffer buffer;
  asio::steady_timer idle;
  asio::cancellation_signal cancel;
  std::string peer;
};

std::string address_of_peer(const tcp::socket& socket) {
  ErrorCode gone;
  const auto peer = socket.remote_endpoint(gone);
  return gone ? std::string() : peer.address().to_string();
}

void arm(const std::shared_ptr<Client>& client, Millis patience) {
  client->idle.expires_after(patience);
  client->idle.async_wait([weak = std::weak_ptr<Client>(client)](ErrorCode cancelled) {
    const auto late = weak.lock();
    if (!cancelled && late) late->wire->close();
  });
}

void disarm(const std::shared_ptr<Client>& client) {
  client->idle.cancel();
}

}  // namespace

struct HttpServer::State : std::enable_shared_from_this<State> {
  State(Executor on, HttpServerOptions with, Handler handle)
      : executor(on), options(std::move(with)), handler(std::move(handle)), acceptor(on), pause(on) {}

  Executor executor;
  HttpServerOptions options;
  Handler handler;
  UpgradeGate gate;
  UpgradeHandler upgrade_handler;
  tcp::acceptor acceptor;
  asio::steady_timer pause;
  std::unordered_set<std::shared_ptr<Client>> clients;
  bool accepting = false;
  bool stopped = false;

  void accept_next();
  void on_accept(ErrorCode error, tcp::socket socket);
  void retire(const std::shared_ptr<Client>& client);
  void stop();

  static Task<void> serve(std::shared_ptr<State> self, std::shared_ptr<Client> client);
  static Task<bool> serve_one(std::shared_ptr<State> self, std::shared_ptr<Client> client);
  static Task<bool> next_begins(std::shared_ptr<State> self, std::shared_ptr<Client> client);
  static Task<Response> answer(std::shared_ptr<State> self, ServerRequest request, unsigned version);
  static Task<bool> write(std::shared_ptr<State> self, std::shared_ptr<Client> client, Response response);
  static Task<void> refuse(std::shared_ptr<State> self, std::shared_ptr<Client> client, ServerResponse why);
  static Task<void> upgrade(std::shared_ptr<State> self, std::shared_ptr<Client> client,
                            ServerRequest request);
};

void HttpServer::State::accept_next() {
  if (accepting || stopped || clients.size() >= options.max_connections) return;
  accepting = true;
  acceptor.async_accept([self = shared_from_this()](ErrorCode error, tcp::socket socket) {
    self->accepting = false;
    self->on_accept(error, std::move(socket));
  });
}

void HttpServer::State::on_accept(ErrorCode error, tcp::socket socket) {
  if (stopped) return;
  if (error) {
    spdlog::warn("event=http_accept_failed port={} error=\"{}\"", options.port, error.message());
    pause.expires_after(k_accept_pause);
    pause.async_wait([self = shared_from_this()](ErrorCode cancelled) {
      if (!cancelled) self->accept_next();
    });
    return;
  }
  ErrorCode ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  std::string peer = address_of_peer(socket);
  auto client = std::make_shared<Client>(make_plain_wire(std::move(socket)), std::move(peer));
  clients.insert(client);
  // The signal lives in the client, and must outlive the last look the finished coroutine takes at its slot.
  auto ended = [client](const std::exception_ptr&) { asio::post(client->wire->executor(), [client] {}); };
  asio::co_spawn(executor, serve(shared_from_this(), client),
                 asio::bind_cancellation_slot(client->cancel.slot(), std::move(ended)));
  accept_next();
}

void HttpServer::State::retire(const std::shared_ptr<Client>& client) {
  client->idle.cancel();
  client->wire->close();
  clients.erase(client);
  accept_next();
}

void HttpServer::State::stop() {
  if (stopped) return;
  stopped = true;
  ErrorCode ignored;
  acceptor.close(ignored);
  pause.cancel();
  const auto running = std::exchange(clients, {});
  for (const auto& client : running) {
    client->wire->close();
    client->cancel.emit(asio::cancellation_type::terminal);
  }
}

Task<void> HttpServer::State::serve(std::shared_ptr<State> self, std::shared_ptr<Client> client) {
  try {
    bool more = true;
    while (more && !self->stopped) {
      more = co_await serve_one(self, client);
      if (more) more = co_await next_begins(self, client);
    }
  } catch (const boost::system::system_error& error) {
    if (error.code() != asio::error::operation_aborted) {
      spdlog::error("event=http_connection_failed error=\"{}\"", error.what());
    }
  } catch (const std::exception& error) {
    spdlog::error("event=http_connection_failed error=\"{}\"", error.what());
  }
  self->retire(client);
}

// Waits for the first bytes of the next request; false: none came.
Task<bool> HttpServer::State::next_begins(std::shared_ptr<State> self, std::shared_ptr<Client> client) {
  if (client->buffer.size() > 0) co_return true;
  constexpr std::size_t k_piece = 4096;
  arm(client, self->options.idle_timeout);
  ErrorCode error;
  const std::size_t count = co_await client->stream.async_read_some(
      client->buffer.prepare(k_piece), asio::redirect_error(asio::use_awaitable, error));
  disarm(client);
  client->buffer.commit(count);
  co_return !error;
}

// Reads one request and answers it; false ends the connection.
Task<bool> HttpServer::State::serve_one(std::shared_ptr<State> self, std::shared_ptr<Client> client) {
  Parser parser;
  parser.header_limit(k_max_header);
  parser.body_limit(self->options.max_body);
  arm(client, self->options.request_timeout);
  ErrorCode error;
  co_await http::async_read(client->stream, client->buffer, parser,
                            asio::redirect_error(asio::use_awaitable, error));
  disarm(client);
  if (error) {
    auto why = refusal(error);
    if (why) co_await refuse(self, client, std::move(*why));
    co_return false;
  }
  ServerRequest request = to_request(parser);
  request.peer = client->peer;
  if (self->upgrade_handler && beast::websocket::is_upgrade(parser.get())) {
    const int status = self->gate ? self->gate(request) : 101;
    if (status == 101) {
      co_await upgrade(self, client, std::move(request));
      co_return false;
    }
    ServerResponse why = plain_answer(status, "the upgrade is refused");
    co_await refuse(self, client, std::move(why));
    co_return false;
  }
  request.body = std::move(parser.get().body());
  Response response = co_await answer(self, std::move(request), parser.get().version());
  if (response.result_int() == 0) co_return false;
  response.keep_alive(parser.get().keep_alive());
  const bool more = co_await write(self, client, std::move(response));
  co_return more;
}

Task<Response> HttpServer::State::answer(std::shared_ptr<State> self, ServerRequest request,
                                         unsigned version) {
  const std::string method = request.method;
  const std::string path = request.path;
  std::string why;
  try {
    ServerResponse given = co_await self->handler(std::move(request));
    co_return to_response(std::move(given), method, version);
  } catch (const boost::system::system_error& error) {
    if (self->stopped && error.code() == asio::error::operation_aborted) throw;
    why = error.what();
  } catch (const std::exception& error) {
    why = error.what();
  }
  spdlog::error("event=http_handler_failed method={} path={} error=\"{}\"", method, path, why);
  ServerResponse failed = plain_answer(500, "internal error");
  co_return to_response(std::move(failed), method, version);
}

Task<bool> HttpServer::State::write(std::shared_ptr<State> self, std::shared_ptr<Client> client,
                                    Response response) {
  const bool more = response.keep_alive();
  arm(client, self->options.request_timeout);
  ErrorCode error;
  co_await http::async_write(client->stream, response, asio::redirect_error(asio::use_awaitable, error));
  disarm(client);
  co_return more && !error;
}

// Answers and ends. What the peer still sends is read away for a moment: closing with unread bytes would
// reset the connection, and the peer might never see the answer.
Task<void> HttpServer::State::refuse(std::shared_ptr<State> self, std::shared_ptr<Client> client,
                                     ServerResponse why) {
  Response response = to_response(std::move(why), "", 11);
  response.keep_alive(false);
  co_await write(self, client, std::move(response));
  client->wire->shutdown_send();
  arm(client, k_refusal_drain);
  std::array<char, 16UL * 1024> unread{};
  ErrorCode error;
  while (!error) {
    co_await client->stream.async_read_some(asio::buffer(unread),
                                            asio::redirect_error(asio::use_awaitable, error));
  }
  disarm(client);
}

Task<void> HttpServer::State::upgrade(std::shared_ptr<State> self, std::shared_ptr<Client> client,
                                      ServerRequest request) {
  if (client->buffer.size() > 0)
    co_return;  // RFC 6455 section 4.1: a client waits for the 101 before it sends
  const auto answered = std::make_shared<Waiter>(self->executor);
  const auto outcome = std::make_shared<UpgradeResult>();
  arm(client, self->options.request_timeout);
  upgrade_server(client->wire, request, k_max_message, [answered, outcome](UpgradeResult result) {
    *outcome = std::move(result);
    answered->set();
  });
  co_await Waiter::wait(answered);
  disarm(client);
  if (outcome->error) co_return;
  const auto socket = outcome->socket;
  outcome->socket.reset();
  std::string why;
  try {
    co_await self->upgrade_handler(std::move(request), socket);
  } catch (const boost::system::system_error& error) {
    if (!self->stopped || error.code() != asio::error::operation_aborted) why = error.what();
  } catch (const std::exception& error) {
    why = error.what();
  }
  if (!why.empty()) spdlog::error("event=websocket_handler_failed error=\"{}\"", why);
  socket->drop();
}

HttpServer::HttpServer(Executor executor, HttpServerOptions options, Handler handler)
    : state_(std::make_shared<State>(std::move(executor), std::move(options), std::move(handler))) {}

HttpServer::~HttpServer() {
  state_->stop();
}

void HttpServer::on_upgrade(UpgradeGate gate, UpgradeHandler handler) {
  state_->gate = std::move(gate);
  state_->upgrade_handler = std::move(handler);
}

Result<void> HttpServer::start() {
  State& state = *state_;
  ErrorCode error;
  const auto address = asio::ip::make_address(state.options.address, error);
  const std::string where = fmt::format("{}:{}", state.options.address, state.options.port);
  if (error) return fail(ErrorKind::invalid, "not an IP address to listen on: " + state.options.address);
  const tcp::endpoint endpoint(address, state.options.port);
  state.acceptor.open(endpoint.protocol(), error);
  if (!error) state.acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) state.acceptor.bind(endpoint, error);
  if (!error) state.acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    ErrorCode ignored;
    state.acceptor.close(ignored);
    return fail(ErrorKind::unavailable, fmt::format("cannot listen on {}: {}", where, error.message()));
  }
  state.options.port = state.acceptor.local_endpoint().port();
  state.accept_next();
  return {};
}

std::uint16_t HttpServer::port() const {
  return state_->options.port;
}

void HttpServer::stop() {
  state_->stop();
}

}  // namespace jitbot::net
