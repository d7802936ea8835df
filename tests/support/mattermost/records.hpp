#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What a Mattermost server keeps, as plain records. Times are Unix milliseconds, ids 26 of [a-z0-9], as on
// the wire.
namespace jitbot::mattermost_stand_in {

using Json = nlohmann::json;

struct User {
  std::string id;
  std::string username;
  std::string first_name;
  std::string last_name;
  std::string email;
  std::string password;
  std::set<std::string> roles = {"system_user"};
  std::string position;
  std::string timezone;   // IANA name; empty: not known
  std::string remote_id;  // of people who live on another server
  bool bot = false;
  std::string bot_description;
  std::string bot_owner;
  std::string status = "offline";
  std::int64_t create_at = 0;
  std::int64_t update_at = 0;
  std::int64_t delete_at = 0;  // when deactivated

  bool admin() const { return roles.contains("system_admin"); }
  bool guest() const { return roles.contains("system_guest"); }
};

// A session of a person, or a personal access token.
struct Token {
  std::string id;
  std::string token;
  std::string user;
  std::string description;
  bool session = false;
  bool active = true;
};

struct Channel {
  std::string id;
  std::string type = "O";  // O public, P private, D direct, G group of a few
  std::string team;        // empty: D and G
  std::string name;
  std::string display_name;
  std::string header;
  std::string creator;
  std::set<std::string> members;
  std::int64_t create_at = 0;
  std::int64_t update_at = 0;
  std::int64_t delete_at = 0;  // when archived
  std::int64_t last_post_at = 0;

  bool direct() const { return type == "D" || type == "G"; }
};

struct Reaction {
  std::string user;
  std::string post;
  std::string emoji;
  std::int64_t at = 0;       // when it was put there last
  std::int64_t created = 0;  // and first, or what its maker claimed then
};

struct Post {
  std::string id;
  std::string user;
  std::string channel;
  std::string root;
  std::string original;  // of a row that keeps what stood there before an edit
  std::string message;
  std::string type;
  std::string pending;          // shown in the answer to the first creation alone
  Json props = Json::object();  // with the integrations, which nobody is shown
  bool pinned = false;
  std::vector<Reaction> reactions;
  std::map<std::pair<std::string, std::string>, std::int64_t> first_reactions;  // by user and emoji
  std::int64_t create_at = 0;
  std::int64_t update_at = 0;
  std::int64_t edit_at = 0;
  std::int64_t delete_at = 0;
};

struct Command {
  std::string id;
  std::string token;
  std::string team;
  std::string creator;
  Json fields;  // trigger, method, url, username, icon_url, auto_complete…: as they were sent
  std::int64_t create_at = 0;
  std::int64_t update_at = 0;
  std::int64_t delete_at = 0;
};

// Where a command's delayed answers go.
struct Hook {
  std::string command;
  std::string user;
  std::string channel;
  std::string root;
  int uses = 0;
  std::int64_t create_at = 0;
};

// A user group of a licensed server.
struct Group {
  std::string id;
  std::string name;
  std::set<std::string> members;
};

struct Ephemeral {
  std::string to;
  Post post;
};

struct OpenDialog {
  std::string user;
  std::string channel;  // where the user was when it opened
  std::string url;
  std::string trigger;  // the client's part of the trigger id
  Json dialog;
  Json told = Json::object();  // the answer to the last submission
};

}  // namespace jitbot::mattermost_stand_in
