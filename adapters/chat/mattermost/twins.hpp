#pragma once

#include "adapters/chat/mattermost/dress.hpp"
#include "bot/cards/card.hpp"

#include <optional>
#include <string>
#include <vector>

namespace jitbot::mattermost {

// What is typed in place of pressing the button, without what commands begin with: "deny 7K3F REASON".
// Nothing: no words do the same.
std::optional<std::string> typed_twin(const ButtonValue& button);

// What ✅ and ❌ on the card stand for here: none where reactions decide nothing.
std::vector<ButtonValue> votes_by_reaction(const Card& card, const Dress& dress);

// How to do without buttons what the card's buttons would do: by reaction where that counts here, and typed,
// unless the card says that already.
std::vector<Line> without_buttons(const Card& card, const Dress& dress);

}  // namespace jitbot::mattermost
