#pragma once

#include "bot/policy/policy.hpp"
#include "bot/policy/yaml/decode.hpp"

#include <string>

namespace jitbot {

// A regular expression, compiled, and its text; null: it was reported, because RE2 does not know it or
// because it is too long.
PatternPtr read_pattern(const yaml::Value& value, std::string& text);

}  // namespace jitbot
