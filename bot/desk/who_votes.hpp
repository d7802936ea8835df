#pragma once

#include "bot/desk/state.hpp"
#include "commands/answers.hpp"

#include <set>
#include <vector>

namespace jitbot {

// Whoever could vote on each step now, as far as a bounded look at the directory tells: nobody of `without`,
// and nobody who decides nothing (guests, bots, outsiders, deactivated, accounts bound otherwise). For
// showing: people and groups may be a minute old, so that looking cannot use up what deciding needs. `reader`
// is of the workspace whose people the policy names.
Task<std::vector<StepView>> who_could_vote(SharedDesk desk, std::vector<Step> steps,
                                           std::set<PrincipalId> without, PrincipalId reader);

}  // namespace jitbot
