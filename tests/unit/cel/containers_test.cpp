#include "asking.hpp"

#include <catch2/catch.hpp>

using namespace jitbot::testing;
using namespace jitbot::cel;

TEST_CASE("lists and maps are looked into", "[cel][containers]") {
  const auto expression = GENERATE(values<std::string>({
      "[1, 2, 3][2] == 3 && [1, 2][dyn(1.0)] == 2 && [1, 2][dyn(0u)] == 1",
      "{'a': 1}['a'] == 1 && {'a': {'b': 2}}.a.b == 2",
      "{1: 'a'}[dyn(1u)] == 'a' && {1u: 'a'}[dyn(1.0)] == 'a' && {true: 1}[true] == 1",
      "1 in [3, 2, 1] && !(1 in []) && 'a' in {'a': 1} && !('b' in {'a': 1})",
      "dyn(1.0) in {1: 1} && !(dyn(1.5) in {1: 1}) && dyn(2u) in [1, 2]",
      "!(dyn(b'') in {'': 1}) && !(dyn(null) in {1: 1})",
      "has({'a': null}.a) && !has({'a': 1}.b)",
      "[1] + [2, 3] == [1, 2, 3] && [] + [] == []",
      "size([1, 2]) == 2 && {'a': 1}.size() == 1 && size({}) == 0",
      "[[1], [2, 3]] == [[1], [2, 3]] && [1, 2] != [2, 1]",
      "{'a': 1, 'b': 2} == {'b': 2, 'a': 1}",
      "{1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 7, 8: 8, 9: 9, 10: 10, 'x': 11, true: 12}['x'] == 11",
      "{1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 7, 8: 8, 9: 9, 10: 10}[dyn(7u)] == 7",
  }));
  INFO(expression);
  CHECK(holds(expression));
}

TEST_CASE("what is not in a list or a map is an error", "[cel][containers]") {
  CHECK(fails("[1][1]", "index out of range: 1 of a list of 1"));
  CHECK(fails("[1][-1]", "index out of range"));
  CHECK(fails("[1][dyn(0.5)]", "no such overload"));
  CHECK(fails("[1][dyn('a')]", "no such overload"));
  CHECK(fails("{'a': 1}['b']", "no such key: \"b\""));
  CHECK(fails("{'a': 1}.b", "no such key: \"b\""));
  CHECK(fails("{'a': 1, 'a': 2}", "each there once"));
  CHECK(fails("{0: 1, 0u: 2}", "each there once"));
  CHECK(fails("{dyn(1.5): 1}", "keys are bool"));
  CHECK(fails("dyn(1).a", "no such field: a"));
  CHECK(fails("has(dyn(1).a)", "no such field: a"));
}

TEST_CASE("macros walk lists and maps", "[cel][containers]") {
  const auto expression = GENERATE(values<std::string>({
      "[1, 2].all(x, x > 0) && [].all(x, false) && ![].exists(x, true)",
      "{'a': 1, 'b': 2}.all(k, k in ['a', 'b']) && {'a': 1}.exists(k, k == 'a')",
      "[1, 2, 3].exists_one(x, x > 2) && ![1, 2, 3].exists_one(x, x > 1) && [1].existsOne(x, true)",
      "[1, 2, 3].map(x, x * x) == [1, 4, 9] && [1, 2, 3].map(x, x > 1, x * 2) == [4, 6]",
      "[1, 2, 3].filter(x, x != 2) == [1, 3]",
      "[[1, 2], [3]].map(l, l.map(x, x + size(l))) == [[3, 4], [4]]",
      "[1, 2].map(x, [x].map(x, x + 10)) == [[11], [12]]",
      "['a', 'b'].all(i, v, v == ['a', 'b'][i]) && {'a': 1}.exists(k, v, k == 'a' && v == 1)",
      "['a', 'b'].exists_one(i, v, i == 1) && {'a': 1, 'b': 1}.existsOne(k, v, k == 'a')",
      "['a', 'b'].transformList(i, v, v + string(i)) == ['a0', 'b1']",
      "['a', 'b'].transformList(i, v, i > 0, v) == ['b'] && {'a': 1}.transformList(k, v, k) == ['a']",
      "['a', 'b'].transformMap(i, v, v + v) == {0: 'aa', 1: 'bb'}",
      "{'a': 1, 'b': 2}.transformMap(k, v, v > 1, v * 10) == {'b': 20}",
      "{'b': 1, 'a': 2}.map(k, k) == ['b', 'a']",
  }));
  INFO(expression);
  CHECK(holds(expression));
}

TEST_CASE("what a macro makes outlives what it was made from", "[cel][containers]") {
  const Bindings bindings{{"xs", Value::list({Value::string("one"), Value::string("two")})}};
  CHECK(said("xs.map(x, x + '!').map(y, [y])[1]", bindings) == R"({"list":[{"string":"two!"}]})");
  CHECK(said("(xs.map(x, x + '!').filter(y, true) + xs)[0]", bindings) == R"({"string":"one!"})");
  CHECK(said("{'k': xs.map(x, x + '!')}.k[0].substring(0, 2)", bindings) == R"({"string":"on"})");
  CHECK(said("[xs].map(l, l)[0]", bindings) == R"({"list":[{"string":"one"},{"string":"two"}]})");
}
