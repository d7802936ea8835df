#pragma once

#include "bot/policy/cel/functions.hpp"

namespace jitbot::cel {

// All of a text as a double: decimal, with an exponent or without, or NaN, inf, Infinity in any case.
std::optional<double> parse_double(std::string_view text);

// As few digits as read back the same: "0.1", "1000000", "6.02214e+23"; "NaN", "Infinity", "-Infinity".
std::string format_general(double number);
// The same, always without an exponent.
std::string format_plain(double number);

}  // namespace jitbot::cel
