#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// What Slack accepts as Block Kit (docs.slack.dev/reference/block-kit and the limits of @slack/types).
// Problems are worded as Slack words them: "[ERROR] must be less than 3001 characters
// [json-pointer:/blocks/0/text/text]".
namespace jitbot::sandbox {

enum class Surface { message, modal, home };

// All problems of a `blocks` array, in document order; empty: Slack would take it.
std::vector<std::string> check_blocks(const nlohmann::json& blocks, Surface surface);
// All problems of a `view` argument (modal or home).
std::vector<std::string> check_view(const nlohmann::json& view);

// All problems of what an app acknowledges a block_suggestion with: `options` or `option_groups`, a hundred
// at most.
std::vector<std::string> check_suggestions(const nlohmann::json& answer);

// Slack counts UTF-16 code units as far as is known. The text is UTF-8, as JSON parsers leave it.
std::size_t utf16_length(std::string_view text);
// The longest prefix of whole code points with at most that many units.
std::string cut_to_utf16(std::string_view text, std::size_t units);
// Characters of all text objects and rich text together: what `msg_blocks_too_long` is about.
std::size_t total_characters(const nlohmann::json& blocks);

inline constexpr std::size_t k_max_message_text = 40'000;
// Undocumented; measured by users (bolt-js#2509).
inline constexpr std::size_t k_max_message_blocks_text = 13'200;
inline constexpr std::size_t k_max_view_bytes = 250UL * 1024;

// The `input` block of that id; null when there is none.
const nlohmann::json* find_input(const nlohmann::json& blocks, std::string_view block_id);

}  // namespace jitbot::sandbox
