#include "tests/support/mattermost/faults.hpp"

#include <algorithm>
#include <cmath>

namespace jitbot::mattermost_stand_in {

std::optional<PlannedAnswer> Faults::take_planned(const std::string& method, const std::string& route) {
  const auto fits = [&](const PlannedAnswer& plan) { return plan.method == method && plan.route == route; };
  const auto found = std::ranges::find_if(planned, fits);
  if (found == planned.end()) return std::nullopt;
  PlannedAnswer plan = *found;
  if (--found->times <= 0) planned.erase(found);
  return plan;
}

// Two limiters run, by address and by user, so that each header comes twice while there is room.
Faults::Admission Faults::admit(const std::string& token, Millis now) {
  Admission admission;
  if (!limit) return admission;
  const auto [found, fresh] = buckets_.try_emplace(token, Bucket{static_cast<double>(limit->burst), now});
  Bucket& bucket = found->second;
  const double gained = std::chrono::duration<double>(now - bucket.at).count() * limit->per_second;
  bucket.left = std::min(static_cast<double>(limit->burst), bucket.left + gained);
  bucket.at = now;
  admission.admitted = bucket.left >= 1;
  if (admission.admitted) bucket.left -= 1;
  const std::string most = std::to_string(limit->burst + 1);
  const std::string left = std::to_string(static_cast<int>(bucket.left));
  const double wait = std::ceil((limit->burst + 1 - bucket.left) / limit->per_second);
  const std::string reset = std::to_string(static_cast<int>(wait));
  for (int limiter = 0; limiter < (admission.admitted ? 2 : 1); ++limiter) {
    admission.headers.push_back({"X-RateLimit-Limit", most});
    admission.headers.push_back({"X-RateLimit-Remaining", left});
    admission.headers.push_back({"X-RateLimit-Reset", reset});
  }
  if (!admission.admitted) {
    const double retry = std::ceil((1 - bucket.left) / limit->per_second);
    admission.headers.push_back({"Retry-After", std::to_string(std::max(1, static_cast<int>(retry)))});
  }
  return admission;
}

}  // namespace jitbot::mattermost_stand_in
