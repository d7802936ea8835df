#pragma once

#include "bot/model/request.hpp"
#include "bot/model/result.hpp"

#include <nlohmann/json_fwd.hpp>

namespace jitbot {

// A request's frozen part as JSON: what its digest is made of and what the store keeps. Times are
// milliseconds since 1970, durations milliseconds, all integers. Every field is always there (null where a
// request has none), so equal requests give equal text.
nlohmann::json to_json(const Asked& asked);
// The inverse. Anything missing, of another type or unknown by name is `invalid`, and the detail says where.
Result<Asked> asked_from_json(const nlohmann::json& json);

}  // namespace jitbot
