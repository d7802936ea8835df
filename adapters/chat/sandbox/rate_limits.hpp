#pragma once

#include "bot/model/time.hpp"

#include <map>
#include <optional>
#include <string>

namespace jitbot::sandbox {

// Slack's tiers (docs.slack.dev/apis/web-api/rate-limits): 1+, 20+, 50+ and 100+ calls a minute.
enum class Tier { t1, t2, t3, t4, posting, special };

// Token buckets, one per method (chat.postMessage: per channel). Times are the monotonic clock's.
class RateLimiter {
 public:
  // Seconds to wait when the call is over the limit; nothing when it may pass.
  std::optional<int> take(const std::string& method, Tier tier, const std::string& channel, Millis now);
  void reset() { buckets_.clear(); }

 private:
  struct Bucket {
    double tokens = 0;
    Millis filled{0};
  };
  std::map<std::string, Bucket> buckets_;
};

}  // namespace jitbot::sandbox
