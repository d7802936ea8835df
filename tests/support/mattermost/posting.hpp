#pragma once

#include "tests/support/mattermost/core.hpp"

namespace jitbot::mattermost_stand_in {

// Posts as the other handlers make them.
struct Draft {
  std::string user;
  std::string channel;
  std::string root = {};
  std::string message = {};
  std::string type = {};
  std::string pending = {};
  Json props = Json::object();
};

// Null: it may be stored; else the refusal.
std::optional<Answer> invalid(const Core& core, const Draft& draft);
Post& store(Core& core, Draft draft);  // and tells of it: `posted`
void system_post(Core& core, const std::string& user, const std::string& channel, const std::string& type,
                 const std::string& message, Json props);
void send_ephemeral(Core& core, const std::string& to, Draft draft);
// Writes message and props over; what stood there stays as a row of its own, as in the server's table.
void rewrite(Core& core, Post& post, std::string message, Json props);
void tell_edited(Core& core, const Post& post);

}  // namespace jitbot::mattermost_stand_in
