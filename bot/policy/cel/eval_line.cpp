#include "bot/policy/cel/eval_line.hpp"

#include "bot/policy/cel/program.hpp"
#include "bot/policy/cel/typed_json.hpp"

#include <nlohmann/json.hpp>

namespace jitbot::cel {

namespace {

using nlohmann::json;

struct Asked {
  std::string expression;
  Checking checking = Checking::full;
  Declarations declared;
  std::vector<Value> values;
};

Result<Asked> read_line(std::string_view line) {
  const json asked = json::parse(line, nullptr, false);
  if (!asked.is_object()) return fail(ErrorKind::invalid, "the line is no JSON object");
  const auto expression = asked.find("expr");
  if (expression == asked.end() || !expression->is_string())
    return fail(ErrorKind::invalid, "\"expr\" must be a text");
  Asked read{expression->get<std::string>(), Checking::full, {}, {}};
  if (const auto no_check = asked.find("no_check"); no_check != asked.end()) {
    if (!no_check->is_boolean()) return fail(ErrorKind::invalid, "\"no_check\" must be true or false");
    if (no_check->get<bool>()) read.checking = Checking::skipped;
  }
  const auto bindings = asked.find("bindings");
  if (bindings == asked.end()) return read;
  if (!bindings->is_object()) return fail(ErrorKind::invalid, "\"bindings\" must be an object");
  for (const auto& [name, typed] : bindings->items()) {
    auto value = value_from_json(typed);
    if (!value) return fail(ErrorKind::invalid, "binding \"" + name + "\": " + value.error().message);
    read.declared.push_back(Variable{name, type_of(*value)});
    read.values.push_back(std::move(*value));
  }
  return read;
}

json refused(const std::string& text) {
  return json{{"error", text}};
}

json answer(std::string_view line) {
  const auto asked = read_line(line);
  if (!asked) return refused(asked.error().message);
  const auto program = compile(asked->expression, asked->declared, asked->checking);
  if (!program) return refused(to_string(program.error()));
  const auto value = evaluate(*program, Activation{asked->values, nullptr});
  return value ? json{{"value", to_json(*value)}} : refused(value.error().text);
}

}  // namespace

std::string answer_line(std::string_view line) {
  return answer(line).dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace jitbot::cel
