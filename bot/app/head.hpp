#pragma once

#include "store/audit_head.hpp"
#include "store/audit_key.hpp"
#include "store/sqlite_store.hpp"

#include <filesystem>

namespace jitbot {

// How the signed head outside the database and the store fit together at a start.
struct HeadCheck {
  AuditKey key;
  // Why this store is not the one that the head tells of; empty: it is.
  std::string doubt;
};

// Loads the key, or makes it for a store without any event; compares the head. A store without any event gets
// its first head here, so that a crash right after the first event is not taken for a head that was removed.
// invalid: cannot start, with why.
Result<HeadCheck> check_head(const SqliteStore& store, const std::filesystem::path& key,
                             const std::filesystem::path& head, Time now);

}  // namespace jitbot
