#pragma once

#include "bot/desk/state.hpp"
#include "commands/answers.hpp"

#include <set>
#include <vector>

namespace jitbot {

// Whoever could vote on each step of each rule now, as far as a bounded look at the directory tells (30
// questions and 8 s for all of them): nobody of `without`, and nobody who decides nothing (guests, bots,
// outsiders, deactivated, accounts bound otherwise). For showing: people and groups may be a minute old, so
// that looking cannot use up what deciding needs.
Task<std::vector<std::vector<StepView>>> who_could_vote(SharedDesk desk, std::vector<std::vector<Step>> rules,
                                                        std::set<PrincipalId> without);
// Of one rule.
Task<std::vector<StepView>> who_could_vote(SharedDesk desk, std::vector<Step> steps,
                                           std::set<PrincipalId> without);

}  // namespace jitbot
