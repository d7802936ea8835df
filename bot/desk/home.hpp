#pragma once

#include "bot/cards/home.hpp"
#include "bot/desk/state.hpp"

namespace jitbot {

// Inbox::home.
Task<Result<Home>> home_for(SharedDesk desk, PrincipalId who);

}  // namespace jitbot
