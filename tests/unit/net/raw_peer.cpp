#include "tests/unit/net/raw_peer.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <openssl/evp.h>

#include <array>
#include <exception>
#include <stdexcept>

namespace jitbot::testing {

namespace asio = boost::asio;

struct RawServer::State : std::enable_shared_from_this<State> {
  State(const Executor& executor, Script with)
      : acceptor(executor, tcp::endpoint(asio::ip::address_v4::loopback(), 0)), script(std::move(with)) {}

  void accept_next() {
    acceptor.async_accept([self = shared_from_this()](boost::system::error_code error, tcp::socket socket) {
      if (error) return;
      auto shared = std::make_shared<tcp::socket>(std::move(socket));
      auto ended = [](const std::exception_ptr&) {};  // the socket closes with its last owner
      asio::co_spawn(self->acceptor.get_executor(), self->script(shared), std::move(ended));
      self->accept_next();
    });
  }

  tcp::acceptor acceptor;
  Script script;
};

RawServer::RawServer(const Executor& executor, Script script)
    : state_(std::make_shared<State>(executor, std::move(script))) {
  state_->accept_next();
}
RawServer::~RawServer() {
  state_->acceptor.close();
}
std::uint16_t RawServer::port() const {
  return state_->acceptor.local_endpoint().port();
}

std::uint16_t closed_port(const Executor& executor) {
  tcp::acceptor acceptor(executor, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  return acceptor.local_endpoint().port();
}

Task<std::shared_ptr<tcp::socket>> connect_raw(std::uint16_t port) {
  const auto executor = co_await asio::this_coro::executor;
  auto socket = std::make_shared<tcp::socket>(executor);
  const tcp::endpoint endpoint(asio::ip::address_v4::loopback(), port);
  co_await socket->async_connect(endpoint, asio::use_awaitable);
  co_return socket;
}

Task<void> write_raw(std::shared_ptr<tcp::socket> socket, std::string bytes) {
  co_await asio::async_write(*socket, asio::buffer(bytes), asio::use_awaitable);
}

Task<std::string> read_until_end(std::shared_ptr<tcp::socket> socket) {
  std::string bytes;
  boost::system::error_code end;
  co_await asio::async_read(*socket, asio::dynamic_buffer(bytes),
                            asio::redirect_error(asio::use_awaitable, end));
  co_return bytes;
}

Task<std::string> read_head(std::shared_ptr<tcp::socket> socket) {
  std::string bytes;
  while (!bytes.ends_with("\r\n\r\n")) {  // byte by byte: what follows the head belongs to the next reader
    std::array<char, 1> one{};
    co_await asio::async_read(*socket, asio::buffer(one), asio::use_awaitable);
    bytes += one[0];
  }
  co_return bytes;
}

Task<std::string> read_exactly(std::shared_ptr<tcp::socket> socket, std::size_t count) {
  std::string bytes(count, '\0');
  co_await asio::async_read(*socket, asio::buffer(bytes), asio::use_awaitable);
  co_return bytes;
}

Task<std::string> exchange_raw(std::uint16_t port, std::string bytes) {
  const auto socket = co_await connect_raw(port);
  co_await write_raw(socket, std::move(bytes));
  auto answer = co_await read_until_end(socket);
  co_return answer;
}

std::string switching_protocols(std::string_view request_head) {
  constexpr std::string_view k_name = "Sec-WebSocket-Key: ";
  const std::size_t at = request_head.find(k_name);
  if (at == std::string_view::npos) throw std::runtime_error("no Sec-WebSocket-Key in the upgrade");
  const std::size_t begin = at + k_name.size();
  const std::string_view key = request_head.substr(begin, request_head.find("\r\n", begin) - begin);
  const std::string salted = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(salted.data(), salted.size(), digest.data(), &size, EVP_sha1(), nullptr);
  std::array<unsigned char, 64> text{};
  const int length = EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(size));
  const std::string accept(text.begin(), text.begin() + length);
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
         "Upgrade\r\nSec-WebSocket-Accept: " +
         accept + "\r\n\r\n";
}

std::string encode(const Frame& frame) {
  constexpr std::array<unsigned char, 4> k_mask{0x11, 0x22, 0x33, 0x44};
  std::string out;
  out += static_cast<char>((frame.final ? 0x80U : 0U) | frame.opcode);
  const unsigned mask_bit = frame.masked ? 0x80U : 0U;
  const std::size_t size = frame.payload.size();
  const std::size_t extended = size < 126 ? 0 : size < 65536 ? 2 : 8;
  const std::size_t first = extended == 0 ? size : extended == 2 ? 126 : 127;
  out += static_cast<char>(mask_bit | first);
  for (std::size_t i = extended; i > 0; --i) out += static_cast<char>(size >> (8 * (i - 1)) & 0xffU);
  if (!frame.masked) return out + frame.payload;
  for (const unsigned char byte : k_mask) out += static_cast<char>(byte);
  for (std::size_t i = 0; i < size; ++i) out += static_cast<char>(frame.payload[i] ^ k_mask[i % 4]);
  return out;
}

Task<Frame> read_frame(std::shared_ptr<tcp::socket> socket) {
  const std::string head = co_await read_exactly(socket, 2);
  const auto first = static_cast<unsigned char>(head[0]);
  const auto second = static_cast<unsigned char>(head[1]);
  Frame frame;
  frame.opcode = first & 0x0fU;
  frame.final = (first & 0x80U) != 0;
  frame.masked = (second & 0x80U) != 0;
  std::size_t size = second & 0x7fU;
  if (size >= 126) {
    const std::size_t extended = size == 126 ? 2 : 8;
    const std::string more = co_await read_exactly(socket, extended);
    size = 0;
    for (const char byte : more) size = size << 8U | static_cast<unsigned char>(byte);
  }
  std::string mask(4, '\0');
  if (frame.masked) mask = co_await read_exactly(socket, 4);
  frame.payload = co_await read_exactly(socket, size);
  for (std::size_t i = 0; i < size; ++i) frame.payload[i] = static_cast<char>(frame.payload[i] ^ mask[i % 4]);
  co_return frame;
}

Task<void> accept_upgrade(std::shared_ptr<tcp::socket> socket) {
  const std::string head = co_await read_head(socket);
  std::string answer = switching_protocols(head);
  co_await write_raw(socket, std::move(answer));
}

}  // namespace jitbot::testing
