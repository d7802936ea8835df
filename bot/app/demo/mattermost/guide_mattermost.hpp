#pragma once

#include "bot/app/demo/guide.hpp"
#include "bot/app/demo/mattermost/town.hpp"

#include <string>

// What a newcomer is told of a demo on a Mattermost server.
namespace jitbot::town {

std::string mattermost_guide(const GuideTo& to, const Town& town);
// Before the story: where it is told, and how people decide there.
std::string story_heading(const Town& town);

}  // namespace jitbot::town
