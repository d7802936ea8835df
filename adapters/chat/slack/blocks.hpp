#pragma once

#include "bot/cards/card.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// The blocks that messages and Home are made of. Each adds what there is to `blocks`, within Slack's limits
// of one block, and nothing where there is nothing.
namespace jitbot::slack {

inline constexpr std::size_t k_buttons_per_block = 25;

std::string title_of(const Card& card);  // emoji and headline, times in UTC
void add_title(nlohmann::json& blocks, const Card& card, Time now);
void add_header(nlohmann::json& blocks, const std::string& text);
// Budgets are UTF-16 units of all that is added.
void add_facts(nlohmann::json& blocks, const std::vector<Line>& facts, std::size_t budget, Time now);
void add_quote(nlohmann::json& blocks, std::string_view quote, std::size_t budget);
void add_footer(nlohmann::json& blocks, const std::vector<Line>& lines, std::size_t budget, Time now);
struct ButtonRange {
  std::size_t most = 0;
  std::size_t first = 0;  // the number of the first one: no two of a message or page are alike
};
std::size_t add_buttons(nlohmann::json& blocks, const std::vector<Button>& buttons,
                        ButtonRange range);  // the next number

}  // namespace jitbot::slack
