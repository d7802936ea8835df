#pragma once

#include "bot/workflow/entitlement_machine.hpp"
#include "bot/workflow/grant_machine.hpp"

#include <set>
#include <string>
#include <vector>

// The grant machine and the entitlement machine together: whatever happens to one, the others on the same
// entitlement follow, until nothing changes any more.
namespace jitbot {

struct Access {
  Entitlement entitlement;
  std::vector<Grant> grants;  // every live grant on it
};

struct GrantChange {
  GrantEvent event = GrantEvent::confirmed;
  Grant before;
  Grant after;
};

struct AccessOutcome {
  Access access;                     // as it stands now; ended grants still in it
  std::vector<GrantChange> changes;  // in order
  std::vector<AuditEvent> audit;
  bool reappeared = false;
  bool resolved = false;
};

Wanted wanted_by(const std::vector<Grant>& grants);

// A grant was added or time passed: due events of the grants, then everything that follows from them.
AccessOutcome settle(const Access& access, Time now);
// Something happened to one grant (done, revoked, extended …).
AccessOutcome grant_event(const Access& access, const RequestId& grant, const GrantInput& input);
// The same to several at once: none of them holds the access for another.
AccessOutcome grants_event(const Access& access, const std::set<RequestId>& grants, const GrantInput& input);
// Something happened to the entitlement: the outcome of observed(), returned() or abandon().
AccessOutcome entitlement_event(const Access& access, const EntitlementOutcome& happened, Time now);

}  // namespace jitbot
