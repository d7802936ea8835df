#pragma once

#include "bot/cards/inbound.hpp"
#include "bot/desk/state.hpp"

#include <optional>
#include <vector>

namespace jitbot {

// From memory alone; the Inbound as its account said it. The form that `/jit` and the buttons with … open;
// nothing: this Inbound opens none.
std::optional<Form> form_that_opens(const DeskState& desk, const Inbound& inbound);

// What is wrong with a filled-in form, field by field: what grammar tells, and what the transaction that
// takes it would refuse, as far as that can be known within 1.5 s. Of what this person may not see nothing is
// told; what is not told here is answered when the form was taken. The Inbound as its account said it.
Task<std::vector<FieldProblem>> form_problems(SharedDesk desk, Inbound inbound);

}  // namespace jitbot
