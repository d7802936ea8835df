#pragma once

#include "tests/support/mattermost/records.hpp"

#include <string>
#include <vector>

namespace jitbot::mattermost_stand_in {

enum class Kind { person, admin, guest, remote, bot };

// Who and what is there at the start. Ids, tokens and times that are not given are made up.
struct NewUser {
  std::string username;
  Kind kind = Kind::person;
  std::string first_name = {};
  std::string last_name = {};
  std::string email = {};  // empty: <username>@example.com
  std::string timezone = {};
  std::string id = {};
  std::string token = {};        // of the session, or of a bot's access token
  std::string description = {};  // of a bot
  std::string password = "Passw0rd!";
  bool in_team = true;
  bool deactivated = false;
  std::int64_t create_at = 0;
};

struct NewChannel {
  std::string name;
  std::string display_name = {};
  std::string type = "O";
  std::vector<std::string> members = {};  // usernames
  std::string creator = {};               // a username
  std::string id = {};
  bool archived = false;
};

struct NewGroup {
  std::string name;
  std::vector<std::string> members = {};
  std::string id = {};
};

struct World {
  std::string team = "ops";  // empty: there is none yet; POST /teams makes it
  std::string team_display_name = "Ops";
  std::string team_id = {};
  std::vector<NewUser> users = {};
  std::vector<NewChannel> channels = {};
  std::vector<NewGroup> groups = {};  // any: the server has a licence for them
};

// sysadmin, alice, bob, carol, dave (in the team, in no channel of ours), eve (a guest), frank (of another
// server), gone (deactivated), and the bot jitbot; channels approvals (public), inc-42 (private), and those
// of every team.
World small_world();

}  // namespace jitbot::mattermost_stand_in
