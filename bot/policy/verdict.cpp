#include "bot/policy/verdict.hpp"

#include "bot/policy/membership.hpp"
#include "bot/policy/rule_index.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace jitbot {

namespace {

using Kind = Verdict::Kind;

// The rules that name one person, by e-mail and by account.
struct NamedBy {
  RuleIndex::Rules by_email;
  RuleIndex::Rules by_account;

  NamedBy(const RuleIndex& index, const Person& person) {
    if (!is_somebody(person)) return;
    if (const auto name = policy_name(person)) by_email = index.naming(*name);
    if (!index.names_accounts()) return;
    std::array<char, 80> text{};
    const std::string_view platform =
        std::string_view(person.id.workspace).substr(0, person.id.workspace.find(':'));
    if (platform.size() + 1 + person.id.user.size() > text.size()) return;
    auto* end = std::ranges::copy(platform, text.begin()).out;
    *end++ = ':';
    end = std::ranges::copy(person.id.user, end).out;
    by_account = index.naming({text.begin(), end});
  }
};

class Judging {
 public:
  Judging(const Policy& policy, const Named& named, const Person& who, const std::optional<Terms>& terms,
          const Facts& facts)
      : about_{policy, facts, &who, nullptr, named.resource, named.role, named.shown(), terms},
        facts_(about_),
        named_(named),
        fitting_(policy.index->fitting(*named.role)),
        named_by_(*policy.index, who) {}

  Verdict deny() { return first_of(fitting_.deny, Kind::denied); }
  Verdict allow() { return first_of(fitting_.allow, Kind::allowed); }

  Truth fits_one(const Rule& rule, Error& why) {
    const auto at = static_cast<std::size_t>(&rule - rules().data());
    const Truth fit = !matches(rule.match, named_) ? Truth::no : fits(at);
    why = why_;
    return fit;
  }

 private:
  const std::vector<Rule>& rules() const { return about_.policy.rules; }

  // What is still open may let somebody ask, and denies nothing yet.
  // A certain denial goes before one that cannot be looked at now.
  Verdict first_of(const std::vector<std::uint32_t>& candidates, Kind found) {
    Verdict unknown;
    for (const std::uint32_t at : candidates) {
      const Rule& rule = rules()[at];
      switch (fits(at)) {
        case Truth::no:
          continue;
        case Truth::open:
          if (found == Kind::denied) continue;
          break;
        case Truth::yes:
          break;
        case Truth::failed:
          return {Kind::failed, &rule, 0, why_};
        case Truth::unknown:
          if (found == Kind::allowed) return {Kind::unknown, &rule, 0, why_};
          if (unknown.rule == nullptr) unknown = {Kind::unknown, &rule, 0, why_};
          continue;
      }
      return {found, &rule, found == Kind::allowed ? needed_steps(rule) : 0, {}};
    }
    return unknown;
  }

  Truth fits(std::size_t at) {
    const Rule& rule = rules()[at];
    if (fitting_.by_name && !matches(rule.match, named_)) return Truth::no;
    const Truth may = may_ask(rule, at);
    if (may != Truth::yes || !rule.when) return may;
    const Truth holds = facts_.holds(*rule.when);
    if (holds == Truth::failed || holds == Truth::unknown) why_ = facts_.why();
    return holds;
  }

  Truth may_ask(const Rule& rule, std::size_t at) {
    if (rule.requesters.empty()) return Truth::yes;
    if (RuleIndex::has(named_by_.by_email, at) || RuleIndex::has(named_by_.by_account, at)) return Truth::yes;
    if (!about_.policy.index->asks_live(at)) return Truth::no;
    const auto found = is_one_of(about_.policy, rule.requesters, *about_.requester, about_.facts);
    if (found) return *found ? Truth::yes : Truth::no;
    why_ = found.error();
    return Truth::unknown;
  }

  // What cannot be found out is needed.
  std::uint32_t needed_steps(const Rule& rule) {
    std::uint32_t needed = 0;
    for (std::size_t i = 0; i < rule.steps.size(); ++i) {
      const ConditionPtr& when = rule.steps[i].when;
      if (!when || facts_.holds(*when) != Truth::no) needed |= std::uint32_t{1} << i;
    }
    return needed;
  }

  Circumstances about_;
  ConditionFacts facts_;
  const Named& named_;
  const RuleIndex::Fitting& fitting_;
  NamedBy named_by_;
  Error why_;
};

}  // namespace

Error refusal_of(const Verdict& verdict) {
  if (verdict.kind == Kind::unknown) return verdict.why;
  const Rule& rule = *verdict.rule;
  if (verdict.kind == Kind::denied)
    return {ErrorKind::refused, fmt::format("{} (rule {})", rule.message, rule.name), {}};
  return {
      ErrorKind::refused,
      fmt::format("the condition of rule {} cannot be evaluated ({}), so nothing is granted; tell whoever "
                  "keeps the access rules",
                  rule.name, verdict.why.message),
      {}};
}

Verdict verdict_on(const Policy& policy, const Named& named, const Person& who,
                   const std::optional<Terms>& terms, const Facts& facts) {
  Judging judging(policy, named, who, terms, facts);
  Verdict denied = judging.deny();
  return denied.kind == Kind::no_rule ? judging.allow() : denied;
}

Verdict denial_of(const Policy& policy, const Named& named, const Person& who, const Terms& terms,
                  const Facts& facts) {
  return Judging(policy, named, who, terms, facts).deny();
}

Truth rule_fits(const Policy& policy, const Rule& rule, const Named& named, const Person& who,
                const std::optional<Terms>& terms, const Facts& facts, Error& why) {
  return Judging(policy, named, who, terms, facts).fits_one(rule, why);
}

}  // namespace jitbot
