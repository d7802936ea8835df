#pragma once

#include "bot/cards/text.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <string_view>

// Reads the args of a notice. They come from the store and may be of an older version: what is missing or of
// another type is left out, never an error. Times are milliseconds since 1970; people are "workspace/user".
namespace jitbot {

bool has_arg(const nlohmann::json& args, std::string_view key);
std::string arg_string(const nlohmann::json& args, std::string_view key);  // numbers as text; else empty
std::optional<PrincipalId> arg_person(const nlohmann::json& args, std::string_view key);

// A line of a label and the value; empty where there is none.
Line arg_text(std::string_view label, const nlohmann::json& args, std::string_view key);
Line arg_words(std::string_view label, const nlohmann::json& args, std::string_view key);  // as foreign()
Line arg_moment(std::string_view label, const nlohmann::json& args, std::string_view key);

}  // namespace jitbot
