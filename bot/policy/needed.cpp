#include "bot/policy/catalog.hpp"
#include "bot/policy/decide.hpp"
#include "bot/policy/membership.hpp"
#include "bot/policy/verdict.hpp"

// Which facts a decision may read.
namespace jitbot {

namespace {

void add_groups(const Policy& policy, const GroupsRead& read, FactsNeeded& needed) {
  for (const auto& [name, group] : policy.groups) {
    if (!group.from.empty() && (read.all || read.names.contains(name))) needed.groups.insert(group.from);
  }
}

void add_condition(const Policy& policy, const ConditionPtr& condition, FactsNeeded& needed) {
  if (!condition) return;
  add_groups(policy, condition->requester_groups, needed);
  add_groups(policy, condition->approver_groups, needed);
  needed.activity = needed.activity || condition->activity;
  needed.channel = needed.channel || condition->channel;
}

void add_fit(const Policy& policy, const Rule& rule, FactsNeeded& needed) {
  needed.groups.merge(live_groups_of(policy, rule.requesters));
  add_condition(policy, rule.when, needed);
}

}  // namespace

void FactsNeeded::merge(FactsNeeded more) {
  groups.merge(more.groups);
  catalogs.merge(more.catalogs);
  activity = activity || more.activity;
  channel = channel || more.channel;
  participants = participants || more.participants;
}

FactsNeeded facts_to_ask(const Policy& policy, const Named& named) {
  FactsNeeded needed;
  if (!named.resource->catalog.empty()) needed.catalogs.insert(named.resource->catalog);
  for (const Rule& rule : policy.rules) {
    if (!matches(rule.match, named)) continue;
    add_fit(policy, rule, needed);
    for (const RuleStep& step : rule.steps) {
      needed.groups.merge(live_groups_of(policy, with_owners(step.from, *named.resource)));
      add_condition(policy, step.when, needed);
    }
    add_condition(policy, rule.approve_when, needed);  // whoever asks for less is the first to approve it
  }
  return needed;
}

std::set<std::string> live_groups_of(const Policy& policy, const std::vector<Subject>& subjects) {
  std::set<std::string> live;
  for (const Subject& subject : subjects) {
    if (subject.kind != Subject::Kind::group) continue;
    const auto group = policy.groups.find(subject.value);
    if (group != policy.groups.end() && !group->second.from.empty()) live.insert(group->second.from);
  }
  return live;
}

FactsNeeded facts_to_offer(const Policy& policy, const Person& person) {
  FactsNeeded needed;
  if (!policy_name(person)) return needed;
  const Facts nothing;
  for (const auto& [name, resource] : policy.resources) {
    if (!resource.catalog.empty()) needed.catalogs.insert(resource.catalog);
  }
  for (const Rule& rule : policy.rules) {
    add_condition(policy, rule.when, needed);
    // With no facts at all, only a list that names him himself says yes.
    if (is_one_of(policy, rule.requesters, person, nothing).value_or(false)) continue;
    needed.groups.merge(live_groups_of(policy, rule.requesters));
  }
  return needed;
}

FactsNeeded facts_to_deny(const Policy& policy, const Asked& asked) {
  FactsNeeded needed;
  if (!asked.catalog.empty()) needed.catalogs.insert(asked.catalog);
  const AskedResource about(policy, asked);
  for (const Rule& rule : policy.rules) {
    if (rule.effect != Effect::deny || !matches(rule.match, about.named())) continue;
    add_fit(policy, rule, needed);
    needed.participants = true;
  }
  return needed;
}

FactsNeeded facts_to_vote(const Policy& policy, const Asked& asked) {
  FactsNeeded needed = facts_to_deny(policy, asked);
  needed.participants = needed.participants || !asked.approve_when.empty();
  for (const std::string& text : asked.approve_when) {
    if (const auto condition = compile_condition(text, ConditionOf::vote))
      add_condition(policy, std::make_shared<const Condition>(*condition), needed);
  }
  return needed;
}

}  // namespace jitbot
