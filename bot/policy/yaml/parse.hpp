#pragma once

#include "bot/policy/yaml/tree.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace jitbot::yaml {

struct Limits {
  std::size_t bytes = std::size_t{1} << 20U;
  std::size_t depth = 24;
  std::size_t nodes = 50000;
};

// The text without a byte order mark: what places count from.
std::string_view without_mark(std::string_view text);

// Reads one document. Refused and reported: invalid UTF-8, control and text-direction characters, duplicate
// keys, keys that are not words, anchors, aliases, merge keys, tags, a second document, and whatever is over
// a limit. Nothing is returned where the text is no YAML at all; with other problems the rest of the tree is.
std::optional<Node> parse(std::string_view text, Problems& problems, const Limits& limits);

}  // namespace jitbot::yaml
