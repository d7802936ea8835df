#pragma once

#include "bot/cards/home.hpp"
#include "bot/desk/state.hpp"

namespace jitbot {

// Inbox::home, for whom the account speaks.
Task<Result<Home>> home_for(SharedDesk desk, PrincipalId account);

}  // namespace jitbot
