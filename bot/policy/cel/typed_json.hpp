#pragma once

#include "bot/model/result.hpp"
#include "bot/policy/cel/value.hpp"

#include <nlohmann/json_fwd.hpp>

// Values as JSON that keeps their types: {"int":"1"} {"uint":"1"} {"double":1.5} (or "NaN", "Infinity",
// "-Infinity")
// {"string":""} {"bytes":"base64"} {"bool":true} {"null":null} {"list":[…]} {"map":[[key,value],…]}
// {"timestamp_s":[seconds,nanos]} {"duration_s":[seconds,nanos]} {"type":"int"}.
namespace jitbot::cel {

Result<Value> value_from_json(const nlohmann::json& typed);
// An object shows its fields as a map does.
nlohmann::json to_json(const Value& value);

}  // namespace jitbot::cel
