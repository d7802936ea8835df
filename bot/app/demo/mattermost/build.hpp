#pragma once

#include "bot/app/demo/mattermost/admin.hpp"
#include "bot/app/demo/mattermost/town.hpp"
#include "bot/model/time.hpp"

#include <functional>
#include <iosfwd>

// Makes the demo's people, channels and bot, or takes up those of an earlier demo: what bears its marks. What
// somebody else made is never touched; a name that is taken is an error.
namespace jitbot::town {

using AdminPtr = std::shared_ptr<Admin>;
using TownPtr = std::shared_ptr<Town>;

// Before anything is made: two at once would take people and channels from each other.
Task<Result<void>> check_alone(AdminPtr admin, TownPtr town);
Task<Result<void>> build_team(AdminPtr admin, TownPtr town);
// Before people are made: a /jit of the team that is somebody else's is left alone.
Task<Result<void>> check_command(AdminPtr admin, TownPtr town);
Task<Result<void>> build_people(AdminPtr admin, TownPtr town);    // each with a new password
Task<Result<void>> build_channels(AdminPtr admin, TownPtr town);  // with their members
// As `jitbot mattermost setup` does, whose steps go into the log.
Task<Result<void>> build_bot(AdminPtr admin, TownPtr town, std::function<mattermost::Rest(Secret)> rest_with,
                             Time now);

// Takes back what `town` has so far and says so, line by line. False: some of it could not be.
Task<bool> clear(AdminPtr admin, TownPtr town, std::ostream& out);

}  // namespace jitbot::town
