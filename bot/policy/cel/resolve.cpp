#include "bot/policy/cel/resolve.hpp"

#include <algorithm>
#include <array>

namespace jitbot::cel {

namespace {

constexpr std::array<std::string_view, 15> k_types{"bool",
                                                   "bytes",
                                                   "double",
                                                   "dyn",
                                                   "google.protobuf.Duration",
                                                   "google.protobuf.Timestamp",
                                                   "int",
                                                   "list",
                                                   "map",
                                                   "null_type",
                                                   "string",
                                                   "type",
                                                   "uint",
                                                   "duration",
                                                   "timestamp"};

// What a type's name denotes: its value is the name that type() says.
std::optional<std::string_view> type_named(std::string_view name) {
  if (name == "timestamp") return to_string(Kind::timestamp);
  if (name == "duration") return to_string(Kind::duration);
  const auto* const found = std::ranges::find(k_types, name);
  if (found == k_types.end()) return std::nullopt;
  return *found;
}

class Resolver {
 public:
  Resolver(Ast& ast, const Declarations& declared) : ast_(ast), declared_(declared) {}

  std::optional<Slip> run() {
    visit(ast_.root);
    return std::move(slip_);
  }

 private:
  void visit(ExprId id) {
    const Expr::Kind kind = ast_[id].kind;
    if (kind == Expr::Kind::comprehension) return visit_comprehension(id);
    if (kind == Expr::Kind::name || kind == Expr::Kind::select) {
      if (resolve_path(id)) return;
    }
    const auto args = ast_[id].args;
    for (const ExprId arg : args) visit(arg);
  }

  void visit_comprehension(ExprId id) {
    const Expr& expr = ast_[id];
    visit(expr.args[0]);
    const std::size_t before = locals_.size();
    ast_[id].slot = before;
    locals_.insert(locals_.end(), expr.names.begin(), expr.names.end());
    ast_.locals = std::max(ast_.locals, locals_.size());
    if (locals_.size() > k_most_locals) {
      if (!slip_) slip_ = Slip{expr.at, "macros are nested too deeply"};
    } else {
      for (std::size_t i = 1; i < expr.args.size(); ++i) visit(expr.args[i]);
    }
    locals_.resize(before);
  }

  std::optional<std::size_t> innermost(const std::string& name) const {
    for (std::size_t i = locals_.size(); i > 0; --i) {
      if (locals_[i - 1] == name) return i - 1;
    }
    return std::nullopt;
  }

  // "a.b.c" as a whole; what is shorter is tried when its part of the chain is visited.
  bool resolve_path(ExprId id) {
    const std::string path = dotted(id);
    if (path.empty()) return false;
    const bool outermost = path.front() == '.';
    const std::string name = outermost ? path.substr(1) : path;
    const std::string first = name.substr(0, name.find('.'));
    if (!outermost) {
      if (const auto slot = innermost(first)) {
        if (first != name) return false;
        ast_[id].kind = Expr::Kind::local;
        ast_[id].slot = *slot;
        return true;
      }
    }
    return resolve_global(ast_[id], name);
  }

  bool resolve_global(Expr& expr, const std::string& name) {
    const auto variable = std::ranges::find(declared_, name, &Variable::name);
    if (variable != declared_.end()) {
      expr.kind = Expr::Kind::variable;
      expr.slot = static_cast<std::size_t>(variable - declared_.begin());
      expr.name = name;
      expr.args.clear();
      return true;
    }
    const auto type = type_named(name);
    if (!type) return false;
    expr.kind = Expr::Kind::literal;
    expr.literal = Value::type_view(*type);
    expr.args.clear();
    return true;
  }

  std::string dotted(ExprId id) const {
    const Expr& expr = ast_[id];
    if (expr.kind == Expr::Kind::name) return expr.name;
    if (expr.kind != Expr::Kind::select || expr.quoted) return "";
    const std::string before = dotted(expr.args[0]);
    return before.empty() ? "" : before + "." + expr.name;
  }

  Ast& ast_;
  const Declarations& declared_;
  std::vector<std::string> locals_;
  std::optional<Slip> slip_;
};

}  // namespace

std::optional<Slip> resolve(Ast& ast, const Declarations& declared) {
  return Resolver(ast, declared).run();
}

}  // namespace jitbot::cel
