#include "adapters/net/waiter.hpp"
#include "adapters/net/web_socket_upgrade.hpp"

#include <boost/asio/post.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

namespace jitbot::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;

// What Beast does once both Close frames went: the sending half ends here, the owner closes the rest. Slack
// leaves TCP open after the close handshake, so the peer's end is not waited for.
template <class Handler>
void async_teardown(beast::role_type, WireStream& stream, Handler&& handler) {
  stream.wire().shutdown_send();
  asio::post(stream.get_executor(),
             [done = std::forward<Handler>(handler)]() mutable { std::move(done)(ErrorCode()); });
}

namespace {

constexpr std::size_t k_queue_messages = 256;        // received and not yet taken: then reading pauses
constexpr std::size_t k_keep_buffer = 256UL * 1024;  // a larger read buffer is given back after its message
constexpr std::size_t k_control_payload = 125;       // RFC 6455 section 5.5
constexpr std::size_t k_close_reason = 123;          // the same, less the code
constexpr std::uint16_t k_no_status = 1005;          // RFC 6455 section 7.4.1: a Close frame without a code

// One thing to write. Its waiter is set when it went to the kernel or never will.
struct Outgoing {
  enum class Kind { text, ping, close };
  Outgoing(const Executor& executor, Kind what, std::string bytes)
      : kind(what), data(std::move(bytes)), written(std::make_shared<Waiter>(executor)) {}

  Kind kind;
  std::string data;
  std::uint16_t code = 0;
  std::shared_ptr<Waiter> written;
  Result<void> outcome;
};

// The connection proper. Its callbacks hold it by shared_ptr; the WebSocket handed out drops it when
// destroyed. A reader runs from the start, so pings are answered and pongs counted while nobody receives, and
// a cancelled receive loses nothing.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<Wire> wire, std::size_t max_message)
      : wire_(wire), max_message_(max_message), stream_(WireStream(std::move(wire))) {
    stream_.set_option(websocket::stream_base::timeout{websocket::stream_base::none(),
                                                       websocket::stream_base::none(),
                                                       false});  // deadlines are the caller's
    stream_.read_message_max(max_message);
    stream_.auto_fragment(false);
    stream_.write_buffer_bytes(16UL * 1024);
    stream_.control_callback([this](websocket::frame_type kind, beast::string_view) {
      if (kind == websocket::frame_type::pong) ++pongs_;
    });
  }

  using Stream = websocket::stream<WireStream, false>;
  Stream& stream() { return stream_; }
  Executor executor() { return wire_->executor(); }

  void read_next();
  std::shared_ptr<Outgoing> enqueue(std::shared_ptr<Outgoing> item);
  void begin_close(std::uint16_t code, std::string reason);
  void finish(Error why);
  bool over() const { return over_; }
  bool usable() const { return !over_ && !closing_; }
  const Error& end() const { return end_; }
  std::shared_ptr<Waiter> wait_for_end();

  bool receiving() const { return receiver_ != nullptr; }
  std::shared_ptr<Waiter> start_receiving() { return receiver_ = std::make_shared<Waiter>(executor()); }
  void stop_receiving() { receiver_.reset(); }
  std::optional<WsMessage> take();

  std::uint64_t frames_in() { return stream_.next_layer().frames().count(); }
  std::uint64_t pongs_in() const { return pongs_; }
  std::uint16_t close_code() const { return close_code_; }

 private:
  void on_read(ErrorCode error);
  void on_written(ErrorCode error);
  void on_error(ErrorCode error, std::string_view doing);
  void write_next();
  bool full() const { return inbound_.size() >= k_queue_messages || inbound_bytes_ >= max_message_; }

  std::shared_ptr<Wire> wire_;
  std::size_t max_message_;
  Stream stream_;
  beast::flat_buffer buffer_;
  std::deque<WsMessage> inbound_;
  std::size_t inbound_bytes_ = 0;
  std::deque<std::shared_ptr<Outgoing>> outbound_;
  std::shared_ptr<Waiter> receiver_;
  std::vector<std::shared_ptr<Waiter>> end_waiters_;
  std::uint64_t pongs_ = 0;
  std::uint16_t close_code_ = 0;
  bool reading_ = false;
  bool writing_ = false;
  bool closing_ = false;
  bool over_ = false;
  Error end_;
};

void Connection::read_next() {
  if (reading_ || over_ || full()) return;
  reading_ = true;
  stream_.async_read(buffer_,
                     [self = shared_from_this()](ErrorCode error, std::size_t) { self->on_read(error); });
}

void Connection::on_read(ErrorCode error) {
  reading_ = false;
  if (error) return on_error(error, "reading");
  if (!closing_) {  // what comes after our own close has no reader any more
    WsMessage message;
    message.binary = stream_.got_binary();
    message.data = beast::buffers_to_string(buffer_.cdata());
    inbound_bytes_ += message.data.size();
    inbound_.push_back(std::move(message));
    if (receiver_) receiver_->set();
  }
  if (buffer_.capacity() > k_keep_buffer) {
    buffer_ = beast::flat_buffer();
  } else {
    buffer_.clear();
  }
  read_next();
}

std::optional<WsMessage> Connection::take() {
  if (inbound_.empty()) return std::nullopt;
  WsMessage message = std::move(inbound_.front());
  inbound_.pop_front();
  inbound_bytes_ -= message.data.size();
  read_next();
  return message;
}

std::shared_ptr<Outgoing> Connection::enqueue(std::shared_ptr<Outgoing> item) {
  outbound_.push_back(item);
  write_next();
  return item;
}

void Connection::write_next() {
  if (writing_ || over_ || outbound_.empty()) return;
  writing_ = true;
  const auto item = outbound_.front();
  auto done = [self = shared_from_this(), item](ErrorCode error, std::size_t) { self->on_written(error); };
  auto control_done = [self = shared_from_this(), item](ErrorCode error) { self->on_written(error); };
  switch (item->kind) {
    case Outgoing::Kind::text:
      stream_.text(true);
      stream_.async_write(asio::buffer(item->data), std::move(done));
      return;
    case Outgoing::Kind::ping:
      stream_.async_ping(websocket::ping_data(item->data), std::move(control_done));
      return;
    case Outgoing::Kind::close:
      stream_.async_close(websocket::close_reason(static_cast<websocket::close_code>(item->code), item->data),
                          std::move(control_done));
      return;
  }
}

void Connection::on_written(ErrorCode error) {
  writing_ = false;
  if (over_) return;  // the queue was emptied then
  if (error) return on_error(error, "writing");
  const auto item = std::move(outbound_.front());
  outbound_.pop_front();
  item->written->set();
  if (item->kind == Outgoing::Kind::close) {  // complete when the peer's Close came, too
    close_code_ = stream_.reason().code == 0 ? k_no_status : stream_.reason().code;
    Error closed{ErrorKind::unavailable, "the WebSocket was closed", ""};
    return finish(std::move(closed));
  }
  write_next();
}

void Connection::on_error(ErrorCode error, std::string_view doing) {
  if (over_) return;
  Error why{ErrorKind::unavailable, "the WebSocket connection was lost",
            fmt::format("{}: {}", doing, error.message())};
  if (error == websocket::error::closed) {
    close_code_ = stream_.reason().code == 0 ? k_no_status : stream_.reason().code;
    why.message = fmt::format("the WebSocket was closed by the other side with code {}", close_code_);
    const auto& reason = stream_.reason().reason;
    why.detail.assign(reason.data(), reason.size());
  }
  finish(std::move(why));
}

void Connection::begin_close(std::uint16_t code, std::string reason) {
  if (over_ || closing_) return;
  closing_ = true;
  inbound_.clear();
  inbound_bytes_ = 0;
  if (receiver_) receiver_->set();
  reason.resize(std::min(reason.size(), k_close_reason));
  auto item = std::make_shared<Outgoing>(executor(), Outgoing::Kind::close, std::move(reason));
  item->code = code;
  enqueue(std::move(item));
  read_next();  // a paused reader would leave the peer's Close behind full queues
}

void Connection::finish(Error why) {
  if (over_) return;
  over_ = true;
  end_ = std::move(why);
  wire_->close();
  const auto unsent = std::exchange(outbound_, {});
  for (std::size_t i = 0; i < unsent.size(); ++i) {
    // The one being written may have gone out, whole or in part; the others certainly did not.
    const ErrorKind kind = i == 0 && writing_ ? ErrorKind::outcome_unknown : ErrorKind::unavailable;
    unsent[i]->outcome = fail(kind, end_.message, end_.detail);
    unsent[i]->written->set();
  }
  if (receiver_) receiver_->set();
  for (const auto& waiter : std::exchange(end_waiters_, {})) waiter->set();
}

std::shared_ptr<Waiter> Connection::wait_for_end() {
  auto waiter = std::make_shared<Waiter>(executor());
  if (over_) {
    waiter->set();
  } else {
    end_waiters_.push_back(waiter);
  }
  return waiter;
}

Error dropped() {
  return Error{ErrorKind::unavailable, "the WebSocket was dropped", ""};
}

// Undoes start_receiving() however the coroutine ends.
class Receiving {
 public:
  explicit Receiving(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}
  ~Receiving() { connection_->stop_receiving(); }
  Receiving(const Receiving&) = delete;
  Receiving& operator=(const Receiving&) = delete;

 private:
  std::shared_ptr<Connection> connection_;
};

// Whatever ends a close, the patience, the peer or a cancellation, the connection is gone afterwards.
class DropAtEnd {
 public:
  explicit DropAtEnd(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}
  ~DropAtEnd() { connection_->finish(dropped()); }
  DropAtEnd(const DropAtEnd&) = delete;
  DropAtEnd& operator=(const DropAtEnd&) = delete;

 private:
  std::shared_ptr<Connection> connection_;
};

// The coroutines own the connection, so the WebSocket may be destroyed while they wait.
Task<Result<WsMessage>> receive_on(std::shared_ptr<Connection> connection) {
  if (connection->receiving()) co_return fail(ErrorKind::internal, "two receives on one WebSocket at once");
  std::optional<WsMessage> message = connection->take();
  if (!message && connection->usable()) {
    const auto arrived = connection->start_receiving();
    const Receiving receiving(connection);
    co_await Waiter::wait(arrived);
    message = connection->take();
  }
  if (message) co_return std::move(*message);
  if (connection->over()) co_return tl::unexpected(connection->end());
  co_return fail(ErrorKind::unavailable, "the WebSocket is being closed");
}

Task<Result<void>> send_on(std::shared_ptr<Connection> connection, Outgoing::Kind kind, std::string data) {
  if (connection->over()) {
    co_return fail(ErrorKind::unavailable, connection->end().message, connection->end().detail);
  }
  if (!connection->usable()) co_return fail(ErrorKind::unavailable, "the WebSocket is being closed");
  if (kind == Outgoing::Kind::ping && data.size() > k_control_payload) {
    co_return fail(ErrorKind::invalid, "a ping carries at most 125 bytes");
  }
  auto item = std::make_shared<Outgoing>(connection->executor(), kind, std::move(data));
  connection->enqueue(item);
  co_await Waiter::wait(item->written);
  co_return item->outcome;
}

Task<void> close_on(std::shared_ptr<Connection> connection, std::uint16_t code, std::string reason,
                    Millis patience) {
  const DropAtEnd drop_at_end(connection);
  connection->begin_close(code, std::move(reason));
  const auto ended = connection->wait_for_end();
  co_await Waiter::wait_for(ended, patience);
}

class BeastWebSocket : public WebSocket {
 public:
  explicit BeastWebSocket(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}
  ~BeastWebSocket() override { connection_->finish(dropped()); }
  BeastWebSocket(const BeastWebSocket&) = delete;
  BeastWebSocket& operator=(const BeastWebSocket&) = delete;

  Task<Result<WsMessage>> receive() override { return receive_on(connection_); }
  Task<Result<void>> send(std::string text) override {
    return send_on(connection_, Outgoing::Kind::text, std::move(text));
  }
  Task<Result<void>> ping(std::string payload) override {
    return send_on(connection_, Outgoing::Kind::ping, std::move(payload));
  }
  Task<void> close(std::uint16_t code, std::string reason, Millis patience) override {
    return close_on(connection_, code, std::move(reason), patience);
  }
  void drop() override { connection_->finish(dropped()); }
  void deafen() override { connection_->stream().next_layer().deafen(); }

  std::uint64_t frames_in() const override { return connection_->frames_in(); }
  std::uint64_t pongs_in() const override { return connection_->pongs_in(); }
  std::uint16_t close_code() const override { return connection_->close_code(); }

 private:
  std::shared_ptr<Connection> connection_;
};

std::shared_ptr<WebSocket> opened(const std::shared_ptr<Connection>& connection) {
  connection->read_next();
  return std::make_shared<BeastWebSocket>(connection);
}

}  // namespace

void upgrade_client(std::shared_ptr<Wire> wire, ClientUpgrade upgrade, UpgradeDone done) {
  auto connection = std::make_shared<Connection>(std::move(wire), upgrade.max_message);
  auto& stream = connection->stream();
  stream.set_option(websocket::stream_base::decorator(
      [headers = std::move(upgrade.headers)](websocket::request_type& request) {
        for (const Header& header : headers) request.set(header.name, header.value);
      }));
  stream.next_layer().frames().start_after_http_head();
  auto answer = std::make_shared<websocket::response_type>();
  stream.async_handshake(*answer, upgrade.host, upgrade.target,
                         [connection, answer, done = std::move(done)](ErrorCode error) {
                           UpgradeResult result;
                           result.error = error;
                           if (!error || error == websocket::error::upgrade_declined) {
                             result.http_status = static_cast<int>(answer->result_int());
                           }
                           if (!error) result.socket = opened(connection);
                           done(std::move(result));
                         });
}

void upgrade_server(std::shared_ptr<Wire> wire, const ServerRequest& request, std::size_t max_message,
                    UpgradeDone done) {
  auto connection = std::make_shared<Connection>(std::move(wire), max_message);
  auto& stream = connection->stream();
  beast::http::request<beast::http::empty_body> upgrade;
  upgrade.method_string(request.method);
  upgrade.target(request.query.empty() ? request.path : request.path + "?" + request.query);
  for (const Header& header : request.headers) upgrade.insert(header.name, header.value);
  stream.next_layer().frames().start();
  stream.async_accept(upgrade, [connection, done = std::move(done)](ErrorCode error) {
    UpgradeResult result;
    result.error = error;
    if (!error) result.socket = opened(connection);
    done(std::move(result));
  });
}

}  // namespace jitbot::net
