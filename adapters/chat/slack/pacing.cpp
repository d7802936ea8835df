#include "adapters/chat/slack/pacing.hpp"

#include <algorithm>

namespace jitbot::slack {

Millis Backoff::next(Random& random) {
  constexpr unsigned k_doublings = 6;  // 64 s: past the cap
  const Millis most = std::min(k_cap, k_base * (1 << std::min(failures_, k_doublings)));
  ++failures_;
  return Millis{static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most.count()) + 1))};
}

Millis DialBudget::wait(Millis now) const {
  return std::max(full_at_ - k_per_dial * (k_burst - 1) - now, Millis{0});
}

void DialBudget::spend(Millis now) {
  full_at_ = std::max(full_at_, now) + k_per_dial;
}

}  // namespace jitbot::slack
