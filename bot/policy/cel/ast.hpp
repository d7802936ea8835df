#pragma once

#include "bot/policy/cel/mistake.hpp"
#include "bot/policy/cel/value.hpp"

#include <optional>
#include <string>
#include <vector>

// What an expression says, before anything is known of types. Macros are already what they stand for.
namespace jitbot::cel {

using ExprId = std::uint32_t;

enum class Macro : std::uint8_t { all, exists, exists_one, map, filter, transform_list, transform_map };

struct Expr {
  enum class Kind : std::uint8_t {
    literal,
    name,           // not found among the variables
    variable,       // `slot`
    local,          // `slot`: a variable of a macro
    select,         // args[0], `name`
    has,            // args[0], `name`
    call,           // `name`, args
    receiver_call,  // `name`, args, of which the first stands before the point
    list,
    map,            // args: key, value, key, value …
    comprehension,  // args: range, condition where there is one, what is made of each element
  };
  Kind kind = Kind::literal;
  std::uint32_t at = 0;
  std::uint32_t depth = 1;
  std::string name;
  std::vector<ExprId> args;
  Value literal;
  std::size_t slot = 0;
  bool quoted = false;  // a select whose field is in backquotes, which is no part of a qualified name
  Macro macro = Macro::all;
  std::vector<std::string> names;  // of a comprehension: one or two variables
};

struct Ast {
  std::vector<Expr> exprs;
  ExprId root = 0;
  std::size_t locals = 0;  // how many slots the variables of macros need

  const Expr& operator[](ExprId id) const { return exprs[id]; }
  Expr& operator[](ExprId id) { return exprs[id]; }
};

// No input may exhaust the stack: what nests deeper, or is longer, is refused.
inline constexpr std::size_t k_longest_source = 64UL * 1024;
inline constexpr std::size_t k_deepest_nesting = 200;
inline constexpr std::uint32_t k_deepest_tree = 500;
inline constexpr std::size_t k_most_locals = 64;

Parsed<Ast> parse(std::string_view source);

}  // namespace jitbot::cel
