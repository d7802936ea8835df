// What looks like a call and is a macro (langdef "Macros", and the extension of two variables).
#include "bot/policy/cel/functions.hpp"
#include "bot/policy/cel/parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace jitbot::cel {

namespace {

struct Shape {
  std::string_view name;
  Macro macro;
  std::size_t variables;
  std::size_t arguments;  // variables, an optional condition, and what is made of each element
};
constexpr std::array<Shape, 15> k_macros{{
    {"all", Macro::all, 1, 2},
    {"exists", Macro::exists, 1, 2},
    {"exists_one", Macro::exists_one, 1, 2},
    {"existsOne", Macro::exists_one, 1, 2},
    {"map", Macro::map, 1, 2},
    {"map", Macro::map, 1, 3},
    {"filter", Macro::filter, 1, 2},
    {"all", Macro::all, 2, 3},
    {"exists", Macro::exists, 2, 3},
    {"existsOne", Macro::exists_one, 2, 3},
    {"exists_one", Macro::exists_one, 2, 3},
    {"transformList", Macro::transform_list, 2, 3},
    {"transformList", Macro::transform_list, 2, 4},
    {"transformMap", Macro::transform_map, 2, 3},
    {"transformMap", Macro::transform_map, 2, 4},
}};

std::string dotted(const Ast& ast, const Expr& expr) {
  if (expr.kind == Expr::Kind::name) return expr.name;
  if (expr.kind != Expr::Kind::select || expr.quoted) return "";
  const std::string before = dotted(ast, ast[expr.args[0]]);
  return before.empty() ? "" : before + "." + expr.name;
}

}  // namespace

Parser::Made Parser::global_call(std::uint32_t at, const std::string& name, std::vector<ExprId> args) {
  if (name == "has") return has(at, args);
  return call(at, name, std::move(args));
}

Parser::Made Parser::has(std::uint32_t at, const std::vector<ExprId>& args) {
  if (args.size() != 1 || ast_[args[0]].kind != Expr::Kind::select) {
    return fail(at, "has() asks for a field: has(request.ticket)");
  }
  Expr expr = ast_[args[0]];
  expr.kind = Expr::Kind::has;
  return add(std::move(expr));
}

Parser::Made Parser::receiver_call(std::uint32_t at, const std::string& name, std::vector<ExprId> args) {
  const auto* const found = std::ranges::find_if(
      k_macros, [&](const Shape& shape) { return shape.name == name && shape.arguments + 1 == args.size(); });
  if (found != k_macros.end()) return comprehension(at, found->macro, found->variables, std::move(args));
  // "strings.quote(x)" is a function of that whole name, no field of a variable "strings".
  const std::string before = dotted(ast_, ast_[args[0]]);
  if (!before.empty() && find_function(before + "." + name) != nullptr) {
    args.erase(args.begin());
    return call(at, before + "." + name, std::move(args));
  }
  Expr expr;
  expr.kind = Expr::Kind::receiver_call;
  expr.at = at;
  expr.name = name;
  expr.args = std::move(args);
  return add(std::move(expr));
}

Parser::Made Parser::comprehension(std::uint32_t at, Macro macro, std::size_t variables,
                                   std::vector<ExprId> args) {
  Expr expr;
  expr.kind = Expr::Kind::comprehension;
  expr.at = at;
  expr.macro = macro;
  for (std::size_t i = 1; i <= variables; ++i) {
    const Expr& variable = ast_[args[i]];
    if (variable.kind != Expr::Kind::name || variable.name.starts_with('.')) {
      return fail(variable.at, "the macro needs the name of a variable here");
    }
    if (std::ranges::find(expr.names, variable.name) != expr.names.end()) {
      return fail(variable.at, "the two variables of a macro need two names");
    }
    expr.names.push_back(variable.name);
  }
  expr.args.push_back(args[0]);
  expr.args.insert(expr.args.end(), args.begin() + 1 + static_cast<std::ptrdiff_t>(variables), args.end());
  return add(std::move(expr));
}

}  // namespace jitbot::cel
