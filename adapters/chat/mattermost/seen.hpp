#pragma once

#include "bot/model/time.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <string>

namespace jitbot::mattermost {

// One state of one message: what is told by the socket and found again by looking is the same thing.
struct PostState {
  std::string post;
  std::string channel;
  std::int64_t updated = 0;  // its update_at
};

// Which states of messages were taken, and up to when each channel was heard. The older ones are forgotten.
class Seen {
 public:
  // Nothing older than that is looked for in a channel that was never heard.
  explicit Seen(Time from) : floor_(to_ms(from)) {}

  bool knows(const PostState& state) const;
  // It was taken, and nothing of its channel before it is missing.
  void note(const PostState& state);
  // It was taken.
  void know(const PostState& state);

  // The newest update_at from which nothing can be missing in that channel.
  std::int64_t heard_until(const std::string& channel) const;
  // Everything before `newest()`, as it was when the looking began, was looked up in all channels.
  void all_heard(std::int64_t until);
  std::int64_t newest() const { return newest_; }

 private:
  std::map<std::string, std::int64_t> updated_;  // by post, the newest state that was taken
  std::deque<std::string> order_;
  std::map<std::string, std::int64_t> channels_;
  std::int64_t floor_;
  std::int64_t newest_ = 0;
};

}  // namespace jitbot::mattermost
