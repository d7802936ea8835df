#pragma once

#include "bot/cards/inbound.hpp"
#include "bot/desk/state.hpp"

#include <optional>
#include <vector>

namespace jitbot {

// From memory alone. The form that `/jit` and the buttons with … open; nothing: this Inbound opens none.
std::optional<Form> form_that_opens(const Inbound& inbound);

// What is wrong with a filled-in form, field by field, as far as grammar tells and, for a resource that this
// person was offered, names and limits. Of any other nothing is told here: the answer comes when it is known
// who asks.
std::vector<FieldProblem> form_problems(const DeskState& desk, const Inbound& inbound);

}  // namespace jitbot
