#include "adapters/net/proxy_connect.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace jitbot::net {

namespace asio = boost::asio;

namespace {

constexpr std::size_t k_largest_head = 16UL * 1024;
constexpr std::string_view k_head_end = "\r\n\r\n";

template <class Callback>
class Calling : public IoHandler {
 public:
  explicit Calling(Callback callback) : callback_(std::move(callback)) {}
  void complete(ErrorCode error, std::size_t bytes) override { callback_(error, bytes); }

 private:
  Callback callback_;
};

template <class Callback>
IoHandlerPtr calling(Callback callback) {
  return std::make_unique<Calling<Callback>>(std::move(callback));
}

// "HTTP/1.x NNN …"; nothing: it is none.
std::optional<int> status_of(std::string_view head) {
  if (head.size() < 12 || !head.starts_with("HTTP/1.") || head[8] != ' ') return std::nullopt;
  int status = 0;
  for (const char digit : head.substr(9, 3)) {
    if (digit < '0' || digit > '9') return std::nullopt;
    status = status * 10 + (digit - '0');
  }
  return status;
}

class Asking : public std::enable_shared_from_this<Asking> {
 public:
  Asking(std::shared_ptr<Wire> wire, Proxy proxy, std::string target, std::function<void(Result<void>)> done)
      : wire_(std::move(wire)), proxy_(std::move(proxy)), target_(std::move(target)), done_(std::move(done)) {
    request_ = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\nUser-Agent: jitbot\r\n", target_);
    const Secret authorization = basic_authorization(proxy_);
    if (!authorization.empty()) request_ += "Proxy-Authorization: " + authorization.reveal() + "\r\n";
    request_ += "\r\n";
  }

  void write_next() {
    const BufferList rest(asio::buffer(request_) + sent_);
    wire_->write_some(rest, calling([self = shared_from_this()](ErrorCode error, std::size_t bytes) {
                        self->written(error, bytes);
                      }));
  }

 private:
  void written(ErrorCode error, std::size_t bytes) {
    if (error) return lost(error);
    sent_ += bytes;
    if (sent_ < request_.size()) return write_next();
    read_next();
  }

  void read_next() {
    wire_->read_some(asio::buffer(piece_),
                     calling([self = shared_from_this()](ErrorCode error, std::size_t bytes) {
                       self->was_read(error, bytes);
                     }));
  }

  void was_read(ErrorCode error, std::size_t bytes) {
    if (error) return lost(error);
    head_.append(piece_.data(), bytes);
    constexpr std::string_view k_begin = "HTTP/1.";
    if (!std::string_view(head_).starts_with(k_begin.substr(0, head_.size()))) return refused(0);
    const auto end = head_.find(k_head_end);
    if (end == std::string::npos) return head_.size() > k_largest_head ? refused(0) : read_next();
    const auto status = status_of(head_);
    if (!status) return refused(0);
    if (*status < 200 || *status > 299) return refused(*status);
    // Neither TLS nor WebSocket lets the server speak first.
    if (head_.size() > end + k_head_end.size()) return refused(0);
    finish({});
  }

  void refused(int status) { finish(tl::unexpected<Error>(proxy_refusal(proxy_, status, target_))); }

  void lost(ErrorCode error) {
    const bool began = !head_.empty();
    finish(fail(ErrorKind::unavailable,
                fmt::format("the proxy {} closed the connection {}", proxy_.where(),
                            began ? "in the middle of its answer" : "without an answer"),
                error.message()));
  }

  void finish(Result<void> outcome) {
    const auto done = std::exchange(done_, nullptr);
    if (done) done(std::move(outcome));
  }

  std::shared_ptr<Wire> wire_;
  Proxy proxy_;
  std::string target_;
  std::function<void(Result<void>)> done_;
  std::string request_;
  std::size_t sent_ = 0;
  std::array<char, 2048> piece_{};
  std::string head_;
};

}  // namespace

void connect_through(std::shared_ptr<Wire> wire, Proxy proxy, std::string target,
                     std::function<void(Result<void>)> done) {
  std::make_shared<Asking>(std::move(wire), std::move(proxy), std::move(target), std::move(done))
      ->write_next();
}

}  // namespace jitbot::net
