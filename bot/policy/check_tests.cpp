#include "bot/policy/draft.hpp"

#include <fmt/format.h>

#include <algorithm>

// Names that the tests of a policy use.
namespace jitbot {

namespace {

const yaml::Kind k_known_already{"test", "leave it out"};

void check_groups(const PolicyDraft& draft, const TestDraft& about) {
  for (const NameUse& use : about.groups) {
    const auto group = draft.policy.groups.find(use.name);
    if (group == draft.policy.groups.end()) {
      if (!draft.group_marks.contains(use.name)) report_unknown(use, "group", names_of(draft.policy.groups));
    } else if (group->second.from.empty() && !group->second.members.empty()) {
      use.at.fail(
          fmt::format("group {} lists its members itself; a test says who is in live groups", use.name),
          k_known_already);
    }
  }
}

void check_catalogs(const PolicyDraft& draft, const TestDraft& about) {
  std::map<std::string, int> catalogs;
  for (const auto& [name, resource] : draft.policy.resources) {
    if (!resource.catalog.empty()) ++catalogs[resource.catalog];
  }
  for (const NameUse& use : about.catalogs) {
    if (!catalogs.contains(use.name)) report_unknown(use, "catalog", names_of(catalogs));
  }
}

std::vector<std::string> step_names(const Rule& rule) {
  std::vector<std::string> names;
  for (const RuleStep& step : rule.steps) names.push_back(step.name);
  return names;
}

}  // namespace

void check_tests(const PolicyDraft& draft) {
  std::map<std::string, const Rule*, std::less<>> rules;
  std::set<std::string> all_steps;
  for (const Rule& rule : draft.policy.rules) {
    rules.emplace(rule.name, &rule);
    for (const RuleStep& step : rule.steps) all_steps.insert(step.name);
  }
  for (const TestDraft& about : draft.tests) {
    check_groups(draft, about);
    check_catalogs(draft, about);
    const Rule* expected = nullptr;
    for (const NameUse& use : about.rule) {
      const auto found = rules.find(use.name);
      if (found == rules.end()) report_unknown(use, "rule", names_of(rules));
      if (found != rules.end()) expected = found->second;
    }
    const auto steps = expected != nullptr ? step_names(*expected)
                                           : std::vector<std::string>(all_steps.begin(), all_steps.end());
    for (const NameUse& use : about.steps) {
      if (std::ranges::find(steps, use.name) != steps.end()) continue;
      if (expected != nullptr && steps.empty()) {
        use.at.fail(fmt::format("rule {} has no steps: it grants or denies at once", expected->name),
                    {"unknown-step", "leave steps out, or expect another rule"});
      } else {
        report_unknown(use, "step", steps);
      }
    }
  }
}

}  // namespace jitbot
