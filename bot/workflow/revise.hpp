#pragma once

#include "bot/model/request.hpp"
#include "bot/model/result.hpp"
#include "bot/policy/policy.hpp"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <string>
#include <vector>

// A revision: who may vote asks for less than was asked, and what the rules say of that now never loosens
// what they said before.
namespace jitbot {

// As somebody wants it.
struct Narrower {
  Millis duration{0};  // 0: as it was asked
  std::string role;    // empty: as it was asked
};

// Less than what is asked now: a shorter time, or a role that the asked one includes.
struct LessTerms {
  std::string role;
  Millis duration{0};
  std::optional<Time> until;  // where the request has an absolute end
};
// Why it is not less is an error of kind refused; a name that does not exist has the nearest one.
Result<LessTerms> narrow(const Request& request, const Narrower& to, const Policy& policy, Time now);

// Every role that a role includes, and those that they include.
std::vector<std::string> included_roles(const Resource& resource, const std::string& role);

// What the rules say of the narrower terms as if they were asked now.
using Afresh = std::function<Result<Asked>(const LessTerms&)>;

// The narrower terms under the stricter of the steps, thresholds and limits that held and those that hold
// now.
Result<Asked> propose_revision(const Request& request, const Narrower& to, const Policy& policy, Time now,
                               const Afresh& afresh);
Asked stricter(const Asked& asked, const LessTerms& to, const Asked& fresh);
// Every step of both: what has the same name and the same people is one step with the higher count.
std::vector<Step> all_steps(const std::vector<Step>& held, const std::vector<Step>& fresh);

// What the audit log keeps of a revision: old and new terms, with their digests and steps.
nlohmann::json revision_detail(const Request& before, const Request& after, const std::string& reason);

}  // namespace jitbot
