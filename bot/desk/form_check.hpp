#pragma once

#include "bot/cards/inbound.hpp"
#include "bot/policy/policy.hpp"

#include <optional>
#include <vector>

namespace jitbot {

// From memory alone. The form that `/jit`, "Deny…" and "End now…" open; nothing: this Inbound opens none.
std::optional<Form> form_that_opens(const Policy& policy, const Inbound& inbound);

// What is wrong with a filled-in form as far as grammar, names and the limits of the only rule that could
// match tell, field by field.
std::vector<FieldProblem> form_problems(const Policy& policy, const Inbound& inbound);

}  // namespace jitbot
