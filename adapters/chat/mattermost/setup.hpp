#pragma once

#include "adapters/chat/mattermost/rest.hpp"
#include "bot/model/result.hpp"
#include "bot/model/secret.hpp"
#include "bot/ports/task.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

// Makes a server ready for the bot, with an administrator's token: account, token, memberships, command. What
// is there already stays as it is, so running it twice changes nothing.
namespace jitbot::mattermost {

struct SetupWish {
  std::string team;                   // its name in addresses
  std::string username = "jitbot";    // of the bot account
  std::vector<std::string> channels;  // names or ids, to be added to; they exist already
  std::string callbacks_url;          // how the server reaches the bot; empty: no slash command
  Secret known_token;                 // the bot's, of an earlier run; empty: none
  // Called as soon as a token is made: the server shows it once.
  std::function<Result<void>(const Secret&)> keep_token = {};
};

// One thing that was looked at.
struct SetupStep {
  enum class What { there, done, wanting } what = What::there;  // wanting: somebody else has to do it
  std::string words;
};

struct SetupDone {
  Secret token;          // the bot's
  Secret command_token;  // empty without a command
};

// Tells each step as it is done. An error: it could not go on from there.
Task<Result<SetupDone>> set_up(Rest& admin, std::function<Rest(Secret)> rest_with, SetupWish wish,
                               std::function<void(const SetupStep&)> tell);

}  // namespace jitbot::mattermost
