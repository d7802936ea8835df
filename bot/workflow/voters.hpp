#pragma once

#include "bot/model/ids.hpp"

#include <cstddef>
#include <set>
#include <vector>

namespace jitbot {

// What one step still needs, and who could give it.
struct StepVoters {
  int needed = 0;
  std::set<PrincipalId> people;
};

// The steps that would be left without enough different people: a person counts for one step only, so two
// steps may each have somebody and not both be satisfied. The earlier steps are served first.
std::vector<std::size_t> steps_left_over(const std::vector<StepVoters>& steps);

}  // namespace jitbot
