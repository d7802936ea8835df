#pragma once

#include "adapters/net/http.hpp"
#include "adapters/net/proxy.hpp"
#include "bot/model/result.hpp"
#include "bot/model/time.hpp"
#include "bot/ports/task.hpp"

#include <tl/expected.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace jitbot::net {

struct WsMessage {
  bool binary = false;
  std::string data;  // whole message, fragments joined
};

// One WebSocket connection (RFC 6455), either end. Belongs to the loop it was made on, dies before it.
// `receive` may run beside any number of `send` and `ping`: writes are queued in order. `receive` twice at
// once may not. Incoming pings are answered with the same bytes. Destroying it drops the TCP connection hard.
class WebSocket {
 public:
  virtual ~WebSocket() = default;

  // The next message. Fails once the connection is over: the peer's close, an error, or our own close.
  virtual Task<Result<WsMessage>> receive() = 0;
  virtual Task<Result<void>> send(std::string text) = 0;
  virtual Task<Result<void>> ping(std::string payload) = 0;
  // Sends a Close frame (if none went), waits at most `patience` for the peer's, then closes the socket.
  virtual Task<void> close(std::uint16_t code, std::string reason, Millis patience) = 0;
  // Breaks the TCP connection without a Close frame: what a cable does.
  virtual void drop() = 0;
  // Hears nothing more, pings included, while the connection stays up: what a hung process does.
  virtual void deafen() = 0;

  virtual std::uint64_t frames_in() const = 0;  // frames of any kind received so far, pings and pongs too
  virtual std::uint64_t pongs_in() const = 0;
  virtual std::uint16_t close_code() const = 0;  // the peer's, 0 while none came
};

struct WsDialOptions {
  std::string url;  // ws or wss; path and query go on the wire as they are
  Headers headers;
  std::string ca_file;           // PEM; empty: the system's. For the server and for an https:// proxy
  Proxies proxies;               // a chosen one gets a CONNECT, and resolves the server's name
  Millis connect_timeout = 10s;  // DNS, TCP, the proxy's answer and TLS
  Millis upgrade_timeout = 10s;  // until the answer to the upgrade
  std::size_t max_message = 16UL * 1024 * 1024;
};

struct WsDialError {
  Error error;          // names the proxy when one stood between, and never its user or password
  int http_status = 0;  // the answer to the upgrade when it was not 101; 0: none came
};

Task<tl::expected<std::shared_ptr<WebSocket>, WsDialError>> dial(WsDialOptions options);

}  // namespace jitbot::net
