#include "bot/policy/rule_index.hpp"

#include "bot/policy/condition.hpp"
#include "bot/policy/decide.hpp"
#include "bot/policy/membership.hpp"

namespace jitbot {

void index_rules(Policy& policy) {
  policy.index = std::make_shared<const RuleIndex>(policy);
}

namespace {

// Of a resource of a catalog the name is looked at when it is known.
bool fits_role(const Match& match, const Named& named) {
  if (named.resource->catalog.empty()) return matches(match, named);
  Match any_name = match;
  any_name.resources.clear();
  return matches(any_name, named);
}

}  // namespace

RuleIndex::RuleIndex(Policy& policy) : words_((policy.rules.size() + 63) / 64) {
  for (auto& [name, resource] : policy.resources) {
    for (auto& [role_name, role] : resource.roles) {
      role.place = fitting_.size();
      Fitting& fits = fitting_.emplace_back();
      fits.by_name = !resource.catalog.empty();
      for (std::size_t at = 0; at < policy.rules.size(); ++at) {
        const Rule& rule = policy.rules[at];
        if (!fits_role(rule.match, {&resource, &role, {}})) continue;
        auto& list = rule.effect == Effect::deny ? fits.deny : fits.allow;
        list.push_back(static_cast<std::uint32_t>(at));
      }
    }
  }
  everything_.by_name = true;
  for (std::size_t at = 0; at < policy.rules.size(); ++at) {
    auto& list = policy.rules[at].effect == Effect::deny ? everything_.deny : everything_.allow;
    list.push_back(static_cast<std::uint32_t>(at));
  }
  asks_live_.resize(policy.rules.size());
  for (std::size_t at = 0; at < policy.rules.size(); ++at) {
    asks_live_[at] = !live_groups_of(policy, policy.rules[at].requesters).empty();
    add_people(policy, at);
    add_condition(policy.rules[at].when);
    add_condition(policy.rules[at].approve_when);
    for (const RuleStep& step : policy.rules[at].steps) add_condition(step.when);
  }
}

void RuleIndex::add_condition(const ConditionPtr& condition) {
  if (!condition) return;
  reads_activity_ = reads_activity_ || condition->activity;
}

void RuleIndex::add_people(const Policy& policy, std::size_t rule) {
  for (const Subject& subject : policy.rules[rule].requesters) {
    if (subject.kind != Subject::Kind::group) {
      add_name(subject.value, rule);
      continue;
    }
    const auto group = policy.groups.find(subject.value);
    if (group == policy.groups.end()) continue;
    for (const Subject& member : group->second.members) add_name(member.value, rule);
  }
}

void RuleIndex::add_name(const std::string& name, std::size_t rule) {
  names_accounts_ = names_accounts_ || name.find(':') != std::string::npos;
  auto& rules = naming_[name];
  rules.resize(words_);
  rules[rule / 64] |= std::uint64_t{1} << (rule % 64);
}

RuleIndex::Rules RuleIndex::naming(std::string_view name) const {
  const auto found = naming_.find(name);
  if (found == naming_.end()) return {};
  return found->second;
}

}  // namespace jitbot
