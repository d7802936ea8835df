#include "adapters/chat/slack/rate_gate.hpp"

#include <algorithm>

namespace jitbot::slack {

namespace {

constexpr std::size_t k_many_lanes = 1000;

Millis interval(Rate rate) {
  return Millis{60'000 / std::max(rate.per_minute, 1)};
}

Millis slack_of(Rate rate) {
  return interval(rate) * (std::max(rate.burst, 1) - 1);
}

}  // namespace

Millis RateGate::would_wait(const std::string& lane, Rate rate, Millis now) const {
  const auto found = lanes_.find(lane);
  if (found == lanes_.end()) return Millis{0};
  const Millis turn = std::max(found->second.full_at - slack_of(rate), found->second.paused_until);
  return std::max(turn - now, Millis{0});
}

Millis RateGate::take(const std::string& lane, Rate rate, Millis now) {
  if (lanes_.size() > k_many_lanes) forget_idle(now);
  const Millis wait = would_wait(lane, rate, now);
  Lane& entry = lanes_[lane];
  entry.full_at = std::max(entry.full_at, now) + interval(rate);
  return wait;
}

void RateGate::pause(const std::string& lane, Rate rate, Millis until) {
  Lane& entry = lanes_[lane];
  if (until <= entry.paused_until) return;
  entry.paused_until = until;
  entry.full_at = until + slack_of(rate);
}

Millis RateGate::paused_until(const std::string& lane) const {
  const auto found = lanes_.find(lane);
  return found == lanes_.end() ? Millis{0} : found->second.paused_until;
}

void RateGate::forget_idle(Millis now) {
  std::erase_if(lanes_, [now](const auto& entry) {
    return entry.second.full_at <= now && entry.second.paused_until <= now;
  });
}

}  // namespace jitbot::slack
