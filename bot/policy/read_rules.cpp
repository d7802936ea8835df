#include "bot/model/duration.hpp"
#include "bot/model/utf8.hpp"
#include "bot/policy/draft.hpp"
#include "bot/policy/keys.hpp"
#include "bot/policy/read_pattern.hpp"
#include "bot/policy/words.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>

namespace jitbot {

using yaml::MapReader;
using yaml::quoted;
using yaml::Value;

namespace {

// Whoever gets a type wrong mostly compares a length of time with a number.
yaml::Kind wrong_expression(std::string_view message) {
  const auto about = [&](std::string_view words) { return message.find(words) != std::string_view::npos; };
  if (about("duration")) return {"expression", "write a length of time as duration(\"1h30m\")"};
  if (about("timestamp"))
    return {"expression", "write a point of time as timestamp(\"2026-03-01T09:00:00Z\")"};
  if (about("unknown variable"))
    return {"expression",
            "the variables are request, requester, resource, channel and now, and approver in approve_when"};
  return {"expression", "README lists variables and fields; `jitbot policy eval` evaluates expressions"};
}
constexpr std::size_t k_most_steps = 8;
constexpr int k_most_people = 100;
constexpr int k_longest_reason = 3000;  // what a form's text field takes
constexpr std::size_t k_longest_pattern = 500;
constexpr std::size_t k_most_warnings = 5;
constexpr std::size_t k_longest_hint = 200;
constexpr std::size_t k_longest_message = 500;

std::vector<std::string> read_names(const Value& value, std::string_view what,
                                    std::vector<NameUse>& mentions) {
  std::vector<std::string> names;
  const auto items = value.one_or_list();
  if (value.is_list() && items.empty())
    value.fail("must name something; leave it out to match everything", {"matches-nothing", "leave it out"});
  for (const Value& item : items) {
    const auto name = read_name(item, what, Patterns::allowed);
    if (!name) continue;
    names.push_back(*name);
    mentions.push_back({*name, item});
  }
  return names;
}

void read_match(const Value& value, Match& match, RuleDraft& about) {
  const MapReader map(value, policy_keys::k_match);
  if (const auto resource = map.find("resource"))
    match.resources = read_names(*resource, "a resource", about.resources);
  if (const auto role = map.find("role")) match.roles = read_names(*role, "a role", about.roles);
  const auto tags = map.find("tags");
  if (!tags) return;
  for (const auto& [entry, item] : tags->named()) {
    const auto items = item.one_or_list();
    if (item.is_list() && items.empty())
      item.fail("must name a value; leave it out to match everything", {"matches-nothing", "leave it out"});
    for (const Value& one : items) {
      if (const auto text = one.text()) match.tags[entry->key].push_back(*text);
    }
  }
}

void read_reason(const Value& value, ReasonRule& reason) {
  const MapReader map(value, policy_keys::k_reason);
  if (const auto length = map.find("min_length")) {
    reason.min_length = length->integer(0, k_longest_reason).value_or(0);
  }
  if (const auto hint = map.find("hint")) reason.hint = read_line(*hint, k_longest_hint).value_or("");
  if (const auto contains = map.find("contains")) reason.compiled = read_pattern(*contains, reason.contains);
}

void read_ticket(const Value& value, TicketRule& ticket) {
  const MapReader map(value, policy_keys::k_ticket);
  if (!map.readable()) return;
  ticket.required = true;
  if (const auto required = map.find("required")) ticket.required = required->boolean().value_or(true);
  if (const auto hint = map.find("hint")) ticket.hint = read_line(*hint, k_longest_hint).value_or("");
  if (const auto pattern = map.find("pattern")) ticket.compiled = read_pattern(*pattern, ticket.pattern);
}

RuleStep read_step(const Value& value, PolicyDraft& draft) {
  RuleStep step;
  const MapReader map(value, policy_keys::k_step);
  if (const auto name = map.find("name")) step.name = read_name(*name, "a step").value_or("");
  if (const auto from = map.find("from"))
    step.from = read_people(*from, {.groups = true, .owners = true}, draft);
  if (const auto count = map.find("count")) step.count = count->integer(1, k_most_people).value_or(1);
  if (const auto when = map.find("when")) step.when = read_condition(*when, ConditionOf::step, draft);
  return step;
}

void read_approval(const Value& value, Rule& rule, RuleDraft& about, PolicyDraft& draft) {
  if (value.is_scalar() && value.node().text == "auto") {
    rule.automatic = true;
    return;
  }
  if (!value.is_list() || value.node().items.empty()) {
    value.fail("must be auto, or a list of steps with name, from and count",
               {"steps", "write auto, or - {name: owners, from: [owners], count: 1}"});
    return;
  }
  const auto items = value.list();
  if (items.size() > k_most_steps)
    value.fail(fmt::format("must be at most {} steps", k_most_steps), {"steps", "join some"});
  for (const Value& item : items) {
    RuleStep step = read_step(item, draft);
    const bool twice = std::ranges::any_of(
        rule.steps, [&](const Step& other) { return !step.name.empty() && other.name == step.name; });
    if (twice)
      item.fail(fmt::format("step {} stands twice in this rule", quoted(step.name)),
                {"duplicate-name", "rename one of them"});
    rule.steps.push_back(std::move(step));
    about.steps.push_back(item);
  }
}

void read_extend(const Value& value, Rule& rule, RuleDraft& about) {
  const MapReader map(value, policy_keys::k_extend);
  if (!map.readable()) return;
  const auto max = map.find("max");
  const auto total = map.find("total");
  about.extend = total ? total : value;
  if (max) rule.extend.max = max->duration().value_or(Millis{0});
  rule.extend.total = rule.max_duration + rule.extend.max;
  if (total) rule.extend.total = total->duration().value_or(rule.extend.total);
  // An extension by "the rule's own steps" of a rule that has none is automatic.
  rule.extend.automatic = rule.automatic;
  if (const auto approval = map.find("approval")) {
    constexpr std::array<std::string_view, 1> k_approvals = {"auto"};
    if (approval->choice(k_approvals)) rule.extend.automatic = true;
  }
  if (total && rule.extend.total < rule.max_duration) {
    total->fail("must be at least max_duration: it bounds the first grant and all extensions together",
                {"extend", fmt::format("lengthen it to {} at least", format_duration(rule.max_duration))});
  } else if (max && total && rule.extend.total == rule.max_duration) {
    total->fail("is max_duration: whoever has asked for the longest can extend nothing",
                {"extend", "lengthen it, shorten max_duration, or remove extend", Severity::warning});
  }
  if (max && total && rule.extend.max > rule.extend.total) {
    max->fail("must not be longer than total", {"extend", "shorten it, or lengthen total"});
  } else if (max && rule.max_duration > Millis{0} && rule.extend.max > rule.max_duration) {
    max->fail(
        "is longer than max_duration, which bounds each extension, too",
        {"extend", fmt::format("shorten it to {}", format_duration(rule.max_duration)), Severity::warning});
  }
}

void read_warnings(const Value& value, Rule& rule) {
  const auto items = value.one_or_list();
  if (value.is_list() && items.empty())
    value.fail("must name a duration; leave it out for the default", {"warn-before", "leave it out"});
  if (items.size() > k_most_warnings)
    value.fail(fmt::format("must be at most {} durations", k_most_warnings), {"warn-before", "remove some"});
  for (const Value& item : items) {
    const auto duration = item.duration();
    if (!duration) continue;
    if (rule.max_duration > Millis{0} && *duration >= rule.max_duration) {
      item.fail(fmt::format("is not shorter than max_duration ({}), so the warning always comes half-way",
                            format_duration(rule.max_duration)),
                {"warn-before", "shorten it", Severity::warning});
    }
    rule.warn_before.push_back(*duration);
  }
  std::ranges::sort(rule.warn_before, std::greater<>{});
  const auto same = std::ranges::unique(rule.warn_before);
  rule.warn_before.erase(same.begin(), same.end());
}

void read_for_others(const Value& value, Rule& rule) {
  constexpr std::array<std::string_view, 1> k_ways = {"auto"};
  if (!value.choice(k_ways)) return;
  rule.auto_for_others = true;
  if (!rule.automatic)
    value.fail("is for rules with approval: auto; people may be asked for by others anyway",
               {.advice = "remove it"});
}

void read_effect(const Value& value, Rule& rule) {
  constexpr std::array<std::string_view, 2> k_effects = {"allow", "deny"};
  if (value.choice(k_effects).value_or(0) == 1) rule.effect = Effect::deny;
}

void read_posting(const MapReader& map, Rule& rule, PolicyDraft& draft) {
  const auto post_to = map.find("post_to");
  if (!post_to) {
    if (!rule.steps.empty())
      map.value().fail("post_to is missing; a rule with steps needs a channel for its card",
                       {"channel", "add post_to: [\"#name\"]"});
    return;
  }
  const auto items = post_to->one_or_list();
  if (post_to->is_list() && items.empty())
    post_to->fail("must name a channel", {"channel", "name one as \"#name\""});
  for (const Value& item : items) {
    auto channel = read_channel(item);
    if (!channel) continue;
    if (std::ranges::find(rule.post_to, *channel) != rule.post_to.end())
      item.fail("this channel stands twice", {"channel", "name it once"});
    draft.channels.push_back({*channel, item});
    rule.post_to.push_back(std::move(*channel));
  }
}

void read_rule_name(const Value& value, Rule& rule, const PolicyDraft& draft) {
  rule.name = read_name(value, "a rule").value_or("");
  for (const Rule& other : draft.policy.rules) {
    if (rule.name.empty() || other.name != rule.name) continue;
    value.fail(fmt::format("rule {} stands twice, first in line {}", quoted(rule.name), other.where.line),
               {"duplicate-name", "rename one of them"});
  }
}

// What says whom and what a rule is about, whatever it does.
void read_fit(const MapReader& map, Rule& rule, RuleDraft& about, PolicyDraft& draft) {
  about.match = map.find("match");
  about.max_duration = map.find("max_duration");
  if (about.match) read_match(*about.match, rule.match, about);
  if (const auto requesters = map.find("requesters")) {
    rule.requesters = read_people(*requesters, {.groups = true, .owners = false}, draft);
  }
  if (const auto when = map.find("when")) rule.when = read_condition(*when, ConditionOf::rule, draft);
}

void read_deny(const MapReader& map, Rule& rule) {
  constexpr std::array<std::string_view, 12> k_of_allow = {
      "max_duration", "reason", "ticket",   "approval", "approve_when", "deny_threshold",
      "post_to",      "notify", "escalate", "extend",   "warn_before",  "for_others"};
  for (const std::string_view key : k_of_allow) {
    if (const auto value = map.find(key))
      value->fail("is for allow rules; a deny rule grants nothing", {.advice = "remove it"});
  }
  map.require("message", "a deny rule");
  if (const auto message = map.find("message"))
    rule.message = read_line(*message, k_longest_message).value_or("");
}

void read_allow(const MapReader& map, Rule& rule, RuleDraft& about, PolicyDraft& draft) {
  for (const std::string_view key : {"requesters", "max_duration"}) map.require(key, "a rule");
  if (!map.find("break_glass")) map.require("approval", "a rule");
  if (const auto message = map.find("message")) message->fail("is for deny rules", {.advice = "remove it"});
  if (const auto longest = map.find("max_duration"))
    rule.max_duration = longest->duration().value_or(Millis{0});
  if (const auto reason = map.find("reason")) read_reason(*reason, rule.reason);
  if (const auto ticket = map.find("ticket")) read_ticket(*ticket, rule.ticket);
  if (const auto approval = map.find("approval")) read_approval(*approval, rule, about, draft);
  if (const auto when = map.find("approve_when")) {
    rule.approve_when = read_condition(*when, ConditionOf::vote, draft);
    if (rule.automatic)
      when->fail("is for rules with steps; approval: auto asks nobody", {.advice = "remove it"});
  }
  if (const auto others = map.find("for_others")) read_for_others(*others, rule);
  if (const auto threshold = map.find("deny_threshold")) {
    rule.deny_threshold = threshold->integer(1, k_most_people).value_or(1);
  }
  read_posting(map, rule, draft);
  read_waiting(map, rule, draft);
  if (const auto extend = map.find("extend")) read_extend(*extend, rule, about);
  if (const auto warnings = map.find("warn_before")) read_warnings(*warnings, rule);
}

void read_rule(const Value& value, PolicyDraft& draft) {
  Rule rule;
  RuleDraft about{value, {}, {}, {}, {}, {}, {}};
  rule.where = value.mark();
  const MapReader map(value, policy_keys::k_rule);
  if (!map.readable()) return;
  if (const auto name = map.find("name")) read_rule_name(*name, rule, draft);
  if (const auto effect = map.find("effect")) read_effect(*effect, rule);
  read_fit(map, rule, about, draft);
  read_break_glass(map, draft);
  if (rule.effect == Effect::deny) {
    read_deny(map, rule);
  } else {
    read_allow(map, rule, about, draft);
  }
  draft.policy.rules.push_back(std::move(rule));
  draft.rules.push_back(std::move(about));
}

}  // namespace

namespace {

// Of a place in lines and characters.
std::size_t byte_of(std::string_view text, const cel::Mistake& mistake) {
  std::size_t at = 0;
  for (std::size_t line = 1; line < mistake.line && at < text.size(); ++line)
    at = std::min(text.find('\n', at), text.size() - 1) + 1;
  for (std::size_t column = 1; column < mistake.column && at < text.size(); ++column)
    next_code_point(text, at);
  return at;
}

}  // namespace

PatternPtr read_pattern(const Value& value, std::string& text) {
  const auto pattern = value.text();
  if (!pattern) return nullptr;
  text = *pattern;
  if (pattern->size() > k_longest_pattern) {
    value.fail(fmt::format("must be at most {} bytes long", k_longest_pattern), {"pattern", "shorten it"});
    return nullptr;
  }
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(std::int64_t{1} << 20U);
  auto compiled = std::make_shared<const RE2>(*pattern, options);
  if (compiled->ok()) return compiled;
  value.fail(fmt::format("is not a regular expression that RE2 knows: {}", compiled->error()),
             {"pattern", "mend it; RE2 has no back references and does not look ahead or behind"});
  return nullptr;
}

std::vector<Subject> read_people(const Value& value, SubjectsAllowed allowed, PolicyDraft& draft) {
  std::vector<Subject> people;
  const auto items = value.one_or_list();
  if (value.is_list() && items.empty())
    value.fail("must name somebody", {"person", "name an e-mail or a group"});
  for (const Value& item : items) {
    auto subject = read_subject(item, allowed);
    if (!subject) continue;
    if (subject->kind == Subject::Kind::group) draft.groups.push_back({subject->value, item});
    people.push_back(std::move(*subject));
  }
  return people;
}

ConditionPtr read_condition(const Value& value, ConditionOf where, PolicyDraft& draft) {
  const auto text = value.text();
  if (!text) return nullptr;
  auto condition = compile_condition(*text, where);
  if (!condition) {
    const cel::Mistake& mistake = condition.error();
    value.fail_inside(byte_of(*text, mistake), mistake.message, wrong_expression(mistake.message));
    return nullptr;
  }
  for (const GroupsRead* read : {&condition->requester_groups, &condition->approver_groups}) {
    for (const std::string& name : read->names) draft.groups.push_back({name, value});
  }
  return std::make_shared<const Condition>(std::move(*condition));
}

void read_rules(const Value& value, PolicyDraft& draft) {
  for (const Value& item : value.list()) read_rule(item, draft);
}

}  // namespace jitbot
