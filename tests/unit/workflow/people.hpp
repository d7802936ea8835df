#pragma once

#include "bot/model/person.hpp"
#include "bot/model/request.hpp"
#include "bot/model/vote.hpp"
#include "bot/policy/policy.hpp"
#include "bot/workflow/grant_machine.hpp"
#include "bot/workflow/request_machine.hpp"

#include <string>
#include <vector>

// A small company: who works there, what its policy says, and a request that two leads and one of security
// decide.
namespace jitbot::testing {

inline constexpr Time k_start{Millis{1'772'330'400'000}};  // 2026-03-01T02:00:00Z
inline constexpr std::string_view k_security = "slack:usergroup/S0SEC";

PrincipalId id_of(const std::string& name);  // the account of "lena" is slack:T0001/Ulena
Person person_of(const std::string& name);   // an ordinary member, lena@example.com

// Everybody below is known and answers; group security is read.
Facts all_facts(Time now = k_start);
// leads: lena, leo, lia, cleo, and everybody who may never decide. security (live): sam, sid, cleo, and the
// same.
Policy company();
// The people who are named as approvers and still may decide nothing: asker, beneficiary, guest, bot,
// outsider, deactivated.
const std::vector<std::string>& barred_people();

Step leads_step(int count);
Step security_step(int count);
// Asked by ann for bea: two of leads and one of security, or the given steps.
Request sample_request(const std::vector<Step>& steps = {leads_step(2), security_step(1)});
Vote approval(const Request& request, const std::string& who, int step);
Vote denial(const Request& request, const std::string& who);

RequestOutcome act(const Request& request, const std::vector<Vote>& votes, const RequestInput& input,
                   const Facts& facts = all_facts());

// One hour, approved at k_start.
Grant sample_grant(const std::string& id = "G001");
Grant scheduled_grant(const std::string& id = "G001");  // to start an hour after k_start
Grant active_grant(const std::string& id = "G001");     // confirmed 5 s after k_start
Grant tell(const Grant& grant, const GrantInput& input);

}  // namespace jitbot::testing
