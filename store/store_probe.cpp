#include "store/store_probe.hpp"

#include "store/audit_chain.hpp"
#include "store/migrations.hpp"
#include "store/open_parts.hpp"
#include "store/query.hpp"
#include "store/store_lock.hpp"

#include <fmt/format.h>

namespace jitbot {

namespace {

// A running bot commits in milliseconds; whoever locks longer is worth a line.
constexpr Millis k_busy_timeout{3000};

Result<StoreProbe> look(store::Driver& driver, const std::filesystem::path& path,
                        const std::optional<AuditHead>& head) {
  if (auto known = store::check_identity(driver, path); !known) return tl::unexpected<Error>(known.error());
  StoreProbe probe;
  probe.newest_schema = static_cast<int>(store::sqlite_migrations().size());
  driver.execute("BEGIN");  // one snapshot, whatever the bot writes meanwhile
  auto applied = store::applied_steps(driver, store::sqlite_migrations());
  if (!applied) return tl::unexpected<Error>(applied.error());
  probe.schema = *applied;
  if (probe.schema > 0) {
    const store::ChainEnd end = store::read_chain_end(driver);
    probe.tip = {store::read_store_id(driver), end.sequence, end.hash};
    if (head) probe.hash_at_head = store::hash_at(driver, head->tip.sequence);
  }
  driver.execute("ROLLBACK");
  return probe;
}

// As open_store names it: the lock lies beside the real file.
std::filesystem::path real(const std::filesystem::path& path) {
  std::error_code error;
  auto found = std::filesystem::weakly_canonical(path, error);
  return error ? path : found;
}

Error unreadable(const std::filesystem::path& path, const store::SqlError& error) {
  const auto kind = error.kind() == store::SqlError::Kind::busy ? ErrorKind::unavailable : ErrorKind::refused;
  return {kind, fmt::format("{}: cannot be read: {}", path.string(), error.what()), error.what()};
}

}  // namespace

Result<StoreProbe> probe_store(const std::filesystem::path& named, const std::optional<AuditHead>& head) {
  const std::filesystem::path path = real(named);
  auto used_by = store::lock_holder(path);
  if (!used_by) return tl::unexpected<Error>(used_by.error());
  auto driver = store::open_to_read(path, k_busy_timeout);
  if (!driver) return tl::unexpected<Error>(driver.error());
  try {
    auto probe = look(**driver, path, head);
    if (probe) probe->used_by = std::move(*used_by);
    return probe;
  } catch (const store::SqlError& error) {
    return tl::unexpected<Error>(unreadable(path, error));
  }
}

Result<void> try_to_write(const std::filesystem::path& named) {
  const std::filesystem::path path = real(named);
  auto used_by = store::lock_holder(path);
  if (!used_by) return tl::unexpected<Error>(used_by.error());
  if (!used_by->empty()) return fail(ErrorKind::conflict, *used_by + " is using this store");
  const auto lock = store::lock_store(path);
  if (!lock) return tl::unexpected<Error>(lock.error());
  auto driver = store::open_sqlite(path, store::SqliteMode::read_write, k_busy_timeout);
  if (!driver) return tl::unexpected<Error>(driver.error());
  try {
    (*driver)->execute(
        "BEGIN IMMEDIATE;"
        "INSERT INTO meta (name, value) VALUES ('doctor', '') ON CONFLICT (name) DO NOTHING;"
        "DELETE FROM meta WHERE name = 'doctor';"
        "COMMIT");
  } catch (const store::SqlError& error) {
    return fail(ErrorKind::refused, fmt::format("{}: cannot be written: {}", path.string(), error.what()),
                error.what());
  }
  return {};
}

}  // namespace jitbot
