#pragma once

#include "adapters/access/postgres/pg_connection.hpp"
#include "bot/model/result.hpp"

#include <set>
#include <string>
#include <vector>

// What one connection can see and change of one account's membership in one role. Blocking; for pool threads.
namespace jitbot::access {

struct Membership {
  std::string role;  // params["role"], as the server spells it
  std::string account;
  auto operator<=>(const Membership&) const = default;
};

// Which sessions of the account may be inside the role although the membership is gone: after SET ROLE a
// session keeps the role, and the server shows nobody which role a session has taken.
struct Insiders {
  enum class Which {
    nobody,          // the account has not been a member since it was last known to be outside
    anybody,         // it was or may have been a member until just now
    begun_by_cutoff  // it was a member until `cutoff`
  };
  Which which = Which::anybody;
  std::string cutoff;  // the server's clock, right after the REVOKE was committed
  std::set<int> pids;  // sessions of that moment whose beginning the server does not tell us
};

struct MembershipFacts {
  bool role_exists = false;
  bool account_exists = false;
  bool superuser = false;
  bool direct = false;
  bool inherited = false;  // through other roles, whatever they inherit: SET ROLE goes along them as well
  std::string through;     // which ones
  std::string account_oid;
};

PgResult<MembershipFacts> look(PgConnection& connection, const Membership& membership,
                               const Patience& patience);
PgResult<std::vector<int>> insiders(PgConnection& connection, const MembershipFacts& facts,
                                    const Insiders& knowledge, const Patience& patience);

// The error of a call that changes things, when it certainly changed nothing.
Error nothing_done(const PgFailure& failure);

// Both take effect before the patience is over or never: the commit carries a check of the server's clock, so
// a server that hangs and wakes up later gives nothing that we no longer wait for.
Result<void> grant(PgConnection& connection, const Membership& membership, const Patience& patience);
Result<void> revoke(PgConnection& connection, const Membership& membership, const Patience& patience);

// Ends the sessions that may be inside and waits until they are gone. `knowledge` learns the pids that count.
Result<void> end_insiders(PgConnection& connection, const Membership& membership,
                          const MembershipFacts& facts, Insiders& knowledge, const Patience& patience);

}  // namespace jitbot::access
