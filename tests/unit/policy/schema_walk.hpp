#pragma once

#include "bot/policy/yaml/decode.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

// Holds a JSON Schema that is shipped against the key tables of the decoder it describes.
namespace jitbot::schema {

nlohmann::json load(const std::string& path_below_sources);

// Everything in which the two differ, in plain words: keys of one only, required keys, objects that allow
// unknown keys, objects of the schema that no table describes, and references that lead nowhere.
std::vector<std::string> differences(const nlohmann::json& schema,
                                     const std::vector<const yaml::KeyTable*>& tables);

}  // namespace jitbot::schema
