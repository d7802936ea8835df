#pragma once

#include "bot/policy/cel/code.hpp"

#include <array>

namespace jitbot::cel {

// One evaluation. Values that it hands around are borrowed from the activation or the code, or are shared;
// what is taken out of something shared that may go before it is shared itself.
class Machine {
 public:
  Machine(const Code& code, const Activation& activation, Budget& budget);
  Value run(NodeId id);

 private:
  Value variable(std::size_t slot);
  Value field(const Node& node);
  Value fact(const Node& node);
  Value has_fact(const Node& node);
  Value select(const Node& node);
  Value has(const Node& node);
  Value logical(const Node& node);
  Value conditional(const Node& node);
  template <std::size_t count>
  Value call(const Node& node);
  Value list(const Node& node);
  Value map(const Node& node);

  // loops.cpp
  Value loop(const Node& node);
  Value quantified(const Node& node, const Value& range);
  Value counted(const Node& node, const Value& range);
  Value mapped(const Node& node, const Value& range);
  std::size_t length(const Value& range) const;
  void enter(const Node& node, const Value& range, std::size_t index);
  Value holds(const Node& node);

  NodeId operand(const Node& node, std::size_t index) const { return code_.operands[node.first + index]; }
  Value run_operand(const Node& node, std::size_t index) { return run(operand(node, index)); }

  const Code& code_;
  const Activation& activation_;
  Budget& budget_;
  std::array<Value, 4> few_locals_;
  std::vector<Value> many_locals_;
  Value* locals_;
};

}  // namespace jitbot::cel
