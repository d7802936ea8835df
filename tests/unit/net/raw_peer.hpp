#pragma once

#include "bot/ports/task.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

// Peers that put exact bytes on the wire, to show what a proper peer never would.
namespace jitbot::testing {

using boost::asio::ip::tcp;
using TlsSocket = boost::asio::ssl::stream<tcp::socket>;

// Accepts on a free loopback port and gives each connection to the script, whose errors end that connection.
class RawServer {
 public:
  using Script = std::function<Task<void>(std::shared_ptr<tcp::socket>)>;
  RawServer(const Executor& executor, Script script);
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  std::uint16_t port() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// A port nobody listens on.
std::uint16_t closed_port(const Executor& executor);

Task<std::shared_ptr<tcp::socket>> connect_raw(std::uint16_t port);
Task<void> write_raw(std::shared_ptr<tcp::socket> socket, std::string bytes);
Task<std::string> read_until_end(std::shared_ptr<tcp::socket> socket);
// Up to and with the blank line; throws when the peer goes before.
Task<std::string> read_head(std::shared_ptr<tcp::socket> socket);
Task<std::string> read_exactly(std::shared_ptr<tcp::socket> socket, std::size_t count);
// Sends the bytes on a new connection and gives all that comes back until the server closes it.
Task<std::string> exchange_raw(std::uint16_t port, std::string bytes);

// RFC 6455 by hand.
std::string switching_protocols(std::string_view request_head);
struct Frame {
  unsigned opcode = 1;
  bool final = true;
  bool masked = false;
  std::string payload;
};
std::string encode(const Frame& frame);
Task<Frame> read_frame(std::shared_ptr<tcp::socket> socket);  // unmasked payload
Task<void> accept_upgrade(std::shared_ptr<tcp::socket> socket);

}  // namespace jitbot::testing
