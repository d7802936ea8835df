#include "adapters/chat/sandbox/rate_limits.hpp"

#include <algorithm>
#include <cmath>

namespace jitbot::sandbox {

namespace {

struct Rate {
  double per_second;
  double burst;
};

// Slack promises the rate and "some" burst; these bursts are on the strict side.
Rate rate_of(Tier tier) {
  switch (tier) {
    case Tier::t1:
      return {1.0 / 60, 5};
    case Tier::t2:
      return {20.0 / 60, 20};
    case Tier::t3:
      return {50.0 / 60, 50};
    case Tier::t4:
      return {100.0 / 60, 100};
    case Tier::posting:
      return {1.0, 5};
    case Tier::special:
      return {10.0, 100};
  }
  return {1, 1};
}

}  // namespace

std::optional<int> RateLimiter::take(const std::string& method, Tier tier, const std::string& channel,
                                     Millis now) {
  const Rate rate = rate_of(tier);
  const std::string key = tier == Tier::posting ? method + " " + channel : method;
  const auto [entry, fresh] = buckets_.try_emplace(key, Bucket{rate.burst, now});
  Bucket& bucket = entry->second;
  const double passed = std::chrono::duration<double>(now - bucket.filled).count();
  bucket.tokens = std::min(rate.burst, bucket.tokens + passed * rate.per_second);
  bucket.filled = now;
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return std::nullopt;
  }
  return std::max(1, static_cast<int>(std::ceil((1 - bucket.tokens) / rate.per_second)));
}

}  // namespace jitbot::sandbox
