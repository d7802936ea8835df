#pragma once

#include "bot/app/demo/demo.hpp"
#include "bot/model/secret.hpp"

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

// What a demo makes on a Mattermost server: names that nobody else is likely to have, and marks by which a
// later demo knows its own.
namespace jitbot::town {

inline constexpr std::string_view k_prefix = "demo-";                // of people, channels and the bot
inline constexpr std::string_view k_domain = "jitbot-demo.example";  // of e-mails; nobody can own it
inline constexpr std::string_view k_team = "jitbot-demo";
inline constexpr std::string_view k_team_title = "jitbot demo";
inline constexpr std::string_view k_mark = "Made by jitbot demo";

struct Inhabitant {
  std::string_view name;  // as the story has it
  std::string_view title;
  std::vector<std::string_view> channels;
};
// Sam is in no team: he stands for whoever has no business here.
const std::vector<Inhabitant>& inhabitants();

struct Room {
  std::string_view name;  // as the story has it
  std::string_view title;
  enum class Kind { open, closed } kind = Kind::open;
};
const std::vector<Room>& rooms();

struct Resident {
  std::string id;
  std::string username;
  Secret password;
};

// What is there so far.
struct Town {
  std::string url;
  std::string admin;  // id
  std::string team;   // its name
  std::string team_id;
  bool own_team = false;
  std::map<std::string, Resident, std::less<>> people;       // by the story's names
  std::map<std::string, std::string, std::less<>> channels;  // the story's names → ids
  std::string no_guests;                                     // why gina is not there; empty: she is
  std::string bot;                                           // id
  std::string command;                                       // id of /jit
  Secret bot_token;
  Secret command_token;
  cli::DemoManner manner = cli::DemoManner::buttons;
  std::string no_buttons;  // why, where nobody asked for another manner
  std::string listen;      // of callbacks
  std::string callbacks_url;

  std::string bot_name() const { return prefixed("jitbot"); }
  static std::string prefixed(std::string_view name) { return std::string(k_prefix) + std::string(name); }
  bool presses() const { return manner == cli::DemoManner::buttons; }
};

}  // namespace jitbot::town
