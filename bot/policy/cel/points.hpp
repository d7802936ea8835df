#pragma once

#include "bot/policy/cel/functions.hpp"

// Strings are counted in code points, kept in UTF-8; and parts of what is borrowed are borrowed.
namespace jitbot::cel {

std::size_t count_points(std::string_view text);
// The byte at which the code point number `index` begins; the text's end for the one behind the last.
// Nothing beyond that.
std::optional<std::size_t> offset_of_point(std::string_view text, std::int64_t index);
// As long as the code point that begins at `at`.
std::size_t point_length(std::string_view text, std::size_t at);

// A stretch of a string: borrowed where the whole is, copied else.
Value stretch(const Value& whole, std::size_t from, std::size_t to);

// An element of a container that may be gone before it.
Value part_of(const Value& whole, const Value& part);
Value no_such_key(const Value& key);

}  // namespace jitbot::cel
