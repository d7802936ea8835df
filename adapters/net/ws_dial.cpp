#include "adapters/net/proxy_connect.hpp"
#include "adapters/net/url.hpp"
#include "adapters/net/waiter.hpp"
#include "adapters/net/web_socket_upgrade.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

namespace jitbot::net {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

using DialResult = tl::expected<std::shared_ptr<WebSocket>, WsDialError>;

// One attempt: resolve, connect, ask a proxy, TLS, upgrade, each a callback that goes on or ends it. The
// deadline and a cancelled dial end it too, at any moment; later callbacks then find it ended and do nothing.
// A name lookup that hangs cannot be stopped, so it is left behind, which is why nothing here waits for it.
class Dialer : public std::enable_shared_from_this<Dialer> {
 public:
  Dialer(const Executor& executor, Url url, std::optional<Proxy> proxy, WsDialOptions options)
      : url_(std::move(url)),
        proxy_(std::move(proxy)),
        options_(std::move(options)),
        resolver_(executor),
        socket_(executor),
        deadline_(executor),
        ended_(std::make_shared<Waiter>(executor)) {}

  void start();
  std::shared_ptr<Waiter> ended() const { return ended_; }
  DialResult take_result() { return std::move(result_); }
  void abandon() { fail_with("dialling was given up", ""); }

 private:
  void arm(Millis patience);
  void late(Millis patience);
  void connect(const tcp::resolver::results_type& addresses);
  void reached();
  void ask_proxy();
  void secure();
  void start_tls_with(const std::string& host, const std::string& whom, void (Dialer::*next)());
  void upgrade();
  void upgraded(UpgradeResult answer);
  void fail_with(std::string message, std::string detail, int status = 0);
  std::string target() const { return host_and_port(url_.host, url_.port); }
  std::string where() const {
    return proxy_ ? fmt::format("{} (through the proxy {})", target(), proxy_->where()) : target();
  }
  // Who is spoken to on TCP, and how errors call it.
  const std::string& first_host() const { return proxy_ ? proxy_->host : url_.host; }
  std::string first_peer() const { return proxy_ ? "the proxy " + proxy_->where() : target(); }

  // Whose answer is waited for.
  enum class Stage { first_peer, target, upgrade };

  Url url_;
  std::optional<Proxy> proxy_;
  WsDialOptions options_;
  tcp::resolver resolver_;
  tcp::socket socket_;
  std::shared_ptr<Wire> wire_;
  asio::steady_timer deadline_;
  Stage stage_ = Stage::first_peer;
  std::shared_ptr<Waiter> ended_;
  DialResult result_;
};

void Dialer::fail_with(std::string message, std::string detail, int status) {
  if (ended_->done()) return;
  result_ = tl::unexpected(
      WsDialError{Error{ErrorKind::unavailable, std::move(message), std::move(detail)}, status});
  deadline_.cancel();
  resolver_.cancel();
  ErrorCode ignored;
  socket_.close(ignored);
  if (wire_) wire_->close();
  ended_->set();
}

void Dialer::arm(Millis patience) {
  deadline_.expires_after(patience);
  deadline_.async_wait([self = shared_from_this(), patience](ErrorCode cancelled) {
    if (!cancelled) self->late(patience);
  });
}

void Dialer::late(Millis patience) {
  switch (stage_) {
    case Stage::first_peer:
      if (proxy_) {
        const auto silent = fmt::format("{} did not answer within {} ms", first_peer(), patience.count());
        return fail_with(silent, "CONNECT " + target());
      }
      [[fallthrough]];
    case Stage::target:
      return fail_with(
          fmt::format("{} could not be connected to: took longer than {} ms", where(), patience.count()), "");
    case Stage::upgrade:
      return fail_with(fmt::format("{} did not answer the WebSocket upgrade: took longer than {} ms", where(),
                                   patience.count()),
                       "");
  }
}

void Dialer::start() {
  arm(options_.connect_timeout);
  resolver_.async_resolve(
      first_host(), std::to_string(proxy_ ? proxy_->port : url_.port),
      tcp::resolver::numeric_service | tcp::resolver::address_configured,
      [self = shared_from_this()](ErrorCode error, const tcp::resolver::results_type& addresses) {
        if (self->ended_->done()) return;
        if (error)
          return self->fail_with(fmt::format("the name {}{} cannot be resolved",
                                             self->proxy_ ? "of the proxy " : "", self->first_host()),
                                 error.message());
        self->connect(addresses);
      });
}

void Dialer::connect(const tcp::resolver::results_type& addresses) {
  asio::async_connect(socket_, addresses, [self = shared_from_this()](ErrorCode error, const tcp::endpoint&) {
    if (self->ended_->done()) return;
    if (error) return self->fail_with("cannot connect to " + self->first_peer(), error.message());
    ErrorCode
        ignored;  // small frames that must not wait for each other; a socket without the option works too
    self->socket_.set_option(tcp::no_delay(true), ignored);
    self->wire_ = make_plain_wire(std::move(self->socket_));
    self->reached();
  });
}

void Dialer::reached() {
  if (!proxy_) return secure();
  if (proxy_->tls) return start_tls_with(proxy_->host, first_peer(), &Dialer::ask_proxy);
  ask_proxy();
}

void Dialer::ask_proxy() {
  connect_through(wire_, *proxy_, target(), [self = shared_from_this()](Result<void> opened) {
    if (self->ended_->done()) return;
    if (!opened) return self->fail_with(opened.error().message, opened.error().detail);
    self->secure();
  });
}

void Dialer::secure() {
  stage_ = Stage::target;
  if (!url_.secure()) return upgrade();
  start_tls_with(url_.host, where(), &Dialer::upgrade);
}

void Dialer::start_tls_with(const std::string& host, const std::string& whom, void (Dialer::*next)()) {
  TlsPeer peer{host, options_.ca_file};
  auto started =
      start_tls(wire_, std::move(peer),
                [self = shared_from_this(), whom, next](ErrorCode error, const std::string& reason) {
                  if (self->ended_->done()) return;
                  if (error) return self->fail_with("TLS with " + whom + " failed", reason);
                  (*self.*next)();
                });
  if (!started) {
    fail_with(started.error().message, started.error().detail);
    result_.error().error.kind = started.error().kind;
    return;
  }
  wire_ = std::move(*started);
}

void Dialer::upgrade() {
  stage_ = Stage::upgrade;
  arm(options_.upgrade_timeout);
  const bool v6 = url_.host.find(':') != std::string::npos;
  const bool usual = url_.port == (url_.secure() ? 443 : 80);
  ClientUpgrade request;
  request.host = v6 ? "[" + url_.host + "]" : url_.host;
  if (!usual) request.host += fmt::format(":{}", url_.port);
  request.target = url_.target;
  request.headers = options_.headers;
  request.max_message = options_.max_message;
  upgrade_client(wire_, std::move(request),
                 [self = shared_from_this()](UpgradeResult answer) { self->upgraded(std::move(answer)); });
}

void Dialer::upgraded(UpgradeResult answer) {
  if (ended_->done()) return;
  if (!answer.error) {
    deadline_.cancel();
    result_ = std::move(answer.socket);
    ended_->set();
    return;
  }
  if (answer.http_status != 0 && answer.http_status != 101) {
    return fail_with(
        fmt::format("{} answered the WebSocket upgrade with HTTP {}", where(), answer.http_status), "",
        answer.http_status);
  }
  fail_with(where() + " did not answer the WebSocket upgrade", answer.error.message());
}

class AbandonAtEnd {
 public:
  explicit AbandonAtEnd(std::shared_ptr<Dialer> dialer) : dialer_(std::move(dialer)) {}
  ~AbandonAtEnd() { dialer_->abandon(); }
  AbandonAtEnd(const AbandonAtEnd&) = delete;
  AbandonAtEnd& operator=(const AbandonAtEnd&) = delete;

 private:
  std::shared_ptr<Dialer> dialer_;
};

}  // namespace

Task<DialResult> dial(WsDialOptions options) {
  auto url = parse_url(options.url);
  if (!url) co_return tl::unexpected(WsDialError{url.error(), 0});
  if (url->scheme != "ws" && url->scheme != "wss") {
    Error error{ErrorKind::invalid, "a WebSocket URL begins with ws:// or wss://", ""};
    co_return tl::unexpected(WsDialError{std::move(error), 0});
  }
  for (const Header& header : options.headers) {
    if ((header.name + header.value).find_first_of(std::string("\r\n\0", 3)) != std::string::npos) {
      Error error{ErrorKind::invalid, "a header of the WebSocket upgrade holds a line break", ""};
      co_return tl::unexpected(WsDialError{std::move(error), 0});
    }
  }
  auto proxy = options.proxies.choose(*url);
  if (!proxy) co_return tl::unexpected(WsDialError{proxy.error(), 0});
  const auto executor = co_await asio::this_coro::executor;
  const auto dialer =
      std::make_shared<Dialer>(executor, std::move(*url), std::move(*proxy), std::move(options));
  const AbandonAtEnd abandon_at_end(dialer);
  dialer->start();
  const auto ended = dialer->ended();
  co_await Waiter::wait(ended);
  co_return dialer->take_result();
}

}  // namespace jitbot::net
