#include "bot/app/cli.hpp"
#include "bot/app/junit.hpp"
#include "bot/policy/run_tests.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iostream>

// `jitbot policy test`.
namespace jitbot::cli {

namespace {

// What a terminal would not obey.
std::string shown(const std::string& text) {
  std::string out = text;
  std::ranges::replace_if(
      out,
      [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20U || byte == 0x7FU;
      },
      ' ');
  return out;
}

void print(const TestResult& result) {
  if (result.passed()) {
    std::cout << "✓ " << shown(result.name) << "\n";
    return;
  }
  std::cout << fmt::format("✗ {}\n    {}:{}:{}\n", shown(result.name), result.where.file, result.where.line,
                           result.where.column);
  for (const std::string& line : result.failures) std::cout << "    " << shown(line) << "\n";
  for (const std::string& line : result.explanation) std::cout << "      · " << shown(line) << "\n";
}

bool write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (out) return true;
  std::cerr << fmt::format("jitbot: {} cannot be written\n", file.string());
  return false;
}

}  // namespace

int policy_test(const PolicyTestOptions& options) {
  KnownConnectors known;
  known.complete = false;
  if (options.config) {
    const auto loaded = load_config(*options.config, process_environment());
    if (!loaded) {
      for (const PolicyProblem& problem : loaded.error()) std::cerr << to_string(problem) << "\n";
      return k_usage;
    }
    known = known_connectors(loaded->config);
  }
  const std::string suite = options.policy.string();
  const auto policy = read_policy_folder(options.policy, known);
  if (!policy) {
    for (const PolicyProblem& problem : policy.error()) {
      std::cerr << (problem.severity == Severity::warning ? "warning: " : "") << to_string(problem) << "\n";
    }
    auto problems = policy.error();
    std::erase_if(problems,
                  [](const PolicyProblem& problem) { return problem.severity == Severity::warning; });
    if (options.junit) write(*options.junit, junit_xml(suite, {}, problems));
    return k_failed;
  }
  const auto results = run_tests(policy->policy);
  for (const TestResult& result : results) print(result);
  const auto failed =
      std::ranges::count_if(results, [](const TestResult& result) { return !result.passed(); });
  if (results.empty()) {
    std::cout << suite << " has no tests\n";
  } else {
    std::cout << fmt::format("{} {}: {} passed, {} failed\n", results.size(),
                             results.size() == 1 ? "test" : "tests",
                             static_cast<std::ptrdiff_t>(results.size()) - failed, failed);
  }
  const bool written = !options.junit || write(*options.junit, junit_xml(suite, results));
  return failed == 0 && written ? k_fine : k_failed;
}

}  // namespace jitbot::cli
