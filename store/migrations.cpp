#include "store/migrations.hpp"

#include "bot/model/audit_event.hpp"
#include "store/query.hpp"

#include <fmt/format.h>

namespace jitbot::store {

namespace {

Result<int> newest_applied(Driver& driver, std::span<const Migration> migrations) {
  int newest = 0;
  Query query(driver, "SELECT number, name, hash FROM migrations ORDER BY number");
  while (query.next()) {
    const int number = query.small();
    const std::string name = query.text();
    const std::string hash = query.text();
    if (number > static_cast<int>(migrations.size())) {
      return fail(
          ErrorKind::refused,
          fmt::format("the store was written by a newer jitbot (its schema has step {}, this one knows {}): "
                      "start that version, or a newer one",
                      number, migrations.size()));
    }
    if (sha256_hex(migrations[static_cast<std::size_t>(number) - 1].sql) != hash) {
      return fail(
          ErrorKind::refused,
          fmt::format("schema step {} ({}) was applied to this store with another text: it was written by "
                      "another build of jitbot; start that one",
                      number, name));
    }
    newest = number;
  }
  return newest;
}

void apply(Driver& driver, const Migration& migration) {
  driver.execute("BEGIN");
  driver.execute(migration.sql);
  Query(driver, "INSERT INTO migrations (number, name, hash) VALUES ($1, $2, $3)")
      .with(migration.number)
      .with(migration.name)
      .with(sha256_hex(migration.sql))
      .run();
  driver.execute("COMMIT");
}

}  // namespace

Result<int> applied_steps(Driver& driver, std::span<const Migration> migrations) {
  Query table(driver, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'migrations'");
  table.next();
  if (table.integer() == 0) return 0;
  return newest_applied(driver, migrations);
}

Result<void> migrate(Driver& driver, std::span<const Migration> migrations) {
  driver.execute(
      "CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT "
      "NULL)"
      " STRICT");
  const auto newest = newest_applied(driver, migrations);
  if (!newest) return tl::unexpected<Error>(newest.error());
  for (const Migration& migration : migrations) {
    if (migration.number > *newest) apply(driver, migration);
  }
  return {};
}

}  // namespace jitbot::store
