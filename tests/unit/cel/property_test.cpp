// Expressions made at random, each of a known type out of parts of known types.
#include "asking.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <random>

using namespace jitbot::testing;
using namespace jitbot::cel;

namespace {

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : engine_(seed) {}

  std::string boolean(int depth) {
    if (depth <= 0) return pick({"true", "false", "b"});
    switch (below(12)) {
      case 0:
        return "(" + boolean(depth - 1) + " && " + boolean(depth - 1) + ")";
      case 1:
        return "(" + boolean(depth - 1) + " || " + boolean(depth - 1) + ")";
      case 2:
        return "!" + boolean(depth - 1);
      case 3:
        return "(" + integer(depth - 1) + order() + integer(depth - 1) + ")";
      case 4:
        return "(" + text(depth - 1) + order() + text(depth - 1) + ")";
      case 5:
        return text(depth - 1) + pick({".contains(", ".startsWith(", ".endsWith(", ".matches("}) +
               text(depth - 1) + ")";
      case 6:
        return "(" + integer(depth - 1) + " in " + list(depth - 1) + ")";
      case 7:
        return list(depth - 1) + pick({".all(", ".exists(", ".exists_one("}) + "x, x" + order() +
               integer(depth - 1) + ")";
      case 8:
        return "(" + boolean(depth - 1) + " ? " + boolean(depth - 1) + " : " + boolean(depth - 1) + ")";
      case 9:
        return "(" + list(depth - 1) + " == " + list(depth - 1) + ")";
      case 10:
        return "(" + moment(depth - 1) + order() + moment(depth - 1) + ")";
      default:
        return "has(m." + pick({"k", "z"}) + ")";
    }
  }

  std::string integer(int depth) {
    if (depth <= 0) return pick({"0", "1", "-7", "9223372036854775807", "i", "m.k"});
    switch (below(8)) {
      case 0:
        return "(" + integer(depth - 1) + pick({" + ", " - ", " * ", " / ", " % "}) + integer(depth - 1) +
               ")";
      case 1:
        return "-(" + integer(depth - 1) + ")";
      case 2:
        return text(depth - 1) + ".size()";
      case 3:
        return text(depth - 1) + ".indexOf(" + text(depth - 1) + ")";
      case 4:
        return list(depth - 1) + "[" + integer(depth - 1) + "]";
      case 5:
        return "int(" + pick({text(depth - 1), real(depth - 1), moment(depth - 1)}) + ")";
      case 6:
        return moment(depth - 1) +
               pick({".getHours()", ".getFullYear('+05:30')", ".getDayOfWeek('Europe/Berlin')"});
      default:
        return "m[" + text(depth - 1) + "]";
    }
  }

 private:
  std::string text(int depth) {
    if (depth <= 0) return pick({"''", "'abc'", "'\\u00e9\\U0001F600'", "s", "'12'", "'(a|b)+'"});
    switch (below(6)) {
      case 0:
        return "(" + text(depth - 1) + " + " + text(depth - 1) + ")";
      case 1:
        return text(depth - 1) + ".substring(" + integer(depth - 1) + ")";
      case 2:
        return "string(" + pick({integer(depth - 1), real(depth - 1), boolean(depth - 1)}) + ")";
      case 3:
        return text(depth - 1) + pick({".trim()", ".reverse()", ".upperAscii()", ".replace('a', 'bb')"});
      case 4:
        return "'%d-%s'.format([" + integer(depth - 1) + ", " + text(depth - 1) + "])";
      default:
        return text(depth - 1) + ".charAt(" + integer(depth - 1) + ")";
    }
  }

  std::string real(int depth) {
    if (depth <= 0) return pick({"0.0", "-1.5", "1e300", "d"});
    return "(" + real(depth - 1) + pick({" + ", " * ", " / ", " - "}) + real(depth - 1) + ")";
  }

  std::string moment(int depth) {
    if (depth <= 0) return pick({"t", "timestamp(0)", "timestamp('2026-03-01T03:00:00.5+01:00')"});
    return "(" + moment(depth - 1) + pick({" + ", " - "}) +
           pick({"duration('36h')", "duration('-200000h')"}) + ")";
  }

  std::string list(int depth) {
    if (depth <= 0) return pick({"l", "[1, 2, 3]", "[i]"});
    switch (below(4)) {
      case 0:
        return "(" + list(depth - 1) + " + " + list(depth - 1) + ")";
      case 1:
        return list(depth - 1) + ".map(x, x * " + integer(depth - 1) + ")";
      case 2:
        return list(depth - 1) + ".filter(x, x" + order() + integer(depth - 1) + ")";
      default:
        return "[" + integer(depth - 1) + ", " + integer(depth - 1) + "]";
    }
  }

  std::string order() { return pick({" < ", " <= ", " > ", " >= ", " == ", " != "}); }
  std::string pick(std::vector<std::string> from) { return from[below(from.size())]; }
  std::size_t below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(engine_);
  }

  std::mt19937_64 engine_;
};

const Bindings& bindings() {
  static const Bindings k_bindings{{"b", Value::boolean(true)},
                                   {"i", Value::integer(5)},
                                   {"d", Value::real(2.5)},
                                   {"s", Value::string("a text")},
                                   {"t", Value::timestamp({1'772'000'000, 1})},
                                   {"l", Value::list({Value::integer(4), Value::integer(-1)})},
                                   {"m", *Value::map({{Value::string("k"), Value::integer(9)}})}};
  return k_bindings;
}

// Why a well-typed expression may have no value.
bool allowed(const std::string& answer) {
  constexpr std::array<std::string_view, 9> k_reasons{
      "out of range", "division by zero", "no such key",        "cannot be read", "beyond",
      "not within",   "costs too much",   "regular expression", "UTF-8"};
  return std::ranges::any_of(
      k_reasons, [&](std::string_view reason) { return answer.find(reason) != std::string::npos; });
}

bool is_error(const std::string& answer) {
  return answer.starts_with("error") || answer.starts_with("mistake");
}

}  // namespace

TEST_CASE("what the checker accepts fails only for what run time alone can know", "[cel][property]") {
  REQUIRE(rc::check("well-typed expressions", [] {
    Maker maker(*rc::gen::arbitrary<std::uint64_t>());
    const std::string expression = maker.boolean(4);
    const std::string answer = said(expression, bindings());
    RC_LOG() << expression << " gave " << answer;
    RC_ASSERT(!answer.starts_with("mistake") || answer.find("regular expression") != std::string::npos);
    const bool right = is_error(answer) ? allowed(answer) : answer.starts_with("{\"bool\":");
    RC_ASSERT(right);
  }));
}

TEST_CASE("evaluation is deterministic, and the checker changes no value", "[cel][property]") {
  REQUIRE(rc::check("with the checker and without", [] {
    Maker maker(*rc::gen::arbitrary<std::uint64_t>());
    const std::string expression = maker.integer(4);
    const std::string answer = said(expression, bindings());
    RC_LOG() << expression;
    RC_ASSERT(said(expression, bindings()) == answer);
    if (!answer.starts_with("mistake")) RC_ASSERT(said_unchecked(expression, bindings()) == answer);
  }));
}

TEST_CASE("and and or do not care for the order of their sides", "[cel][property]") {
  REQUIRE(rc::check("both ways round", [] {
    Maker maker(*rc::gen::arbitrary<std::uint64_t>());
    const std::string a = maker.boolean(3);
    const std::string b = maker.boolean(3);
    const std::string sign = *rc::gen::element<std::string>(" && ", " || ");
    const std::string one = said_unchecked(a + sign + b, bindings());
    const std::string other = said_unchecked(b + sign + a, bindings());
    RC_LOG() << a << sign << b << " gave " << one << ", and " << other;
    const bool same = is_error(one) ? is_error(other) : one == other;
    RC_ASSERT(same);
  }));
}

TEST_CASE("any text at all is a mistake or has an answer", "[cel][property]") {
  REQUIRE(rc::check("pieces of expressions in any order", [] {
    const auto pieces = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
        "(", ")", "[", "]", "{", "}", "'a'", "b\"\\xff\"", "1", "2u", "1.5", "x", "i", "m", ".", ",", ":",
        "?", "+", "-", "!", "&&", "||", "==", "in", " ", "all(x,", "has(", ".map(", "null", "true", "`k`",
        "\\", "//", "\n", "size("));
    std::string expression;
    for (const std::string& piece : pieces) expression += piece;
    RC_ASSERT(!said(expression, bindings()).empty());
    RC_ASSERT(!said_unchecked(expression, bindings()).empty());
  }));
}
