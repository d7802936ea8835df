#include "asking.hpp"

#include <catch2/catch.hpp>

using namespace jitbot::testing;
using namespace jitbot::cel;

TEST_CASE("an error does not matter where the other side decides", "[cel][logic]") {
  const auto expression = GENERATE(values<std::string>({
      "(1 / 0 == 0) || true",
      "true || (1 / 0 == 0)",
      "!((1 / 0 == 0) && false)",
      "!(false && (1 / 0 == 0))",
      "(1 / 0 == 0) || (2 / 0 == 0) || true",
      "[1, 0].exists(x, 1 / x == 1)",
      "[0, 1].exists(x, 1 / x == 1)",
      "![0, 1].all(x, 1 / x == 2)",
      "true ? true : 1 / 0 == 0",
      "dyn('a') || true",
  }));
  INFO(expression);
  CHECK(holds(expression));
}

TEST_CASE("an error matters where it could have decided", "[cel][logic]") {
  CHECK(fails("(1 / 0 == 0) || false", "division by zero"));
  CHECK(fails("true && (1 / 0 == 0)", "division by zero"));
  CHECK(fails("(1 / 0 == 0) ? true : true", "division by zero"));
  CHECK(fails("[0, 1].all(x, 1 / x == 1)", "division by zero"));
  CHECK(fails("[0, 1].exists_one(x, 1 / x == 1)", "division by zero"));
  CHECK(fails("[0, 1].filter(x, 1 / x == 1)", "division by zero"));
  CHECK(fails("dyn('a') || false", "no such overload"));
  CHECK(fails("dyn(1) ? true : false", "no such overload"));
}

namespace {

std::string with_unknown(const std::string& expression) {
  const Declarations declared{{"u", Type::Kind::boolean}, {"n", Type::Kind::integer}};
  const std::vector<Value> values{Value::unknown(), Value::unknown()};
  const auto program = compile(expression, declared);
  if (!program) return to_string(program.error());
  const auto value = evaluate(*program, Activation{values, nullptr});
  if (value) return to_json(*value).dump();
  return value.error().reason == Failure::Reason::unknown ? "unknown" : "error";
}

}  // namespace

TEST_CASE("what is unknown makes unknown what depends on it", "[cel][logic]") {
  CHECK(with_unknown("u") == "unknown");
  CHECK(with_unknown("!u") == "unknown");
  CHECK(with_unknown("n + 1 > 2") == "unknown");
  CHECK(with_unknown("u || true") == R"({"bool":true})");
  CHECK(with_unknown("u && false") == R"({"bool":false})");
  CHECK(with_unknown("u || false") == "unknown");
  CHECK(with_unknown("u ? 1 : 2") == "unknown");
  CHECK(with_unknown("true ? 1 : n") == R"({"int":"1"})");
  CHECK(with_unknown("[n, 1]") == "unknown");
  CHECK(with_unknown("[1, 2].exists(x, x == n)") == "unknown");
  CHECK(with_unknown("[1, 2].exists(x, x == 1 || u)") == R"({"bool":true})");
}

TEST_CASE("what is unknown goes before what is wrong", "[cel][logic]") {
  CHECK(with_unknown("(1 / 0 == 0) || u") == "unknown");
  CHECK(with_unknown("u && (1 / 0 == 0)") == "unknown");
  CHECK(with_unknown("1 / 0 + n == 0") == "unknown");
}
