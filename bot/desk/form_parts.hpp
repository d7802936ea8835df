#pragma once

#include "bot/desk/state.hpp"

#include <vector>

// What is wrong with one kind of form. Each asks for the facts that it needs, as the desk does when the form
// is taken, with groups as they were at most two minutes ago; what cannot be known is not told.
namespace jitbot {

Task<std::vector<FieldProblem>> request_problems(SharedDesk desk, PrincipalId who, Submitted form);
// Approve…, Deny… and Shorter…
Task<std::vector<FieldProblem>> decision_problems(SharedDesk desk, PrincipalId who, Submitted form);
Task<std::vector<FieldProblem>> extension_problems(SharedDesk desk, PrincipalId who, Submitted form);

}  // namespace jitbot
