#pragma once

#include "bot/model/ids.hpp"

#include <string>

namespace jitbot::mattermost {

// Who we are on one server.
struct Self {
  std::string server;    // tells this server from all others and never changes
  std::string user;      // our user id
  std::string username;  // what people mention us by
  std::string team;      // id of the team that we serve

  // The workspace of all people of this server.
  std::string workspace() const { return "mattermost:" + server; }
  PrincipalId principal(std::string id) const { return {workspace(), std::move(id)}; }
};

}  // namespace jitbot::mattermost
