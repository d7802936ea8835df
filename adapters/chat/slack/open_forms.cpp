#include "adapters/chat/slack/open_forms.hpp"

#include <algorithm>

namespace jitbot::slack {

namespace {

constexpr std::size_t k_most = 100;

}  // namespace

OpenForms::Entry& OpenForms::entry(const std::string& view) {
  if (!entries_.contains(view) && entries_.size() >= k_most) {
    const auto sooner = [](const auto& a, const auto& b) {
      if (a.second.at_work != b.second.at_work) return b.second.at_work;
      return a.second.used < b.second.used;
    };
    const auto oldest = std::ranges::min_element(entries_, sooner);
    if (!oldest->second.at_work) entries_.erase(oldest);
  }
  Entry& entry = entries_[view];
  entry.used = ++uses_;
  return entry;
}

OpenForms::Entry* OpenForms::find(const std::string& view) {
  const auto found = entries_.find(view);
  return found == entries_.end() ? nullptr : &found->second;
}

}  // namespace jitbot::slack
