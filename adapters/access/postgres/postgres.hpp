#pragma once

#include "bot/model/secret.hpp"
#include "bot/model/time.hpp"
#include "bot/ports/connector.hpp"

#include <memory>
#include <string>

namespace jitbot {

struct PostgresOptions {
  std::string name;      // of the connector, for messages
  Secret url;            // postgresql://jitbot:…@host/db, or libpq's key=value form
  bool enforce = false;  // see Capabilities::enforce
  Millis timeout{30s};   // of each call, waiting for a free thread included
  unsigned concurrency = 4;
};

// Roles of a PostgreSQL server, lent for a while. Proven with PostgreSQL 15; the statements suit 13 and
// newer.
//
// present: the account becomes a direct member of params["role"] (GRANT role TO account).
// absent:  the membership is revoked, then the account's sessions begun before that are terminated and waited
//          for: REVOKE alone leaves a session inside that did SET ROLE. They end even when another grant
//          keeps the account other roles, because the server shows nobody which role a session has taken;
//          whoever has another live grant is to be told to reconnect.
// observe: absent = no membership, direct or through other roles, and no session that may still be inside;
//          only through other roles = present and `inherited`, and so is a superuser, who has every role
//          anyway; an account or role the server does not know = gone.
// list:    every direct member of the known roles, except the role jitbot itself is connected as.
// Passwords and LOGIN are never touched. The server is asked for ADMIN OPTION on each role, pg_signal_backend
// and pg_read_all_stats (without the last the server hides when a session began; the sessions seen in the
// half second after the revoke stand in for it). `check` says which are missing.
//
// Which sessions may be inside. A session can take the role only while its account is a member. Per role and
// account the connector remembers, by the server's own clock:
//   nobody           an observation with Target::untouched found no membership and nothing was given since;
//   anybody          a `present` was started, or this process has never dealt with it (after a restart);
//   begun_by_cutoff  the membership was revoked at `cutoff`: sessions begun later could not take the role.
// With `begun_by_cutoff` such a session makes the observation present. With `anybody` and no membership any
// session of the account makes it unknown: never absent, and not a false alarm either. `absent` turns
// `anybody` into `begun_by_cutoff`, so a removal cut short by a crash is done again and proven. A `present`
// that certainly did nothing leaves what was known. A `present` with an unknown outcome whose membership is
// never seen did nothing: its commit cannot take effect after the call's time-out.
//
// All calls on the event loop's thread. Destroy it before the loop's context.
std::unique_ptr<Connector> make_postgres_connector(PostgresOptions options);

}  // namespace jitbot
