#include "store/audit_head.hpp"
#include "tests/scenario/harness.hpp"

#include <algorithm>

// What the store, the audit log and the targets say.
namespace jitbot::scenario {

namespace {

RequestId request_id(const std::string& id) {
  const auto parsed = parse_request_id(id);
  if (!parsed) FAIL("no request id: " << id);
  return *parsed;
}

}  // namespace

std::optional<Grant> Stage::grant(const std::string& id) {
  return get<std::optional<Grant>>(
      [key = request_id(id)](Tx& tx) -> Result<std::optional<Grant>> { return tx.grant(key); });
}

std::optional<Request> Stage::request(const std::string& id) {
  return get<std::optional<Request>>(
      [key = request_id(id)](Tx& tx) -> Result<std::optional<Request>> { return tx.request(key); });
}

std::vector<Vote> Stage::votes(const std::string& id) {
  return get<std::vector<Vote>>(
      [key = request_id(id)](Tx& tx) -> Result<std::vector<Vote>> { return tx.votes(key); });
}

std::optional<Entitlement> Stage::entitlement_of(const std::string& id) {
  return get<std::optional<Entitlement>>(
      [key = request_id(id)](Tx& tx) -> Result<std::optional<Entitlement>> {
        const auto grant = tx.grant(key);
        if (!grant) return std::optional<Entitlement>();
        return tx.entitlement(grant->entitlement);
      });
}

std::vector<ChainedEvent> Stage::events(const std::string& subject) {
  constexpr int k_many = 10'000;
  return get<std::vector<ChainedEvent>>(
      [subject](Tx& tx) -> Result<std::vector<ChainedEvent>> { return tx.audit_of(subject, k_many); });
}

std::vector<std::string> Stage::actions(const std::string& subject) {
  std::vector<std::string> names;
  for (const ChainedEvent& one : events(subject)) names.push_back(one.event.action);
  return names;
}

bool Stage::audited(const std::string& subject, const std::string& action) {
  return std::ranges::count(actions(subject), action) > 0;
}

Json Stage::audit_detail(const std::string& subject, const std::string& action) {
  Json detail;
  for (const ChainedEvent& one : events(subject)) {
    if (one.event.action == action) detail = Json::parse(one.event.detail);
  }
  return detail;
}

AuditVerdict Stage::verify() {
  const auto key = load_audit_key(folder_ / "audit.key");
  REQUIRE(key.has_value());
  const auto line = read_head(folder_ / "audit.head");
  REQUIRE(line.has_value());
  const auto head = verify_head(key->public_key(), *line);
  REQUIRE(head.has_value());
  auto verdict = verify_audit(folder_ / "jitbot.db", *head);
  REQUIRE(verdict.has_value());
  return std::move(*verdict);
}

TestTarget& Stage::target(const std::string& connector) {
  auto& target = targets_[connector];
  if (!target) target = std::make_shared<TestTarget>(clock);
  return *target;
}

TestCatalog& Stage::catalog(const std::string& name) {
  auto& catalog = catalogs_[name];
  if (!catalog) catalog = std::make_shared<TestCatalog>();
  return *catalog;
}

bool Stage::is_active(const std::string& id) {
  const auto it = grant(id);
  return it && it->state == GrantState::active;
}

void Stage::until_active(const std::string& id, Millis patience) {
  until([&] { return is_active(id); }, patience);
  settle();
}

void Stage::until_ended(const std::string& id, Millis patience) {
  until(
      [&] {
        const auto it = grant(id);
        return it && it->state == GrantState::ended;
      },
      patience);
  settle();
}

std::string Stage::active_staging(const std::string& duration) {
  const std::string id = alice.requests("staging " + duration + " INC-7 look at queue");
  carol.approves(id);
  until_active(id);
  return id;
}

}  // namespace jitbot::scenario
