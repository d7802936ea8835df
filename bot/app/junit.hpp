#pragma once

#include "bot/policy/finding.hpp"
#include "bot/policy/run_tests.hpp"

#include <string>
#include <vector>

namespace jitbot::cli {

// The results of a policy's tests as JUnit reads them: one suite called `suite`, a case for each test.
// `problems`: why the policy cannot be tested at all; each is an error. Well-formed whatever names hold.
std::string junit_xml(const std::string& suite, const std::vector<TestResult>& results,
                      const std::vector<PolicyProblem>& problems = {});

}  // namespace jitbot::cli
