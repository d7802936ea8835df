#pragma once

#include "bot/workflow/request_machine.hpp"

#include <string>
#include <vector>

// Whom a request's steps let decide, and how far they are.
namespace jitbot {

// Why this person may decide nothing on this request, whatever the steps say; empty: nothing against him.
std::string bar(const Request& request, const Person& person);

// The first step, in the rule's order, that is still open without this voter and that he may serve; -1: none.
Result<int> step_for(const Request& request, const std::vector<Vote>& votes, const Person& person,
                     const Policy& policy, const Facts& facts);

bool all_steps_met(const Request& request, const std::vector<Vote>& votes);

}  // namespace jitbot
