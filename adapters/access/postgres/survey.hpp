#pragma once

#include "adapters/access/postgres/membership.hpp"

#include <set>
#include <string>
#include <vector>

// Questions about many roles at once. Blocking; for pool threads.
namespace jitbot::access {

// Direct members of these roles, whoever made them one; never the role we are connected as.
PgResult<std::vector<Membership>> members(PgConnection& connection, const std::set<std::string>& roles,
                                          const Patience& patience);

// What would keep us from granting, revoking or proving absence; each with the statement that mends it.
// An empty account asks about the role alone.
PgResult<std::vector<std::string>> problems(PgConnection& connection, const std::vector<Membership>& used,
                                            const Patience& patience);

}  // namespace jitbot::access
