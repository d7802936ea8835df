#pragma once

#include "tests/support/mattermost/core.hpp"

namespace jitbot::mattermost_stand_in {

// The records as they look on the wire.
enum class Eyes { others, own };  // own and admins' see notify_props too
Json user_json(const User& user, Eyes eyes = Eyes::others);
Json channel_json(const Channel& channel);
Json channel_member_json(const Core& core, const Channel& channel, const std::string& user);
Json team_member_json(const Core& core, const std::string& user);
Json bot_json(const User& user);
Json token_json(const Token& token);
Json command_json(const Command& command);
Json reaction_json(const Reaction& reaction);

struct PostView {
  int replies = 0;
  bool pending = false;  // with the pending_post_id
  bool metadata = true;
};
Json post_json(const Post& post, const PostView& view = {});
int replies_to(const Core& core, const Post& post);  // in its thread

}  // namespace jitbot::mattermost_stand_in
