#include "asking.hpp"

#include <catch2/catch.hpp>

using namespace jitbot::testing;
using namespace jitbot::cel;

namespace {

struct Declared {
  ObjectType role{"role", {{"name", Type::Kind::string}, {"risk", Type::Kind::string}}};
  ObjectType resource{
      "resource",
      {{"role", Type::object(role)}, {"tags", Type::map(Type::Kind::string, Type::Kind::string)}}};
  ObjectType person{"person",
                    {{"email", Type::Kind::string},
                     {"groups", Type::list(Type::Kind::string)},
                     {"guest", Type::Kind::boolean},
                     {"active_grants", Type::Kind::integer}}};
  Declarations variables{{"requester", Type::object(person)},
                         {"resource", Type::object(resource)},
                         {"now", Type::Kind::timestamp},
                         {"anything", Type::Kind::dyn}};
};

std::string checked(const std::string& expression) {
  const Declared declared;
  const auto program = compile(expression, declared.variables);
  return program ? to_string(program->type()) : to_string(program.error());
}

}  // namespace

TEST_CASE("the checker knows the type of a result", "[cel][check]") {
  struct Case {
    std::string expression;
    std::string type;
  };
  const auto c = GENERATE(values<Case>({
      {"requester.guest", "bool"},
      {"requester.groups", "list(string)"},
      {"requester.groups[0]", "string"},
      {"requester.groups.map(g, g.size())", "list(int)"},
      {"requester.groups.filter(g, g != 'x')", "list(string)"},
      {"resource.role.risk == 'high'", "bool"},
      {"resource.tags.env", "string"},
      {"resource.tags['env']", "string"},
      {"now + duration('1h')", "timestamp"},
      {"now - now", "duration"},
      {"now.getHours('Europe/Berlin')", "int"},
      {"anything.x.y[0]", "dyn"},
      {"anything + 1", "int"},
      {"anything + anything", "dyn"},
      {"anything > 1 && true", "bool"},
      {"[1, 2]", "list(int)"},
      {"[1, 'a']", "list(dyn)"},
      {"[]", "list(dyn)"},
      {"[[], [1]]", "list(list(int))"},
      {"{'a': 1}", "map(string, int)"},
      {"{'a': 1, 2: 'b'}", "map(dyn, dyn)"},
      {"[1].transformMap(i, v, string(v))", "map(int, string)"},
      {"{'a': 1}.transformList(k, v, k)", "list(string)"},
      {"true ? 1 : 2", "int"},
      {"type(1)", "type"},
      {"int", "type"},
      {"dyn(1)", "dyn"},
      {"requester", "person"},
      {"null", "null"},
      {"now == null", "bool"},
  }));
  INFO(c.expression);
  CHECK(checked(c.expression) == c.type);
}

TEST_CASE("what cannot be is a mistake when the expression is compiled", "[cel][check]") {
  struct Case {
    std::string expression;
    std::string mistake;
  };
  const auto c = GENERATE(values<Case>({
      {"requestor.guest", "1:1: unknown variable 'requestor'; did you mean requester?"},
      {"requester.gest", "1:11: person has no field 'gest'; did you mean guest?"},
      {"requester.zzz", "1:11: person has no field 'zzz'"},
      {"has(requester.gest)", "1:15: person has no field 'gest'; did you mean guest?"},
      {"requester.email.x", "1:17: string has no field 'x'"},
      {"requester.email.endWith('x')", "1:17: unknown function 'endWith'; did you mean endsWith?"},
      {"requester.email.endsWith(1)", "1:17: string has no endsWith(int)"},
      {"requester.active_grants < '3'", "1:25: < is not defined for (int, string)"},
      {"1 + 1u", "1:3: + is not defined for (int, uint)"},
      {"1 == 'a'", "1:3: == is not defined for (int, string)"},
      {"-'a'", "1:1: - is not defined for (string)"},
      {"!1", "1:1: ! is not defined for (int)"},
      {"1 in ['a']", "1:3: in is not defined for (int, list(string))"},
      {"[1]['a']", "1:4: [] is not defined for (list(int), string)"},
      {"requester.guest && 1", "1:20: && needs bool here, not int"},
      {"1 ? 2 : 3", "1:1: ?: needs a bool before it, not int"},
      {"true ? 1 : 'a'", "1:6: ?: has two types, int and string"},
      {"requester.email.all(x, true)", "1:11: a macro walks a list or a map, not string"},
      {"requester.groups.all(g, 1)", "1:25: the macro needs bool here, not int"},
      {"{1.5: 1}", "1:2: double cannot be a map's key"},
      {"requester.email.matches('(')", "1:25: bad regular expression: missing ): ("},
      {"now.getHours('Europe/Nowhere')", "1:14: there is no time zone \"Europe/Nowhere\""},
      {"size(1)", "1:1: size is not defined for (int)"},
      {"[1].exists(x, x == 1) && x == 1", "1:26: unknown variable 'x'"},
  }));
  INFO(c.expression);
  CHECK(checked(c.expression) == c.mistake);
}

TEST_CASE("a mistake on a later line is found there", "[cel][check]") {
  CHECK(checked("requester.guest ||\n  requester.emial == ''") ==
        "2:13: person has no field 'emial'; did you mean email?");
}

TEST_CASE("without the checker the same is met at run time, if it is met", "[cel][check]") {
  CHECK(said_unchecked("nobody").starts_with("error no such variable"));
  CHECK(said_unchecked("nobody || true") == R"({"bool":true})");
  CHECK(said_unchecked("f(1)").starts_with("error no such function"));
  CHECK(said_unchecked("true ? 1 : f(1)") == R"({"int":"1"})");
  CHECK(said_unchecked("1 == 1.0") == R"({"bool":true})");
  CHECK(said_unchecked("1 + 1u") == "error no such overload: _+_(int, uint)");
  CHECK(said_unchecked("'a'.matches('(') || true") == R"({"bool":true})");
}
