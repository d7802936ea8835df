// Macros over lists and maps (langdef "Macros").
#include "bot/policy/cel/machine.hpp"
#include "bot/policy/cel/points.hpp"

namespace jitbot::cel {

Value Machine::loop(const Node& node) {
  Value range = run_operand(node, 0);
  if (range.failed()) return range;
  if (!range.is(Kind::list) && !range.is(Kind::map)) return no_overload("a macro", {&range, 1});
  switch (node.macro) {
    case Macro::all:
    case Macro::exists:
      return quantified(node, range);
    case Macro::exists_one:
      return counted(node, range);
    case Macro::map:
    case Macro::filter:
    case Macro::transform_list:
    case Macro::transform_map:
      return mapped(node, range);
  }
  return Value::error_view("no such macro");
}

std::size_t Machine::length(const Value& range) const {
  return range.is(Kind::list) ? range.items().size() : range.entries().size();
}

// Binds the variables to one element. Of two, the first is its place in the list or its key.
void Machine::enter(const Node& node, const Value& range, std::size_t index) {
  Value* const variable = locals_ + node.slot;
  if (range.is(Kind::list)) {
    Value item = part_of(range, range.items()[index]);
    if (node.variables == 2) variable[0] = Value::integer(static_cast<std::int64_t>(index));
    variable[node.variables - 1] = std::move(item);
    return;
  }
  const auto& [key, value] = range.entries()[index];
  variable[0] = part_of(range, key);
  if (node.variables == 2) variable[1] = part_of(range, value);
}

// What is said of the element: a bool, or why there is none.
Value Machine::holds(const Node& node) {
  Value said = run_operand(node, 1);
  if (said.is(Kind::boolean) || said.failed()) return said;
  return no_overload("a macro's condition", {&said, 1});
}

// all() is a chain of "and", exists() one of "or": an element that decides makes up for errors of others.
Value Machine::quantified(const Node& node, const Value& range) {
  const bool decides = node.macro == Macro::exists;
  Value problem;
  for (std::size_t i = 0; i < length(range); ++i) {
    enter(node, range, i);
    Value said = holds(node);
    if (said.is(Kind::boolean)) {
      if (said.as_boolean() == decides) return said;
    } else if (problem.is(Kind::unset) || said.is(Kind::unknown)) {
      problem = std::move(said);
    }
    if (budget_.spent) break;
  }
  return problem.is(Kind::unset) ? Value::boolean(!decides) : problem;
}

Value Machine::counted(const Node& node, const Value& range) {
  std::size_t found = 0;
  for (std::size_t i = 0; i < length(range); ++i) {
    enter(node, range, i);
    Value said = holds(node);
    if (said.failed()) return said;
    found += said.as_boolean() ? 1 : 0;
  }
  return Value::boolean(found == 1);
}

Value Machine::mapped(const Node& node, const Value& range) {
  const bool conditional = node.macro == Macro::filter || node.count == 3;
  const bool to_map = node.macro == Macro::transform_map;
  std::vector<Value> items;
  std::vector<Value::Entry> entries;
  for (std::size_t i = 0; i < length(range); ++i) {
    enter(node, range, i);
    if (conditional) {
      Value said = holds(node);
      if (said.failed()) return said;
      if (!said.as_boolean()) continue;
    }
    Value made = node.macro == Macro::filter ? locals_[node.slot] : run_operand(node, node.count - 1);
    if (made.failed()) return made;
    if (to_map) {
      entries.emplace_back(locals_[node.slot], std::move(made));
    } else {
      items.push_back(std::move(made));
    }
  }
  if (!to_map) return Value::list(std::move(items));
  auto whole = Value::map(std::move(entries));
  return whole ? std::move(*whole) : Value::error_view("a map's keys are there once each");
}

}  // namespace jitbot::cel
