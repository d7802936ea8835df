#include "adapters/net/wire.hpp"

namespace jitbot::net {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

class PlainWire : public Wire, public std::enable_shared_from_this<PlainWire> {
 public:
  explicit PlainWire(tcp::socket socket) : socket_(std::move(socket)) {}

  Executor executor() override { return socket_.get_executor(); }

  void read_some(asio::mutable_buffer into, IoHandlerPtr done) override {
    socket_.async_read_some(into, [self = shared_from_this(), done = std::move(done)](
                                      ErrorCode error, std::size_t bytes) { done->complete(error, bytes); });
  }

  void write_some(BufferList from, IoHandlerPtr done) override {
    socket_.async_write_some(from, [self = shared_from_this(), done = std::move(done)](
                                       ErrorCode error, std::size_t bytes) { done->complete(error, bytes); });
  }

  void shutdown_send() override {
    ErrorCode ignored;  // the peer may be gone already
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
  }

  void close() override {
    ErrorCode ignored;
    socket_.close(ignored);
  }

 private:
  tcp::socket socket_;
};

}  // namespace

std::shared_ptr<Wire> make_plain_wire(tcp::socket socket) {
  return std::make_shared<PlainWire>(std::move(socket));
}

}  // namespace jitbot::net
