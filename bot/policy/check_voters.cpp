#include "bot/policy/decide.hpp"
#include "bot/policy/draft.hpp"
#include "bot/policy/membership.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <map>

namespace jitbot {

namespace {

bool fits_some_role(const Rule& rule, const Resource& resource) {
  return std::ranges::any_of(
      resource.roles, [&](const auto& role) { return may_match(rule.match, {&resource, &role.second}); });
}

// What of a rule was said already.
struct Reported {
  std::uint32_t steps = 0;  // one bit each
  bool only_requesters = false;
};

// A person counts for one step only, so every set of steps needs as many different people as its counts add
// up to (Hall's condition). Steps with a live group can always be met tomorrow and are left out.
void check_reachable(const Policy& policy, const Rule& rule, const RuleDraft& about, const Resource& resource,
                     Reported& reported) {
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
    // Steps with conditions may exclude each other: nobody knows that they are ever needed together.
    std::size_t conditional = 0;
    bool finite = (set & reported.steps) == 0;
    for (std::size_t i = 0; finite && i < rule.steps.size(); ++i) {
      if ((set & (1U << i)) == 0) continue;
      if (rule.steps[i].when) ++conditional;
      finite = people[i].has_value() && conditional < 2;
      if (!finite) break;
      voters.insert(people[i]->begin(), people[i]->end());
      names.push_back(rule.steps[i].name);
      needed += static_cast<std::size_t>(rule.steps[i].count);
      last = i;
    }
    if (!finite || voters.size() >= needed) continue;
    reported.steps |= set;
    const std::string where =
        std::ranges::any_of(rule.steps[last].from,
                            [](const Subject& s) { return s.kind == Subject::Kind::owners; })
            ? fmt::format(" for {}", resource.name)
            : "";
    const std::string who = names.size() == 1 ? fmt::format("step {} needs", names.front())
                                              : fmt::format("steps {} together need", fmt::join(names, ", "));
    about.steps[last].fail(fmt::format("nobody could ever approve{}: {} {} different {}, and {} can be found",
                                       where, who, needed, needed == 1 ? "person" : "people", voters.size()),
                           {"nobody-could-approve", "name more people in the step, or lower its count"});
  }
}

// Who may ask, one by one, is left with too few others for the steps that are always needed.
void check_others(const Policy& policy, const Rule& rule, const RuleDraft& about, const Resource& resource,
                  Reported& reported) {
  const auto requesters = static_people(policy, rule.requesters);
  if (reported.only_requesters || !requesters || requesters->empty()) return;
  std::set<std::string> voters;
  std::size_t needed = 0;
  std::optional<std::size_t> last;
  for (std::size_t i = 0; i < rule.steps.size(); ++i) {
    if (rule.steps[i].when) continue;
    const auto people = static_people(policy, with_owners(rule.steps[i].from, resource));
    if (!people) return;
    voters.insert(people->begin(), people->end());
    needed += static_cast<std::size_t>(rule.steps[i].count);
    last = i;
  }
  if (!last) return;
  const bool somebody = std::ranges::any_of(*requesters, [&](const std::string& requester) {
    return voters.size() - (voters.contains(requester) ? 1 : 0) >= needed;
  });
  if (somebody) return;
  reported.only_requesters = true;
  about.steps[*last].fail(
      fmt::format(
          "only requesters could approve for {}: {} different {} must approve, and nobody approves for "
          "himself, so whoever asks by this rule finds too few others",
          resource.name, needed, needed == 1 ? "person" : "people"),
      {"only-requesters-could-approve", "name somebody else in the step, or write approval: auto"});
}

// Of all resources with the same owners, one.
class Owners {
 public:
  explicit Owners(const Policy& policy) {
    std::map<std::string, std::size_t> ids;
    for (const auto& [name, resource] : policy.resources) {
      std::string text;
      for (const Subject& owner : resource.owners) text += to_string(owner) + "\n";
      of_.push_back(ids.emplace(std::move(text), ids.size()).first->second);
    }
  }
  std::size_t of(std::size_t resource) const { return of_[resource]; }

 private:
  std::vector<std::size_t> of_;
};

bool asks_owners(const Rule& rule) {
  return std::ranges::any_of(rule.steps, [](const RuleStep& step) {
    return std::ranges::find(step.from, Subject::Kind::owners, &Subject::kind) != step.from.end();
  });
}

void check_steps(const PolicyDraft& draft, const Owners& owners, const Rule& rule, const RuleDraft& about) {
  if (rule.steps.empty()) return;
  Reported reported;
  const bool by_owners = asks_owners(rule);
  std::set<std::size_t> seen;
  std::size_t at = 0;
  for (const auto& [name, resource] : draft.policy.resources) {
    const std::size_t whose = owners.of(at++);
    if (seen.contains(whose) || !fits_some_role(rule, resource)) continue;
    check_reachable(draft.policy, rule, about, resource, reported);
    if (reported.steps == 0) check_others(draft.policy, rule, about, resource, reported);
    if (!by_owners) return;
    seen.insert(whose);
  }
}

}  // namespace

void check_voters(const PolicyDraft& draft) {
  const Owners owners(draft.policy);
  for (std::size_t i = 0; i < draft.rules.size(); ++i)
    check_steps(draft, owners, draft.policy.rules[i], draft.rules[i]);
}

}  // namespace jitbot
