#pragma once

#include "bot/model/past.hpp"
#include "bot/policy/policy.hpp"

#include <string>
#include <vector>

namespace jitbot {

// What another policy would have said of something that was asked in the past.
struct Replayed {
  enum class Outcome {
    same,
    changed,
    unknown,  // it depends on a fact that was not kept: who was in a group that no rule looked at then
  };
  Outcome outcome = Outcome::same;
  std::string was;    // "approved by rule production: owners (1)", "refused: …"
  std::string draft;  // the same by the draft; why it cannot be told
  // Access that was given then, and would not have been by the votes that were given.
  bool loses_access = false;
  // Access that was refused or asked of people, and would be given at once.
  bool gains_access = false;
};

// Groups whose members are asked live are known as far as `was_in` holds them; `known` adds more, as e-mails
// by group name. Names and time zones of people are not kept and count as empty.
Replayed replay(const PastRequest& past, const Policy& draft,
                const std::map<std::string, std::set<std::string>>& known = {});

}  // namespace jitbot
