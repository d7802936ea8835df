#pragma once

#include "adapters/chat/mattermost/dress.hpp"
#include "bot/cards/card.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace jitbot::mattermost {

// A card as the members `message` and `props` of a post, whole, for making it as well as for patching it: a
// patch replaces all props, and the server tells nobody what the old buttons carried. Title as message; our
// facts, the user's words, and small print with buttons in attachments of their own. Within the limits
// whatever is in it: the quote is shortened first, then small print; facts move into the message; buttons
// stay.
nlohmann::json render_post(const Card& card, const Dress& dress);
inline constexpr const char* k_key_prop = "jitbot_key";
std::string key_of_post(const nlohmann::json& post);  // ours, as the server has it; empty: none
// Where reactions decide, there is something to decide, and it is not of high risk: what they stand for,
// sealed. See votes_on.
inline constexpr const char* k_votes_prop = "jitbot_votes";

// All of a card as one Markdown text, for answers that hold nothing else; its buttons are told as words.
std::string render_text(const Card& card, const Dress& dress);
// The body that answers a slash command (also by its response_url), and the one that answers a click: seen by
// that person alone.
nlohmann::json command_answer(const Card& card, const Dress& dress);
nlohmann::json click_answer(const Card& card, const Dress& dress);

// Characters of `props` as the server counts them: Go's encoder, which escapes <, > and &, and fills every
// attachment up with the fields it knows.
std::size_t size_of_props(const nlohmann::json& props);

}  // namespace jitbot::mattermost
