#pragma once

#include "bot/policy/yaml/tree.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace jitbot::yaml {

struct BadCharacter {
  Position where;
  std::string message;
};

// The first character that a policy or configuration may not contain. Everything but tab, line feed and a
// carriage return before it is refused among the control characters: U+0004 ends a file early for yaml-cpp
// (its Stream::eof()), and text-direction characters make a file read differently from what it says.
std::optional<BadCharacter> find_bad_character(std::string_view text);

// The place of a byte, in lines and characters.
Position position_of(std::string_view text, std::size_t byte);

}  // namespace jitbot::yaml
