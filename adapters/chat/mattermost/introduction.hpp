#pragma once

#include "adapters/chat/mattermost/dress.hpp"
#include "adapters/chat/mattermost/rest.hpp"
#include "adapters/chat/mattermost/self.hpp"
#include "bot/model/result.hpp"
#include "bot/model/time.hpp"
#include "bot/ports/task.hpp"

#include <string>

namespace jitbot::mattermost {

// Which server this is, who we are on it, and what it takes.
struct Introduction {
  Self self;
  std::string signing_key;  // AsymmetricSigningPublicKey; empty: it publishes none
  std::string version;      // "5.37.0"
  Dress::Limits limits;
};
// `team` by its name. `refused`: the token, or the team, is not ours; `invalid`: the address makes no sense.
Task<Result<Introduction>> introduce(Rest& rest, std::string url, std::string team);

// The server's clock, to the second, as its answers are dated.
Task<Result<Time>> server_time_of(Rest& rest);

}  // namespace jitbot::mattermost
