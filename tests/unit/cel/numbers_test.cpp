#include "asking.hpp"

#include <catch2/catch.hpp>

using namespace jitbot::testing;

TEST_CASE("whole numbers that leave their range are errors", "[cel][numbers]") {
  const auto expression = GENERATE(values<std::string>({
      "9223372036854775807 + 1",
      "-9223372036854775808 - 1",
      "9223372036854775807 * 2",
      "-(-9223372036854775808)",
      "-9223372036854775808 / -1",
      "-9223372036854775808 % -1",
      "18446744073709551615u + 1u",
      "1u - 2u",
      "18446744073709551615u * 2u",
  }));
  INFO(expression);
  CHECK(fails(expression, "out of range"));
}

TEST_CASE("only doubles can be divided by zero", "[cel][numbers]") {
  CHECK(fails("1 / 0", "division by zero"));
  CHECK(fails("1 % 0", "division by zero"));
  CHECK(fails("1u / 0u", "division by zero"));
  CHECK(said("1.0 / 0.0") == R"({"double":"Infinity"})");
  CHECK(said("-1.0 / 0.0") == R"({"double":"-Infinity"})");
  CHECK(said("0.0 / 0.0") == R"({"double":"NaN"})");
}

TEST_CASE("division goes towards zero, and the remainder has the sign of what is divided", "[cel][numbers]") {
  CHECK(holds("-7 / 2 == -3 && -7 % 2 == -1 && 7 % -2 == 1"));
}

TEST_CASE("numbers of different kinds are compared by their amount", "[cel][numbers]") {
  const auto expression = GENERATE(values<std::string>({
      "1 < 1.5",
      "1u < 2",
      "dyn(1) == 1u && dyn(1u) == 1.0 && dyn(1.0) == 1",
      "dyn(-1) != 18446744073709551615u",
      "-1 < 18446744073709551615u",
      "18446744073709551615u > -1",
      "1 < 9223372036854775808u",
      "dyn(0.0 / 0.0) != 0.0 / 0.0",
      "!(0.0 / 0.0 < 1.0) && !(0.0 / 0.0 >= 1.0)",
      "-0.0 == 0.0",
      "dyn('1') != 1",
      "dyn(null) != 0",
      "dyn([1, 2u]) == [1.0, 2]",
      "{1: 'a', 2u: 'b'} == {1u: 'a', 2: 'b'}",
      "dyn({'a': 1}) != {'a': 2} && dyn({'a': 1}) != {'b': 1} && dyn({'a': 1}) != [1]",
      "false < true",
      "b'a' < b'b' && b'\\xff' > b'\\x01'",
      "'\xF0\x9F\x98\x80' > '\xEF\xBF\xBD'",
  }));
  INFO(expression);
  CHECK(holds(expression));
}

TEST_CASE("conversions take what fits", "[cel][numbers]") {
  const auto expression = GENERATE(values<std::string>({
      "int(1.9) == 1 && int(-1.9) == -1",
      "int(5u) == 5 && int('-7') == -7 && int('+7') == 7",
      "uint(3.7) == 3u && uint('12') == 12u",
      "double('1e3') == 1000.0 && double('-.5') == -0.5 && double(2u) == 2.0",
      "string(double('NaN')) == 'NaN' && string(double('-inf')) == '-Infinity'",
      "string(1.0) == '1' && string(0.1) == '0.1' && string(1e21) == '1e+21' && string(123456789.0) == "
      "'123456789'",
      "string(-5) == '-5' && string(5u) == '5' && string(true) == 'true'",
      "string(b'\\xc3\\xa9') == '\\u00e9' && bytes('\\u00e9') == b'\\xc3\\xa9'",
      "bool('T') == false || true",
      "bool('t') && bool('1') && bool('TRUE') && !bool('f') && !bool('0')",
      "type(int('1')) == int && type(dyn(1)) == int && type(type(1)) == type",
      "type([]) == list && type({}) == map && type(null) == null_type && type(b'') == bytes",
      "type(timestamp(0)) == google.protobuf.Timestamp && type(duration('1s')) == google.protobuf.Duration",
  }));
  INFO(expression);
  CHECK(holds(expression));
}

TEST_CASE("conversions refuse what does not fit", "[cel][numbers]") {
  const auto expression = GENERATE(values<std::string>({
      "int(9223372036854775808u)",
      "int(1e19)",
      "int(double('NaN'))",
      "int(-9223372036854775808.0)",
      "int('1.5')",
      "int('')",
      "int('+-1')",
      "int(' 1')",
      "int('9223372036854775808')",
      "uint(-1)",
      "uint(-0.5)",
      "uint('-1')",
      "uint(18446744073709551616.0)",
      "double('')",
      "double('1e')",
      "double('1e400')",
      "double('0x1')",
      "bool('yes')",
      "string(b'\\xff')",
      "timestamp('yesterday')",
      "duration('')",
  }));
  INFO(expression);
  CHECK(said(expression).starts_with("error"));
}
