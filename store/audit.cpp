#include "store/audit_chain.hpp"
#include "store/transaction.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <stdexcept>

namespace jitbot::store {

ChainEnd read_chain_end(Driver& driver) {
  Query query(driver, "SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1");
  if (!query.next()) return {0, std::string(64, '0')};
  ChainEnd end;
  end.sequence = query.integer();
  end.hash = query.text();
  return end;
}

void append(Driver& driver, ChainEnd& end, const AuditEvent& event) {
  AuditEvent stored = event;
  if (stored.detail.empty()) stored.detail = "{}";
  const auto detail = nlohmann::json::parse(stored.detail, nullptr, false);
  if (!detail.is_object())
    throw std::invalid_argument("the detail of " + event.action + " is not a JSON object");
  stored.detail = canonical_json(detail);
  const std::int64_t sequence = end.sequence + 1;
  const std::string hash = chain_hash_of_canonical(sequence, stored, end.hash);
  Query(driver,
        "INSERT INTO audit (sequence, at, actor, action, subject, detail, previous, hash)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
      .with(sequence)
      .with(stored.at)
      .with(to_string(stored.actor))
      .with(stored.action)
      .with(stored.subject)
      .with(stored.detail)
      .with(end.hash)
      .with(hash)
      .run();
  end = {sequence, hash};
}

ChainedEvent read_event(Query& row) {
  ChainedEvent read;
  read.sequence = row.integer();
  read.event.at = row.time();
  read.event.actor = row.principal();
  read.event.action = row.text();
  read.event.subject = row.text();
  read.event.detail = row.text();
  read.previous = row.text();
  read.hash = row.text();
  return read;
}

void Transaction::audit(const AuditEvent& event) {
  if (chain_ == nullptr)
    throw SqlError(SqlError::Kind::read_only, "an audit event in a transaction that only reads");
  append(driver_, *chain_, event);
}

std::vector<ChainedEvent> Transaction::audit_of(const std::string& subject, int limit) {
  std::vector<ChainedEvent> events;
  Query query(driver_,
              "SELECT sequence, at, actor, action, subject, detail, previous, hash FROM audit"
              " WHERE subject = $1 ORDER BY sequence DESC LIMIT $2");
  query.with(subject).with(std::max(limit, 0));
  while (query.next()) events.push_back(read_event(query));
  std::ranges::reverse(events);
  return events;
}

}  // namespace jitbot::store
