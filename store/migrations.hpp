#pragma once

#include "store/driver.hpp"

#include <span>
#include <string_view>

namespace jitbot::store {

// One step of the schema, forward only. A file that was released is never changed: the store keeps the hash
// of what it applied and refuses another text under the same number.
struct Migration {
  int number = 0;
  std::string_view name;
  std::string_view sql;
};

std::span<const Migration> sqlite_migrations();  // numbered 1, 2, 3 …

// How many steps a store has, without changing it; 0: not even the table that tells. Errors as migrate's.
Result<int> applied_steps(Driver& driver, std::span<const Migration> migrations);

// Brings the schema to the newest number, each step in a transaction of its own. Errors: a store from a newer
// version, a step that was applied with another text, SQL that fails.
Result<void> migrate(Driver& driver, std::span<const Migration> migrations);

}  // namespace jitbot::store
