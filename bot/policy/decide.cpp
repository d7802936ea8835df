#include "bot/policy/decide.hpp"

#include "bot/model/duration.hpp"
#include "bot/model/nearest.hpp"
#include "bot/policy/membership.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <re2/re2.h>

#include <algorithm>
#include <cctype>

namespace jitbot {

namespace {

std::string lower(const std::string& text) {
  std::string low = text;
  std::ranges::transform(low, low.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return low;
}

// By its very name, else case-blind: loading made sure that no two names differ in case alone.
template <class Named>
const typename Named::mapped_type* find_named(const Named& named, const std::string& typed) {
  if (const auto found = named.find(typed); found != named.end()) return &found->second;
  const std::string low = lower(typed);
  for (const auto& [name, value] : named) {
    if (lower(name) == low) return &value;
  }
  return nullptr;
}

template <class Named>
std::vector<std::string> names_of(const Named& named) {
  std::vector<std::string> names;
  for (const auto& entry : named) names.push_back(entry.first);
  return names;
}

// What was typed, safe to repeat in an answer: short, on one line.
std::string quoted(const std::string& text) {
  std::string shown;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (shown.size() >= 64 && ((byte & 0xC0U) != 0x80U || shown.size() >= 67)) return "\"" + shown + "…\"";
    shown += byte < 0x20U || byte == 0x7FU ? ' ' : c;
  }
  return "\"" + shown + "\"";
}

int characters(const std::string& text) {
  return static_cast<int>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string trimmed(const std::string& text) {
  constexpr const char* k_blank = " \t\r\n";
  const auto begin = text.find_first_not_of(k_blank);
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(k_blank) - begin + 1);
}

bool matches_reason(const std::string& pattern, const std::string& reason) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(std::int64_t{1} << 20U);
  const RE2 compiled(pattern, options);
  return compiled.ok() && RE2::PartialMatch(reason, compiled);
}

Result<void> within_reason(const Rule& rule, const std::string& typed, const std::string& ticket) {
  const std::string reason = trimmed(typed);
  const std::string hint = rule.reason.hint.empty() ? "" : ": " + rule.reason.hint;
  if (rule.reason.min_length > 0 && reason.empty()) {
    return fail(ErrorKind::refused, fmt::format("rule {} needs a reason{}", rule.name, hint));
  }
  if (characters(reason) < rule.reason.min_length) {
    return fail(ErrorKind::refused, fmt::format("rule {} needs a reason of at least {} characters{}",
                                                rule.name, rule.reason.min_length, hint));
  }
  const std::string& pattern = rule.reason.contains;
  const bool by_ticket = !ticket.empty() && matches_reason(pattern, ticket);
  if (pattern.empty() || by_ticket || matches_reason(pattern, reason)) return {};
  const std::string wanted = hint.empty() ? fmt::format(" that contains {}", rule.reason.contains) : hint;
  return fail(ErrorKind::refused, fmt::format("rule {} needs a reason{}", rule.name, wanted));
}

// No rule fits: what comes nearest, in one line.
Error no_rule(const Policy& policy, const Named& named, const std::vector<std::string>& explanation,
              const std::string& called) {
  const std::string asked = named.resource->name + ":" + named.role->name;
  const std::string detail = fmt::format("{}", fmt::join(explanation, "; "));
  const auto rules = candidate_rules(policy, named);
  if (!rules.empty()) {
    return {ErrorKind::refused,
            fmt::format("{} may not ask for {}; rule {} lets {} ask", called, asked, rules.front()->name,
                        named_in_words(rules.front()->requesters)),
            detail};
  }
  std::vector<std::string> others;
  for (const auto& [name, role] : named.resource->roles) {
    if (!candidate_rules(policy, {named.resource, &role}).empty())
      others.push_back(named.resource->name + ":" + name);
  }
  if (!others.empty()) {
    return {ErrorKind::refused,
            fmt::format("no rule lets anybody ask for {}; there are rules for {}", asked,
                        fmt::join(others, ", ")),
            detail};
  }
  return {ErrorKind::refused, fmt::format("no rule lets anybody ask for {}", asked), detail};
}

std::vector<Step> steps_of(const Rule& rule, const Resource& resource) {
  std::vector<Step> steps;
  for (const Step& step : rule.steps)
    steps.push_back({step.name, with_owners(step.from, resource), step.count});
  return steps;
}

}  // namespace

std::string named_in_words(const std::vector<Subject>& subjects) {
  std::vector<std::string> texts;
  for (const Subject& subject : subjects) texts.push_back(to_string(subject));
  return fmt::format("{}", fmt::join(texts, ", "));
}

const Resource* find_resource(const Policy& policy, const std::string& typed) {
  return find_named(policy.resources, typed);
}

Result<Named> resolve(const Policy& policy, const std::string& resource, const std::string& role) {
  const Resource* found = find_resource(policy, resource);
  if (found == nullptr) {
    const auto names = names_of(policy.resources);
    const std::string near = nearest(resource, names);
    if (!near.empty()) {
      return fail(ErrorKind::not_found,
                  fmt::format("there is no resource {}; did you mean {}?", quoted(resource), near));
    }
    constexpr std::size_t k_few = 8;
    const std::string all =
        names.empty() || names.size() > k_few ? "" : fmt::format("; there is {}", fmt::join(names, ", "));
    return fail(ErrorKind::not_found, fmt::format("there is no resource {}{}", quoted(resource), all));
  }
  const auto roles = fmt::format("{}", fmt::join(names_of(found->roles), ", "));
  const std::string wanted = role.empty() ? found->default_role : role;
  if (wanted.empty()) {
    return fail(ErrorKind::invalid,
                fmt::format("{} has several roles; name one of {}, for example {}:{}", found->name, roles,
                            found->name, found->roles.begin()->first));
  }
  const Role* named = find_named(found->roles, wanted);
  if (named == nullptr) {
    const std::string near = nearest(wanted, names_of(found->roles));
    const std::string meant = near.empty() ? "" : fmt::format("; did you mean {}:{}?", found->name, near);
    return fail(ErrorKind::not_found,
                fmt::format("{} has no role {}; it has {}{}", found->name, quoted(wanted), roles, meant));
  }
  return Named{found, named};
}

std::vector<const Rule*> candidate_rules(const Policy& policy, const Named& named) {
  std::vector<const Rule*> rules;
  for (const Rule& rule : policy.rules) {
    if (matches(rule.match, *named.resource, *named.role)) rules.push_back(&rule);
  }
  return rules;
}

std::set<std::string> live_groups_for(const Policy& policy, const Named& named) {
  std::set<std::string> live;
  for (const Rule* rule : candidate_rules(policy, named)) {
    live.merge(live_groups_of(policy, rule->requesters));
    for (const Step& step : rule->steps)
      live.merge(live_groups_of(policy, with_owners(step.from, *named.resource)));
  }
  return live;
}

Result<void> within_duration(const Rule& rule, Millis duration) {
  if (duration <= Millis{0}) return fail(ErrorKind::invalid, "a duration must be longer than 0");
  if (duration > rule.max_duration) {
    return fail(ErrorKind::refused,
                fmt::format("rule {} allows at most {}, not {}", rule.name,
                            format_duration(rule.max_duration), format_duration(duration)));
  }
  return {};
}

Result<void> within_limits(const Rule& rule, Millis duration, const std::string& reason,
                           const std::string& ticket) {
  if (auto fits = within_duration(rule, duration); !fits) return fits;
  return within_reason(rule, reason, ticket);
}

RuleFinder::RuleFinder(const Policy& policy, const Person& person, const Facts& facts)
    : policy_(policy), person_(person), facts_(facts), may_ask_(policy.rules.size()) {}

const Result<bool>& RuleFinder::may_ask_by(std::size_t rule) {
  auto& known = may_ask_[rule];
  if (!known) known = is_one_of(policy_, policy_.rules[rule].requesters, person_, facts_);
  return *known;
}

Result<const Rule*> RuleFinder::first_for(const Named& named) {
  for (std::size_t at = 0; at < policy_.rules.size(); ++at) {
    if (!matches(policy_.rules[at].match, *named.resource, *named.role)) continue;
    // Not knowing whether this rule fits is not knowing which rule decides.
    const auto& may_ask = may_ask_by(at);
    if (!may_ask) return tl::unexpected(may_ask.error());
    if (*may_ask) return &policy_.rules[at];
  }
  return nullptr;
}

std::vector<std::string> misfits(const Policy& policy, const Named& named, const Rule* end) {
  std::vector<std::string> reasons;
  for (const Rule& rule : policy.rules) {
    if (&rule == end) break;
    const auto problem = match_problem(rule.match, *named.resource, *named.role);
    reasons.push_back(fmt::format(
        "rule {} does not fit: {}", rule.name,
        problem ? *problem : fmt::format("only {} may ask by it", named_in_words(rule.requesters))));
  }
  return reasons;
}

std::string how_decided(const Rule& rule, const Resource& resource) {
  if (rule.automatic) return "approved without asking";
  std::vector<std::string> texts;
  for (const Step& step : steps_of(rule, resource))
    texts.push_back(fmt::format("{} ({} of {})", step.name, step.count, named_in_words(step.from)));
  return fmt::format("needs {}", fmt::join(texts, " and "));
}

Result<Ruling> find_ruling(const Policy& policy, const Named& named, const Person& beneficiary,
                           const Facts& facts, const std::string& called) {
  RuleFinder finder(policy, beneficiary, facts);
  const auto rule = finder.first_for(named);
  if (!rule) return tl::unexpected(rule.error());
  Ruling ruling{*rule, named.resource, named.role, {}, misfits(policy, named, *rule)};
  if (ruling.rule == nullptr) return tl::unexpected(no_rule(policy, named, ruling.explanation, called));
  ruling.steps = steps_of(*ruling.rule, *ruling.resource);
  ruling.explanation.push_back(fmt::format("rule {} is the first that fits {}:{} and the requester: {}",
                                           ruling.rule->name, named.resource->name, named.role->name,
                                           how_decided(*ruling.rule, *ruling.resource)));
  return ruling;
}

Result<Ruling> decide(const Policy& policy, const Question& question, const Facts& facts,
                      const std::string& called) {
  const auto named = resolve(policy, question.resource, question.role);
  if (!named) return tl::unexpected(named.error());

  auto ruling = find_ruling(policy, *named, question.beneficiary, facts, called);
  if (!ruling) return ruling;
  if (const auto limits = within_limits(*ruling->rule, question.duration, question.reason, question.ticket);
      !limits) {
    return tl::unexpected(limits.error());
  }
  return ruling;
}

std::vector<Millis> warnings_for(const Rule& rule, Millis duration) {
  std::vector<Millis> wanted = rule.warn_before;
  if (wanted.empty()) wanted = duration > 24h ? std::vector<Millis>{24h, 1h} : std::vector<Millis>{10min};
  std::ranges::sort(wanted, std::greater<>{});
  const auto same = std::ranges::unique(wanted);
  wanted.erase(same.begin(), same.end());
  // Whatever is longer than half the grant falls on its half-way point; once is enough there.
  const auto half_way = std::ranges::find_if(wanted, [&](Millis warning) { return warning < duration / 2; });
  if (half_way - wanted.begin() > 1) wanted.erase(wanted.begin(), half_way - 1);
  return wanted;
}

}  // namespace jitbot
