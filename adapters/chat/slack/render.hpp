#pragma once

#include "bot/cards/card.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace jitbot::slack {

// How much of a card goes out. `bare` has no user text, no long text and no more than one block of words: for
// when Slack does not take the full one. `text` has no blocks at all.
enum class Dress { full, bare, text };

// A card as the members `text` and `blocks` of a message, within Slack's limits whatever is in it: our facts
// in blocks of their own, user text only in a rich_text quote, where nothing is parsed. `now` decides which
// times need a date.
nlohmann::json render_message(const Card& card, Dress dress, Time now);

// The metadata by which our message is found again.
nlohmann::json render_metadata(const std::string& key);
inline constexpr std::string_view k_event_type = "jitbot";

}  // namespace jitbot::slack
