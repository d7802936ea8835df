#include "adapters/chat/mattermost/stream.hpp"

#include "adapters/net/url.hpp"

#include <fmt/format.h>

namespace jitbot::mattermost {

std::string Stream::query() const {
  if (id_.empty()) return {};
  return fmt::format("?connection_id={}&sequence_number={}", net::percent_encode(id_), next_);
}

void Stream::forget() {
  id_.clear();
  next_ = 0;
  gap_at_.reset();
}

Stream::Greeting Stream::on_hello(const Hello& hello) {
  // After a lossy resume the same hello may come a second time, in its turn.
  const bool same = !id_.empty() && hello.connection_id == id_ && hello.seq == next_;
  if (!same) gap_at_.reset();
  id_ = hello.connection_id;
  next_ = hello.seq + 1;
  return same ? Greeting::same : Greeting::lost;
}

Stream::Step Stream::on_event(std::int64_t seq) {
  if (id_.empty() || seq < next_) return Step::known;
  if (seq == next_) {
    ++next_;
    return Step::next;
  }
  // Asked for in vain: the server has it no more.
  if (gap_at_ == next_) {
    forget();
  } else {
    gap_at_ = next_;
  }
  return Step::gap;
}

}  // namespace jitbot::mattermost
