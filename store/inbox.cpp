#include "store/query.hpp"
#include "store/transaction.hpp"

#include <algorithm>

namespace jitbot::store {

namespace {

InboxRow read_row(Query& query) {
  InboxRow row;
  row.id = query.integer();
  row.key = query.text();
  row.received = query.time();
  row.payload = query.text();
  row.failures = query.small();
  row.outcome = query.text();
  return row;
}

}  // namespace

bool Transaction::add_inbox(const InboxRow& row) {
  return Query(driver_,
               "INSERT INTO inbox (key, received, payload, failures, outcome) VALUES ($1, $2, $3, $4, $5)"
               " ON CONFLICT (key) DO NOTHING")
             .with(row.key)
             .with(row.received)
             .with(row.payload)
             .with(row.failures)
             .with(row.outcome)
             .run_changed() == 1;
}

std::optional<InboxRow> Transaction::inbox(const std::string& key) {
  Query query(driver_, "SELECT id, key, received, payload, failures, outcome FROM inbox WHERE key = $1");
  if (!query.with(key).next()) return std::nullopt;
  return read_row(query);
}

std::vector<InboxRow> Transaction::unfinished_inbox(int limit) {
  std::vector<InboxRow> rows;
  Query query(driver_,
              "SELECT id, key, received, payload, failures, outcome FROM inbox WHERE outcome = '' ORDER BY id"
              " LIMIT $1");
  query.with(std::max(limit, 0));
  while (query.next()) rows.push_back(read_row(query));
  return rows;
}

void Transaction::put(const InboxRow& row) {
  const auto changed =
      Query(driver_, "UPDATE inbox SET payload = $1, failures = $2, outcome = $3 WHERE id = $4")
          .with(row.payload)
          .with(row.failures)
          .with(row.outcome)
          .with(row.id)
          .run_changed();
  if (changed != 1)
    throw SqlError(SqlError::Kind::constraint, "there is no inbox row " + std::to_string(row.id));
}

void Transaction::purge_inbox(Time payloads_before, Time rows_before) {
  Query(driver_, "DELETE FROM inbox WHERE outcome <> '' AND received < $1").with(rows_before).run();
  Query(driver_, "UPDATE inbox SET payload = '' WHERE outcome <> '' AND received < $1 AND payload <> ''")
      .with(payloads_before)
      .run();
}

}  // namespace jitbot::store
