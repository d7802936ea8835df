#include "asking.hpp"

#include <catch2/catch.hpp>

using namespace jitbot::testing;
using jitbot::cel::Value;

TEST_CASE("operators bind as the language says", "[cel][parse]") {
  const auto expression = GENERATE(values<std::string>({
      "1 + 2 * 3 == 7",
      "(1 + 2) * 3 == 9",
      "10 - 3 - 2 == 5",
      "100 / 10 / 5 == 2",
      "-2 * 3 == -6",
      "!false == true",
      "!!true",
      "1 < 2 == true",
      "true || false && false",
      "(true || false) && true",
      "true ? true : false ? false : false",
      "false ? false : false ? false : true",
      "1 in [1] == true",
      "[1, 2,][1] == 2",
      "{'a': 1,}.a == 1",
      "{'if': {'for': 1}}.if.for == 1",
      "{'a b': 1}.`a b` == 1",
      "-x.size() == -2",
      ".x == 'ab'",
      "[['y']].map(x, x[0]) == ['y'] && x == 'ab'",
      "[1].map(x, .x) == ['ab']",
  }));
  INFO(expression);
  CHECK(holds(expression, {{"x", Value::string("ab")}}));
}

TEST_CASE("what breaks the grammar is refused at its place", "[cel][parse]") {
  struct Case {
    std::string expression;
    std::string mistake;
  };
  const auto c = GENERATE(values<Case>({
      {"", "mistake 1:1: expected a value before the end"},
      {"1 +", "mistake 1:4: expected a value before the end"},
      {"1 2", "mistake 1:3: unexpected '2'"},
      {"(1", "mistake 1:3: expected ')' before the end"},
      {"[1", "mistake 1:3: expected ',' or ']' before the end"},
      {"{1}", "mistake 1:3: expected ':' before '}'"},
      {"{1:2", "mistake 1:5: expected ',' or '}' before the end"},
      {"size(1,)", "mistake 1:8: expected a value before ')'"},
      {"x.", "mistake 1:3: expected a field's name before the end"},
      {"x.true", "mistake 1:3: expected a field's name before 'true'"},
      {"if", "mistake 1:1: 'if' is a reserved word"},
      {"in", "mistake 1:1: expected a value before 'in'"},
      {"true ? 1", "mistake 1:9: expected ':' before the end"},
      {"x{a: 1}", "mistake 1:2: messages cannot be made here"},
      {"has(x)", "mistake 1:1: has() asks for a field: has(request.ticket)"},
      {"[1].all(1, true)", "mistake 1:9: the macro needs the name of a variable here"},
      {"[1].all(a, a, true)", "mistake 1:12: the two variables of a macro need two names"},
      {"1 = 2", "mistake 1:3: unexpected character '='"},
  }));
  INFO(c.expression);
  CHECK(said(c.expression, {{"x", Value::string("ab")}}) == c.mistake);
}

namespace {

std::string repeated(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("deep nesting is refused, and never exhausts the stack", "[cel][parse]") {
  constexpr std::size_t k_many = 20'000;
  const auto expression = GENERATE(values<std::string>({
      repeated("(", k_many),
      repeated("[", k_many),
      repeated("{1:", k_many / 2),
      repeated("-", k_many) + "x",
      repeated("!", k_many) + "true",
      "1" + repeated(" + 1", k_many / 2),
      "x" + repeated(".a", k_many),
      "x" + repeated("[0]", k_many),
      repeated("true ? 1 : ", k_many / 4) + "1",
      repeated("[1].all(x, ", 5'000) + "true" + repeated(")", 5'000),
      repeated("size(", k_many / 2),
  }));
  INFO(expression.substr(0, 40));
  const std::string answer = said_unchecked(expression);
  CHECK(answer.starts_with("mistake"));
  CHECK((answer.find("nested too deeply") != std::string::npos ||
         answer.find("longer than") != std::string::npos));
}

TEST_CASE("long chains and flat lists are fine", "[cel][parse]") {
  CHECK(holds("true" + repeated(" && true", 3'000)));
  CHECK(holds("false" + repeated(" || false", 3'000) + " || true"));
  CHECK(holds("size([0" + repeated(", 0", 5'000) + "]) == 5001"));
  CHECK(holds("0" + repeated(" + 1", 400) + " == 400"));
  CHECK(holds(repeated("(", 150) + "true" + repeated(")", 150)));
}

TEST_CASE("an expression that is too long is refused", "[cel][parse]") {
  CHECK(said("'" + std::string(70'000, 'a') + "'") == "mistake 1:1: the expression is longer than 64 KiB");
}
