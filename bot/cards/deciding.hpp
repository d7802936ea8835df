#pragma once

#include "bot/cards/views.hpp"

#include <nlohmann/json_fwd.hpp>

// Notices about what approvers do besides voting: asking questions, and making a request shorter.
namespace jitbot {

// Whoever reads it learns where to answer. Args: as ("question", "answer"), who, text, channels.
Card question(const SubjectView& view, const nlohmann::json& args);
// Args: as of a step.
Card revised(const SubjectView& view, const nlohmann::json& args);

}  // namespace jitbot
