#include "bot/model/audit_event.hpp"
#include "store/query.hpp"
#include "store/transaction.hpp"

#include <nlohmann/json.hpp>

namespace jitbot::store {

namespace {

#define JITBOT_ENTITLEMENT_STATE                                                                        \
  "resource, role, on_existing, state, present_started, confirmed, asked_until, last_present_returned," \
  " lease_call, lease_started, lease_deadline, lease_token, next_token, next_at, next_call, failures,"  \
  " absences, removal_wanted, overdue_since, alarm_at, alarms, last_error, tries"

#define JITBOT_ENTITLEMENT_COLUMNS "id, connector, params, account, " JITBOT_ENTITLEMENT_STATE

std::string_view word(OnExisting on_existing) {
  return on_existing == OnExisting::keep ? "keep" : "refuse";
}

OnExisting on_existing_of(const std::string& text) {
  if (text == word(OnExisting::keep)) return OnExisting::keep;
  if (text == word(OnExisting::refuse)) return OnExisting::refuse;
  throw SqlError(SqlError::Kind::corrupt, "unknown word in the store: " + text);
}

std::string params_text(const EntitlementKey& key) {
  return canonical_json(nlohmann::json(key.params));
}

std::map<std::string, std::string> params_of(const std::string& text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  std::map<std::string, std::string> params;
  if (!json.is_object()) throw SqlError(SqlError::Kind::corrupt, "parameters in the store are not an object");
  for (const auto& [name, value] : json.items()) {
    if (!value.is_string()) throw SqlError(SqlError::Kind::corrupt, "a parameter in the store is not text");
    params.emplace(name, value.get<std::string>());
  }
  return params;
}

std::optional<Lease> read_lease(Query& row) {
  const auto call = row.optional_text();
  const auto started = row.optional_time();
  const auto deadline = row.optional_time();
  const auto token = row.optional_integer();
  if (!call || !started || !deadline || !token) return std::nullopt;
  return Lease{known_word(parse_call(*call), *call), *started, *deadline, *token};
}

Entitlement entitlement_of(Query& row) {
  Entitlement read;
  read.id.value = row.integer();
  read.key.connector = row.text();
  read.key.params = params_of(row.text());
  read.key.account = row.text();
  read.resource = row.text();
  read.role = row.text();
  read.on_existing = on_existing_of(row.text());
  const std::string state = row.text();
  read.state = known_word(parse_entitlement_state(state), state);
  read.present_started = row.flag();
  read.confirmed = row.flag();
  read.asked_until = row.optional_time();
  read.last_present_returned = row.optional_time();
  read.lease = read_lease(row);
  read.next_token = row.integer();
  read.next_at = row.time();
  const std::string next_call = row.text();
  read.next_call = known_word(parse_call(next_call), next_call);
  read.failures = row.small();
  read.absences = row.small();
  read.removal_wanted = row.optional_time();
  read.overdue_since = row.optional_time();
  read.alarm_at = row.time();
  read.alarms = row.small();
  read.last_error = row.text();
  read.tries = row.small();
  return read;
}

void bind_lease(Query& query, const std::optional<Lease>& lease) {
  if (lease) {
    query.with(to_string(lease->call)).with(lease->started).with(lease->deadline).with(lease->token);
  } else {
    query.with_null().with_null().with_null().with_null();
  }
}

// The columns of JITBOT_ENTITLEMENT_STATE, in order.
void bind_state(Query& query, const Entitlement& entitlement) {
  query.with(entitlement.resource)
      .with(entitlement.role)
      .with(word(entitlement.on_existing))
      .with(to_string(entitlement.state))
      .with(entitlement.present_started)
      .with(entitlement.confirmed)
      .with(entitlement.asked_until)
      .with(entitlement.last_present_returned);
  bind_lease(query, entitlement.lease);
  query.with(entitlement.next_token)
      .with(entitlement.next_at)
      .with(to_string(entitlement.next_call))
      .with(entitlement.failures)
      .with(entitlement.absences)
      .with(entitlement.removal_wanted)
      .with(entitlement.overdue_since)
      .with(entitlement.alarm_at)
      .with(entitlement.alarms)
      .with(entitlement.last_error)
      .with(entitlement.tries);
}

std::vector<Entitlement> all(Query& query) {
  std::vector<Entitlement> entitlements;
  while (query.next()) entitlements.push_back(entitlement_of(query));
  return entitlements;
}

}  // namespace

std::optional<Entitlement> Transaction::entitlement(EntitlementId id) {
  if (const auto* known = memory_.entitlements.find(id.value)) return *known;
  return memory_.entitlements.keep(id.value, read_entitlement(id));
}

std::optional<Entitlement> Transaction::read_entitlement(EntitlementId id) {
  Query query(driver_, "SELECT " JITBOT_ENTITLEMENT_COLUMNS " FROM entitlements WHERE id = $1");
  if (!query.with(id.value).next()) return std::nullopt;
  return entitlement_of(query);
}

std::optional<Entitlement> Transaction::entitlement(const EntitlementKey& key) {
  Query query(driver_, "SELECT " JITBOT_ENTITLEMENT_COLUMNS
                       " FROM entitlements WHERE connector = $1 AND params = $2 AND account = $3");
  if (!query.with(key.connector).with(params_text(key)).with(key.account).next()) return std::nullopt;
  return entitlement_of(query);
}

EntitlementId Transaction::add(const Entitlement& entitlement) {
  Query query(
      driver_,
      "INSERT INTO entitlements (connector, params, account, " JITBOT_ENTITLEMENT_STATE
      ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,"
      " $21, $22, $23, $24, $25, $26) RETURNING id");
  query.with(entitlement.key.connector).with(params_text(entitlement.key)).with(entitlement.key.account);
  bind_state(query, entitlement);
  if (!query.next()) throw SqlError(SqlError::Kind::other, "the new entitlement has no id");
  const EntitlementId id{query.integer()};
  query.run();
  memory_.entitlements.forget(id.value);
  return id;
}

void Transaction::put(const Entitlement& entitlement) {
  memory_.entitlements.forget(entitlement.id.value);
  Query query(
      driver_,
      "UPDATE entitlements SET resource = $1, role = $2, on_existing = $3, state = $4, present_started = $5,"
      " confirmed = $6, asked_until = $7, last_present_returned = $8, lease_call = $9, lease_started = $10,"
      " lease_deadline = $11, lease_token = $12, next_token = $13, next_at = $14, next_call = $15,"
      " failures = $16, absences = $17, removal_wanted = $18, overdue_since = $19, alarm_at = $20,"
      " alarms = $21, last_error = $22, tries = $23 WHERE id = $24");
  bind_state(query, entitlement);
  query.with(entitlement.id.value);
  if (query.run_changed() != 1) {
    throw SqlError(SqlError::Kind::constraint,
                   "there is no entitlement " + std::to_string(entitlement.id.value));
  }
}

std::vector<Entitlement> Transaction::entitlements_not_at_rest() {
  Query query(driver_,
              "SELECT " JITBOT_ENTITLEMENT_COLUMNS " FROM entitlements WHERE state <> 'rest' ORDER BY id");
  return all(query);
}

std::vector<Entitlement> Transaction::leased_entitlements() {
  Query query(driver_, "SELECT " JITBOT_ENTITLEMENT_COLUMNS
                       " FROM entitlements WHERE lease_call IS NOT NULL ORDER BY id");
  return all(query);
}

// From one name to the next along the index, whatever is between them.
std::vector<std::string> Transaction::connectors_known() {
  std::vector<std::string> names;
  std::string last;
  while (true) {
    Query query(driver_, "SELECT min(connector) FROM entitlements WHERE connector > $1");
    query.with(last);
    if (!query.next()) return names;
    const auto name = query.optional_text();
    if (!name) return names;
    names.push_back(*name);
    last = *name;
  }
}

std::vector<Entitlement> Transaction::entitlements_of(const std::string& connector) {
  Query query(driver_,
              "SELECT " JITBOT_ENTITLEMENT_COLUMNS " FROM entitlements WHERE connector = $1 ORDER BY id");
  query.with(connector);
  return all(query);
}

std::vector<Entitlement> Transaction::overdue_entitlements() {
  Query query(driver_, "SELECT " JITBOT_ENTITLEMENT_COLUMNS
                       " FROM entitlements WHERE overdue_since IS NOT NULL ORDER BY overdue_since, id");
  return all(query);
}

}  // namespace jitbot::store
