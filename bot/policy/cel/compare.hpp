#pragma once

#include "bot/policy/cel/functions.hpp"

#include <compare>

namespace jitbot::cel {

// Total: values of two kinds differ, numbers are compared by amount, NaN differs from itself. Walks lists,
// maps and objects at the budget's cost; once that is spent the answer is false and means nothing.
bool equal(const Value& a, const Value& b, Budget& budget);

// Nothing where the two have no order; unordered with NaN.
std::optional<std::partial_ordering> compare(const Value& a, const Value& b);

}  // namespace jitbot::cel
