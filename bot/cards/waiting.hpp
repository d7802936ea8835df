#pragma once

#include "bot/cards/views.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

// What cards and notices say of a request that still waits: when something happens next, who has not been
// heard, where it cannot be decided.
namespace jitbot {

// "group:sre, carol@example.com and 2 more"
std::string subjects_text(const std::vector<Subject>& subjects);
// " · escalates to group:oncall at …"; empty: no escalation is to come. Goes after a time-out.
Line escalation_words(const Request& request);
// "times out at … · escalates to … at …"
Line deadline_line(const Request& request);
// "nobody can approve step security now"; empty: somebody can.
Line stuck_line(const Request& request);

// In place of the approval card where the channel is shared with another organisation: nothing of the
// request, and no buttons. `places`: the channels that show the card.
Card moved_card(const SubjectView& view, const std::vector<std::string>& places);

Card nobody_can_approve(const SubjectView& view, const nlohmann::json& args);
Card card_not_posted(const SubjectView& view, const nlohmann::json& args);
Card reminder(const SubjectView& view, const nlohmann::json& args);
Card escalated(const SubjectView& view, const nlohmann::json& args);
Card channel_lost(const nlohmann::json& args);
Card channel_back(const nlohmann::json& args);

}  // namespace jitbot
