#pragma once

#include "adapters/net/frame_counter.hpp"
#include "bot/model/result.hpp"
#include "bot/ports/task.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

// A byte stream whose kind (TCP or TLS) is hidden behind virtual calls. Beast's templates then see one stream
// type, which more than halves the compile time and memory of the files that use it.
namespace jitbot::net {

using ErrorCode = boost::system::error_code;

class IoHandler {
 public:
  virtual ~IoHandler() = default;
  virtual void complete(ErrorCode error, std::size_t bytes) = 0;
};
using IoHandlerPtr = std::unique_ptr<IoHandler>;

// A gathered write: copied with the operation, the bytes themselves stay the caller's.
class BufferList {
 public:
  using value_type = boost::asio::const_buffer;
  using const_iterator = const value_type*;

  template <class Buffers>
  explicit BufferList(const Buffers& buffers) {
    const auto last = boost::asio::buffer_sequence_end(buffers);
    for (auto part = boost::asio::buffer_sequence_begin(buffers); part != last && count_ < parts_.size();
         ++part) {
      const value_type bytes(*part);
      if (bytes.size() > 0) parts_[count_++] = bytes;
    }
  }
  const_iterator begin() const { return parts_.data(); }
  const_iterator end() const { return parts_.data() + count_; }

 private:
  std::array<value_type, 8> parts_;
  std::size_t count_ = 0;
};

// Belongs to one loop. One read and one write may run at a time. Pending operations keep the wire alive and
// complete with an error after close().
class Wire {
 public:
  virtual ~Wire() = default;
  virtual Executor executor() = 0;
  virtual void read_some(boost::asio::mutable_buffer into, IoHandlerPtr done) = 0;
  virtual void write_some(BufferList from, IoHandlerPtr done) = 0;
  virtual void shutdown_send() = 0;  // no more bytes from us; reading goes on
  virtual void close() = 0;          // at once, without ceremony
};

std::shared_ptr<Wire> make_plain_wire(boost::asio::ip::tcp::socket socket);

struct TlsPeer {
  std::string host;     // verified against the certificate, and sent as SNI unless it is an address
  std::string ca_file;  // PEM; empty: the system's
};
// Starts the TLS handshake over a connected wire, which may be TLS itself (an https:// proxy). `done` gets
// the error and, for the log, OpenSSL's reason. Fails at once when the CA file cannot be read.
Result<std::shared_ptr<Wire>> start_tls(std::shared_ptr<Wire> below, TlsPeer peer,
                                        std::function<void(ErrorCode, std::string)> done);

// The stream that Beast and TLS see.
class WireStream {
 public:
  using executor_type = Executor;
  using lowest_layer_type = WireStream;

  explicit WireStream(std::shared_ptr<Wire> wire) : wire_(std::move(wire)) {}

  executor_type get_executor() { return wire_->executor(); }
  lowest_layer_type& lowest_layer() { return *this; }
  Wire& wire() { return *wire_; }
  FrameCounter& frames() { return frames_; }
  // What comes from now on is thrown away unseen.
  void deafen() { deaf_ = true; }

  // Asio takes the token as an lvalue.
  // NOLINTBEGIN(cppcoreguidelines-missing-std-forward)
  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, void(ErrorCode, std::size_t)>(
        [this, into = first_of(buffers)](auto handler) {
          wire_->read_some(into,
                           std::make_unique<Reading<decltype(handler)>>(std::move(handler), *this, into));
        },
        token);
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, void(ErrorCode, std::size_t)>(
        [this, from = BufferList(buffers)](auto handler) {
          wire_->write_some(from, std::make_unique<Writing<decltype(handler)>>(std::move(handler)));
        },
        token);
  }
  // NOLINTEND(cppcoreguidelines-missing-std-forward)

 private:
  // The stream outlives its operations: whoever owns it is kept alive by the handler.
  template <class Handler>
  class Reading : public IoHandler {
   public:
    Reading(Handler handler, WireStream& stream, boost::asio::mutable_buffer into)
        : handler_(std::move(handler)), stream_(stream), into_(into) {}
    void complete(ErrorCode error, std::size_t bytes) override {
      if (stream_.deaf_ && !error) {
        stream_.wire_->read_some(into_, std::make_unique<Reading>(std::move(handler_), stream_, into_));
        return;
      }
      stream_.frames_.feed({static_cast<const char*>(into_.data()), bytes});
      std::move(handler_)(error, bytes);
    }

   private:
    Handler handler_;
    WireStream& stream_;
    boost::asio::mutable_buffer into_;
  };

  template <class Handler>
  class Writing : public IoHandler {
   public:
    explicit Writing(Handler handler) : handler_(std::move(handler)) {}
    void complete(ErrorCode error, std::size_t bytes) override { std::move(handler_)(error, bytes); }

   private:
    Handler handler_;
  };

  template <class Buffers>
  static boost::asio::mutable_buffer first_of(const Buffers& buffers) {
    const auto last = boost::asio::buffer_sequence_end(buffers);
    for (auto part = boost::asio::buffer_sequence_begin(buffers); part != last; ++part) {
      const boost::asio::mutable_buffer bytes(*part);
      if (bytes.size() > 0) return bytes;
    }
    return {};
  }

  std::shared_ptr<Wire> wire_;
  FrameCounter frames_;
  bool deaf_ = false;
};

// How Beast breaks a connection itself (its customisation point, found by argument-dependent lookup).
inline void beast_close_socket(WireStream& stream) {
  stream.wire().close();
}

}  // namespace jitbot::net
