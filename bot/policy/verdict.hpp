#pragma once

#include "bot/policy/condition.hpp"
#include "bot/policy/decide.hpp"
#include "bot/policy/rule_index.hpp"

#include <cstdint>

namespace jitbot {

// What was asked, as the policy of now knows it; where it does not any more, as it was when it was asked.
class AskedResource {
 public:
  AskedResource(const Policy& policy, const Asked& asked);
  AskedResource(const AskedResource&) = delete;
  AskedResource& operator=(const AskedResource&) = delete;
  ~AskedResource() = default;
  const Named& named() const { return named_; }

 private:
  Resource resource_;
  Role role_;
  Named named_;
};

// Which rule decides, without words. Limits (duration, reason, ticket) are looked at afterwards.
struct Verdict {
  enum class Kind : std::uint8_t {
    allowed,  // by `rule`, under the steps that are needed
    denied,   // by the deny rule `rule`
    no_rule,
    failed,   // the `when` of `rule` cannot be evaluated, which denies
    unknown,  // a fact that `rule` needs could not be fetched: nothing is decided
  };
  Kind kind = Kind::no_rule;
  const Rule* rule = nullptr;
  std::uint32_t steps = 0;  // bit i: rule->steps[i] is needed
  Error why;                // of failed and unknown
};

// Deny rules first: one that fits denies. Then the first allow rule that fits. Where `terms` is none, a
// condition on them counts as fulfilled for an allow rule and as not for a deny rule: for showing what may be
// asked for.
Verdict verdict_on(const Policy& policy, const Named& named, const Person& who,
                   const std::optional<Terms>& terms, const Facts& facts);

// The deny rule that fits, if one does; kind is denied, failed, unknown or no_rule.
Verdict denial_of(const Policy& policy, const Named& named, const Person& who, const Terms& terms,
                  const Facts& facts);

// What people read of a verdict of kind denied, failed or unknown.
Error refusal_of(const Verdict& verdict);

// Whether one rule's match, requesters and `when` fit.
Truth rule_fits(const Policy& policy, const Rule& rule, const Named& named, const Person& who,
                const std::optional<Terms>& terms, const Facts& facts, Error& why);

}  // namespace jitbot
