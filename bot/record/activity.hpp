#pragma once

#include "bot/model/person.hpp"
#include "bot/policy/policy.hpp"
#include "bot/ports/store.hpp"

#include <set>

namespace jitbot {

// What people have and were denied, as conditions of rules read it, for all of `people`. Nothing is looked up
// where no condition of the policy asks for it, nor one that was frozen with `asked`.
void add_activity(Tx& tx, const Policy& policy, const std::set<PrincipalId>& people, Facts& facts);
void add_activity(Tx& tx, const Policy& policy, const Asked& asked, std::set<PrincipalId> people,
                  Facts& facts);

}  // namespace jitbot
