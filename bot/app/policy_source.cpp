#include "bot/app/policy_source.hpp"

#include "bot/policy/run_tests.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

namespace jitbot {

std::vector<PolicyProblem> failed_tests(const Policy& policy) {
  std::vector<PolicyProblem> problems;
  for (const TestResult& result : run_tests(policy)) {
    if (result.passed()) continue;
    problems.push_back({result.where, "",
                        fmt::format("test \"{}\" fails: {}", result.name, fmt::join(result.failures, "; ")),
                        "failed-test",
                        "mend the rule or the test; `jitbot policy test` explains what is decided"});
  }
  return problems;
}

tl::expected<std::shared_ptr<const Policy>, std::vector<PolicyProblem>> policy_of_folder(
    const Config& config, const PolicyTests& tests) {
  auto loaded = load_policy_folder(config.policy_folder, known_connectors(config));
  if (!loaded) return tl::unexpected(std::move(loaded).error());
  auto policy = std::make_shared<const Policy>(std::move(*loaded));
  auto problems = check_subjects(config, *policy);
  if (problems.empty()) problems = tests(*policy);
  if (!problems.empty()) return tl::unexpected(std::move(problems));
  return policy;
}

}  // namespace jitbot
