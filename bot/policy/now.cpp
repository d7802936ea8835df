#include "bot/policy/decide.hpp"
#include "bot/policy/membership.hpp"
#include "bot/policy/verdict.hpp"

#include <fmt/format.h>

// What the rules of now say of what was asked before.
namespace jitbot {

AskedResource::AskedResource(const Policy& policy, const Asked& asked) {
  resource_.name = asked.resource;
  resource_.tags = asked.tags;
  resource_.owners = asked.owners;
  role_.name = asked.role;
  role_.risk = asked.risk;
  role_.place = RuleIndex::k_nowhere;
  named_ = {&resource_, &role_, {}};
  const auto now = resolve(policy, asked.resource, asked.role);
  if (now) named_ = *now;
}

namespace {

Terms terms_of(const Asked& asked) {
  return {asked.duration,
          asked.start,
          asked.reason,
          asked.ticket,
          asked.asker != asked.beneficiary,
          asked.kind == RequestKind::extension};
}

}  // namespace

std::optional<Result<AskedIn>> channel_of(const Asked& asked) {
  if (asked.asked_in) return Result<AskedIn>(*asked.asked_in);
  return Result<AskedIn>(
      fail(ErrorKind::conflict,
           "Ask again: a rule looks at the channel that this was asked in, which was not kept"));
}

Result<std::optional<Denial>> denied_now(const Policy& policy, const Asked& asked, const Facts& facts) {
  if (!policy.index) return std::nullopt;
  const AskedResource about(policy, asked);
  std::vector<PrincipalId> who{asked.beneficiary};
  if (asked.asker != asked.beneficiary) who.push_back(asked.asker);
  for (const PrincipalId& id : who) {
    // Nobody's facts are needed where no deny rule could fit.
    if (!policy.index->may_deny(*about.named().role)) break;
    const auto person = facts.person(id);
    if (!person) return tl::unexpected<Error>(person.error());
    const Verdict verdict = denial_of(policy, about.named(), *person, terms_of(asked), facts);
    switch (verdict.kind) {
      case Verdict::Kind::allowed:
      case Verdict::Kind::no_rule:
        break;
      case Verdict::Kind::unknown:
        if (verdict.why.kind != ErrorKind::conflict) return tl::unexpected<Error>(verdict.why);
        // Nobody can ever know; to wait for it would be to deny without a word.
        return std::optional(Denial{verdict.rule->name, verdict.why.message,
                                    fmt::format("deny rule {} looks at what was not kept, which denies: {}",
                                                verdict.rule->name, verdict.rule->when->text)});
      case Verdict::Kind::failed:
        return std::optional(
            Denial{verdict.rule->name,
                   fmt::format("the condition of rule {} cannot be evaluated", verdict.rule->name),
                   fmt::format("the condition of deny rule {} cannot be evaluated, which denies: {}: {}",
                               verdict.rule->name, verdict.rule->when->text, verdict.why.message)});
      case Verdict::Kind::denied:
        return std::optional(
            Denial{verdict.rule->name, verdict.rule->message,
                   fmt::format("deny rule {} fits {}:{}{}", verdict.rule->name, asked.resource, asked.role,
                               verdict.rule->when ? ": " + verdict.rule->when->text : std::string())});
    }
  }
  return std::nullopt;
}

Result<void> may_approve_by_condition(const Policy& policy, const Asked& asked, const Person& approver,
                                      const Facts& facts) {
  if (asked.approve_when.empty()) return {};
  const AskedResource about(policy, asked);
  const auto requester = facts.person(asked.beneficiary);
  for (const std::string& text : asked.approve_when) {
    const auto condition = compile_condition(text, ConditionOf::vote);
    if (!condition)
      return fail(ErrorKind::refused, "the condition on approvers cannot be evaluated",
                  to_string(condition.error()));
    const Person* asks = requester ? &*requester : nullptr;
    const Circumstances circumstances{policy,
                                      facts,
                                      asks,
                                      &approver,
                                      about.named().resource,
                                      about.named().role,
                                      about.named().shown(),
                                      terms_of(asked)};
    ConditionFacts values(circumstances);
    switch (values.holds(*condition)) {
      case Truth::yes:
        break;
      case Truth::no:
        return fail(ErrorKind::refused,
                    fmt::format("rule {} lets only those approve for whom this holds: {}", asked.rule, text));
      case Truth::failed:
        return fail(ErrorKind::refused,
                    fmt::format("rule {} lets only those approve for whom this holds: {}; it cannot be "
                                "evaluated ({})",
                                asked.rule, text, values.why().message));
      case Truth::open:
      case Truth::unknown:
        return tl::unexpected<Error>(values.why());
    }
  }
  return {};
}

}  // namespace jitbot
