// The type checker (langdef "Gradual Type Checking"): what is dyn is left to run time.
#include "bot/policy/cel/check.hpp"

#include "bot/model/nearest.hpp"
#include "bot/policy/cel/functions.hpp"
#include "bot/policy/cel/unify.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace jitbot::cel {

namespace {

// "_+_" as people write it.
std::string shown(const std::string& function) {
  if (function == "_[_]") return "[]";
  std::string name;
  for (const char c : function) {
    if ((c != '_' && c != '@') || function.find_first_of("+-*/%!=<>&|?@") == std::string::npos) name += c;
  }
  return name;
}

std::string meant(const std::string& typed, const std::vector<std::string>& known) {
  const std::string near = nearest(typed, known);
  return near.empty() ? "" : fmt::format("; did you mean {}?", near);
}

class Checker {
 public:
  Checker(const Ast& ast, const Declarations& declared)
      : ast_(ast), declared_(declared), types_(ast.exprs.size()), locals_(ast.locals) {}

  Parsed<std::vector<Type>> run() {
    type_of(ast_.root);
    if (slip_) return tl::unexpected<Slip>(std::move(*slip_));
    for (Type& type : types_) type = unifier_.resolved(type);
    return std::move(types_);
  }

 private:
  // The first mistake is what counts: behind it everything is dyn.
  Type wrong(const Expr& expr, std::string message) {
    if (!slip_) slip_ = Slip{expr.at, std::move(message)};
    return Type::Kind::dyn;
  }

  Type type_of(ExprId id) { return types_[id] = find(ast_[id]); }

  Type find(const Expr& expr) {
    switch (expr.kind) {
      case Expr::Kind::literal:
        return cel::type_of(expr.literal);
      case Expr::Kind::name:
        return unknown_name(expr);
      case Expr::Kind::variable:
        return declared_[expr.slot].type;
      case Expr::Kind::local:
        return locals_[expr.slot];
      case Expr::Kind::select:
        return select(expr);
      case Expr::Kind::has:
        select(expr);
        return Type::Kind::boolean;
      case Expr::Kind::call:
      case Expr::Kind::receiver_call:
        return call(expr);
      case Expr::Kind::list:
        return list(expr);
      case Expr::Kind::map:
        return map(expr);
      case Expr::Kind::comprehension:
        return comprehension(expr);
    }
    return Type::Kind::dyn;
  }

  Type unknown_name(const Expr& expr) {
    std::vector<std::string> names;
    for (const Variable& variable : declared_) names.push_back(variable.name);
    return wrong(expr, fmt::format("unknown variable '{}'{}", expr.name, meant(expr.name, names)));
  }

  Type select(const Expr& expr) {
    const Type whole = unifier_.resolved(type_of(expr.args[0]));
    if (whole.is(Type::Kind::dyn) || whole.is(Type::Kind::parameter)) return Type::Kind::dyn;
    if (whole.is(Type::Kind::object)) return field(expr, whole.declaration());
    if (whole.is(Type::Kind::map) && unifier_.fits(whole.key(), Type::Kind::string)) return whole.value();
    return wrong(expr, fmt::format("{} has no field '{}'", to_string(whole), expr.name));
  }

  Type field(const Expr& expr, const ObjectType& declaration) {
    if (const auto index = declaration.index_of(expr.name)) return declaration.fields()[*index].type;
    std::vector<std::string> names;
    for (const Field& known : declaration.fields()) names.push_back(known.name);
    return wrong(
        expr, fmt::format("{} has no field '{}'{}", declaration.name(), expr.name, meant(expr.name, names)));
  }

  Type list(const Expr& expr) {
    if (expr.args.empty()) return Type::list(unifier_.fresh());
    Type element = type_of(expr.args[0]);
    for (std::size_t i = 1; i < expr.args.size(); ++i)
      element = unifier_.common(element, type_of(expr.args[i]));
    return Type::list(element);
  }

  Type map(const Expr& expr) {
    if (expr.args.empty()) return Type::map(unifier_.fresh(), unifier_.fresh());
    Type key;
    Type value;
    for (std::size_t i = 0; i < expr.args.size(); i += 2) {
      const Type name = type_of(expr.args[i]);
      if (!may_be_key(name)) {
        return wrong(ast_[expr.args[i]],
                     fmt::format("{} cannot be a map's key", to_string(unifier_.resolved(name))));
      }
      const Type content = type_of(expr.args[i + 1]);
      key = i == 0 ? name : unifier_.common(key, name);
      value = i == 0 ? content : unifier_.common(value, content);
    }
    return Type::map(key, value);
  }

  bool may_be_key(const Type& type) const {
    const Type found = unifier_.resolved(type);
    return found.is(Type::Kind::string) || found.is(Type::Kind::integer) ||
           found.is(Type::Kind::unsigned_integer) || found.is(Type::Kind::boolean) ||
           found.is(Type::Kind::dyn) || found.is(Type::Kind::parameter);
  }

  // Of "a && b && c", each; of "a ? b : c", the first, while the others agree.
  Type logical(const Expr& expr, const std::vector<Type>& args) {
    for (std::size_t i = 0; i < args.size(); ++i) {
      if (unifier_.fits(Type::Kind::boolean, args[i])) continue;
      return wrong(ast_[expr.args[i]], fmt::format("{} needs bool here, not {}", shown(expr.name),
                                                   to_string(unifier_.resolved(args[i]))));
    }
    return Type::Kind::boolean;
  }

  Type conditional(const Expr& expr, const std::vector<Type>& args) {
    if (!unifier_.fits(Type::Kind::boolean, args[0])) {
      return wrong(ast_[expr.args[0]],
                   fmt::format("?: needs a bool before it, not {}", to_string(unifier_.resolved(args[0]))));
    }
    const Type yes = unifier_.resolved(args[1]);
    const Type no = unifier_.resolved(args[2]);
    if (!unifier_.fits(yes, no)) {
      return wrong(expr, fmt::format("?: has two types, {} and {}", to_string(yes), to_string(no)));
    }
    return unifier_.common(yes, no);
  }

  Type call(const Expr& expr) {
    std::vector<Type> args;
    for (const ExprId arg : expr.args) args.push_back(type_of(arg));
    if (slip_) return Type::Kind::dyn;
    if (expr.name == "_&&_" || expr.name == "_||_") return logical(expr, args);
    if (expr.name == "_?_:_") return conditional(expr, args);
    const Function* const function = find_function(expr.name);
    if (function == nullptr) {
      return wrong(expr,
                   fmt::format("unknown function '{}'{}", expr.name, meant(expr.name, function_names())));
    }
    return dispatch(expr, *function, args);
  }

  Type dispatch(const Expr& expr, const Function& function, const std::vector<Type>& args) {
    const Style style = expr.kind == Expr::Kind::call ? Style::global : Style::receiver;
    std::vector<const Overload*> matching;
    for (const Overload& overload : function.overloads) {
      const std::size_t before = unifier_.mark();
      if (overload.style == style && apply(overload, args)) matching.push_back(&overload);
      unifier_.undo(before);
    }
    if (matching.empty()) return no_match(expr, style, args);
    if (matching.size() == 1) return *apply(*matching[0], args);
    for (const Overload* const overload : matching) {
      if (!(overload->result == matching[0]->result)) return Type::Kind::dyn;
    }
    const bool plain =
        !matching[0]->result.is(Type::Kind::parameter) && !matching[0]->result.is(Type::Kind::list);
    return plain ? matching[0]->result : Type(Type::Kind::dyn);
  }

  // The result, where the arguments fit.
  std::optional<Type> apply(const Overload& overload, const std::vector<Type>& args) {
    if (overload.parameters.size() != args.size()) return std::nullopt;
    const std::vector<Type> parameters{unifier_.fresh(), unifier_.fresh()};
    for (std::size_t i = 0; i < args.size(); ++i) {
      if (!unifier_.fits(instance(overload.parameters[i], parameters), args[i])) return std::nullopt;
    }
    return unifier_.resolved(instance(overload.result, parameters));
  }

  static Type instance(const Type& type, const std::vector<Type>& parameters) {
    if (type.is(Type::Kind::parameter)) return parameters[type.number()];
    if (type.is(Type::Kind::list)) return Type::list(instance(type.element(), parameters));
    if (type.is(Type::Kind::map)) {
      return Type::map(instance(type.key(), parameters), instance(type.value(), parameters));
    }
    return type;
  }

  Type no_match(const Expr& expr, Style style, const std::vector<Type>& args) {
    std::string list;
    const std::size_t first = style == Style::receiver ? 1 : 0;
    for (std::size_t i = first; i < args.size(); ++i) {
      list += (i > first ? ", " : "") + to_string(unifier_.resolved(args[i]));
    }
    if (style == Style::receiver) {
      const std::string whole = to_string(unifier_.resolved(args[0]));
      return wrong(expr, fmt::format("{} has no {}({})", whole, expr.name, list));
    }
    return wrong(expr, fmt::format("{} is not defined for ({})", shown(expr.name), list));
  }

  struct Walk {
    Type key;  // the place in a list, the key of a map
    Type value;
    bool of_map = false;
  };
  std::optional<Walk> walk(const Expr& expr) {
    const Type range = unifier_.resolved(type_of(expr.args[0]));
    if (range.is(Type::Kind::list)) return Walk{Type::Kind::integer, range.element(), false};
    if (range.is(Type::Kind::map)) return Walk{range.key(), range.value(), true};
    if (range.is(Type::Kind::dyn) || range.is(Type::Kind::parameter)) return Walk{};
    wrong(ast_[expr.args[0]], fmt::format("a macro walks a list or a map, not {}", to_string(range)));
    return std::nullopt;
  }

  Type comprehension(const Expr& expr) {
    const auto over = walk(expr);
    if (!over) return Type::Kind::dyn;
    if (expr.names.size() == 2) {
      locals_[expr.slot] = over->key;
      locals_[expr.slot + 1] = over->value;
    } else {
      locals_[expr.slot] = over->of_map ? over->key : over->value;
    }
    const bool predicate = expr.macro == Macro::all || expr.macro == Macro::exists ||
                           expr.macro == Macro::exists_one || expr.macro == Macro::filter;
    for (std::size_t i = 1; i < expr.args.size(); ++i) {
      const Type part = type_of(expr.args[i]);
      const bool condition = predicate || i + 1 < expr.args.size();
      if (condition && !unifier_.fits(Type::Kind::boolean, part)) {
        return wrong(ast_[expr.args[i]],
                     fmt::format("the macro needs bool here, not {}", to_string(unifier_.resolved(part))));
      }
    }
    const Type made = types_[expr.args.back()];
    if (expr.macro == Macro::filter) return Type::list(over->of_map ? over->key : over->value);
    if (predicate) return Type::Kind::boolean;
    return expr.macro == Macro::transform_map ? Type::map(over->key, made) : Type::list(made);
  }

  const Ast& ast_;
  const Declarations& declared_;
  std::vector<Type> types_;
  std::vector<Type> locals_;
  Unifier unifier_;
  std::optional<Slip> slip_;
};

}  // namespace

Parsed<std::vector<Type>> check(const Ast& ast, const Declarations& declared) {
  return Checker(ast, declared).run();
}

}  // namespace jitbot::cel
