#include "bot/policy/decide.hpp"

#include "bot/model/duration.hpp"
#include "bot/model/nearest.hpp"
#include "bot/policy/condition.hpp"
#include "bot/policy/membership.hpp"
#include "bot/policy/verdict.hpp"
#include "bot/policy/words.hpp"

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

bool holds_pattern(const std::string& pattern, const PatternPtr& compiled, const std::string& text) {
  if (compiled) return RE2::PartialMatch(text, *compiled);
  const RE2 now(pattern, RE2::Quiet);
  return now.ok() && RE2::PartialMatch(text, now);
}

bool is_pattern_whole(const std::string& pattern, const PatternPtr& compiled, std::string_view text) {
  if (compiled) return RE2::FullMatch(text, *compiled);
  const RE2 now(pattern, RE2::Quiet);
  return now.ok() && RE2::FullMatch(text, now);
}

// No rule fits: what comes nearest, in one line.
Error no_rule(const Policy& policy, const Named& named, const Person& who, const Facts& facts,
              const std::vector<std::string>& explanation, const std::string& called) {
  const std::string asked = named.shown() + ":" + named.role->name;
  const std::string detail = fmt::format("{}", fmt::join(explanation, "; "));
  const auto rules = candidate_rules(policy, named);
  // Whoever may ask by a rule, but for its condition, is nearest.
  for (const Rule* rule : rules) {
    if (!rule->when || !is_one_of(policy, rule->requesters, who, facts).value_or(false)) continue;
    return {ErrorKind::refused,
            fmt::format("{} may not ask for {} now; rule {} is for {} only where {}", called, asked,
                        rule->name, named_in_words(rule->requesters), rule->when->text),
            detail};
  }
  if (!rules.empty()) {
    return {ErrorKind::refused,
            fmt::format("{} may not ask for {}; rule {} lets {} ask", called, asked, rules.front()->name,
                        named_in_words(rules.front()->requesters)),
            detail};
  }
  std::vector<std::string> others;
  for (const auto& [name, role] : named.resource->roles) {
    if (!candidate_rules(policy, {named.resource, &role, named.name}).empty())
      others.push_back(named.shown() + ":" + name);
  }
  if (!others.empty()) {
    return {ErrorKind::refused,
            fmt::format("no rule lets anybody ask for {}; there are rules for {}", asked,
                        fmt::join(others, ", ")),
            detail};
  }
  return {ErrorKind::refused, fmt::format("no rule lets anybody ask for {}", asked), detail};
}

Step step_of(const Step& step, const Resource& resource) {
  return {step.name, with_owners(step.from, resource), step.count};
}

std::vector<Step> steps_of(const Rule& rule, std::uint32_t needed, const Resource& resource) {
  std::vector<Step> steps;
  for (std::size_t i = 0; i < rule.steps.size(); ++i) {
    if ((needed >> i & 1U) != 0) steps.push_back(step_of(rule.steps[i], resource));
  }
  return steps;
}

}  // namespace

std::string named_in_words(const std::vector<Subject>& subjects) {
  std::vector<std::string> texts;
  for (const Subject& subject : subjects) texts.push_back(to_string(subject));
  return fmt::format("{}", fmt::join(texts, ", "));
}

const Resource* find_resource(const Policy& policy, const std::string& typed) {
  if (const Resource* found = find_named(policy.resources, typed)) return found;
  // Catalogs tell names apart by case, and so do the rules that match them.
  for (const auto& [name, resource] : policy.resources) {
    if (!resource.catalog.empty() && is_name(typed) && fits_pattern(name, typed)) return &resource;
  }
  return nullptr;
}

Result<void> exists(const Named& named, const Facts& facts) {
  const std::string& catalog = named.resource->catalog;
  if (catalog.empty()) return {};
  const auto listed = facts.catalogs.find(catalog);
  if (listed == facts.catalogs.end() || !listed->second) {
    return fail(ErrorKind::unavailable, fmt::format("I cannot check now whether {} exists", named.shown()),
                listed == facts.catalogs.end()
                    ? "not fetched: catalog " + catalog
                    : "catalog " + catalog + ": " + listed->second.error().message);
  }
  if (listed->second->contains(named.shown())) return {};
  std::vector<std::string> names;
  for (const std::string& name : *listed->second) {
    if (fits_pattern(named.resource->name, name)) names.push_back(name);
  }
  const std::string near = nearest(named.shown(), names);
  return fail(ErrorKind::not_found, fmt::format("{} does not exist{}", named.shown(),
                                                near.empty() ? "" : fmt::format("; did you mean {}?", near)));
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
  const auto roles = [found] { return fmt::format("{}", fmt::join(names_of(found->roles), ", ")); };
  const std::string& wanted = role.empty() ? found->default_role : role;
  if (wanted.empty()) {
    return fail(ErrorKind::invalid,
                fmt::format("{} has several roles; name one of {}, for example {}:{}", found->name, roles(),
                            found->name, found->roles.begin()->first));
  }
  const Role* named = find_named(found->roles, wanted);
  if (named == nullptr) {
    const std::string near = nearest(wanted, names_of(found->roles));
    const std::string meant = near.empty() ? "" : fmt::format("; did you mean {}:{}?", found->name, near);
    return fail(ErrorKind::not_found,
                fmt::format("{} has no role {}; it has {}{}", found->name, quoted(wanted), roles(), meant));
  }
  // The name as it was typed: the catalog says whether there is one.
  return Named{found, named, found->catalog.empty() ? std::string() : resource};
}

std::vector<const Rule*> candidate_rules(const Policy& policy, const Named& named) {
  std::vector<const Rule*> rules;
  for (const Rule& rule : policy.rules) {
    if (rule.effect == Effect::allow && matches(rule.match, named)) rules.push_back(&rule);
  }
  return rules;
}

Result<void> within_reason(const Rule& rule, const std::string& typed, const std::string& ticket) {
  if (!rule.reason.needed()) return {};
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
  if (pattern.empty() || (!ticket.empty() && holds_pattern(pattern, rule.reason.compiled, ticket)) ||
      holds_pattern(pattern, rule.reason.compiled, reason))
    return {};
  const std::string wanted = hint.empty() ? fmt::format(" that contains {}", rule.reason.contains) : hint;
  return fail(ErrorKind::refused, fmt::format("rule {} needs a reason{}", rule.name, wanted));
}

Result<void> within_ticket(const Rule& rule, const std::string& reason, const std::string& ticket) {
  const TicketRule& wanted = rule.ticket;
  const std::string hint = wanted.hint.empty() ? "" : ": " + wanted.hint;
  const std::string found = ticket_of(rule, reason, ticket);
  if (found.empty()) {
    if (!wanted.required) return {};
    return fail(ErrorKind::refused, fmt::format("rule {} needs a ticket{}", rule.name,
                                                hint.empty() ? ", with --ticket or in the reason" : hint));
  }
  if (wanted.pattern.empty() || is_pattern_whole(wanted.pattern, wanted.compiled, found)) return {};
  return fail(ErrorKind::refused, fmt::format("{} is no ticket for rule {}{}", quoted(found), rule.name,
                                              hint.empty() ? "; one looks like " + wanted.pattern : hint));
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

Millis longest_of(const Resource& resource, const Role& role) {
  if (role.max_duration <= Millis{0}) return resource.max_duration;
  return resource.max_duration <= Millis{0} ? role.max_duration
                                            : std::min(role.max_duration, resource.max_duration);
}

ExtendTerms extend_terms(const Rule& rule, const Resource& resource, const Role& role) {
  ExtendTerms terms = rule.extend;
  const Millis longest = longest_of(resource, role);
  if (longest > Millis{0}) terms.total = std::min(terms.total, longest);
  return terms;
}

Result<void> within_limits(const Rule& rule, Millis duration, const std::string& reason,
                           const std::string& ticket) {
  if (auto fits = within_duration(rule, duration); !fits) return fits;
  if (auto fits = within_reason(rule, reason, ticket); !fits) return fits;
  return within_ticket(rule, reason, ticket);
}

std::string ticket_of(const Rule& rule, const std::string& reason, const std::string& ticket) {
  if (!ticket.empty() || rule.ticket.pattern.empty()) return ticket;
  // A word of the reason, without what people put around one.
  constexpr std::string_view k_around = " \t\r\n.,;:!?()[]{}<>\"'";
  for (std::size_t at = 0; at < reason.size();) {
    const auto begin = reason.find_first_not_of(k_around, at);
    if (begin == std::string::npos) break;
    const auto end = std::min(reason.find_first_of(k_around, begin), reason.size());
    const std::string word = reason.substr(begin, end - begin);
    if (is_pattern_whole(rule.ticket.pattern, rule.ticket.compiled, word)) return word;
    at = end;
  }
  return "";
}

std::string steps_in_words(const std::vector<Step>& steps) {
  std::vector<std::string> texts;
  for (const Step& step : steps)
    texts.push_back(fmt::format("{} ({} of {})", step.name, step.count, named_in_words(step.from)));
  return fmt::format("{}", fmt::join(texts, " and "));
}

std::string how_decided(const Rule& rule, const Resource& resource) {
  if (rule.automatic) return "approved without asking";
  std::vector<std::string> texts;
  for (const RuleStep& step : rule.steps) {
    const Step named = step_of(step, resource);
    texts.push_back(fmt::format("{} ({} of {}{})", step.name, step.count, named_in_words(named.from),
                                step.when ? ", when " + step.when->text : ""));
  }
  return fmt::format("needs {}", fmt::join(texts, " and "));
}

namespace {

std::string joined(const std::vector<std::string>& lines) {
  return fmt::format("{}", fmt::join(lines, "; "));
}

// Why that rule ends the search, for the explanation.
std::string why_refused(const Verdict& verdict, const Named& named) {
  const Rule& rule = *verdict.rule;
  if (verdict.kind == Verdict::Kind::unknown)
    return fmt::format("rule {} cannot be looked at: {}", rule.name, verdict.why.message);
  if (verdict.kind == Verdict::Kind::failed) {
    return fmt::format("the condition of rule {} cannot be evaluated, which denies: {}: {}", rule.name,
                       rule.when->text, verdict.why.message);
  }
  return fmt::format("deny rule {} fits {}:{}{}", rule.name, named.shown(), named.role->name,
                     rule.when ? ": " + rule.when->text : std::string());
}

std::vector<std::string> steps_not_needed(const Rule& rule, std::uint32_t needed) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < rule.steps.size(); ++i) {
    if ((needed >> i & 1U) == 0)
      lines.push_back(fmt::format("step {} is not needed: {} does not hold", rule.steps[i].name,
                                  rule.steps[i].when->text));
  }
  return lines;
}

Decision found_for(const Policy& policy, const Named& named, const Person& who, const Facts& facts,
                   const std::string& called, const std::optional<Terms>& terms) {
  Decision decision;
  Ruling& ruling = decision.ruling;
  const Verdict verdict = verdict_on(policy, named, who, terms, facts);
  ruling = {
      verdict.rule, named.resource, named.role, {}, misfits(policy, named, who, terms, facts, verdict.rule),
      named.shown()};
  if (verdict.kind == Verdict::Kind::no_rule) {
    decision.refusal = no_rule(policy, named, who, facts, ruling.explanation, called);
    return decision;
  }
  if (verdict.kind != Verdict::Kind::allowed) {
    ruling.explanation.push_back(why_refused(verdict, named));
    decision.refusal = refusal_of(verdict);
    const std::string cause = decision.refusal->detail.empty() ? "" : "; " + decision.refusal->detail;
    decision.refusal->detail = joined(ruling.explanation) + cause;
    return decision;
  }
  const Rule& rule = *verdict.rule;
  ruling.steps = steps_of(rule, verdict.steps, *named.resource);
  const std::string how = rule.automatic ? "approved without asking"
                          : ruling.steps.empty()
                              ? "none of its steps is needed, so it is approved without asking"
                              : "needs " + steps_in_words(ruling.steps);
  ruling.explanation.push_back(fmt::format("rule {} is the first that fits {}:{} and the requester: {}",
                                           rule.name, named.shown(), named.role->name, how));
  Error why;
  if (rule.when && rule_fits(policy, rule, named, who, terms, facts, why) == Truth::open)
    ruling.explanation.push_back(fmt::format("that is, if {}", rule.when->text));
  for (std::string& line : steps_not_needed(rule, verdict.steps))
    ruling.explanation.push_back(std::move(line));
  if (rule.approve_when)
    ruling.explanation.push_back("approvers count only while " + rule.approve_when->text);
  return decision;
}

}  // namespace

Result<Ruling> find_ruling(const Policy& policy, const Named& named, const Person& beneficiary,
                           const Facts& facts, const std::string& called, const std::optional<Terms>& terms) {
  Decision decision = found_for(policy, named, beneficiary, facts, called, terms);
  if (decision.refusal) return tl::unexpected(std::move(*decision.refusal));
  return std::move(decision.ruling);
}

namespace {

Result<void> within_longest(const Ruling& ruling, Millis duration) {
  const Millis longest = longest_of(*ruling.resource, *ruling.role);
  if (longest <= Millis{0} || duration <= longest) return {};
  return fail(ErrorKind::refused,
              fmt::format("{}:{} may be had for at most {}, not {}", ruling.name, ruling.role->name,
                          format_duration(longest), format_duration(duration)));
}

}  // namespace

Decision judge(const Policy& policy, const Question& question, const Facts& facts,
               const std::string& called) {
  Decision decision;
  const auto named = resolve(policy, question.resource, question.role);
  if (!named) {
    decision.refusal = named.error();
    return decision;
  }
  const Terms terms{question.duration, question.start,     question.reason,
                    question.ticket,   question.for_other, question.extension};
  decision = found_for(policy, *named, question.beneficiary, facts, called, terms);
  if (decision.refusal) return decision;
  auto& ruling = decision.ruling;
  // Only whoever may ask for such resources learns which of them there are.
  if (const auto there = exists(*named, facts); !there) {
    decision.refusal = there.error();
    return decision;
  }
  auto limits = within_limits(*ruling.rule, question.duration, question.reason, question.ticket);
  if (limits) limits = within_longest(ruling, question.duration);
  if (limits) return decision;
  ruling.explanation.push_back("its limits bind: " + limits.error().message);
  decision.refusal = limits.error();
  decision.refusal->detail = joined(ruling.explanation);
  return decision;
}

Result<Ruling> decide(const Policy& policy, const Question& question, const Facts& facts,
                      const std::string& called) {
  Decision decision = judge(policy, question, facts, called);
  if (decision.refusal) return tl::unexpected(std::move(*decision.refusal));
  return std::move(decision.ruling);
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
