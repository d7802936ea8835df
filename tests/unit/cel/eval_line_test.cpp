#include "bot/policy/cel/eval_line.hpp"

#include <catch2/catch.hpp>

#include <string>

using jitbot::cel::answer_line;

namespace {

struct Case {
  std::string line;
  std::string answer;
};

}  // namespace

TEST_CASE("a line is answered with a typed value", "[cel][eval]") {
  const auto c = GENERATE(values<Case>({
      {R"({"expr":"1 + 1"})", R"({"value":{"int":"2"}})"},
      {R"({"expr":"x + 1u","bindings":{"x":{"uint":"2"}}})", R"({"value":{"uint":"3"}})"},
      {R"({"expr":"x","bindings":{"x":{"int":-3}}})", R"({"value":{"int":"-3"}})"},
      {R"({"expr":"x","bindings":{"x":{"double":"-Infinity"}}})", R"({"value":{"double":"-Infinity"}})"},
      {R"({"expr":"x","bindings":{"x":{"bytes":"/wA="}}})", R"({"value":{"bytes":"/wA="}})"},
      {R"({"expr":"x","bindings":{"x":{"null":null}}})", R"({"value":{"null":null}})"},
      {R"({"expr":"x.k[0]","bindings":{"x":{"map":[[{"string":"k"},{"list":[{"bool":true}]}]]}}})",
       R"({"value":{"bool":true}})"},
      {R"({"expr":"x","bindings":{"x":{"timestamp_s":[-1,5]}}})", R"({"value":{"timestamp_s":[-1,5]}})"},
      {R"({"expr":"x","bindings":{"x":{"duration_s":[-1,-500000000]}}})",
       R"({"value":{"duration_s":[-1,-500000000]}})"},
      {R"({"expr":"x == int","bindings":{"x":{"type":"int"}}})", R"({"value":{"bool":true}})"},
      {R"({"expr":"[] + x","bindings":{"x":{"list":[]}}})", R"({"value":{"list":[]}})"},
      {R"({"expr":"1 == 1.0","no_check":true})", R"({"value":{"bool":true}})"},
      {R"({"expr":"{1: b'a'}"})", R"({"value":{"map":[[{"int":"1"},{"bytes":"YQ=="}]]}})"},
  }));
  INFO(c.line);
  CHECK(answer_line(c.line) == c.answer);
}

TEST_CASE("whatever is wrong with a line is its answer", "[cel][eval]") {
  const auto c = GENERATE(values<Case>({
      {"", "the line is no JSON object"},
      {"[1]", "the line is no JSON object"},
      {R"({"expr":1})", "\\\"expr\\\" must be a text"},
      {R"({"expr":"1","no_check":1})", "\\\"no_check\\\" must be true or false"},
      {R"({"expr":"1","bindings":[]})", "\\\"bindings\\\" must be an object"},
      {R"({"expr":"1","bindings":{"x":1}})", "binding \\\"x\\\": this is no typed value"},
      {R"({"expr":"1","bindings":{"x":{"int":"1.5"}}})", "binding \\\"x\\\": this is no typed int"},
      {R"({"expr":"1","bindings":{"x":{"int":"99999999999999999999"}}})", "this is no typed int"},
      {R"({"expr":"1","bindings":{"x":{"bytes":"?"}}})", "this is no typed bytes"},
      {R"({"expr":"1","bindings":{"x":{"map":[[{"double":1.5},{"int":"1"}]]}}})", "a map's keys are"},
      {R"({"expr":"1","bindings":{"x":{"timestamp_s":[253402300800,0]}}})", "the timestamp is out of range"},
      {R"({"expr":"1","bindings":{"x":{"duration_s":[9999999999999,0]}}})", "the duration is out of range"},
      {R"({"expr":"1","bindings":{"x":{"thing":1}}})", "there is no typed value \\\"thing\\\" like this"},
      {R"({"expr":"1 +"})", "1:4: expected a value before the end"},
      {R"({"expr":"1 / 0"})", "division by zero"},
  }));
  INFO(c.line);
  const std::string answer = answer_line(c.line);
  CHECK(answer.starts_with("{\"error\":\""));
  CHECK(answer.find(c.answer) != std::string::npos);
}

TEST_CASE("a binding that is nested too deeply is refused", "[cel][eval]") {
  std::string typed = R"({"int":"1"})";
  for (int i = 0; i < 300; ++i) typed = R"({"list":[)" + typed + "]}";
  CHECK(answer_line(R"({"expr":"1","bindings":{"x":)" + typed + "}}").find("nested too deeply") !=
        std::string::npos);
}
