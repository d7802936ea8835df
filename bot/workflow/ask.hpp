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

// Target access must be confirmed within this after approval.
inline constexpr Millis k_activation_window = 15min;

struct Ask {
  std::string resource;
  std::string role;
  Millis duration{0};
  std::string reason;
};

// What the configuration says of a connector and one person.
struct ConnectorTerms {
  std::string account;
  OnExisting on_existing = OnExisting::keep;
};
using TermsOf = std::function<Result<ConnectorTerms>(const std::string& connector, const std::string& email)>;

// The name that rules know this person by, or why he can ask for nothing at all.
Result<std::string> may_ask_at_all(const Person& person);

// Everything frozen, or why not: names, rule, limits, account. Asker and beneficiary are the same person.
Result<Asked> propose(const Ask& ask, const PrincipalId& asker, const Policy& policy, const Facts& facts,
                      const TermsOf& terms_of);

// The same for prolonging a grant by `by`: the rule is decided afresh, its extend terms bind.
Result<Asked> propose_extension(const Grant& grant, const Asked& original, Millis by,
                                const std::string& reason, const Policy& policy, const Facts& facts);

Request make_request(const Asked& asked, const RequestId& id, std::optional<Time> not_after);
// The decision of a rule that needs nobody.
Request approved_by_rule(const Request& request, Time now);

EntitlementKey entitlement_key(const Asked& asked);
Entitlement new_entitlement(const Asked& asked);
// Durable with its latest end before the target is touched.
Grant make_grant(const Request& request, EntitlementId entitlement, Time now);

}  // namespace jitbot
