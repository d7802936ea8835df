#pragma once

#include "bot/cards/form.hpp"
#include "bot/cards/inbound.hpp"
#include "bot/desk/state.hpp"

#include <optional>
#include <string>
#include <vector>

namespace jitbot {

// Inbox::suggest and Inbox::reshape, for whom the account speaks.
Task<std::vector<Choice>> choices_for(SharedDesk desk, PrincipalId account, std::string field,
                                      std::string typed);
Task<std::optional<Form>> next_shape(SharedDesk desk, PrincipalId account, Submitted so_far);

}  // namespace jitbot
