#include "bot/app/cli.hpp"
#include "bot/app/policy_schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>

// `jitbot policy check` and `jitbot policy schema`.
namespace jitbot::cli {

namespace {

void print(const std::vector<PolicyProblem>& problems) {
  for (const PolicyProblem& problem : problems)
    std::cout << (problem.severity == Severity::warning ? "warning: " : "") << to_string(problem) << "\n";
}

std::string counted(std::ptrdiff_t count, std::string_view one) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

std::string counts(const std::vector<PolicyProblem>& problems) {
  const auto warnings = std::ranges::count(problems, Severity::warning, &PolicyProblem::severity);
  const auto errors = static_cast<std::ptrdiff_t>(problems.size()) - warnings;
  return fmt::format("{}, {}", counted(errors, "error"), counted(warnings, "warning"));
}

std::string contents(const Policy& policy) {
  const auto many = [](const auto& things) { return static_cast<std::ptrdiff_t>(things.size()); };
  return fmt::format("{}, {}, {}; digest {}", counted(many(policy.rules), "rule"),
                     counted(many(policy.resources), "resource"), counted(many(policy.tests), "test"),
                     policy.digest.substr(0, 12));
}

}  // namespace

int policy_check(const std::filesystem::path& folder, const std::optional<std::filesystem::path>& config) {
  KnownConnectors known;
  known.complete = false;
  std::optional<Config> settings;
  if (config) {
    auto loaded = load_config(*config, process_environment());
    if (!loaded) {
      for (const PolicyProblem& problem : loaded.error()) std::cerr << to_string(problem) << "\n";
      return k_usage;
    }
    settings = std::move(loaded->config);
    known = known_connectors(*settings);
  } else {
    std::cout << "names of connectors and catalogs are taken as they come; --config FILE checks them, too\n";
  }
  const auto policy = read_policy_folder(folder, known);
  if (!policy) {
    print(policy.error());
    std::cout << fmt::format("{}: {}\n", folder.string(), counts(policy.error()));
    return k_failed;
  }
  auto problems = policy->warnings;
  if (settings) {
    for (PolicyProblem& problem : check_subjects(*settings, policy->policy))
      problems.push_back(std::move(problem));
  }
  print(problems);
  const bool refused = std::ranges::count(problems, Severity::error, &PolicyProblem::severity) > 0;
  std::cout << fmt::format("{}: {}; {}\n", folder.string(), counts(problems), contents(policy->policy));
  return refused ? k_failed : k_fine;
}

int policy_schema() {
  std::cout << policy_schemas().front().body;
  return std::cout.flush() ? k_fine : k_failed;
}

}  // namespace jitbot::cli
