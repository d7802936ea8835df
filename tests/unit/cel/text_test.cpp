#include "asking.hpp"

#include <catch2/catch.hpp>

using namespace jitbot::testing;
using jitbot::cel::Value;

TEST_CASE("strings are counted in code points", "[cel][text]") {
  const auto expression = GENERATE(values<std::string>({
      "size(t) == 4 && t.size() == 4",
      "size(bytes(t)) == 8",
      "t.charAt(1) == '\\u00e9' && t.charAt(4) == ''",
      "t.indexOf('b') == 3 && t.indexOf('z') == -1 && t.indexOf('') == 0 && t.indexOf('', 2) == 2",
      "t.indexOf('a', 1) == -1",
      "t.lastIndexOf('') == 4 && t.lastIndexOf('a') == 0 && t.lastIndexOf('b', 2) == -1 && "
      "t.lastIndexOf('b', 3) == 3",
      "t.substring(1) == '\\u00e9\\U0001F600b' && t.substring(1, 2) == '\\u00e9' && t.substring(4) == ''",
      "t.reverse() == 'b\\U0001F600\\u00e9a' && ''.reverse() == ''",
      "t.split('') == ['a', '\\u00e9', '\\U0001F600', 'b']",
  }));
  INFO(expression);
  const std::string text =
      "a\xC3\xA9\xF0\x9F\x98\x80"
      "b";
  CHECK(holds(expression, {{"t", Value::string(text)}}));
}

TEST_CASE("strings are searched, cut and joined", "[cel][text]") {
  const auto expression = GENERATE(values<std::string>({
      "'hello'.contains('ell') && !'hello'.contains('z') && 'a'.contains('')",
      "'hello'.startsWith('he') && 'hello'.endsWith('lo') && !'o'.endsWith('lo')",
      "'INC-42 x'.matches(r'\\bINC-[0-9]+\\b') && matches('abc', '^a.c$') && !'abc'.matches('^b')",
      "'a,b,,c'.split(',') == ['a', 'b', '', 'c']",
      "'a,b,c'.split(',', 2) == ['a', 'b,c'] && 'a,b'.split(',', 0) == [] && 'a,b'.split(',', 1) == ['a,b']",
      "''.split(',') == [''] && ''.split('') == [] && 'abc'.split('', 2) == ['a', 'bc']",
      "['a', 'b'].join('-') == 'a-b' && ['a', 'b'].join() == 'ab' && [].join('-') == ''",
      "'banana'.replace('a', 'o') == 'bonono' && 'banana'.replace('a', 'o', 2) == 'bonona'",
      "'banana'.replace('a', '', 0) == 'banana' && 'banana'.replace('a', '', -1) == 'bnn'",
      "'ab'.replace('', '_') == '_a_b_' && 'ab'.replace('', '_', 1) == '_ab' && ''.replace('', 'x') == 'x'",
      "'aaa'.replace('aa', 'b') == 'ba'",
      "' \\t\\u2003x y\\u3000\\n'.trim() == 'x y' && '  '.trim() == ''",
      "'\\u180ex'.trim() == '\\u180ex'",
      "'AbC\\u00c9'.lowerAscii() == 'abc\\u00c9' && 'aBc\\u00e9'.upperAscii() == 'ABC\\u00e9'",
      "strings.quote('a\"\\n\\\\') == '\"a\\\\\"\\\\n\\\\\\\\\"'",
      "'a' + 'b' == 'ab' && '' + 'b' == 'b' && b'a' + b'\\xff' == b'a\\xff'",
  }));
  INFO(expression);
  CHECK(holds(expression));
}

TEST_CASE("places outside of a string are errors", "[cel][text]") {
  const auto expression = GENERATE(values<std::string>({
      "'abc'.charAt(4)",
      "'abc'.charAt(-1)",
      "'abc'.indexOf('a', 9)",
      "'abc'.indexOf('a', -1)",
      "'abc'.lastIndexOf('a', -1)",
      "'abc'.lastIndexOf('a', 9)",
      "'abc'.substring(4)",
      "'abc'.substring(-1)",
      "'abc'.substring(2, 1)",
      "'abc'.substring(0, 4)",
      "'abc'.substring(9223372036854775807)",
  }));
  INFO(expression);
  CHECK((fails(expression, "out of range") || fails(expression, "not within")));
}

TEST_CASE("format() writes each verb", "[cel][text]") {
  const auto expression = GENERATE(values<std::string>({
      "'%s %s %s'.format(['a', 1, true]) == 'a 1 true'",
      "'100%%'.format([]) == '100%'",
      "'%s'.format([1.5]) == '1.5' && '%s'.format([2.0]) == '2' && '%s'.format([1e10]) == '10000000000'",
      "'%s'.format([null]) == 'null' && '%s'.format([int]) == 'int'",
      "'%s'.format([[1, 'a', [b'b']]]) == '[1, a, [b]]'",
      "'%s'.format([{'b': 1, 'a': {2: 3}}]) == '{a: {2: 3}, b: 1}'",
      "'%s'.format([b'a\\xff\\xfeb']) == 'a\\ufffdb'",
      "'%s'.format([timestamp(0)]) == '1970-01-01T00:00:00Z' && '%s'.format([duration('90m')]) == '5400s'",
      "'%d %d'.format([-5, 5u]) == '-5 5'",
      "'%f %.2f %.0f'.format([1.5, 2.375, 2.5]) == '1.500000 2.38 2'",
      "'%e %.1e'.format([1234.5, 0]) == '1.234500e+03 0.0e+00'",
      "'%x %X %x'.format([255, 255u, -16]) == 'ff FF -10'",
      "'%x %X'.format(['az', b'\\xab']) == '617a AB'",
      "'%o %b %b %b'.format([8, 5, -5, true]) == '10 101 -101 1'",
      "'%b'.format([-9223372036854775808]).size() == 65",
      "'%f %e %d'.format([1.0 / 0.0, -1.0 / 0.0, 0.0 / 0.0]) == 'Infinity -Infinity NaN'",
  }));
  INFO(expression);
  CHECK(holds(expression));
}

TEST_CASE("format() refuses what a verb is not for", "[cel][text]") {
  const auto expression = GENERATE(values<std::string>({
      "'%s'.format([])",
      "'%'.format([1])",
      "'%q'.format([1])",
      "'%.f'.format([1.0])",
      "'%5d'.format([1])",
      "'%d'.format(['a'])",
      "'%f'.format(['a'])",
      "'%x'.format([1.5])",
      "'%o'.format([true])",
      "'%b'.format(['a'])",
      "'%e'.format([null])",
      "'%.1000f'.format([1.0])",
      "'%.99999999999999999999f'.format([1.0])",
  }));
  INFO(expression);
  CHECK(fails(expression, "format"));
}
