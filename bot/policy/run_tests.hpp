#pragma once

#include "bot/policy/policy.hpp"

#include <string>
#include <vector>

namespace jitbot {

struct TestResult {
  std::string name;
  SourceMark where;
  std::vector<std::string> failures;     // what was expected and what was found, a line each
  std::vector<std::string> explanation;  // of what the policy decides, in plain words

  bool passed() const { return failures.empty(); }
};

// Runs every test of a policy, in the order they stand. A live group or a catalog that a test does not give
// is not known; where the decision needs it, the test fails and says so.
std::vector<TestResult> run_tests(const Policy& policy);

// What a policy would decide, asked as a test asks it.
struct Explained {
  PolicyTest::Decision decision = PolicyTest::Decision::denied;
  std::string rule;                  // empty: none
  std::string refusal;               // what whoever asks would be told
  std::vector<std::string> unknown;  // why it cannot be decided from what is given
  std::vector<std::string> explanation;
  struct StepVoters {
    Step step;
    std::set<std::string> may_vote;
  };
  std::vector<StepVoters> steps;
};
Explained explain(const Policy& policy, const PolicyTest& question);

}  // namespace jitbot
