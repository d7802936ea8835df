#pragma once

#include "bot/policy/policy.hpp"
#include "bot/ports/store.hpp"

#include <optional>
#include <string>

// What the store knows of the policy in force. It is written in the transaction that puts the policy in
// force, so every transaction can tell whether it still decides by that one.
namespace jitbot {

struct PolicyRecord {
  std::string digest;
  PolicyCommit commit;
  Time since;
  PrincipalId by;
  bool operator==(const PolicyRecord&) const = default;
};
// Nothing: none was ever in force.
std::optional<PolicyRecord> recorded_policy(Tx& tx);
void record_policy(Tx& tx, const PolicyRecord& record);

// Whether what was found out by this policy may still be decided.
bool is_in_force(Tx& tx, const Policy& policy);

}  // namespace jitbot
