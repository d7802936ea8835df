#include "adapters/access/postgres/postgres.hpp"

#include "adapters/access/postgres/membership.hpp"
#include "adapters/access/postgres/survey.hpp"
#include "adapters/access/worker_pool.hpp"

#include <fmt/format.h>

#include <map>
#include <set>
#include <utility>

namespace jitbot {

namespace {

using namespace access;

Result<Membership> membership_of(const EntitlementKey& key) {
  const auto role = key.params.find("role");
  if (role == key.params.end() || role->second.empty()) {
    return fail(ErrorKind::refused,
                "the policy grants no `role` here: PostgreSQL needs grants: {role: NAME}");
  }
  if (key.account.empty()) return fail(ErrorKind::refused, "there is no account name to grant to");
  for (const std::string* text : {&role->second, &key.account}) {
    if (text->find('\0') != std::string::npos)
      return fail(ErrorKind::refused, "a name holds a NUL character");
  }
  return Membership{role->second, key.account};
}

Observation unknown(std::string detail) {
  return {Presence::unknown, std::nullopt, false, std::move(detail)};
}

Observation unfinished_observation(Unfinished why) {
  return unknown(why == Unfinished::never_started ? "every connection to PostgreSQL was busy"
                                                  : "PostgreSQL did not answer in time");
}

Error unfinished_error(Unfinished why) {
  if (why == Unfinished::never_started) {
    return {ErrorKind::unavailable, "every connection to PostgreSQL was busy; nothing was done", {}};
  }
  return {ErrorKind::outcome_unknown, "PostgreSQL did not answer in time", {}};
}

std::string words_of(const PgFailure& failure) {
  return nothing_done(failure).message;
}

Observation judge_sessions(PgConnection& connection, const MembershipFacts& facts, const Insiders& knowledge,
                           const Membership& membership, const Patience& patience) {
  const auto inside = insiders(connection, facts, knowledge, patience);
  if (!inside) return unknown(words_of(inside.error()));
  if (inside->empty()) return {Presence::absent, std::nullopt, false, "no membership and no session inside"};
  const std::string count = fmt::format("{} session{}", inside->size(), inside->size() == 1 ? "" : "s");
  if (knowledge.which == Insiders::Which::anybody) {
    return unknown(
        fmt::format("{} of {} may still be inside role {}", count, membership.account, membership.role));
  }
  return {Presence::present, std::nullopt, false,
          fmt::format("not a member any more, but {} begun before the revoke is not over", count)};
}

struct Sight {
  Observation seen;
  bool member = false;  // directly: sessions may be going inside now
};

Sight observe_now(const Secret& url, const Membership& membership, const Insiders& knowledge,
                  const Patience& patience) {
  auto connection = PgConnection::open(url, patience);
  if (!connection) return {unknown(words_of(connection.error()))};
  const auto facts = look(*connection, membership, patience);
  if (!facts) return {unknown(words_of(facts.error()))};
  const auto seen = [&facts](Presence presence, bool inherited, std::string detail) {
    return Sight{{presence, std::nullopt, inherited, std::move(detail)}, facts->direct};
  };
  if (!facts->account_exists) return seen(Presence::gone, false, "there is no account " + membership.account);
  if (!facts->role_exists) return seen(Presence::gone, false, "there is no role " + membership.role);
  if (facts->superuser)
    return seen(Presence::present, true, membership.account + " is a superuser and has every role");
  if (facts->direct) return seen(Presence::present, false, "a direct member");
  if (facts->inherited) return seen(Presence::present, true, "a member through " + facts->through);
  return {judge_sessions(*connection, *facts, knowledge, membership, patience)};
}

Result<void> present_now(const Secret& url, const Membership& membership, const Patience& patience) {
  auto connection = PgConnection::open(url, patience);
  if (!connection) return tl::unexpected<Error>(nothing_done(connection.error()));
  const auto facts = look(*connection, membership, patience);
  if (!facts) return tl::unexpected<Error>(nothing_done(facts.error()));
  if (!facts->account_exists) {
    return fail(ErrorKind::refused, fmt::format("PostgreSQL has no account \"{}\"", membership.account));
  }
  if (!facts->role_exists)
    return fail(ErrorKind::refused, fmt::format("PostgreSQL has no role \"{}\"", membership.role));
  return grant(*connection, membership, patience);
}

struct Removal {
  Result<void> result;
  Insiders knowledge;
};

Removal absent_now(const Secret& url, const Membership& membership, Insiders knowledge,
                   const Patience& patience) {
  auto connection = PgConnection::open(url, patience);
  if (!connection) return {tl::unexpected<Error>(nothing_done(connection.error())), knowledge};
  const auto facts = look(*connection, membership, patience);
  if (!facts) return {tl::unexpected<Error>(nothing_done(facts.error())), knowledge};
  if (!facts->account_exists || !facts->role_exists) return {{}, knowledge};  // gone: nothing to take away
  if (facts->direct) {
    if (auto revoked = revoke(*connection, membership, patience); !revoked) return {revoked, knowledge};
    knowledge.which = Insiders::Which::anybody;  // until the new cutoff is known
  }
  if (knowledge.which == Insiders::Which::nobody) return {{}, knowledge};
  if (knowledge.which == Insiders::Which::anybody) {
    auto now = connection->query("select clock_timestamp()::text", {}, patience);
    if (!now) {
      return {
          fail(ErrorKind::outcome_unknown, "whether open sessions ended is unknown: " + now.error().message),
          knowledge};
    }
    knowledge = {Insiders::Which::begun_by_cutoff, now->at(0).at(0).value_or(""), {}};
  }
  auto ended = end_insiders(*connection, membership, *facts, knowledge, patience);
  return {std::move(ended), std::move(knowledge)};
}

class PostgresConnector : public Connector {
 public:
  explicit PostgresConnector(PostgresOptions options)
      : options_(std::move(options)), calls_(options_.concurrency, options_.timeout) {}

  Capabilities capabilities() const override {
    return {.native_end = false,
            .ends_sessions = true,
            .revocable = true,
            .list = true,
            .enforce = options_.enforce};
  }
  Millis timeout() const override { return calls_.timeout(); }

  Task<Observation> observe(Target target) override;
  Task<Result<void>> present(Target target, Time until) override;
  Task<Result<void>> absent(Target target) override;
  Task<Result<std::vector<EntitlementKey>>> list(std::vector<EntitlementKey> known) override;
  Task<std::vector<std::string>> check(std::vector<EntitlementKey> used) override;

 private:
  Insiders knowledge(const Membership& membership) const {
    const auto found = known_.find(membership);
    return found == known_.end() ? Insiders{} : found->second;
  }

  PostgresOptions options_;
  std::map<Membership, Insiders> known_;  // no entry: anybody
  std::set<Membership> unsettled_;        // a present whose outcome is unknown
  CallPool calls_;
};

Task<Observation> PostgresConnector::observe(Target target) {
  const auto membership = membership_of(target.key);
  if (!membership) co_return unknown(membership.error().message);
  Insiders before = knowledge(*membership);
  if (target.untouched || unsettled_.contains(*membership)) before = {Insiders::Which::nobody, {}, {}};
  std::function<Sight(const Patience&)> job = [url = options_.url, membership = *membership,
                                               before](const Patience& patience) {
    return observe_now(url, membership, before, patience);
  };
  auto sight = co_await calls_.run(std::move(job));
  if (!sight) co_return unfinished_observation(sight.error());
  if (sight->member) {
    known_.erase(*membership);  // from now on any session may be inside
  } else if (sight->seen.presence == Presence::absent && before.which == Insiders::Which::nobody) {
    known_[*membership] = before;
  }
  if (sight->seen.presence != Presence::unknown) unsettled_.erase(*membership);
  co_return std::move(sight->seen);
}

Task<Result<void>> PostgresConnector::present(Target target, Time /*until*/) {
  const auto membership = membership_of(target.key);
  if (!membership) co_return tl::unexpected<Error>(membership.error());
  const Insiders before = knowledge(*membership);
  known_.erase(*membership);
  std::function<Result<void>(const Patience&)> job = [url = options_.url,
                                                      membership = *membership](const Patience& patience) {
    return present_now(url, membership, patience);
  };
  auto done = co_await calls_.run(std::move(job));
  Result<void> result;
  if (done) {
    result = std::move(*done);
  } else {
    result = tl::unexpected<Error>(unfinished_error(done.error()));
  }
  if (!result) {
    if (result.error().kind == ErrorKind::outcome_unknown) {
      if (before.which == Insiders::Which::nobody) unsettled_.insert(*membership);
    } else if (before.which != Insiders::Which::anybody) {
      known_[*membership] = before;  // certainly nothing was done
    }
  }
  co_return result;
}

Task<Result<void>> PostgresConnector::absent(Target target) {
  const auto membership = membership_of(target.key);
  if (!membership) co_return tl::unexpected<Error>(membership.error());
  unsettled_.erase(*membership);
  std::function<Removal(const Patience&)> job = [url = options_.url, membership = *membership,
                                                 before = knowledge(*membership)](const Patience& patience) {
    return absent_now(url, membership, before, patience);
  };
  auto done = co_await calls_.run(std::move(job));
  if (!done) {
    if (done.error() == Unfinished::still_running) known_.erase(*membership);
    co_return tl::unexpected<Error>(unfinished_error(done.error()));
  }
  known_[*membership] = std::move(done->knowledge);
  co_return std::move(done->result);
}

Task<Result<std::vector<EntitlementKey>>> PostgresConnector::list(std::vector<EntitlementKey> known) {
  std::set<std::string> roles;
  std::map<std::string, std::map<std::string, std::string>> params_of;
  for (const auto& key : known) {
    const auto role = key.params.find("role");
    if (role == key.params.end() || !roles.insert(role->second).second) continue;
    params_of[role->second] = key.params;
  }
  std::function<PgResult<std::vector<Membership>>(const Patience&)> job =
      [url = options_.url, roles](const Patience& patience) -> PgResult<std::vector<Membership>> {
    auto connection = PgConnection::open(url, patience);
    if (!connection) return tl::unexpected<PgFailure>(connection.error());
    return members(*connection, roles, patience);
  };
  auto done = co_await calls_.run(std::move(job));
  if (!done) {
    co_return fail(ErrorKind::unavailable, unfinished_observation(done.error()).detail);
  }
  if (!*done) co_return tl::unexpected<Error>(nothing_done(done->error()));
  std::vector<EntitlementKey> keys;
  for (const auto& member : **done) {
    keys.push_back({options_.name, params_of[member.role], member.account});
  }
  co_return keys;
}

Task<std::vector<std::string>> PostgresConnector::check(std::vector<EntitlementKey> used) {
  std::vector<Membership> memberships;
  std::vector<std::string> found;
  for (const auto& key : used) {
    const auto role = key.params.find("role");
    if (role == key.params.end() || role->second.empty()) {
      found.push_back(fmt::format(
          "connectors.{}: the policy grants no `role` here: use grants: {{role: NAME}}", options_.name));
    } else {
      memberships.push_back({role->second, key.account});
    }
  }
  std::function<PgResult<std::vector<std::string>>(const Patience&)> job =
      [url = options_.url, memberships](const Patience& patience) -> PgResult<std::vector<std::string>> {
    auto connection = PgConnection::open(url, patience);
    if (!connection) return tl::unexpected<PgFailure>(connection.error());
    return problems(*connection, memberships, patience);
  };
  auto done = co_await calls_.run(std::move(job));
  if (!done) {
    found.push_back(
        fmt::format("connectors.{}: {}", options_.name, unfinished_observation(done.error()).detail));
  } else if (!*done) {
    found.push_back(fmt::format("connectors.{}: {}", options_.name, words_of(done->error())));
  } else {
    for (const auto& problem : **done)
      found.push_back(fmt::format("connectors.{}: {}", options_.name, problem));
  }
  co_return found;
}

}  // namespace

std::unique_ptr<Connector> make_postgres_connector(PostgresOptions options) {
  return std::make_unique<PostgresConnector>(std::move(options));
}

}  // namespace jitbot
