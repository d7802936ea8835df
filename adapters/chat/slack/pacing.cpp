#include "adapters/chat/slack/pacing.hpp"

#include <algorithm>

namespace jitbot::slack {

Millis DialBudget::wait(Millis now) const {
  return std::max(full_at_ - k_per_dial * (k_burst - 1) - now, Millis{0});
}

void DialBudget::spend(Millis now) {
  full_at_ = std::max(full_at_, now) + k_per_dial;
}

}  // namespace jitbot::slack
