#include "store/query.hpp"
#include "store/transaction.hpp"

#include <algorithm>
#include <tuple>

namespace jitbot::store {

void Transaction::set_due(const Due& due) {
  news_.add_due(due.kind, due.at);
  Query(driver_,
        "INSERT INTO dues (kind, subject, at) VALUES ($1, $2, $3)"
        " ON CONFLICT (kind, subject) DO UPDATE SET at = excluded.at")
      .with(to_string(due.kind))
      .with(due.subject)
      .with(due.at)
      .run();
}

void Transaction::clear_due(DueKind kind, const std::string& subject) {
  Query(driver_, "DELETE FROM dues WHERE kind = $1 AND subject = $2")
      .with(to_string(kind))
      .with(subject)
      .run();
}

std::vector<Due> Transaction::due_of(const std::vector<DueKind>& kinds, Time until, int limit) {
  std::vector<Due> dues;
  for (const DueKind kind : kinds) {
    Query query(driver_,
                "SELECT at, subject FROM dues WHERE kind = $1 AND at <= $2 ORDER BY at, subject LIMIT $3");
    query.with(to_string(kind)).with(until).with(std::max(limit, 0));
    while (query.next()) {
      Due due;
      due.at = query.time();
      due.kind = kind;
      due.subject = query.text();
      dues.push_back(std::move(due));
    }
  }
  std::ranges::sort(dues, {}, [](const Due& due) { return std::tie(due.at, due.kind, due.subject); });
  if (dues.size() > static_cast<std::size_t>(std::max(limit, 0)))
    dues.resize(static_cast<std::size_t>(limit));
  return dues;
}

std::vector<CallDue> Transaction::calls_due(Time until, int limit) {
  std::vector<CallDue> calls;
  Query query(driver_,
              "SELECT e.id, d.at, e.connector, e.state = 'removing' FROM dues d"
              " JOIN entitlements e ON e.id = CAST(d.subject AS INTEGER)"
              " WHERE d.kind = 'call' AND d.at <= $1 ORDER BY d.at, d.subject LIMIT $2");
  query.with(until).with(std::max(limit, 0));
  while (query.next()) {
    CallDue due;
    due.id.value = query.integer();
    due.at = query.time();
    due.connector = query.text();
    due.removing = query.flag();
    calls.push_back(std::move(due));
  }
  return calls;
}

std::optional<Time> Transaction::next_due_of(const std::vector<DueKind>& kinds) {
  std::optional<Time> next;
  for (const DueKind kind : kinds) {
    Query query(driver_, "SELECT min(at) FROM dues WHERE kind = $1");
    query.with(to_string(kind));
    if (!query.next()) continue;
    const auto at = query.optional_time();
    if (at && (!next || *at < *next)) next = at;
  }
  return next;
}

}  // namespace jitbot::store
