#pragma once

#include <nlohmann/json_fwd.hpp>

#include <initializer_list>
#include <string>
#include <string_view>

namespace jitbot::chat {

// Reading what somebody else wrote: nothing is ever missing, it is only empty.
const nlohmann::json* member(const nlohmann::json& json, std::string_view name);  // nullptr: none
const nlohmann::json* member(const nlohmann::json& json, std::initializer_list<std::string_view> path);
std::string text_at(const nlohmann::json& json,
                    std::initializer_list<std::string_view> path);  // "" unless a string
// A flag in doubt (there, but neither true nor false) counts as set: our flags all mean "not trusted".
bool flag_at(const nlohmann::json& json, std::initializer_list<std::string_view> path);
std::int64_t number_at(const nlohmann::json& json,
                       std::initializer_list<std::string_view> path);  // 0 unless a number

}  // namespace jitbot::chat
