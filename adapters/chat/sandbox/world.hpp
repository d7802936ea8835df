#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

// The people, channels and groups of a sandbox workspace: plain data, changed only through Sandbox once it
// runs so that the right events go out.
namespace jitbot::sandbox {

enum class PersonKind {
  member,
  guest,                 // multi-channel: is_restricted
  single_channel_guest,  // is_restricted and is_ultra_restricted
  bot,                   // another app's bot user
  stranger,              // of another company, here through Slack Connect
};

struct Person {
  std::string id = {};         // U…
  std::string name = {};       // the handle, unique in the world
  std::string real_name = {};  // theirs to choose: never to be trusted
  std::string email = {};      // empty: none known
  PersonKind kind = PersonKind::member;
  std::string tz = "Europe/Berlin";
  int tz_offset = 3600;  // seconds
  bool is_admin = false;
  bool deactivated = false;
  bool email_confirmed = true;
  std::string team_id = {};  // empty: the workspace's own; strangers carry their home team's
};

struct Channel {
  std::string id = {};    // C…, or D… for a direct message with the bot
  std::string name = {};  // without '#'; empty for a direct message
  bool is_private = false;
  bool is_ext_shared = false;
  bool is_archived = false;
  std::set<std::string> members = {};  // user ids, the bot's own among them
  std::string dm_with = {};            // the person of a direct message; empty for channels
  std::vector<std::string> previous_names = {};

  bool is_dm() const { return !dm_with.empty(); }
};

struct UserGroup {
  std::string id = {};      // S…
  std::string handle = {};  // without '@'
  std::string name = {};
  std::vector<std::string> members = {};
  bool disabled = false;
  long long updated = 0;  // seconds since 1970
};

struct BotIdentity {
  std::string user_id = "U0JITBOT1";
  std::string bot_id = "B0JITBOT1";
  std::string name = "jit";
};

struct World {
  std::string team_id = "T0SANDBOX";
  std::string team_domain = "sandbox";
  std::string team_name = "Sandbox";
  BotIdentity bot;
  std::vector<Person> people = {};
  std::vector<Channel> channels = {};
  std::vector<UserGroup> groups = {};

  // By id, handle (with or without '@') or e-mail; null when nobody fits.
  Person* find_person(std::string_view who);
  const Person* find_person(std::string_view who) const;
  // By id or name (with or without '#').
  Channel* find_channel(std::string_view which);
  const Channel* find_channel(std::string_view which) const;
  UserGroup* find_group(std::string_view which);  // by id or handle
  const UserGroup* find_group(std::string_view which) const;
  const std::string& team_of(const Person& person) const;
};

// Engineers alice and bob, approvers carol and dave (group "approvers"), erin who administers, gina a guest,
// sid a single-channel guest, dan deactivated, a deploy bot, sam of another company in the shared channel.
// Channels: #general #staging-approvals #prod-approvals #jit-admins #vendor-bridge (shared outside) and
// #quiet-corner, where the bot is no member. Groups: approvers (carol, dave), sre (bob, dave, gina, dan).
World demo_world();

}  // namespace jitbot::sandbox
