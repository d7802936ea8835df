#include "store/open_parts.hpp"

#include "bot/model/audit_event.hpp"
#include "store/migrations.hpp"
#include "store/query.hpp"
#include "store/store_lock.hpp"
#include "store/transaction.hpp"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <array>

namespace jitbot::store {

namespace {

// "JITB" in the header of the file (https://www.sqlite.org/fileformat.html §1.3.14), so that a wrong path
// never turns another program's database into a store.
constexpr std::int64_t k_application_id = 0x4A495442;

Error name_it(const std::filesystem::path& path, Error error) {
  if (!error.message.starts_with(path.string())) error.message = path.string() + ": " + error.message;
  return error;
}

Error not_sound(const std::filesystem::path& path, std::string_view what) {
  return {ErrorKind::refused,
          fmt::format("{}: the database is damaged: restore it from a backup and start with --after-restore",
                      path.string()),
          std::string(what)};
}

// Reading it all takes a second for some hundred megabytes: of a larger store the start waits for no more
// than that it is ours and can be read, and the whole is checked beside it (SqliteStore::check_whole).
constexpr std::uintmax_t k_checked_at_once = 16UL << 20U;

Result<void> check_content(Driver& driver, const std::filesystem::path& path) {
  Query check(driver, "PRAGMA quick_check(1)");
  const std::string found = check.next() ? check.text() : "no answer";
  if (found != "ok") return tl::unexpected<Error>(not_sound(path, found));
  return {};
}

Result<void> check_existing(const std::filesystem::path& path, Millis busy_timeout) {
  std::error_code ignored;
  if (std::filesystem::file_size(path, ignored) == 0) return {};
  auto driver = open_sqlite(path, SqliteMode::read_only, busy_timeout);
  if (!driver) return tl::unexpected<Error>(std::move(driver).error());
  if (auto known = check_identity(**driver, path); !known) return known;
  if (std::filesystem::file_size(path, ignored) > k_checked_at_once) return {};
  return check_content(**driver, path);
}

std::string random_id() {
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    throw std::runtime_error("OpenSSL has no random numbers");
  }
  std::string id;
  for (const unsigned char byte : bytes) id += fmt::format("{:02x}", byte);
  return id;
}

std::string ensure_store_id(Driver& driver) {
  Query(driver, "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING")
      .with(k_store_id)
      .with(random_id())
      .run();
  return read_store_id(driver);
}

Result<void> bring_up(const std::filesystem::path& path, Millis busy_timeout, OpenParts& parts) {
  auto writer = open_sqlite(path, SqliteMode::read_write, busy_timeout);
  if (!writer) return tl::unexpected<Error>(std::move(writer).error());
  parts.writer = std::move(*writer);
  parts.writer->execute(fmt::format("PRAGMA application_id = {}", k_application_id));
  if (auto done = migrate(*parts.writer, sqlite_migrations()); !done) return done;
  parts.store_id = ensure_store_id(*parts.writer);
  auto reader = open_sqlite(path, SqliteMode::read_only, busy_timeout);
  if (!reader) return tl::unexpected<Error>(std::move(reader).error());
  parts.reader = std::move(*reader);
  return {};
}

Result<std::filesystem::path> real_path(const std::filesystem::path& path) {
  std::error_code error;
  auto found = std::filesystem::weakly_canonical(path, error);
  if (error || !std::filesystem::is_directory(found.parent_path(), error)) {
    return fail(ErrorKind::not_found,
                fmt::format("{}: the folder of the store does not exist; make it first", path.string()));
  }
  return found;
}

}  // namespace

Result<void> check_identity(Driver& driver, const std::filesystem::path& path) {
  Query identity(driver,
                 "SELECT application_id, (SELECT count(*) FROM sqlite_schema) FROM pragma_application_id");
  identity.next();
  const std::int64_t application = identity.integer();
  const bool empty = identity.integer() == 0;
  if (application != k_application_id && !(application == 0 && empty)) {
    return fail(ErrorKind::refused,
                fmt::format("{}: this is another program's database, not a store of jitbot: "
                            "give store.url another path",
                            path.string()));
  }
  return {};
}

Result<OpenParts> open_parts(const std::filesystem::path& path, Millis busy_timeout) {
  const auto real = real_path(path);
  if (!real) return tl::unexpected<Error>(real.error());
  auto lock = lock_store(*real);
  if (!lock) return tl::unexpected<Error>(std::move(lock).error());
  if (auto done = prepare_files(*real); !done) return tl::unexpected<Error>(std::move(done).error());
  OpenParts parts;
  parts.path = *real;
  parts.lock = std::move(*lock);
  try {
    auto done = check_existing(*real, busy_timeout);
    if (done) done = bring_up(*real, busy_timeout, parts);
    if (!done) return tl::unexpected<Error>(name_it(*real, std::move(done).error()));
  } catch (const SqlError& error) {
    if (error.kind() == SqlError::Kind::corrupt) return tl::unexpected<Error>(not_sound(*real, error.what()));
    return fail(ErrorKind::internal, fmt::format("{}: cannot be opened: {}", real->string(), error.what()));
  }
  return parts;
}

Result<void> check_whole(const std::filesystem::path& path, Millis busy_timeout) {
  std::error_code ignored;
  if (std::filesystem::file_size(path, ignored) <= k_checked_at_once) return {};
  auto driver = open_sqlite(path, SqliteMode::read_only, busy_timeout);
  if (!driver) return tl::unexpected<Error>(std::move(driver).error());
  try {
    return check_content(**driver, path);
  } catch (const SqlError& error) {
    if (error.kind() == SqlError::Kind::corrupt) return tl::unexpected<Error>(not_sound(path, error.what()));
    return fail(ErrorKind::unavailable,
                fmt::format("{}: cannot be checked: {}", path.string(), error.what()));
  }
}

Result<std::unique_ptr<Driver>> open_to_read(const std::filesystem::path& path, Millis busy_timeout) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    return fail(ErrorKind::not_found, fmt::format("{}: there is no store", path.string()));
  }
  return open_sqlite(path, SqliteMode::read_only, busy_timeout);
}

std::string read_store_id(Driver& driver) {
  Query query(driver, "SELECT value FROM meta WHERE name = $1");
  if (!query.with(k_store_id).next()) throw SqlError(SqlError::Kind::corrupt, "the store has no id");
  return query.text();
}

std::optional<std::string> hash_at(Driver& driver, std::int64_t sequence) {
  Query query(driver, "SELECT hash FROM audit WHERE sequence = $1");
  if (!query.with(sequence).next()) return std::nullopt;
  return query.text();
}

Result<std::optional<std::string>> hash_at(const std::filesystem::path& path, std::int64_t sequence,
                                           Millis busy_timeout) {
  auto driver = open_to_read(path, busy_timeout);
  if (!driver) return tl::unexpected<Error>(std::move(driver).error());
  try {
    return hash_at(**driver, sequence);
  } catch (const SqlError& error) {
    return fail(ErrorKind::internal, fmt::format("{}: cannot be read: {}", path.string(), error.what()));
  }
}

}  // namespace jitbot::store
