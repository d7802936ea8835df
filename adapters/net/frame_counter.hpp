#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace jitbot::net {

// Counts whole WebSocket frames (RFC 6455 section 5.2) in the bytes as they come, since Beast reports
// messages and control frames but not the fragments of a message. It judges nothing: a broken frame is
// Beast's to refuse.
class FrameCounter {
 public:
  // From the next byte on everything is frames (server side, after the request was read).
  void start() { state_ = State::header; }
  // Frames begin after the blank line that ends the HTTP answer (client side).
  void start_after_http_head() { state_ = State::http_head; }

  void feed(std::string_view bytes);
  std::uint64_t count() const { return count_; }

 private:
  enum class State { off, http_head, header, payload };

  std::size_t header_size() const;
  void header_complete();
  void frame_complete();

  State state_ = State::off;
  std::array<unsigned char, 14> header_{};
  std::size_t have_ = 0;  // bytes of the header, or characters of the blank line
  std::uint64_t payload_left_ = 0;
  std::uint64_t count_ = 0;
};

}  // namespace jitbot::net
