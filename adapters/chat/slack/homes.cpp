#include "adapters/chat/slack/homes.hpp"

#include <algorithm>

namespace jitbot::slack {

namespace {

constexpr Millis k_lately = 10min;
constexpr Millis k_between = 3s;  // two publications for one person
constexpr std::size_t k_most = 20;

}  // namespace

void Homes::forget_old() {
  const Millis now = clock_.steady();
  std::erase_if(entries_, [now](const auto& entry) {
    return !entry.second.at_work && now - entry.second.opened > k_lately;
  });
}

Homes::Entry& Homes::opened(const PrincipalId& who) {
  forget_old();
  if (!entries_.contains(who) && entries_.size() >= k_most) {
    const auto sooner = [](const auto& a, const auto& b) {
      if (a.second.at_work != b.second.at_work) return b.second.at_work;
      return a.second.opened < b.second.opened;
    };
    const auto oldest = std::ranges::min_element(entries_, sooner);
    if (!oldest->second.at_work) entries_.erase(oldest);
  }
  Entry& entry = entries_[who];
  entry.opened = clock_.steady();
  if (!entry.timer) entry.timer = clock_.make_timer();
  return entry;
}

Homes::Entry* Homes::find(const PrincipalId& who) {
  const auto found = entries_.find(who);
  return found == entries_.end() ? nullptr : &found->second;
}

std::vector<PrincipalId> Homes::all() {
  forget_old();
  std::vector<PrincipalId> people;
  for (const auto& [who, entry] : entries_) people.push_back(who);
  return people;
}

Millis Homes::wait(const Entry& entry) const {
  if (!entry.published) return Millis{0};
  return std::max(*entry.published + k_between - clock_.steady(), Millis{0});
}

void Homes::wake_all() {
  for (auto& [who, entry] : entries_) entry.timer->poke();
}

}  // namespace jitbot::slack
