#include "bot/policy/cel/parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace jitbot::cel {

namespace {

struct Operator {
  int precedence = 0;  // 0: none
  std::string_view function;
};

Operator operator_of(const Token& token) {
  if (token.symbol == Symbol::identifier && token.text == "in") return {3, "@in"};
  static constexpr std::array<std::pair<Symbol, Operator>, 13> k_operators{{
      {Symbol::either, {1, "_||_"}},
      {Symbol::both, {2, "_&&_"}},
      {Symbol::equal, {3, "_==_"}},
      {Symbol::not_equal, {3, "_!=_"}},
      {Symbol::less, {3, "_<_"}},
      {Symbol::less_equal, {3, "_<=_"}},
      {Symbol::greater, {3, "_>_"}},
      {Symbol::greater_equal, {3, "_>=_"}},
      {Symbol::plus, {4, "_+_"}},
      {Symbol::minus, {4, "_-_"}},
      {Symbol::star, {5, "_*_"}},
      {Symbol::slash, {5, "_/_"}},
      {Symbol::percent, {5, "_%_"}},
  }};
  const auto* const found = std::ranges::find(k_operators, token.symbol, &std::pair<Symbol, Operator>::first);
  return found == k_operators.end() ? Operator{} : found->second;
}

bool is_literal_word(std::string_view word) {
  return word == "true" || word == "false" || word == "null" || word == "in";
}

bool is_reserved(std::string_view word) {
  static constexpr std::array<std::string_view, 17> k_reserved{
      "as",  "break", "const",   "continue",  "else",   "for", "function", "if",   "import",
      "let", "loop",  "package", "namespace", "return", "var", "void",     "while"};
  return std::ranges::find(k_reserved, word) != k_reserved.end();
}

std::string shown(const Token& token) {
  if (token.symbol == Symbol::end) return "the end";
  constexpr std::size_t k_longest = 30;
  if (token.text.size() <= k_longest) return fmt::format("'{}'", token.text);
  return "a literal";
}

}  // namespace

Parsed<Ast> Parser::read() {
  const Made root = expression();
  if (root && here().symbol != Symbol::end) {
    fail(here().at, fmt::format("unexpected {}", shown(here())));
  }
  if (slip_) return tl::unexpected<Slip>(std::move(*slip_));
  ast_.root = *root;
  return std::move(ast_);
}

bool Parser::accept(Symbol symbol) {
  if (here().symbol != symbol) return false;
  take();
  return true;
}

bool Parser::expect(Symbol symbol, std::string_view what) {
  if (accept(symbol)) return true;
  fail(here().at, fmt::format("expected {} before {}", what, shown(here())));
  return false;
}

Parser::Made Parser::fail(std::uint32_t at, std::string message) {
  if (!slip_) slip_ = Slip{at, std::move(message)};
  return std::nullopt;
}

Parser::Made Parser::add(Expr expr) {
  for (const ExprId arg : expr.args) expr.depth = std::max(expr.depth, ast_[arg].depth + 1);
  if (expr.depth > k_deepest_tree) return fail(expr.at, "the expression is nested too deeply");
  ast_.exprs.push_back(std::move(expr));
  return static_cast<ExprId>(ast_.exprs.size() - 1);
}

Parser::Made Parser::call(std::uint32_t at, std::string name, std::vector<ExprId> args) {
  Expr expr;
  expr.kind = Expr::Kind::call;
  expr.at = at;
  expr.name = std::move(name);
  expr.args = std::move(args);
  return add(std::move(expr));
}

Parser::Made Parser::expression() {
  if (nesting_ >= k_deepest_nesting) return fail(here().at, "the expression is nested too deeply");
  ++nesting_;
  const Made made = conditional();
  --nesting_;
  return made;
}

Parser::Made Parser::conditional() {
  const Made condition = binary(1);
  if (!condition || here().symbol != Symbol::question) return condition;
  const std::uint32_t at = take().at;
  const Made yes = binary(1);
  if (!yes || !expect(Symbol::colon, "':'")) return std::nullopt;
  const Made no = expression();
  if (!no) return std::nullopt;
  return call(at, "_?_:_", {*condition, *yes, *no});
}

Parser::Made Parser::binary(int least) {
  Made left = unary();
  std::string_view chain;  // the operator that `left` was just made with
  while (left) {
    const Operator found = operator_of(here());
    if (found.precedence == 0 || found.precedence < least) return left;
    const Token sign = take();
    const Made right = binary(found.precedence + 1);
    if (!right) return std::nullopt;
    left = join(sign, *left, *right, chain == found.function);
    chain = found.function;
  }
  return left;
}

// "a && b && c" is one call of three: long chains stay flat.
Parser::Made Parser::join(const Token& sign, ExprId left, ExprId right, bool chained) {
  const std::string_view function = operator_of(sign).function;
  if (chained && (function == "_&&_" || function == "_||_")) {
    Expr& whole = ast_[left];
    whole.args.push_back(right);
    whole.depth = std::max(whole.depth, ast_[right].depth + 1);
    if (whole.depth > k_deepest_tree) return fail(sign.at, "the expression is nested too deeply");
    return left;
  }
  return call(sign.at, std::string(function), {left, right});
}

Parser::Made Parser::unary() {
  const Symbol symbol = here().symbol;
  if (symbol != Symbol::bang && symbol != Symbol::minus) return member();
  std::vector<std::uint32_t> signs;
  while (here().symbol == symbol) signs.push_back(take().at);
  Token& next = tokens_[next_];
  const bool number = next.symbol == Symbol::magnitude || next.value.is(Kind::real);
  if (symbol == Symbol::minus && number) {
    next.negative = true;  // the last sign is the number's own: only so can the least int be written
    signs.pop_back();
  }
  Made made = member();
  for (; made && !signs.empty(); signs.pop_back()) {
    made = call(signs.back(), symbol == Symbol::bang ? "!_" : "-_", {*made});
  }
  return made;
}

Parser::Made Parser::member() {
  Made made = primary();
  while (made) {
    if (here().symbol == Symbol::dot) {
      made = field(*made);
    } else if (here().symbol == Symbol::left_bracket) {
      made = index(*made);
    } else if (here().symbol == Symbol::left_brace) {
      return fail(here().at, "messages cannot be made here");
    } else {
      return made;
    }
  }
  return made;
}

Parser::Made Parser::field(ExprId operand) {
  take();
  const Token word = take();
  const bool quoted = word.symbol == Symbol::quoted;
  if ((word.symbol != Symbol::identifier && !quoted) || (!quoted && is_literal_word(word.text))) {
    return fail(word.at, fmt::format("expected a field's name before {}", shown(word)));
  }
  if (!quoted && here().symbol == Symbol::left_paren) {
    auto args = arguments();
    if (!args) return std::nullopt;
    args->insert(args->begin(), operand);
    return receiver_call(word.at, std::string(word.text), std::move(*args));
  }
  Expr expr;
  expr.kind = Expr::Kind::select;
  expr.at = word.at;
  expr.name = word.text;
  expr.quoted = quoted;
  expr.args = {operand};
  return add(std::move(expr));
}

Parser::Made Parser::index(ExprId operand) {
  const std::uint32_t at = take().at;
  const Made key = expression();
  if (!key || !expect(Symbol::right_bracket, "']'")) return std::nullopt;
  return call(at, "_[_]", {operand, *key});
}

std::optional<std::vector<ExprId>> Parser::arguments() {
  take();
  std::vector<ExprId> args;
  if (accept(Symbol::right_paren)) return args;
  do {
    const Made arg = expression();
    if (!arg) return std::nullopt;
    args.push_back(*arg);
  } while (accept(Symbol::comma));
  if (!expect(Symbol::right_paren, "')'")) return std::nullopt;
  return args;
}

Parser::Made Parser::primary() {
  switch (here().symbol) {
    case Symbol::left_paren:
      return parenthesised();
    case Symbol::left_bracket:
      return list();
    case Symbol::left_brace:
      return map();
    case Symbol::magnitude:
    case Symbol::literal:
      return literal();
    case Symbol::identifier:
    case Symbol::dot:
      return name();
    case Symbol::end:
    case Symbol::quoted:
    case Symbol::right_paren:
    case Symbol::right_bracket:
    case Symbol::right_brace:
    case Symbol::comma:
    case Symbol::colon:
    case Symbol::question:
    case Symbol::plus:
    case Symbol::minus:
    case Symbol::star:
    case Symbol::slash:
    case Symbol::percent:
    case Symbol::bang:
    case Symbol::equal:
    case Symbol::not_equal:
    case Symbol::less:
    case Symbol::less_equal:
    case Symbol::greater:
    case Symbol::greater_equal:
    case Symbol::both:
    case Symbol::either:
      break;
  }
  return fail(here().at, fmt::format("expected a value before {}", shown(here())));
}

Parser::Made Parser::literal() {
  Token token = take();
  Expr expr;
  expr.at = token.at;
  if (token.symbol == Symbol::magnitude) {
    constexpr std::uint64_t k_least = std::uint64_t{1} << 63U;
    if (!token.negative && token.number == k_least) {
      return fail(token.at, fmt::format("{} is beyond an int", token.text));
    }
    expr.literal =
        Value::integer(static_cast<std::int64_t>(token.negative ? 0 - token.number : token.number));
  } else if (token.negative) {
    expr.literal = Value::real(-token.value.as_real());
  } else {
    expr.literal = std::move(token.value);
  }
  return add(std::move(expr));
}

Parser::Made Parser::parenthesised() {
  take();
  const Made made = expression();
  if (!made || !expect(Symbol::right_paren, "')'")) return std::nullopt;
  return made;
}

Parser::Made Parser::list() {
  Expr expr;
  expr.kind = Expr::Kind::list;
  expr.at = take().at;
  while (here().symbol != Symbol::right_bracket) {
    const Made item = expression();
    if (!item) return std::nullopt;
    expr.args.push_back(*item);
    if (!accept(Symbol::comma)) break;
  }
  if (!expect(Symbol::right_bracket, "',' or ']'")) return std::nullopt;
  return add(std::move(expr));
}

Parser::Made Parser::map() {
  Expr expr;
  expr.kind = Expr::Kind::map;
  expr.at = take().at;
  while (here().symbol != Symbol::right_brace) {
    const Made key = expression();
    if (!key || !expect(Symbol::colon, "':'")) return std::nullopt;
    const Made value = expression();
    if (!value) return std::nullopt;
    expr.args.push_back(*key);
    expr.args.push_back(*value);
    if (!accept(Symbol::comma)) break;
  }
  if (!expect(Symbol::right_brace, "',' or '}'")) return std::nullopt;
  return add(std::move(expr));
}

// A word: a constant, a function's name, or a variable's. A point before it: the variable of the outermost
// scope.
Parser::Made Parser::name() {
  const bool outermost = accept(Symbol::dot);
  const Token word = take();
  if (word.symbol != Symbol::identifier)
    return fail(word.at, fmt::format("expected a name before {}", shown(word)));
  if (is_reserved(word.text)) return fail(word.at, fmt::format("'{}' is a reserved word", word.text));
  Expr expr;
  expr.at = word.at;
  if (!outermost && is_literal_word(word.text)) {
    if (word.text == "in") return fail(word.at, "expected a value before 'in'");
    expr.literal = word.text == "null" ? Value::null() : Value::boolean(word.text == "true");
    return add(std::move(expr));
  }
  if (is_literal_word(word.text)) return fail(word.at, fmt::format("'{}' is no name", word.text));
  if (here().symbol == Symbol::left_paren) {
    auto args = arguments();
    if (!args) return std::nullopt;
    return global_call(word.at, std::string(word.text), std::move(*args));
  }
  expr.kind = Expr::Kind::name;
  expr.name = (outermost ? "." : "") + std::string(word.text);
  return add(std::move(expr));
}

Parsed<Ast> parse(std::string_view source) {
  if (source.size() > k_longest_source) {
    return slip(0, fmt::format("the expression is longer than {} KiB", k_longest_source / 1024));
  }
  auto tokens = read_tokens(source);
  if (!tokens) return tl::unexpected<Slip>(std::move(tokens.error()));
  return Parser(std::move(*tokens)).read();
}

}  // namespace jitbot::cel
