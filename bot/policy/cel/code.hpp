#pragma once

#include "bot/policy/cel/ast.hpp"
#include "bot/policy/cel/functions.hpp"
#include "bot/policy/cel/program.hpp"

#include <set>
#include <utility>

namespace jitbot::cel {

using NodeId = std::uint32_t;

// One step of a compiled program. Its operands are a stretch of Code::operands.
struct Node {
  enum class Op : std::uint8_t {
    constant,
    variable,  // slot
    local,     // slot
    field,     // operand 0, whose type is known: field number `slot`, named by `constant`
    fact,      // the same of variable `slot` itself: field number `field`
    has_fact,
    select,       // operand 0, `constant`: the field's or key's name
    has,          // operand 0, `constant`
    logical_and,  // any number
    logical_or,
    conditional,  // 3
    call,         // 1 to 4
    list,
    map,   // key, value, key, value …
    loop,  // range, condition where there is one, what is made; `slot` of the first variable
    fail,  // `constant`: the error
  };
  Op op = Op::constant;
  Macro macro = Macro::all;
  std::uint8_t variables = 1;  // of a loop
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::uint32_t slot = 0;
  std::uint32_t field = 0;
  Builtin run = nullptr;
  const Prepared* prepared = nullptr;
  Value constant;
};

struct Code {
  std::vector<Node> nodes;
  std::vector<NodeId> operands;
  std::vector<std::unique_ptr<const Prepared>> prepared;
  std::vector<bool> reads;                               // by slot: somehow
  std::vector<bool> reads_whole;                         // by slot: not by naming a field
  std::set<std::pair<std::size_t, std::size_t>> fields;  // slot and field: by naming it
  NodeId root = 0;
  std::size_t locals = 0;
  Type type;
};

// The value of one node; borrowed from activation and code where it may be.
Value run_node(const Code& code, NodeId node, const Activation& activation, Budget& budget);

}  // namespace jitbot::cel
