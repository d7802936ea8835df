#pragma once

#include "adapters/chat/mattermost/seal.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace jitbot::mattermost {

// What ✅ and ❌ on a post of ours stand for. Only as good as the post: its author must be us.
struct VotesOn {
  enum class State {
    none,     // nothing
    genuine,  // as we sealed them, for that post
    forged,   // somebody else wrote them there
  } state = State::none;
  VoteSeal sealed;
  // By the server's clock, at the latest when everybody could see what they stand for: a reaction that is not
  // newer was made to something else.
  Time shown_since;
};
VotesOn votes_on(const nlohmann::json& post, const Secret& key);

// The newest edit, or the making, of a post.
Time last_edit_of(const nlohmann::json& post);

}  // namespace jitbot::mattermost
