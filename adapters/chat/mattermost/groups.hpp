#pragma once

#include "adapters/chat/mattermost/rest.hpp"
#include "adapters/chat/mattermost/self.hpp"
#include "bot/model/ids.hpp"
#include "bot/ports/task.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <set>
#include <string>

namespace jitbot::mattermost {

// Why this channel, as the server describes it, names nobody, and what to do; nothing: it is a group. Whoever
// is in a private channel was let in by somebody who was.
struct NoGroup {
  std::string why;     // "#ops is public: anybody could join it, so it names nobody"
  std::string advice;  // for doctor
};
std::optional<NoGroup> why_no_group(const nlohmann::json& channel);
// The same of a team: into one with an open invitation anybody of the server may go.
std::optional<NoGroup> why_no_team(const nlohmann::json& team);

// Its members without `self`, asked live, while it is a group; an error otherwise, and never a part of them.
Task<Result<std::set<PrincipalId>>> members_of_channel(Rest& rest, std::string channel, Self self);
// The same of a team, by its id or its name.
Task<Result<std::set<PrincipalId>>> members_of_team(Rest& rest, std::string id_or_name, Self self);
// Whether he is in that team now; who is not there, and whom the server does not show to us, is not.
Task<Result<bool>> is_in_team(Rest& rest, std::string team, std::string user);
// Those of a group of the directory behind the server, or of a custom one. `refused`: no licence for groups.
Task<Result<std::set<PrincipalId>>> members_of_group(Rest& rest, std::string group, Self self);

}  // namespace jitbot::mattermost
