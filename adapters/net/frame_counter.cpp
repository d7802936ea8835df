#include "adapters/net/frame_counter.hpp"

#include <algorithm>

namespace jitbot::net {

// The length of the header, as far as its first two bytes tell.
std::size_t FrameCounter::header_size() const {
  if (have_ < 2) return 2;
  const unsigned length = header_[1] & 0x7fU;
  const std::size_t extended = length == 127 ? 8 : length == 126 ? 2 : 0;
  const std::size_t mask = (header_[1] & 0x80U) != 0 ? 4 : 0;
  return 2 + extended + mask;
}

void FrameCounter::header_complete() {
  const unsigned length = header_[1] & 0x7fU;
  payload_left_ = length;
  const std::size_t extended = length == 127 ? 8 : length == 126 ? 2 : 0;
  if (extended > 0) {
    payload_left_ = 0;
    for (std::size_t i = 0; i < extended; ++i) payload_left_ = payload_left_ << 8U | header_[2 + i];
  }
  have_ = 0;
  state_ = State::payload;
  if (payload_left_ == 0) frame_complete();
}

void FrameCounter::frame_complete() {
  ++count_;
  state_ = State::header;
}

void FrameCounter::feed(std::string_view bytes) {
  constexpr std::string_view k_blank_line = "\r\n\r\n";
  while (!bytes.empty()) {
    switch (state_) {
      case State::off:
        return;
      case State::http_head:
        have_ = bytes.front() == k_blank_line[have_] ? have_ + 1 : bytes.front() == '\r' ? 1 : 0;
        bytes.remove_prefix(1);
        if (have_ == k_blank_line.size()) {
          have_ = 0;
          state_ = State::header;
        }
        break;
      case State::header:
        header_[have_++] = static_cast<unsigned char>(bytes.front());
        bytes.remove_prefix(1);
        if (have_ == header_size()) header_complete();
        break;
      case State::payload: {
        const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(payload_left_, bytes.size()));
        bytes.remove_prefix(take);
        payload_left_ -= take;
        if (payload_left_ == 0) frame_complete();
        break;
      }
    }
  }
}

}  // namespace jitbot::net
