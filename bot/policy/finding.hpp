#pragma once

#include "bot/policy/policy_test.hpp"

#include <string>

namespace jitbot {

enum class Severity { error, warning };

// What is wrong with a policy or the configuration, where, and what to do about it.
struct PolicyProblem {
  SourceMark where;
  std::string key;        // "rules[0].max_duration"
  std::string message;    // what is wrong, what is allowed
  std::string name = {};  // what policies' findings are known by: "unknown-group"; empty: the configuration's
  std::string advice = {};  // the way out
  Severity severity = Severity::error;
};
// "file:line:col: key: message", or "file: message" of a whole one, and " [name] → advice" where it has them.
std::string to_string(const PolicyProblem& problem);

}  // namespace jitbot
