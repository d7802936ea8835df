#pragma once

#include "bot/policy/decide.hpp"

#include <optional>
#include <string>

namespace jitbot {

// Why somebody may not ask for another by the rule that decides for him.
struct AskerRefusal {
  Error why;  // unavailable: it cannot be known now
  const Rule* rule = nullptr;
};

// Whoever asks for another could have asked for himself by the same rule, no deny rule fits him, and what is
// granted at once is granted to others only where the rule says so. Nothing: he may. `called` is how a
// refusal calls the beneficiary.
std::optional<AskerRefusal> against_asker(const Policy& policy, const Ruling& ruling, const Person& asker,
                                          const std::string& called, const Terms& terms, const Facts& facts);

}  // namespace jitbot
