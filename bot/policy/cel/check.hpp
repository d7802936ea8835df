#pragma once

#include "bot/policy/cel/ast.hpp"
#include "bot/policy/cel/type.hpp"

namespace jitbot::cel {

// The type of each expression of a resolved tree, by its id; or the first thing that cannot be.
Parsed<std::vector<Type>> check(const Ast& ast, const Declarations& declared);

}  // namespace jitbot::cel
