#include "bot/policy/decide.hpp"
#include "bot/policy/draft.hpp"
#include "bot/policy/membership.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cstdint>

namespace jitbot {

namespace {

bool fits_some_role(const Rule& rule, const Resource& resource) {
  return std::ranges::any_of(
      resource.roles, [&](const auto& role) { return may_match(rule.match, {&resource, &role.second}); });
}

// A person counts for one step only, so every set of steps needs as many different people as its counts add
// up to (Hall's condition). Steps with a live group can always be met tomorrow and are left out.
void check_reachable(const Policy& policy, const Rule& rule, const RuleDraft& about, const Resource& resource,
                     std::uint32_t& reported) {
  std::vector<std::optional<std::set<std::string>>> people;
  for (const Step& step : rule.steps)
    people.push_back(static_people(policy, with_owners(step.from, resource)));

  std::vector<std::uint32_t> sets;
  for (std::uint32_t set = 1; set < (1U << rule.steps.size()); ++set) sets.push_back(set);
  std::ranges::sort(sets, {}, [](std::uint32_t set) { return std::pair(std::popcount(set), set); });
  for (const std::uint32_t set : sets) {
    std::set<std::string> voters;
    std::vector<std::string> names;
    std::size_t needed = 0;
    std::size_t last = 0;
    bool finite = (set & reported) == 0;
    for (std::size_t i = 0; finite && i < rule.steps.size(); ++i) {
      if ((set & (1U << i)) == 0) continue;
      finite = people[i].has_value();
      if (!finite) break;
      voters.insert(people[i]->begin(), people[i]->end());
      names.push_back(rule.steps[i].name);
      needed += static_cast<std::size_t>(rule.steps[i].count);
      last = i;
    }
    if (!finite || voters.size() >= needed) continue;
    reported |= set;
    const std::string where =
        std::ranges::any_of(rule.steps[last].from,
                            [](const Subject& s) { return s.kind == Subject::Kind::owners; })
            ? fmt::format(" for {}", resource.name)
            : "";
    const std::string who = names.size() == 1 ? fmt::format("step {} needs", names.front())
                                              : fmt::format("steps {} together need", fmt::join(names, ", "));
    about.steps[last].fail(fmt::format("nobody could ever approve{}: {} {} different {}, and {} can be found",
                                       where, who, needed, needed == 1 ? "person" : "people", voters.size()));
  }
}

void check_steps(const PolicyDraft& draft, const Rule& rule, const RuleDraft& about) {
  if (rule.steps.empty()) return;
  std::uint32_t reported = 0;
  for (const auto& [name, resource] : draft.policy.resources) {
    if (fits_some_role(rule, resource)) check_reachable(draft.policy, rule, about, resource, reported);
  }
}

}  // namespace

void check_voters(const PolicyDraft& draft) {
  for (std::size_t i = 0; i < draft.rules.size(); ++i)
    check_steps(draft, draft.policy.rules[i], draft.rules[i]);
}

}  // namespace jitbot
