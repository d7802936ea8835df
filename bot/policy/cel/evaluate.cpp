#include "bot/policy/cel/machine.hpp"
#include "bot/policy/cel/points.hpp"

#include <fmt/format.h>

namespace jitbot::cel {

Machine::Machine(const Code& code, const Activation& activation, Budget& budget)
    : code_(code), activation_(activation), budget_(budget) {
  if (code.locals > few_locals_.size()) many_locals_.resize(code.locals);
  locals_ = many_locals_.empty() ? few_locals_.data() : many_locals_.data();
}

Value Machine::run(NodeId id) {
  const Node& node = code_.nodes[id];
  if (!budget_.spend(1)) return Value::error_view(k_too_dear);
  switch (node.op) {
    case Node::Op::constant:
    case Node::Op::fail:
      return node.constant.borrowed();
    case Node::Op::variable:
      return variable(node.slot);
    case Node::Op::local:
      return locals_[node.slot];
    case Node::Op::field:
      return field(node);
    case Node::Op::fact:
      return fact(node);
    case Node::Op::has_fact:
      return has_fact(node);
    case Node::Op::select:
      return select(node);
    case Node::Op::has:
      return has(node);
    case Node::Op::logical_and:
    case Node::Op::logical_or:
      return logical(node);
    case Node::Op::conditional:
      return conditional(node);
    case Node::Op::call:
      if (node.count == 2) return call<2>(node);
      if (node.count == 1) return call<1>(node);
      return node.count == 3 ? call<3>(node) : call<4>(node);
    case Node::Op::list:
      return list(node);
    case Node::Op::map:
      return map(node);
    case Node::Op::loop:
      return loop(node);
  }
  return Value::error_view("no such step");
}

Value Machine::variable(std::size_t slot) {
  if (slot < activation_.values.size() && !activation_.values[slot].is(Kind::unset)) {
    return activation_.values[slot].borrowed();
  }
  const Value* const found = activation_.source != nullptr ? activation_.source->variable(slot) : nullptr;
  if (found == nullptr || found->is(Kind::unset)) return Value::error_view("the variable has no value");
  return found->borrowed();
}

namespace {

Value no_such_field(const Value& name) {
  return Value::error(fmt::format("no such field: {}", name.text()));
}

// The named part of a map or an object. Null pointer: it is not there; nothing: there can be no such part.
std::optional<const Value*> named_part(const Value& whole, const Value& name) {
  if (whole.is(Kind::map)) return whole.find(name);
  if (!whole.is(Kind::object)) return std::nullopt;
  const auto index = whole.object_type().index_of(name.text());
  if (!index) return std::nullopt;
  const Value& part = whole.fields()[*index];
  return part.is(Kind::unset) ? nullptr : &part;
}

}  // namespace

Value Machine::field(const Node& node) {
  Value whole = run_operand(node, 0);
  if (whole.failed()) return whole;
  if (!whole.is(Kind::object) || node.slot >= whole.fields().size()) return no_such_field(node.constant);
  const Value& part = whole.fields()[node.slot];
  return part.is(Kind::unset) ? no_such_field(node.constant) : part_of(whole, part);
}

// Of a variable that is bound, or delivered whole, where its fields are not to be had one by one.
Value Machine::fact(const Node& node) {
  if (activation_.source != nullptr) {
    const Value* const found = activation_.source->field(node.slot, node.field);
    if (found != nullptr) return found->is(Kind::unset) ? no_such_field(node.constant) : found->borrowed();
  }
  Value whole = variable(node.slot);
  if (whole.failed()) return whole;
  if (!whole.is(Kind::object) || node.field >= whole.fields().size()) return no_such_field(node.constant);
  const Value& part = whole.fields()[node.field];
  return part.is(Kind::unset) ? no_such_field(node.constant) : part_of(whole, part);
}

namespace {

// As has() of a message's field: a text or list that is empty is not set.
bool says_something(const Value& value) {
  if (value.is(Kind::string) || value.is(Kind::bytes)) return !value.text().empty();
  if (value.is(Kind::list)) return !value.items().empty();
  if (value.is(Kind::map)) return !value.entries().empty();
  return !value.is(Kind::unset);
}

}  // namespace

Value Machine::has_fact(const Node& node) {
  if (activation_.source != nullptr) {
    const Value* const found = activation_.source->field(node.slot, node.field);
    if (found != nullptr) return found->failed() ? found->borrowed() : Value::boolean(says_something(*found));
  }
  const Value whole = variable(node.slot);
  if (whole.failed()) return whole;
  const auto part = named_part(whole, node.constant);
  return part ? Value::boolean(*part != nullptr) : no_such_field(node.constant);
}

Value Machine::select(const Node& node) {
  Value whole = run_operand(node, 0);
  if (whole.failed()) return whole;
  const auto part = named_part(whole, node.constant);
  if (!part || *part == nullptr)
    return whole.is(Kind::map) ? no_such_key(node.constant) : no_such_field(node.constant);
  return part_of(whole, **part);
}

Value Machine::has(const Node& node) {
  Value whole = run_operand(node, 0);
  if (whole.failed()) return whole;
  const auto part = named_part(whole, node.constant);
  return part ? Value::boolean(*part != nullptr) : no_such_field(node.constant);
}

// False decides an "and", true an "or", whatever the others are; else what is unknown goes before what is
// wrong.
Value Machine::logical(const Node& node) {
  const bool decides = node.op == Node::Op::logical_or;
  Value problem;
  for (std::uint32_t i = 0; i < node.count; ++i) {
    Value side = run_operand(node, i);
    if (side.is(Kind::boolean)) {
      if (side.as_boolean() == decides) return side;
    } else if (side.is(Kind::unknown)) {
      problem = std::move(side);
    } else if (problem.is(Kind::unset)) {
      problem = side.failed() ? std::move(side) : no_overload(decides ? "_||_" : "_&&_", {&side, 1});
    }
  }
  return problem.is(Kind::unset) ? Value::boolean(!decides) : problem;
}

Value Machine::conditional(const Node& node) {
  Value condition = run_operand(node, 0);
  if (condition.failed()) return condition;
  if (!condition.is(Kind::boolean)) return no_overload("_?_:_", {&condition, 1});
  return run_operand(node, condition.as_boolean() ? 1 : 2);
}

template <std::size_t count>
Value Machine::call(const Node& node) {
  std::array<Value, count> args;
  std::size_t wrong = count;
  for (std::size_t i = 0; i < count; ++i) {
    args[i] = run_operand(node, i);
    if (args[i].is(Kind::unknown)) return std::move(args[i]);
    if (args[i].failed() && wrong == count) wrong = i;
  }
  if (wrong != count) return std::move(args[wrong]);
  return node.run(Call{args, budget_, node.prepared});
}

Value Machine::list(const Node& node) {
  std::vector<Value> items;
  items.reserve(node.count);
  for (std::uint32_t i = 0; i < node.count; ++i) {
    items.push_back(run_operand(node, i));
    if (items.back().failed()) return std::move(items.back());
  }
  return Value::list(std::move(items));
}

Value Machine::map(const Node& node) {
  std::vector<Value::Entry> entries;
  entries.reserve(node.count / 2);
  for (std::uint32_t i = 0; i < node.count; i += 2) {
    Value key = run_operand(node, i);
    if (key.failed()) return key;
    Value value = run_operand(node, i + 1);
    if (value.failed()) return value;
    entries.emplace_back(std::move(key), std::move(value));
  }
  auto made = Value::map(std::move(entries));
  return made ? std::move(*made)
              : Value::error_view("a map's keys are bool, int, uint or string, each there once");
}

Value run_node(const Code& code, NodeId node, const Activation& activation, Budget& budget) {
  return Machine(code, activation, budget).run(node);
}

namespace {

// The same value, owning what it shows. What is shared in many places is copied for each: it costs as much.
Value owned(const Value& value, Budget& budget) {
  if (!budget.spend(1)) return Value::error_view(k_too_dear);
  if (value.is(Kind::list)) {
    std::vector<Value> items;
    for (const Value& item : value.items()) items.push_back(owned(item, budget));
    return Value::list(std::move(items));
  }
  if (value.is(Kind::map)) {
    std::vector<Value::Entry> entries;
    for (const auto& [key, item] : value.entries())
      entries.emplace_back(owned(key, budget), owned(item, budget));
    auto made = Value::map(std::move(entries));
    return made ? std::move(*made)
                : Value::error_view(k_too_dear);  // only a spent budget makes two keys equal
  }
  if (value.is(Kind::object)) {
    std::vector<Value> fields;
    for (const Value& field : value.fields()) fields.push_back(owned(field, budget));
    return Value::object(value.object_type(), std::move(fields));
  }
  const bool borrows =
      value.is_borrowed() && (value.is(Kind::string) || value.is(Kind::bytes) || value.is(Kind::type));
  if (!borrows) return value;
  if (!budget.spend(cost_of_bytes(value.text().size()))) return Value::error_view(k_too_dear);
  if (value.is(Kind::string)) return Value::string(value.text());
  return value.is(Kind::bytes) ? Value::bytes(value.text()) : Value::type(value.text());
}

tl::unexpected<Failure> failure(Failure::Reason reason, std::string_view text) {
  return tl::unexpected<Failure>(Failure{reason, std::string(text)});
}

}  // namespace

tl::expected<Value, Failure> evaluate(const Program& program, const Activation& activation,
                                      std::uint64_t most_cost) {
  Budget budget{most_cost, false};
  Value value = run_node(program.code(), program.code().root, activation, budget);
  if (value.is_borrowed() || value.is(Kind::list) || value.is(Kind::map) || value.is(Kind::object)) {
    if (!value.failed() && !value.is(Kind::boolean)) value = owned(value, budget);
  }
  if (budget.spent) return failure(Failure::Reason::cost, k_too_dear);
  if (value.is(Kind::error)) return failure(Failure::Reason::error, value.text());
  if (value.is(Kind::unknown)) return failure(Failure::Reason::unknown, "it depends on what is unknown");
  return value;
}

}  // namespace jitbot::cel
