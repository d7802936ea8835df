#pragma once

#include "bot/policy/cel/ast.hpp"
#include "bot/policy/cel/type.hpp"

namespace jitbot::cel {

// Finds what each name means: a variable of a macro, a declared variable (of a qualified name the longest
// part that is one), or a type. Names that mean nothing stay names. The slip: macros nested too deeply.
std::optional<Slip> resolve(Ast& ast, const Declarations& declared);

}  // namespace jitbot::cel
