#pragma once

#include "bot/policy/cel/program.hpp"
#include "bot/policy/cel/typed_json.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <string>

namespace jitbot::testing {

using Bindings = std::map<std::string, cel::Value>;

// The value as typed JSON ({"int":"3"}), or "mistake L:C: …" of the compiler, or "error …" of the evaluation.
inline std::string said(const std::string& expression, const Bindings& bindings = {},
                        cel::Checking checking = cel::Checking::full) {
  cel::Declarations declared;
  std::vector<cel::Value> values;
  for (const auto& [name, value] : bindings) {
    declared.push_back({name, cel::type_of(value)});
    values.push_back(value);
  }
  const auto program = cel::compile(expression, declared, checking);
  if (!program) return "mistake " + to_string(program.error());
  const auto value = cel::evaluate(*program, cel::Activation{values, nullptr});
  return value ? to_json(*value).dump() : "error " + value.error().text;
}

inline std::string said_unchecked(const std::string& expression, const Bindings& bindings = {}) {
  return said(expression, bindings, cel::Checking::skipped);
}

inline bool holds(const std::string& expression, const Bindings& bindings = {}) {
  return said(expression, bindings) == R"({"bool":true})";
}

// It compiles, and has no value: what the error says contains `why`.
inline bool fails(const std::string& expression, const std::string& why, const Bindings& bindings = {}) {
  const std::string answer = said(expression, bindings);
  return answer.starts_with("error") && answer.find(why) != std::string::npos;
}

}  // namespace jitbot::testing
