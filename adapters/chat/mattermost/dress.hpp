#pragma once

#include "adapters/chat/mattermost/seal.hpp"
#include "bot/model/secret.hpp"
#include "bot/model/time.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace jitbot::mattermost {

// Usernames by user id, and channel names by channel id: for display alone, looked up fresh, never an
// identity.
using Names = std::map<std::string, std::string>;

// What the server calls when a button is pressed.
struct Clicks {
  std::string url;
  Secret key;           // seals what buttons carry
  std::string channel;  // where the post stands
  Time expires;         // pressed later, a button is refused
};

// Where nothing is pressed, a ✅ or ❌ on the message is a vote: what seals which one (see VoteSeal).
struct Votes {
  Secret key;
  std::string channel;  // where the post stands
  std::optional<Time> since;
  Time edited;
  std::vector<NotedVote> noted;
};

// What a card needs to be shown in one place, besides what it says.
struct Dress {
  std::string key;  // our message's, by which it is found again
  Names names;
  Names channels;
  Time now;          // decides which times need a date
  std::string zone;  // IANA name, where one reader alone sees it; empty: UTC
  std::string command =
      "/jit";  // what typed commands begin with here: "@jitbot" where there is no slash command
  std::optional<Clicks> clicks;  // none: buttons are told as words
  std::optional<Votes> votes;    // none: a ✅ or ❌ on the message decides nothing
  struct Limits {
    std::size_t message = 16'383;  // code points: MaxPostSize
    std::size_t props = 8'000;     // characters of all props as JSON; 800,000 since server 6.0
  } limits;
};

// The emoji that are votes, by the names under which the server tells of them.
inline constexpr const char* k_approve_emoji = "white_check_mark";
inline constexpr const char* k_deny_emoji = "x";

}  // namespace jitbot::mattermost
