#pragma once

#include "bot/cards/card.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>

// Notices to the administrators that are about no request. `args` as bot/cards/notices.hpp names them.
namespace jitbot {

Card identity_conflict(const nlohmann::json& args);
Card unasked_access(const nlohmann::json& args);
Card inbox_parked(const nlohmann::json& args);
Card of_time(std::string headline, std::string what, const nlohmann::json& args);
Card restored(const nlohmann::json& args);
Card policy_refused(const nlohmann::json& args);

}  // namespace jitbot
