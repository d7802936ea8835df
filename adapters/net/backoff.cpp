#include "adapters/net/backoff.hpp"

#include <algorithm>

namespace jitbot::net {

Millis Backoff::next(Random& random) {
  constexpr unsigned k_doublings = 6;  // 64 s: past the cap
  const Millis most = std::min(k_cap, k_base * (1 << std::min(failures_, k_doublings)));
  ++failures_;
  return Millis{static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most.count()) + 1))};
}

}  // namespace jitbot::net
