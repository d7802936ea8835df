#pragma once

#include <initializer_list>
#include <optional>
#include <string_view>

namespace jitbot::detail {

// The inverse of an enum's to_string, so that each word is written down once.
template <class Enum>
std::optional<Enum> parse_enum(std::string_view text, std::initializer_list<Enum> all) {
  for (const Enum value : all) {
    if (to_string(value) == text) return value;
  }
  return std::nullopt;
}

}  // namespace jitbot::detail
