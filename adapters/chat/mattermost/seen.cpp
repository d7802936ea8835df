#include "adapters/chat/mattermost/seen.hpp"

#include <algorithm>

namespace jitbot::mattermost {

namespace {

// More than any outage's worth: what is forgotten is handed over once more, and known to the store.
constexpr std::size_t k_most_posts = 20'000;

}  // namespace

bool Seen::knows(const PostState& state) const {
  const auto found = updated_.find(state.post);
  return found != updated_.end() && found->second >= state.updated;
}

void Seen::know(const PostState& state) {
  const auto [entry, is_new] = updated_.try_emplace(state.post, state.updated);
  entry->second = std::max(entry->second, state.updated);
  if (is_new) order_.push_back(state.post);
  if (order_.size() > k_most_posts) {
    updated_.erase(order_.front());
    order_.pop_front();
  }
}

void Seen::note(const PostState& state) {
  know(state);
  auto& heard = channels_[state.channel];
  heard = std::max(heard, state.updated);
  newest_ = std::max(newest_, state.updated);
}

std::int64_t Seen::heard_until(const std::string& channel) const {
  const auto found = channels_.find(channel);
  return found == channels_.end() ? floor_ : std::max(found->second, floor_);
}

void Seen::all_heard(std::int64_t until) {
  floor_ = std::max(floor_, until);
}

}  // namespace jitbot::mattermost
