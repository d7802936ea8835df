#pragma once

#include "bot/model/entitlement.hpp"
#include "bot/model/grant.hpp"
#include "bot/model/person.hpp"
#include "bot/model/request.hpp"
#include "bot/policy/decide.hpp"

#include <functional>
#include <string>

// From words to a frozen request, and from an approved request to a grant.
namespace jitbot {

struct Ask {
  std::string resource;
  std::string role;
  Millis duration{0};  // not read where `until` is given
  std::string reason;
  std::string ticket{};
  std::optional<PrincipalId> for_whom{};  // none: for himself
  std::optional<Time> start{};            // none, or not behind now: as soon as it is approved
  std::optional<Time> until{};
};

// How far ahead a start may be.
inline constexpr Millis k_longest_ahead = 30 * 24h;

// What the configuration says of a connector and one person.
struct ConnectorTerms {
  std::string account;
  OnExisting on_existing = OnExisting::keep;
};
using TermsOf = std::function<Result<ConnectorTerms>(const std::string& connector, const std::string& email)>;

// The name that rules know this person by, or why he can ask for nothing at all.
Result<std::string> may_ask_at_all(const Person& person);

// The same for somebody who is asked for; a refusal calls him by called_in_errors().
Result<std::string> may_be_asked_for(const Person& person);
// The same with other words for him: "this person".
Result<std::string> may_be_asked_for(const Person& person, const std::string& called);
// "@U0BOB0001": how an error calls somebody; what shows it to people puts a mention there.
std::string called_in_errors(const PrincipalId& who);

// Everything frozen, or why not: names, rule, limits, account. Facts hold the asker and whom he asks for. For
// another, rule, limits and account are the beneficiary's, and the asker must be one who may ask by that
// rule.
Result<Asked> propose(const Ask& ask, const PrincipalId& asker, const Policy& policy, const Facts& facts,
                      const TermsOf& terms_of);

// The same for prolonging a grant by `by`: the rule is decided afresh, its extend terms bind.
Result<Asked> propose_extension(const Grant& grant, const Asked& original, Millis by,
                                const std::string& reason, const Policy& policy, const Facts& facts);

// Whether a grant may be prolonged by that much: by the rule's extend terms, and no longer in all than the
// resource or role may be had for. The error names the limit that is reached first.
Result<void> within_extension(const Ruling& ruling, const Grant& grant, Millis by);

Request make_request(const Asked& asked, const RequestId& id, std::optional<Time> not_after);
// The decision of a rule that needs nobody.
Request approved_by_rule(const Request& request, Time now);

EntitlementKey entitlement_key(const Asked& asked);
Entitlement new_entitlement(const Asked& asked);
// Durable with its latest end before the target is touched.
Grant make_grant(const Request& request, EntitlementId entitlement, Time now);

}  // namespace jitbot
