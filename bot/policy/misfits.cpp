#include "bot/policy/decide.hpp"
#include "bot/policy/membership.hpp"
#include "bot/policy/verdict.hpp"

#include <fmt/format.h>

// Why rules do not fit, in plain words.
namespace jitbot {

namespace {

// A policy of a thousand rules would fill every audit event with what is about other resources.
constexpr std::size_t k_most_elsewhere = 20;

std::string called(const Rule& rule) {
  return (rule.effect == Effect::deny ? "deny rule " : "rule ") + rule.name;
}

// Its match fits; the first reason why it does not, all the same.
std::string reason_of(const Policy& policy, const Rule& rule, const Named& named, const Person& who,
                      const std::optional<Terms>& terms, const Facts& facts) {
  if (!rule.requesters.empty() && !is_one_of(policy, rule.requesters, who, facts).value_or(false))
    return fmt::format("only {} may ask by it", named_in_words(rule.requesters));
  Error why;
  switch (rule.when ? rule_fits(policy, rule, named, who, terms, facts, why) : Truth::yes) {
    case Truth::no:
      return fmt::format("{} does not hold", rule.when->text);
    case Truth::open:
      return fmt::format("whether {} depends on what is asked", rule.when->text);
    case Truth::failed:
    case Truth::unknown:
      return fmt::format("{} cannot be evaluated: {}", rule.when->text, why.message);
    case Truth::yes:
      break;
  }
  return "an earlier rule decides";
}

}  // namespace

std::vector<std::string> misfits(const Policy& policy, const Named& named, const Person& who,
                                 const std::optional<Terms>& terms, const Facts& facts, const Rule* end) {
  std::vector<std::string> lines;
  std::size_t elsewhere = 0;
  const auto look_at = [&](const Rule& rule) {
    if (!matches(rule.match, named) && ++elsewhere > k_most_elsewhere) return;
    const auto problem = match_problem(rule.match, named);
    lines.push_back(fmt::format("{} does not fit: {}", called(rule),
                                problem ? *problem : reason_of(policy, rule, named, who, terms, facts)));
  };
  for (const Effect effect : {Effect::deny, Effect::allow}) {
    for (const Rule& rule : policy.rules) {
      if (rule.effect != effect) continue;
      if (&rule == end) break;
      look_at(rule);
    }
    if (end != nullptr && end->effect == effect) break;
  }
  if (elsewhere > k_most_elsewhere)
    lines.push_back(
        fmt::format("{} more rules are for other resources or roles", elsewhere - k_most_elsewhere));
  return lines;
}

}  // namespace jitbot
