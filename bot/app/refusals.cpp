#include "bot/app/refusals.hpp"

#include <algorithm>
#include <utility>

namespace jitbot {

std::optional<std::uint64_t> RefusalMeter::take(Millis now) {
  if (!counted_at_) counted_at_ = now;
  const auto more = (now - *counted_at_) / k_one_more;
  *counted_at_ += more * k_one_more;
  left_ = static_cast<int>(std::min<std::int64_t>(left_ + more, k_most));
  if (left_ == 0) {
    ++left_out_;
    return std::nullopt;
  }
  --left_;
  return std::exchange(left_out_, 0);
}

}  // namespace jitbot
