#include "store/driver.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <fmt/format.h>

#include <memory>
#include <sqlite3.h>
#include <string>
#include <unordered_map>
#include <vector>

namespace jitbot::store {

namespace {

SqlError::Kind kind_of(int code) {
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return SqlError::Kind::busy;
    case SQLITE_CONSTRAINT:
      return SqlError::Kind::constraint;
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return SqlError::Kind::read_only;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return SqlError::Kind::corrupt;
    default:
      return SqlError::Kind::other;
  }
}

template <class Call>
decltype(auto) guarded(const Call& call) {
  try {
    return call();
  } catch (const SQLite::Exception& error) {
    throw SqlError(kind_of(error.getErrorCode()), error.what());
  }
}

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

// SQLite's own interface, for this is where the time goes: no copy of a column or a parameter on the way.
class SqliteStatement : public Statement {
 public:
  // "$1" is a name to SQLite, whose number depends on where it stands first: looked up once.
  SqliteStatement(sqlite3* database, std::string_view sql) : database_(database), sql_(sql) {
    sqlite3_stmt* made = nullptr;
    const int code = sqlite3_prepare_v3(database, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &made, nullptr);
    statement_.reset(made);
    must_be(SQLITE_OK, code);
    const int count = sqlite3_bind_parameter_count(made);
    for (int i = 1; i <= count; ++i) {
      const int index = sqlite3_bind_parameter_index(made, fmt::format("${}", i).c_str());
      if (index == 0)
        throw SqlError(SqlError::Kind::other, "parameters are not $1 to $n: " + std::string(sql));
      index_.push_back(index);
    }
  }

  const std::string& sql() const { return sql_; }

  void bind(int parameter, std::int64_t value) override {
    must_be(SQLITE_OK, sqlite3_bind_int64(statement_.get(), index(parameter), value));
  }
  void bind(int parameter, std::string_view value) override {
    // A null pointer would be NULL, and no data is not that.
    const char* const text = value.data() == nullptr ? "" : value.data();
    must_be(SQLITE_OK, sqlite3_bind_text64(statement_.get(), index(parameter), text, value.size(),
                                           SQLITE_TRANSIENT, SQLITE_UTF8));
  }
  void bind_null(int parameter) override {
    must_be(SQLITE_OK, sqlite3_bind_null(statement_.get(), index(parameter)));
  }
  bool step() override {
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    must_be(SQLITE_DONE, code);
    return false;
  }
  bool is_null(int column) const override {
    return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
  }
  std::int64_t integer(int column) const override { return sqlite3_column_int64(statement_.get(), column); }
  std::string text(int column) const override {
    const auto* const data = sqlite3_column_text(statement_.get(), column);
    if (data == nullptr) return {};
    const int size = sqlite3_column_bytes(statement_.get(), column);
    return {reinterpret_cast<const char*>(data), static_cast<std::size_t>(size)};
  }
  void reset() override {
    sqlite3_reset(statement_.get());  // repeats the error of the last step, which was already told
    sqlite3_clear_bindings(statement_.get());
  }

 private:
  int index(int parameter) const { return index_.at(static_cast<std::size_t>(parameter) - 1); }

  void must_be(int expected, int code) const {
    if (code == expected) return;
    throw SqlError(kind_of(code), sqlite3_errmsg(database_));
  }

  sqlite3* database_;
  const std::string sql_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  std::vector<int> index_;
};

// Once in a process, before SQLite is first used: its count of all memory is a lock that every thread waits
// for, and nobody reads it.
void settle_sqlite() {
  static const int k_done = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  (void)k_done;  // refused where somebody used SQLite before: then it counts, and all is well
}

class SqliteDriver : public Driver {
 public:
  SqliteDriver(const std::filesystem::path& path, SqliteMode mode, Millis busy_timeout)
      : database_(path.string(), flags(mode), static_cast<int>(busy_timeout.count())) {}

  Statement& prepared(std::string_view sql) override {
    auto& known = statements_[sql.data()];
    if (!known || known->sql() != sql) known = std::make_unique<SqliteStatement>(database_.getHandle(), sql);
    return *known;
  }
  void execute(std::string_view sql) override {
    guarded([&] { database_.exec(std::string(sql)); });
  }
  std::int64_t changed() const override { return sqlite3_changes(database_.getHandle()); }
  bool in_transaction() const override { return sqlite3_get_autocommit(database_.getHandle()) == 0; }
  bool writable() const { return sqlite3_db_readonly(database_.getHandle(), "main") == 0; }

 private:
  // One thread at a time uses a connection, so it needs no lock of its own.
  static int flags(SqliteMode mode) {
    return (mode == SqliteMode::read_only ? SQLite::OPEN_READONLY : SQLite::OPEN_READWRITE) |
           SQLite::OPEN_NOMUTEX;
  }

  SQLite::Database database_;
  // By where their text stands. They end before the connection.
  std::unordered_map<const char*, std::unique_ptr<SqliteStatement>> statements_;
};

Error explain(const std::filesystem::path& path, const SqlError& error) {
  const std::string name = path.string();
  switch (error.kind()) {
    case SqlError::Kind::corrupt:
      return {
          ErrorKind::refused,
          fmt::format("{}: the database is damaged, or no SQLite database at all: restore it from a backup "
                      "and start with --after-restore, or give store.url another path",
                      name),
          error.what()};
    case SqlError::Kind::read_only:
      return {ErrorKind::refused,
              fmt::format(
                  "{}: cannot be opened or written; check that the file and its folder belong to the user "
                  "that runs jitbot",
                  name),
              error.what()};
    case SqlError::Kind::busy:
      return {ErrorKind::unavailable, fmt::format("{}: another program keeps the database locked", name),
              error.what()};
    case SqlError::Kind::constraint:
    case SqlError::Kind::other:
      return {ErrorKind::internal, fmt::format("{}: {}", name, error.what()), error.what()};
  }
  return {ErrorKind::internal, name, error.what()};
}

void settle(SqliteDriver& driver, SqliteMode mode) {
  // Views and triggers of a prepared file may not call functions; no content goes to temporary files; what is
  // deleted is overwritten, so that purged payloads are gone.
  driver.execute("PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY");
  if (mode == SqliteMode::read_only) {
    driver.execute("PRAGMA query_only = ON; SELECT count(*) FROM sqlite_schema");
    return;
  }
  driver.execute(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete "
      "= ON;"
      "PRAGMA journal_size_limit = 67108864");
  // What is worked on stays at hand: a page that is read again is searched for in the WAL and copied. A
  // longer WAL writes a page that changes often into the file less often.
  driver.execute("PRAGMA cache_size = -8192; PRAGMA wal_autocheckpoint = 4000");
}

}  // namespace

Result<std::unique_ptr<Driver>> open_sqlite(const std::filesystem::path& path, SqliteMode mode,
                                            Millis busy_timeout) {
  settle_sqlite();
  try {
    auto driver = guarded([&] { return std::make_unique<SqliteDriver>(path, mode, busy_timeout); });
    if (mode == SqliteMode::read_write && !driver->writable()) {
      throw SqlError(SqlError::Kind::read_only, "opened for reading only");
    }
    settle(*driver, mode);
    return std::unique_ptr<Driver>(std::move(driver));
  } catch (const SqlError& error) {
    return tl::unexpected<Error>(explain(path, error));
  }
}

}  // namespace jitbot::store
