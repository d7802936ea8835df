#include "adapters/access/postgres/survey.hpp"

#include <fmt/format.h>

#include <iterator>
#include <utility>

namespace jitbot::access {

namespace {

constexpr auto k_members = R"(
  select a.rolname from pg_catalog.pg_auth_members m join pg_catalog.pg_roles r on r.oid = m.roleid
    join pg_catalog.pg_roles a on a.oid = m.member
   where r.rolname = $1::text and a.rolname <> current_user group by a.rolname order by a.rolname)";

constexpr auto k_ourselves = R"(
  select quote_ident(current_user), rolsuper, pg_has_role(current_user, 'pg_signal_backend', 'USAGE'),
         pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')
    from pg_catalog.pg_roles where rolname = current_user)";

constexpr auto k_role =
    "select quote_ident(rolname), rolsuper from pg_catalog.pg_roles where rolname = $1::text";

constexpr auto k_account = R"(
  select quote_ident(a.rolname), a.rolcanlogin, a.rolsuper,
         (select string_agg(quote_ident(m.rolname), ', ') from pg_catalog.pg_auth_members h
            join pg_catalog.pg_roles m on m.oid = h.member where h.roleid = a.oid)
    from pg_catalog.pg_roles a where a.rolname = $1::text)";

bool is_true(const std::optional<std::string>& cell) {
  return cell && *cell == "t";
}

struct Survey {
  PgConnection& connection;
  const Patience& patience;
  std::string me;
  bool superuser = false;
  std::vector<std::string> found;

  PgResult<void> ourselves();
  PgResult<bool> role(const std::string& name);     // false: there is nothing to attempt with it
  PgResult<bool> account(const std::string& name);  // likewise
  PgResult<bool> admin_option(const std::string& role);
  PgResult<void> attempt(const Membership& membership);
};

PgResult<void> Survey::ourselves() {
  auto rows = connection.query(k_ourselves, {}, patience);
  if (!rows) return tl::unexpected<PgFailure>(rows.error());
  const PgRow& row = rows->at(0);
  me = row.at(0).value_or("");
  superuser = is_true(row.at(1));
  if (!is_true(row.at(2))) {
    found.push_back(fmt::format(
        "open sessions cannot be ended when access ends: GRANT pg_signal_backend TO {0} ({0} must INHERIT)",
        me));
  }
  if (!is_true(row.at(3))) {
    found.push_back(
        fmt::format("the server hides when sessions began, so only those seen at the removal can be "
                    "proven ended: GRANT pg_read_all_stats TO {0} ({0} must INHERIT)",
                    me));
  }
  return {};
}

PgResult<bool> Survey::admin_option(const std::string& role) {
  auto has = connection.query("select pg_has_role(current_user, $1::name, 'MEMBER WITH ADMIN OPTION')",
                              {role}, patience);
  if (!has) return tl::unexpected<PgFailure>(has.error());
  if (is_true(has->at(0).at(0))) return true;
  auto creator = connection.query(
      "select rolcreaterole from pg_catalog.pg_roles where rolname = current_user", {}, patience);
  if (!creator) return tl::unexpected<PgFailure>(creator.error());
  // Up to PostgreSQL 15 CREATEROLE may grant every role that is no superuser.
  if (is_true(creator->at(0).at(0)) && connection.server_version() < 160000) return true;
  auto name = connection.identifier(role);
  if (!name) return tl::unexpected<PgFailure>(name.error());
  found.push_back(fmt::format("{0} may not grant role {1}: GRANT {1} TO {0} WITH ADMIN OPTION", me, *name));
  return false;
}

// Grants and undoes it: what no catalog query tells, such as a role that is itself a member of the account.
PgResult<void> Survey::attempt(const Membership& membership) {
  auto role = connection.identifier(membership.role);
  if (!role) return tl::unexpected<PgFailure>(role.error());
  auto account = connection.identifier(membership.account);
  if (!account) return tl::unexpected<PgFailure>(account.error());
  auto granted = connection.script(fmt::format("begin; grant {} to {}", *role, *account), patience);
  if (!granted && granted.error().kind != PgFailure::Kind::said_no)
    return tl::unexpected<PgFailure>(granted.error());
  if (!granted) {
    found.push_back(fmt::format("GRANT {} TO {} would fail: {}", *role, *account, granted.error().message));
  }
  auto undone = connection.script("rollback", patience);
  if (!undone) return tl::unexpected<PgFailure>(undone.error());
  return {};
}

PgResult<bool> Survey::role(const std::string& name) {
  auto rows = connection.query(k_role, {name}, patience);
  if (!rows) return tl::unexpected<PgFailure>(rows.error());
  if (rows->empty()) {
    found.push_back(fmt::format("role \"{}\" does not exist on the server", name));
    return false;
  }
  if (is_true(rows->at(0).at(1)) && !superuser) {
    found.push_back(
        fmt::format("role {} is a superuser: only a superuser may grant it", rows->at(0).at(0).value_or("")));
    return false;
  }
  return admin_option(name);
}

PgResult<bool> Survey::account(const std::string& name) {
  auto rows = connection.query(k_account, {name}, patience);
  if (!rows) return tl::unexpected<PgFailure>(rows.error());
  if (rows->empty()) {
    found.push_back(fmt::format("account \"{}\" does not exist on the server", name));
    return false;
  }
  const PgRow& row = rows->at(0);
  const std::string quoted = row.at(0).value_or("");
  if (!is_true(row.at(1))) found.push_back(fmt::format("account {} may not log in (NOLOGIN)", quoted));
  if (is_true(row.at(2))) {
    found.push_back(fmt::format("account {} is a superuser: it has every role already and keeps it", quoted));
  }
  if (row.at(3)) {
    found.push_back(fmt::format("account {} is itself granted to {}: whoever is there gets what {} gets",
                                quoted, *row.at(3), quoted));
  }
  return true;
}

}  // namespace

PgResult<std::vector<Membership>> members(PgConnection& connection, const std::set<std::string>& roles,
                                          const Patience& patience) {
  std::vector<Membership> found;
  for (const auto& role : roles) {
    auto rows = connection.query(k_members, {role}, patience);
    if (!rows) return tl::unexpected<PgFailure>(rows.error());
    for (const auto& row : *rows) found.push_back({role, row.at(0).value_or("")});
  }
  return found;
}

PgResult<std::vector<std::string>> problems(PgConnection& connection, const std::vector<Membership>& used,
                                            const Patience& patience) {
  Survey survey{connection, patience, {}, false, {}};
  if (auto done = survey.ourselves(); !done) return tl::unexpected<PgFailure>(done.error());
  std::set<std::string> roles;
  std::set<std::string> accounts;
  for (const auto& one : used) {
    roles.insert(one.role);
    if (!one.account.empty()) accounts.insert(one.account);
  }
  for (auto role = roles.begin(); role != roles.end();) {
    auto usable = survey.role(*role);
    if (!usable) return tl::unexpected<PgFailure>(usable.error());
    role = *usable ? std::next(role) : roles.erase(role);
  }
  for (auto account = accounts.begin(); account != accounts.end();) {
    auto usable = survey.account(*account);
    if (!usable) return tl::unexpected<PgFailure>(usable.error());
    account = *usable ? std::next(account) : accounts.erase(account);
  }
  for (const auto& one : used) {
    if (!roles.contains(one.role) || !accounts.contains(one.account)) continue;
    if (auto done = survey.attempt(one); !done) return tl::unexpected<PgFailure>(done.error());
  }
  return std::move(survey.found);
}

}  // namespace jitbot::access
