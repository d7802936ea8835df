// From a checked tree to a program: names become slots, constants are reckoned now, patterns and zones made
// ready.
#include "bot/policy/cel/check.hpp"
#include "bot/policy/cel/code.hpp"
#include "bot/policy/cel/resolve.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

namespace jitbot::cel {

namespace {

class Compiler {
 public:
  Compiler(const Ast& ast, const std::vector<Type>& types, std::size_t variables) : ast_(ast), types_(types) {
    code_.reads.assign(variables, false);
    code_.reads_whole.assign(variables, false);
    code_.locals = ast.locals;
  }

  Parsed<Code> run() {
    code_.root = lower(ast_.root);
    if (slip_) return tl::unexpected<Slip>(std::move(*slip_));
    code_.type = types_.empty() ? Type() : types_[ast_.root];
    return std::move(code_);
  }

 private:
  NodeId add(Node node) {
    code_.nodes.push_back(std::move(node));
    return static_cast<NodeId>(code_.nodes.size() - 1);
  }

  NodeId lower(ExprId id) {
    const Expr& expr = ast_[id];
    Node node;
    switch (expr.kind) {
      case Expr::Kind::literal:
        node.constant = expr.literal;
        return add(std::move(node));
      case Expr::Kind::name:
        return failing(fmt::format("no such variable: {}", expr.name));
      case Expr::Kind::variable:
        node.op = Node::Op::variable;
        node.slot = static_cast<std::uint32_t>(expr.slot);
        code_.reads[expr.slot] = true;
        code_.reads_whole[expr.slot] = true;
        return add(std::move(node));
      case Expr::Kind::local:
        node.op = Node::Op::local;
        node.slot = static_cast<std::uint32_t>(expr.slot);
        return add(std::move(node));
      case Expr::Kind::select:
      case Expr::Kind::has:
        return select(expr);
      case Expr::Kind::call:
      case Expr::Kind::receiver_call:
        return call(expr);
      case Expr::Kind::list:
        return collection(expr, Node::Op::list);
      case Expr::Kind::map:
        return collection(expr, Node::Op::map);
      case Expr::Kind::comprehension:
        return loop(expr);
    }
    return failing("");
  }

  NodeId failing(const std::string& text) {
    Node node;
    node.op = Node::Op::fail;
    node.constant = Value::error(text);
    return add(std::move(node));
  }

  void operands(Node& node, const Expr& expr) {
    std::vector<NodeId> made;
    for (const ExprId arg : expr.args) made.push_back(lower(arg));
    node.first = static_cast<std::uint32_t>(code_.operands.size());
    node.count = static_cast<std::uint32_t>(made.size());
    code_.operands.insert(code_.operands.end(), made.begin(), made.end());
  }

  bool all_constant(const Node& node) const {
    for (std::uint32_t i = 0; i < node.count; ++i) {
      if (code_.nodes[code_.operands[node.first + i]].op != Node::Op::constant) return false;
    }
    return true;
  }

  // What needs no variables is reckoned once. An error waits for its turn: another branch may be taken.
  NodeId folded(Node node) {
    const bool constant = all_constant(node);
    const NodeId id = add(std::move(node));
    if (!constant) return id;
    constexpr std::uint64_t k_most_folded = 100'000;
    Budget budget{k_most_folded, false};
    Value value = run_node(code_, id, Activation{}, budget);
    if (budget.spent || value.failed()) return id;
    Node result;
    result.constant = std::move(value);
    code_.nodes[id] = std::move(result);
    return id;
  }

  NodeId fact(const Expr& expr, Node node) {
    const std::size_t slot = ast_[expr.args[0]].slot;
    const std::size_t field = *types_[expr.args[0]].declaration().index_of(expr.name);
    node.op = expr.kind == Expr::Kind::has ? Node::Op::has_fact : Node::Op::fact;
    node.slot = static_cast<std::uint32_t>(slot);
    node.field = static_cast<std::uint32_t>(field);
    code_.reads[slot] = true;
    code_.fields.emplace(slot, field);
    return add(std::move(node));
  }

  NodeId select(const Expr& expr) {
    Node node;
    node.constant = Value::string(expr.name);
    const bool of_object = !types_.empty() && types_[expr.args[0]].is(Type::Kind::object);
    if (of_object && ast_[expr.args[0]].kind == Expr::Kind::variable) return fact(expr, std::move(node));
    operands(node, expr);
    node.op = expr.kind == Expr::Kind::has ? Node::Op::has : Node::Op::select;
    if (of_object && node.op == Node::Op::select) {
      node.op = Node::Op::field;
      node.slot = static_cast<std::uint32_t>(*types_[expr.args[0]].declaration().index_of(expr.name));
    }
    return folded(std::move(node));
  }

  NodeId collection(const Expr& expr, Node::Op op) {
    Node node;
    operands(node, expr);
    node.op = op;
    return folded(std::move(node));
  }

  NodeId call(const Expr& expr) {
    Node node;
    operands(node, expr);
    if (expr.name == "_&&_" || expr.name == "_||_" || expr.name == "_?_:_") {
      node.op = expr.name == "_?_:_"  ? Node::Op::conditional
                : expr.name == "_&&_" ? Node::Op::logical_and
                                      : Node::Op::logical_or;
      return add(std::move(node));
    }
    const Style style = expr.kind == Expr::Kind::call ? Style::global : Style::receiver;
    const Function* const function = find_function(expr.name);
    if (function == nullptr || !function->takes(style, expr.args.size())) {
      return failing(fmt::format("no such function: {} of {} arguments", expr.name, expr.args.size()));
    }
    node.op = Node::Op::call;
    node.run = function->run;
    prepare(node, expr);
    return folded(std::move(node));
  }

  // A constant pattern or zone, which is the last argument of what takes one.
  void prepare(Node& node, const Expr& expr) {
    const bool pattern = node.run == text_matches;
    const bool zone = expr.name.starts_with("get");
    if (node.count != 2 || (!pattern && !zone)) return;
    const Node& last = code_.nodes[code_.operands[node.first + 1]];
    if (last.op != Node::Op::constant || !last.constant.is(Kind::string)) return;
    Prepared made;
    if (pattern) {
      made.pattern = compile_pattern(last.constant.text());
      if (!made.pattern->ok()) {
        refuse(expr, fmt::format("bad regular expression: {}", made.pattern->error()));
        return;
      }
    } else {
      made.zone = find_zone(last.constant.text());
      if (!made.zone) {
        refuse(expr, fmt::format("there is no time zone \"{}\"", last.constant.text()));
        return;
      }
    }
    code_.prepared.push_back(std::make_unique<const Prepared>(std::move(made)));
    node.prepared = code_.prepared.back().get();
  }

  // A pattern or zone that never is one is a mistake where expressions are checked; else it fails when it is
  // met.
  void refuse(const Expr& expr, std::string message) {
    if (!types_.empty() && !slip_) slip_ = Slip{ast_[expr.args[1]].at, std::move(message)};
  }

  NodeId loop(const Expr& expr) {
    Node node;
    operands(node, expr);
    node.op = Node::Op::loop;
    node.macro = expr.macro;
    node.slot = static_cast<std::uint32_t>(expr.slot);
    node.variables = static_cast<std::uint8_t>(expr.names.size());
    return add(std::move(node));
  }

  const Ast& ast_;
  const std::vector<Type>& types_;  // empty where nothing was checked
  Code code_;
  std::optional<Slip> slip_;
};

Parsed<Code> compiled(std::string_view expression, const Declarations& declared, Checking checking) {
  auto ast = parse(expression);
  if (!ast) return tl::unexpected<Slip>(std::move(ast.error()));
  if (auto slip = resolve(*ast, declared)) return tl::unexpected<Slip>(std::move(*slip));
  std::vector<Type> types;
  if (checking == Checking::full) {
    auto checked = check(*ast, declared);
    if (!checked) return tl::unexpected<Slip>(std::move(checked.error()));
    types = std::move(*checked);
  }
  return Compiler(*ast, types, declared.size()).run();
}

}  // namespace

tl::expected<Program, Mistake> compile(std::string_view expression, const Declarations& declared,
                                       Checking checking) {
  auto code = compiled(expression, declared, checking);
  if (!code) return tl::unexpected<Mistake>(locate(code.error(), expression));
  return Program(std::make_shared<const Code>(std::move(*code)));
}

const Type& Program::type() const {
  return code_->type;
}

bool Program::reads(std::size_t slot) const {
  return slot < code_->reads.size() && code_->reads[slot];
}

bool Program::reads(std::size_t slot, std::size_t field) const {
  return reads(slot) && (code_->reads_whole[slot] || names(slot, field));
}

bool Program::names(std::size_t slot, std::size_t field) const {
  return code_->fields.contains({slot, field});
}

std::optional<std::set<std::string>> Program::sought_in(std::size_t slot, std::size_t field) const {
  if (reads(slot) && code_->reads_whole[slot]) return std::nullopt;
  const Builtin in = find_function("@in")->run;
  std::set<std::string> sought;
  std::set<NodeId> accounted;
  const auto is_field = [&](NodeId id) {
    const Node& node = code_->nodes[id];
    return node.op == Node::Op::fact && node.slot == slot && node.field == field;
  };
  for (const Node& node : code_->nodes) {
    if (node.op != Node::Op::call || node.run != in || node.count != 2) continue;
    const Node& what = code_->nodes[code_->operands[node.first]];
    const NodeId where = code_->operands[node.first + 1];
    if (!is_field(where) || what.op != Node::Op::constant || !what.constant.is(Kind::string)) continue;
    sought.emplace(what.constant.text());
    accounted.insert(where);
  }
  for (NodeId id = 0; id < code_->nodes.size(); ++id) {
    const Node& node = code_->nodes[id];
    const bool asked = node.op == Node::Op::has_fact && node.slot == slot && node.field == field;
    if (asked || (is_field(id) && !accounted.contains(id))) return std::nullopt;
  }
  return sought;
}

}  // namespace jitbot::cel
