#pragma once

#include "adapters/chat/mattermost/parts.hpp"
#include "adapters/chat/mattermost/votes_on.hpp"

#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace jitbot::mattermost {

// A post of ours, and what people think of it.
struct Shown {
  std::string post;
  nlohmann::json props;
  std::string channel;
  std::string thread;
  bool is_card = false;  // and no notice or answer of ours
  VotesOn votes;
  std::vector<Reacted> reactions;  // ✅ and ❌ alone, without ours, oldest first
};
using ShownPtr = std::shared_ptr<Shown>;

bool is_vote(std::string_view emoji);
// Lasting: the post, or our right to see or change it, is gone.
bool is_lasting(const Error& error);

// Null: no post of ours, or there no more.
Task<Result<ShownPtr>> look_at(PartsPtr parts, std::string post);
// Writes into the card whose reactions were heard. Where it cannot be changed any more that is no error: they
// count all the same, and only one that is taken back while we are away goes unnoticed.
Task<Result<void>> note(PartsPtr parts, ShownPtr shown, std::vector<NotedVote> noted);

}  // namespace jitbot::mattermost
