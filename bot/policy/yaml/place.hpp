#pragma once

#include "bot/policy/yaml/tree.hpp"

#include <cstddef>
#include <string_view>

namespace jitbot::yaml {

// Where a file says one byte of a scalar's decoded text: plain, in quotes with escapes, literal or folded,
// over one line or many. Where it cannot be told, and without the file's text, the place of the scalar.
Position place_in(std::string_view file, const Node& scalar, std::size_t byte);

}  // namespace jitbot::yaml
