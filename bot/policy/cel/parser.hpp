#pragma once

#include "bot/policy/cel/ast.hpp"
#include "bot/policy/cel/lexer.hpp"

namespace jitbot::cel {

// Recursive descent over the grammar of langdef "Syntax"; binary operators by precedence. The first mistake
// ends it.
class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}
  Parsed<Ast> read();

 private:
  using Made = std::optional<ExprId>;  // nothing: `slip_` says why

  Made expression();
  Made conditional();
  Made binary(int least);
  Made unary();
  Made member();
  Made primary();
  Made literal();
  Made parenthesised();
  Made list();
  Made map();
  Made name();
  Made field(ExprId operand);
  Made index(ExprId operand);
  std::optional<std::vector<ExprId>> arguments();
  Made join(const Token& sign, ExprId left, ExprId right, bool chained);

  // macros.cpp
  Made global_call(std::uint32_t at, const std::string& name, std::vector<ExprId> args);
  Made receiver_call(std::uint32_t at, const std::string& name, std::vector<ExprId> args);
  Made has(std::uint32_t at, const std::vector<ExprId>& args);
  Made comprehension(std::uint32_t at, Macro macro, std::size_t variables, std::vector<ExprId> args);

  const Token& here() const { return tokens_[next_]; }
  Token take() { return tokens_[next_ + 1 < tokens_.size() ? next_++ : next_]; }
  bool accept(Symbol symbol);
  bool expect(Symbol symbol, std::string_view what);
  Made fail(std::uint32_t at, std::string message);
  Made add(Expr expr);
  Made call(std::uint32_t at, std::string name, std::vector<ExprId> args);

  std::vector<Token> tokens_;
  std::size_t next_ = 0;
  std::size_t nesting_ = 0;
  Ast ast_;
  std::optional<Slip> slip_;
};

}  // namespace jitbot::cel
