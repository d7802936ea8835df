#include "bot/record/activity.hpp"

#include "bot/policy/decide.hpp"
#include "bot/policy/rule_index.hpp"

#include <algorithm>

namespace jitbot {

namespace {

constexpr Millis k_looked_back = 24h;
constexpr int k_most = 1000;

Activity activity_of(Tx& tx, const PrincipalId& who, Time now) {
  Activity activity;
  for (const Grant& grant : tx.live_grants_of(who)) {
    if (grant.beneficiary == who && grant.wants_access()) ++activity.active_grants;
  }
  for (const Request& request : tx.decided_requests({"", who}, now - k_looked_back, k_most)) {
    if (request.state == RequestState::denied && request.asked.beneficiary == who) ++activity.denied_24h;
  }
  return activity;
}

void add(Tx& tx, const std::set<PrincipalId>& people, Facts& facts) {
  for (const PrincipalId& who : people) facts.activity.insert_or_assign(who, activity_of(tx, who, facts.now));
}

}  // namespace

void add_activity(Tx& tx, const Policy& policy, const std::set<PrincipalId>& people, Facts& facts) {
  if (policy.index && policy.index->reads_activity()) add(tx, people, facts);
}

void add_activity(Tx& tx, const Policy& policy, const Asked& asked, std::set<PrincipalId> people,
                  Facts& facts) {
  people.insert({asked.asker, asked.beneficiary});
  const bool read_now = policy.index && policy.index->reads_activity();
  if (read_now || facts_to_vote(policy, asked).activity) add(tx, people, facts);
}

}  // namespace jitbot
