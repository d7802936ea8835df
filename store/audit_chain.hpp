#pragma once

#include "bot/model/audit_event.hpp"
#include "store/driver.hpp"
#include "store/query.hpp"

#include <cstdint>
#include <string>

namespace jitbot::store {

// Where the chain ends. Belongs to the writer: it copies the end before each transaction and puts it back
// when that is undone.
struct ChainEnd {
  std::int64_t sequence = 0;
  std::string hash;  // 64 zeros before the first event

  bool operator==(const ChainEnd&) const = default;
};

ChainEnd read_chain_end(Driver& driver);

// Appends the event, its detail made canonical (empty: {}). Throws std::invalid_argument where the detail is
// not a JSON object of integers and valid UTF-8: a bug.
void append(Driver& driver, ChainEnd& end, const AuditEvent& event);

// The columns sequence, at, actor, action, subject, detail, previous, hash.
ChainedEvent read_event(Query& row);

}  // namespace jitbot::store
