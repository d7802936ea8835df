#include "adapters/access/postgres/membership.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

namespace jitbot::access {

namespace {

constexpr Millis k_look_again{50};
constexpr Millis k_last_look{400};  // kept for saying what is left instead of running into the time-out
// Without pg_read_all_stats nobody tells us when a session began. A session that had passed its checks before
// the revoke but was not listed yet turns up within this time.
constexpr Millis k_startup_grace{500};
constexpr Millis k_signal_again{1000};

// The names are compared as text: a parameter of type name would be cut at 63 bytes and could match another
// role.
constexpr auto k_look = R"(
  with recursive
    account as (select oid, rolsuper from pg_catalog.pg_roles where rolname = $1::text),
    wanted as (select oid from pg_catalog.pg_roles where rolname = $2::text),
    held(oid) as (
      select m.roleid from pg_catalog.pg_auth_members m join account on m.member = account.oid
      union
      select m.roleid from pg_catalog.pg_auth_members m join held on m.member = held.oid)
  select (select oid from account), (select rolsuper from account), (select oid from wanted),
    exists (select from pg_catalog.pg_auth_members m, account, wanted
             where m.roleid = wanted.oid and m.member = account.oid),
    (select string_agg(distinct r.rolname::text, ', ')
       from pg_catalog.pg_auth_members m join wanted on m.roleid = wanted.oid
       join held on m.member = held.oid join pg_catalog.pg_roles r on r.oid = m.member))";

constexpr auto k_sessions = R"(
  select pid, backend_start is null, backend_start <= nullif($2, '')::timestamptz
    from pg_catalog.pg_stat_activity where usesysid = $1::oid and pid <> pg_backend_pid())";

constexpr auto k_terminate = R"(
  select pg_catalog.pg_terminate_backend(pid) from pg_catalog.pg_stat_activity
   where usesysid = $1::oid and pid <> pg_backend_pid()
     and (backend_start <= $2::timestamptz or (backend_start is null and pid = any($3::int[]))))";

bool is_true(const std::optional<std::string>& cell) {
  return cell && *cell == "t";
}

int to_int(const std::string& text) {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// Which answers will be the same next time: the statement, the rights or the objects are wrong.
bool lasting(std::string_view sqlstate) {
  for (const std::string_view family : {"42", "28", "0L", "0A", "22", "2B", "3D", "3F"}) {
    if (sqlstate.substr(0, 2) == family) return true;
  }
  return false;
}

Error ambiguous(const PgFailure& failure) {
  return {ErrorKind::outcome_unknown, "PostgreSQL did not say whether it was done: " + failure.message,
          failure.sqlstate};
}

struct Change {
  std::string sql;
};

// BEGIN, the change, then one message with the clock's check and COMMIT: only that message can be late, and
// the check makes it harmless.
Result<void> commit_in_time(PgConnection& connection, const std::vector<Change>& changes,
                            const Patience& patience) {
  auto begun = connection.script("begin", patience);
  if (!begun) return tl::unexpected<Error>(nothing_done(begun.error()));
  auto limit = connection.query(
      "select quote_literal((clock_timestamp() + $1::float8 * interval '1 millisecond')::text)",
      {fmt::format("{}", patience.left().count())}, patience);
  if (!limit) return tl::unexpected<Error>(nothing_done(limit.error()));
  for (const auto& change : changes) {
    auto done = connection.script(change.sql, patience);
    if (!done) return tl::unexpected<Error>(nothing_done(done.error()));
  }
  auto committed =
      connection.script(fmt::format("select 1 / (clock_timestamp() < {}::timestamptz)::int; commit",
                                    limit->at(0).at(0).value_or("null")),
                        patience);
  if (committed) return {};
  if (committed.error().kind == PgFailure::Kind::said_no) {
    const bool late = committed.error().sqlstate == "22012";  // division by zero: our check
    if (late) return fail(ErrorKind::unavailable, "PostgreSQL answered too late; nothing was done");
    return tl::unexpected<Error>(nothing_done(committed.error()));
  }
  return tl::unexpected<Error>(ambiguous(committed.error()));
}

Result<std::string> quoted(PgConnection& connection, const std::string& name) {
  auto identifier = connection.identifier(name);
  if (!identifier) return tl::unexpected<Error>(nothing_done(identifier.error()));
  return *identifier;
}

struct Session {
  int pid = 0;
  bool start_hidden = false;
  bool by_cutoff = false;
};

PgResult<std::vector<Session>> sessions(PgConnection& connection, const std::string& account_oid,
                                        const std::string& cutoff, const Patience& patience) {
  auto rows = connection.query(k_sessions, {account_oid, cutoff}, patience);
  if (!rows) return tl::unexpected<PgFailure>(rows.error());
  std::vector<Session> found;
  for (const auto& row : *rows) {
    found.push_back({to_int(row.at(0).value_or("0")), is_true(row.at(1)), is_true(row.at(2))});
  }
  return found;
}

bool counts(const Session& session, const Insiders& knowledge) {
  switch (knowledge.which) {
    case Insiders::Which::nobody:
      return false;
    case Insiders::Which::anybody:
      return true;
    case Insiders::Which::begun_by_cutoff:
      return session.start_hidden ? knowledge.pids.contains(session.pid) : session.by_cutoff;
  }
  return true;
}

std::string pid_array(const std::set<int>& pids) {
  return fmt::format("{{{}}}", fmt::join(pids, ","));
}

// The membership is gone by now, whatever goes wrong here: never nothing_done.
Error not_ended(const PgFailure& failure) {
  if (failure.kind == PgFailure::Kind::said_no && lasting(failure.sqlstate)) {
    return {ErrorKind::refused,
            "the membership is revoked, but open sessions could not be ended: " + failure.message +
                ". GRANT pg_signal_backend to jitbot's role",
            failure.sqlstate};
  }
  return {ErrorKind::outcome_unknown,
          "the membership is revoked; whether open sessions ended is unknown: " + failure.message,
          failure.sqlstate};
}

}  // namespace

Error nothing_done(const PgFailure& failure) {
  if (failure.kind == PgFailure::Kind::said_no && lasting(failure.sqlstate)) {
    return {ErrorKind::refused, "PostgreSQL refused: " + failure.message, failure.sqlstate};
  }
  if (failure.kind == PgFailure::Kind::said_no) {
    return {ErrorKind::unavailable, "PostgreSQL could not do it now: " + failure.message, failure.sqlstate};
  }
  return {ErrorKind::unavailable, "PostgreSQL could not be reached: " + failure.message, {}};
}

PgResult<MembershipFacts> look(PgConnection& connection, const Membership& membership,
                               const Patience& patience) {
  auto rows = connection.query(k_look, {membership.account, membership.role}, patience);
  if (!rows) return tl::unexpected<PgFailure>(rows.error());
  const PgRow& row = rows->at(0);
  MembershipFacts facts;
  facts.account_exists = row.at(0).has_value();
  facts.account_oid = row.at(0).value_or("0");
  facts.superuser = is_true(row.at(1));
  facts.role_exists = row.at(2).has_value();
  facts.direct = is_true(row.at(3));
  facts.inherited = row.at(4).has_value();
  facts.through = row.at(4).value_or("");
  return facts;
}

PgResult<std::vector<int>> insiders(PgConnection& connection, const MembershipFacts& facts,
                                    const Insiders& knowledge, const Patience& patience) {
  auto open = sessions(connection, facts.account_oid, knowledge.cutoff, patience);
  if (!open) return tl::unexpected<PgFailure>(open.error());
  std::vector<int> pids;
  for (const auto& session : *open) {
    if (counts(session, knowledge)) pids.push_back(session.pid);
  }
  return pids;
}

Result<void> grant(PgConnection& connection, const Membership& membership, const Patience& patience) {
  const auto role = quoted(connection, membership.role);
  if (!role) return tl::unexpected<Error>(role.error());
  const auto account = quoted(connection, membership.account);
  if (!account) return tl::unexpected<Error>(account.error());
  return commit_in_time(connection, {{fmt::format("grant {} to {}", *role, *account)}}, patience);
}

Result<void> revoke(PgConnection& connection, const Membership& membership, const Patience& patience) {
  const auto role = quoted(connection, membership.role);
  if (!role) return tl::unexpected<Error>(role.error());
  const auto account = quoted(connection, membership.account);
  if (!account) return tl::unexpected<Error>(account.error());
  std::vector<Change> changes;
  // Up to PostgreSQL 15 a membership is one row, whoever gave it. From 16 on each grantor has his own, and a
  // plain REVOKE takes away only ours.
  if (connection.server_version() < 160000) {
    changes.push_back({fmt::format("revoke {} from {}", *role, *account)});
  } else {
    auto grantors = connection.query(
        "select distinct quote_ident(g.rolname) from pg_catalog.pg_auth_members m"
        " join pg_catalog.pg_roles g on g.oid = m.grantor join pg_catalog.pg_roles r on r.oid = m.roleid"
        " join pg_catalog.pg_roles a on a.oid = m.member where r.rolname = $1::text and a.rolname = $2::text",
        {membership.role, membership.account}, patience);
    if (!grantors) return tl::unexpected<Error>(nothing_done(grantors.error()));
    for (const auto& row : *grantors) {
      changes.push_back(
          {fmt::format("revoke {} from {} granted by {}", *role, *account, row.at(0).value_or(""))});
    }
  }
  return commit_in_time(connection, changes, patience);
}

Result<void> end_insiders(PgConnection& connection, const Membership& membership,
                          const MembershipFacts& facts, Insiders& knowledge, const Patience& patience) {
  const auto sees =
      connection.query("select pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')", {}, patience);
  if (!sees) return tl::unexpected<Error>(not_ended(sees.error()));
  const auto start = std::chrono::steady_clock::now();
  const auto grace_end = is_true(sees->at(0).at(0)) ? start : start + k_startup_grace;
  auto next_signal = start;
  for (;;) {
    auto open = sessions(connection, facts.account_oid, knowledge.cutoff, patience);
    if (!open) return tl::unexpected<Error>(not_ended(open.error()));
    const auto now = std::chrono::steady_clock::now();
    bool new_hidden = false;
    std::size_t left = 0;
    for (const auto& session : *open) {
      if (session.start_hidden && now < grace_end) {
        new_hidden = knowledge.pids.insert(session.pid).second || new_hidden;
      }
      if (counts(session, knowledge)) ++left;
    }
    if (left == 0 && now >= grace_end) return {};
    if (left != 0 && (new_hidden || now >= next_signal)) {
      auto signalled = connection.query(
          k_terminate, {facts.account_oid, knowledge.cutoff, pid_array(knowledge.pids)}, patience);
      if (!signalled) return tl::unexpected<Error>(not_ended(signalled.error()));
      next_signal = now + k_signal_again;
    }
    if (patience.left() <= k_last_look) {
      return fail(ErrorKind::outcome_unknown,
                  fmt::format("the membership is revoked, but {} session{} of {} did not end yet", left,
                              left == 1 ? "" : "s", membership.account));
    }
    if (wait_for(-1, 0, shorter(patience, k_look_again)) == Wake::stopped) {
      return fail(ErrorKind::outcome_unknown, "jitbot is stopping; open sessions may not have ended");
    }
  }
}

}  // namespace jitbot::access
