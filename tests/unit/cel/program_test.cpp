#include "asking.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

using namespace jitbot::testing;
using namespace jitbot::cel;

namespace {

struct People {
  ObjectType person{"person", {{"email", Type::Kind::string}, {"groups", Type::list(Type::Kind::string)}}};
  Declarations declared{
      {"who", Type::object(person)}, {"limit", Type::Kind::integer}, {"a.b", Type::Kind::string}};
};

class Counting : public Source {
 public:
  const Value* variable(std::size_t slot) override {
    ++asked;
    return slot == 1 ? &limit : nullptr;
  }
  int asked = 0;
  Value limit = Value::integer(3);
};

}  // namespace

TEST_CASE("variables are found by their slot, and objects by their fields", "[cel][program]") {
  const People people;
  const auto program = compile(
      "who.email.endsWith('@example.com') && who.groups.exists(g, g == 'sre') && limit < 4", people.declared);
  REQUIRE(program);
  const std::string email = "alice@example.com";
  const std::vector<Value> values{
      Value::object(people.person, {Value::string_view(email), Value::list({Value::string("sre")})}),
      Value::integer(3)};
  CHECK(evaluate(*program, Activation{values, nullptr})->is_true());
  const std::vector<Value> others{
      Value::object(people.person, {Value::string("bob@example.com"), Value::list({})}), Value::integer(3)};
  CHECK(evaluate(*program, Activation{others, nullptr})->is_false());
  CHECK(program->reads(0));
  CHECK(program->reads(1));
  CHECK_FALSE(program->reads(2));
}

TEST_CASE("a field that is not set is asked for with has()", "[cel][program]") {
  const People people;
  const std::vector<Value> values{Value::object(people.person, {Value::string("a@b")})};
  const auto has = compile("has(who.email) && !has(who.groups)", people.declared);
  REQUIRE(has);
  CHECK(evaluate(*has, Activation{values, nullptr})->is_true());
  const auto selected = compile("who.groups.size()", people.declared);
  REQUIRE(selected);
  const auto answer = evaluate(*selected, Activation{values, nullptr});
  REQUIRE_FALSE(answer);
  CHECK(answer.error().text == "no such field: groups");
}

TEST_CASE("a source is asked only for what is needed", "[cel][program]") {
  const People people;
  Counting source;
  const auto program = compile("true || limit > 2", people.declared);
  REQUIRE(program);
  CHECK(evaluate(*program, Activation{{}, &source})->is_true());
  CHECK(source.asked == 0);
  const auto needed = compile("limit > 2", people.declared);
  CHECK(evaluate(*needed, Activation{{}, &source})->is_true());
  CHECK(source.asked == 1);
  const auto missing = evaluate(*compile("who.email", people.declared), Activation{{}, &source});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().text == "the variable has no value");
  CHECK_FALSE(evaluate(*needed, Activation{}));
}

TEST_CASE("the longest declared name is meant", "[cel][program]") {
  const auto declared =
      Bindings{{"a", Value::integer(1)}, {"a.b", Value::integer(2)}, {"a.b.c", Value::integer(3)}};
  CHECK(said("a.b.c", declared) == R"({"int":"3"})");
  CHECK(said("a.b", declared) == R"({"int":"2"})");
  CHECK(said("a", declared) == R"({"int":"1"})");
  CHECK(said("[{'b': 5}].map(a, a.b)[0]", declared) == R"({"int":"5"})");
}

TEST_CASE("a value keeps what it shows when its program is gone", "[cel][program]") {
  Value kept;
  {
    const std::string long_text(100, 'x');
    const std::vector<Value> values{Value::string_view(long_text)};
    const auto program = compile("[t, 'literal', {'k': t}]", {{"t", Type::Kind::string}});
    REQUIRE(program);
    kept = *evaluate(*program, Activation{values, nullptr});
  }
  CHECK(kept.items()[0].text() == std::string(100, 'x'));
  CHECK(kept.items()[1].text() == "literal");
  CHECK(kept.items()[2].entries()[0].second.text().size() == 100);
}

TEST_CASE("a program is evaluated in many threads at once", "[cel][program]") {
  const auto program = compile("xs.map(x, x + '!').join(',') == 'a!,b!' && xs[0].matches('^[a-z]$')",
                               {{"xs", Type::list(Type::Kind::string)}});
  REQUIRE(program);
  const std::vector<Value> values{Value::list({Value::string("a"), Value::string("b")})};
  std::atomic<int> right = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 200; ++i)
          right += evaluate(*program, Activation{values, nullptr})->is_true() ? 1 : 0;
      });
    }
  }
  CHECK(right == 800);
}

TEST_CASE("an expression costs no more than it may", "[cel][cost]") {
  const auto expression = GENERATE(values<std::string>({
      "xs.map(a, xs.map(b, xs.map(c, xs.map(d, 1)))).size() > 0",
      "xs.all(a, xs.all(b, xs.all(c, xs.all(d, true))))",
      "true || xs.all(a, xs.all(b, xs.all(c, xs.all(d, true))))",
      "xs.all(a, xs.all(b, xs.all(c, xs.all(d, true)))) || true",
      "[1].map(x, [x, x]).map(x, [x, x])" + std::string(".map(x, [x, x, x, x, x, x, x, x])")
                                                .append(".map(x, [x, x, x, x, x, x, x, x])")
                                                .append(".map(x, [x, x, x, x, x, x, x, x])")
                                                .append(".map(x, [x, x, x, x, x, x, x, x])")
                                                .append(".map(x, [x, x, x, x, x, x, x, x])")
                                                .append(".map(x, [x, x, x, x, x, x, x, x])")
                                                .append(".map(x, [x, x, x, x, x, x, x, x])"),
      "['0123456789abcdef'].map(x, x + x + x + x).map(x, x + x + x + x).map(x, x + x + x + x)"
      ".map(x, x + x + x + x).map(x, x + x + x + x).map(x, x + x + x + x).map(x, x + x + x + x)"
      ".map(x, x + x + x + x).map(x, x + x + x + x).map(x, x + x + x + x).map(x, x + x + x + x)",
      "xs.map(a, xs.map(b, string(a).matches(string(b) + '{1000}')))",
  }));
  INFO(expression);
  std::vector<Value> numbers;
  for (int i = 0; i < 100; ++i) numbers.push_back(Value::integer(i));
  const std::vector<Value> values{Value::list(numbers)};
  const auto program = compile(expression, {{"xs", Type::list(Type::Kind::integer)}});
  REQUIRE(program);
  const auto answer = evaluate(*program, Activation{values, nullptr});
  if (expression.starts_with("true ||")) {
    CHECK(answer.has_value());
    return;
  }
  REQUIRE_FALSE(answer);
  CHECK(answer.error().reason == Failure::Reason::cost);
}

TEST_CASE("a smaller limit stops earlier", "[cel][cost]") {
  const auto program = compile("x + x + x + x == 4", {{"x", Type::Kind::integer}});
  REQUIRE(program);
  const std::vector<Value> values{Value::integer(1)};
  CHECK(evaluate(*program, Activation{values, nullptr}, 20)->is_true());
  const auto stopped = evaluate(*program, Activation{values, nullptr}, 5);
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().reason == Failure::Reason::cost);
}
