#include "store/query.hpp"
#include "store/transaction.hpp"

#include <nlohmann/json.hpp>

namespace jitbot::store {

namespace {

#define JITBOT_GRANT_COLUMNS                                                                           \
  "g.id, g.entitlement, g.asker, g.beneficiary, g.resource, g.role, g.state, g.created, g.window_end," \
  " g.duration, g.until, g.latest_end, g.confirmed, g.warn_before, g.warned, g.standing, g.failing,"   \
  " g.cause, g.ended_by, g.end_reason, g.end_wanted_at, g.ended_as, g.ended_at, g.note"

std::string text_of(const std::vector<Millis>& durations) {
  auto list = nlohmann::json::array();
  for (const Millis duration : durations) list.push_back(duration.count());
  return list.dump();
}

std::vector<Millis> durations_of(const std::string& text) {
  if (text == "[]") return {};
  const auto list = nlohmann::json::parse(text, nullptr, false);
  if (!list.is_array()) throw SqlError(SqlError::Kind::corrupt, "durations in the store are not a list");
  std::vector<Millis> durations;
  for (const auto& item : list) {
    if (!item.is_number_integer()) throw SqlError(SqlError::Kind::corrupt, "a duration is not an integer");
    durations.emplace_back(item.get<std::int64_t>());
  }
  return durations;
}

Grant grant_of(Query& row) {
  Grant grant;
  grant.id.value = row.text();
  grant.entitlement.value = row.integer();
  grant.asker = row.principal();
  grant.beneficiary = row.principal();
  grant.resource = row.text();
  grant.role = row.text();
  const std::string state = row.text();
  grant.state = known_word(parse_grant_state(state), state);
  grant.created = row.time();
  grant.window_end = row.time();
  grant.duration = row.millis();
  grant.until = row.optional_time();
  grant.latest_end = row.time();
  grant.confirmed = row.optional_time();
  grant.warn_before = durations_of(row.text());
  grant.warned = row.small();
  grant.standing = row.flag();
  grant.failing = row.flag();
  if (const auto cause = row.optional_text()) grant.cause = known_word(parse_end_cause(*cause), *cause);
  grant.ended_by = row.principal();
  grant.end_reason = row.text();
  grant.end_wanted_at = row.optional_time();
  if (const auto as = row.optional_text()) grant.ended_as = known_word(parse_ended_as(*as), *as);
  grant.ended_at = row.optional_time();
  grant.note = row.text();
  return grant;
}

std::vector<Grant> all(Query& query) {
  std::vector<Grant> grants;
  while (query.next()) grants.push_back(grant_of(query));
  return grants;
}

template <class Enum>
std::optional<std::string_view> word(const std::optional<Enum>& value) {
  if (!value) return std::nullopt;
  return to_string(*value);
}

// state, window_end, duration, until, latest_end, confirmed, warned, standing, failing, cause, ended_by,
// end_reason, end_wanted_at, ended_as, ended_at, note: what changes while a grant lives.
void bind_progress(Query& query, const Grant& grant) {
  query.with(to_string(grant.state))
      .with(grant.window_end)
      .with(grant.duration)
      .with(grant.until)
      .with(grant.latest_end)
      .with(grant.confirmed)
      .with(grant.warned)
      .with(grant.standing)
      .with(grant.failing)
      .with(word(grant.cause))
      .with(grant.ended_by)
      .with(grant.end_reason)
      .with(grant.end_wanted_at)
      .with(word(grant.ended_as))
      .with(grant.ended_at)
      .with(grant.note);
}

}  // namespace

std::optional<Grant> Transaction::grant(const RequestId& id) {
  if (const auto* known = memory_.grants.find(id.value)) return *known;
  return memory_.grants.keep(id.value, read_grant(id));
}

std::optional<Grant> Transaction::read_grant(const RequestId& id) {
  Query query(driver_, "SELECT " JITBOT_GRANT_COLUMNS " FROM grants g WHERE g.id = $1");
  if (!query.with(id.value).next()) return std::nullopt;
  return grant_of(query);
}

// What is frozen with a grant is left alone, and with it the indexes over it.
bool Transaction::update(const Grant& grant) {
  Query query(driver_,
              "UPDATE grants SET state = $1, window_end = $2, duration = $3, until = $4, latest_end = $5,"
              " confirmed = $6, warned = $7, standing = $8, failing = $9, cause = $10, ended_by = $11,"
              " end_reason = $12, end_wanted_at = $13, ended_as = $14, ended_at = $15, note = $16"
              " WHERE id = $17 AND entitlement = $18 AND created = $19");
  bind_progress(query, grant);
  return query.with(grant.id.value).with(grant.entitlement.value).with(grant.created).run_changed() == 1;
}

void Transaction::put(const Grant& grant) {
  memory_.grants.forget(grant.id.value);
  if (update(grant)) return;
  Query query(
      driver_,
      "INSERT INTO grants (state, window_end, duration, until, latest_end, confirmed, warned, standing,"
      " failing, cause, ended_by, end_reason, end_wanted_at, ended_as, ended_at, note,"
      " id, entitlement, asker, beneficiary, resource, role, created, warn_before)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,"
      " $21, $22, $23, $24)"
      " ON CONFLICT (id) DO UPDATE SET entitlement = excluded.entitlement, asker = excluded.asker,"
      " beneficiary = excluded.beneficiary, resource = excluded.resource, role = excluded.role,"
      " state = excluded.state, created = excluded.created, window_end = excluded.window_end,"
      " duration = excluded.duration, until = excluded.until, latest_end = excluded.latest_end,"
      " confirmed = excluded.confirmed, warn_before = excluded.warn_before, warned = excluded.warned,"
      " standing = excluded.standing, failing = excluded.failing, cause = excluded.cause,"
      " ended_by = excluded.ended_by, end_reason = excluded.end_reason,"
      " end_wanted_at = excluded.end_wanted_at, ended_as = excluded.ended_as, ended_at = excluded.ended_at,"
      " note = excluded.note");
  bind_progress(query, grant);
  query.with(grant.id.value)
      .with(grant.entitlement.value)
      .with(grant.asker)
      .with(grant.beneficiary)
      .with(grant.resource)
      .with(grant.role)
      .with(grant.created)
      .with(text_of(grant.warn_before))
      .run();
}

std::vector<Grant> Transaction::live_grants() {
  Query query(driver_, "SELECT " JITBOT_GRANT_COLUMNS
                       " FROM grants g WHERE g.state <> 'ended' ORDER BY g.created, g.id");
  return all(query);
}

std::vector<PrincipalId> Transaction::people_with_grants() {
  std::vector<PrincipalId> people;
  Query query(driver_, "SELECT DISTINCT beneficiary FROM grants WHERE state <> 'ended' ORDER BY beneficiary");
  while (query.next()) people.push_back(query.principal());
  return people;
}

std::vector<Grant> Transaction::live_grants_of(const PrincipalId& beneficiary) {
  Query query(driver_,
              "SELECT " JITBOT_GRANT_COLUMNS
              " FROM grants g WHERE g.state <> 'ended' AND g.beneficiary = $1 ORDER BY g.created, g.id");
  query.with(beneficiary);
  return all(query);
}

std::vector<Grant> Transaction::newest_live_grants(const Narrowed& to, int limit) {
  if (to.concerns) {
    Query query(driver_, "SELECT " JITBOT_GRANT_COLUMNS
                         " FROM grants g WHERE g.id IN ("
                         " SELECT id FROM grants WHERE state <> 'ended' AND beneficiary = $1"
                         " UNION SELECT id FROM grants WHERE state <> 'ended' AND asker = $1"
                         ") AND ($2 = '' OR g.resource = $2) ORDER BY g.created DESC, g.id DESC LIMIT $3");
    query.with(*to.concerns).with(to.resource).with(limit);
    return all(query);
  }
  if (!to.resource.empty()) {
    Query query(driver_, "SELECT " JITBOT_GRANT_COLUMNS
                         " FROM grants g WHERE g.state <> 'ended' AND g.resource = $1"
                         " ORDER BY g.created DESC, g.id DESC LIMIT $2");
    query.with(to.resource).with(limit);
    return all(query);
  }
  Query query(driver_, "SELECT " JITBOT_GRANT_COLUMNS
                       " FROM grants g WHERE g.state <> 'ended'"
                       " ORDER BY g.created DESC, g.id DESC LIMIT $1");
  query.with(limit);
  return all(query);
}

std::vector<Grant> Transaction::live_grants_on(EntitlementId id) {
  Query query(driver_,
              "SELECT " JITBOT_GRANT_COLUMNS
              " FROM grants g WHERE g.state <> 'ended' AND g.entitlement = $1 ORDER BY g.created, g.id");
  query.with(id.value);
  return all(query);
}

std::vector<Grant> Transaction::live_grants_at(const std::string& resource, const std::string& account) {
  Query query(driver_, "SELECT " JITBOT_GRANT_COLUMNS
                       " FROM grants g JOIN entitlements e ON e.id = g.entitlement"
                       " WHERE g.state <> 'ended' AND g.state IN ('activating', 'active') AND g.resource = $1"
                       " AND e.account = $2 ORDER BY g.created, g.id");
  query.with(resource).with(account);
  return all(query);
}

// Parts of a UNION keep no order; the earliest reason why somebody holds the account comes first.
std::vector<PrincipalId> Transaction::holders(const std::string& connector, const std::string& account) {
  std::vector<PrincipalId> people;
  Query query(
      driver_,
      "SELECT holder FROM ("
      " SELECT r.beneficiary AS holder, r.asked_at AS since FROM requests r"
      "  WHERE r.state = 'pending' AND r.connector = $1 AND r.account = $2"
      " UNION ALL"
      " SELECT g.beneficiary, g.created FROM grants g JOIN entitlements e ON e.id = g.entitlement"
      "  WHERE g.state <> 'ended' AND e.connector = $1 AND e.account = $2"
      " UNION ALL"
      " SELECT g.beneficiary, g.created FROM entitlements e JOIN grants g ON g.id ="
      "  (SELECT l.id FROM grants l WHERE l.entitlement = e.id ORDER BY l.created DESC, l.id DESC LIMIT 1)"
      "  WHERE e.state <> 'rest' AND e.connector = $1 AND e.account = $2"
      ") AS held GROUP BY holder ORDER BY min(since), holder");
  query.with(connector).with(account);
  while (query.next()) people.push_back(query.principal());
  return people;
}

}  // namespace jitbot::store
