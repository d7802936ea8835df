#include "bot/model/channel.hpp"
#include "bot/model/duration.hpp"
#include "bot/policy/decide.hpp"
#include "bot/policy/draft.hpp"
#include "bot/policy/membership.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace jitbot {

namespace {

// Once for each rule: the first role that is given too long.
void check_longest(const PolicyDraft& draft, const Rule& rule, const RuleDraft& about) {
  if (!about.max_duration) return;
  for (const auto& [name, resource] : draft.policy.resources) {
    for (const auto& [role_name, role] : resource.roles) {
      const Millis longest = longest_of(resource, role);
      if (longest <= Millis{0} || rule.max_duration <= longest) continue;
      if (!may_match(rule.match, {&resource, &role, {}})) continue;
      about.max_duration->fail(
          fmt::format("{} is more than {}:{} may be had for, which is {}", format_duration(rule.max_duration),
                      name, role_name, format_duration(longest)),
          {"beyond-maximum", fmt::format("shorten it to {}, or let a rule of its own decide on {}:{}",
                                         format_duration(longest), name, role_name)});
      return;
    }
  }
}

// Once for each rule: the first role whose own limit binds before what the rule allows with extensions.
void check_longest_extended(const PolicyDraft& draft, const Rule& rule, const RuleDraft& about) {
  if (!about.extend || rule.extend.max <= Millis{0}) return;
  for (const auto& [name, resource] : draft.policy.resources) {
    for (const auto& [role_name, role] : resource.roles) {
      const Millis longest = longest_of(resource, role);
      if (longest <= Millis{0} || rule.extend.total <= longest) continue;
      if (!may_match(rule.match, {&resource, &role, {}})) continue;
      about.extend->fail(
          fmt::format("{} in all is more than {}:{} may be had for in one stretch, and that binds: {}",
                      format_duration(rule.extend.total), name, role_name, format_duration(longest)),
          {"extend-beyond-maximum",
           fmt::format("let total be {}, or lengthen max_duration of {}", format_duration(longest), name),
           Severity::warning});
      return;
    }
  }
}

// Without what people mix up: "#prod_approvals" and "#prod-approvals" are hardly two channels.
std::string spoken(const std::string& channel) {
  std::string text = channel;
  std::erase_if(text, [](char c) { return c == '-' || c == '_'; });
  return text;
}

void check_channels(const PolicyDraft& draft) {
  std::map<std::string, const NameUse*> first;
  for (const NameUse& use : draft.channels) {
    if (!is_channel_name(use.name)) continue;
    const auto [other, fresh] = first.emplace(spoken(use.name), &use);
    if (fresh || other->second->name == use.name) continue;
    use.at.fail(
        fmt::format("this channel is {} in line {}", other->second->name, other->second->at.mark().line),
        {"channel-spelling", "write it in one way; or name channels by their ids", Severity::warning});
  }
}

}  // namespace

void check_limits(const PolicyDraft& draft) {
  for (std::size_t i = 0; i < draft.rules.size(); ++i) {
    const Rule& rule = draft.policy.rules[i];
    if (rule.effect != Effect::allow) continue;
    check_longest(draft, rule, draft.rules[i]);
    check_longest_extended(draft, rule, draft.rules[i]);
  }
  check_channels(draft);
}

}  // namespace jitbot
