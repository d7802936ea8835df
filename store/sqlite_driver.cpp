#include "store/driver.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

#include <map>
#include <sqlite3.h>
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

class SqliteStatement : public Statement {
 public:
  // "$1" is a name to SQLite, whose number depends on where it stands first: looked up once.
  SqliteStatement(SQLite::Database& database, std::string_view sql) : statement_(database, std::string(sql)) {
    const int count = statement_.getBindParameterCount();
    for (int i = 1; i <= count; ++i) {
      const int index = statement_.getIndex(fmt::format("${}", i).c_str());
      if (index == 0)
        throw SqlError(SqlError::Kind::other, "parameters are not $1 to $n: " + std::string(sql));
      index_.push_back(index);
    }
  }

  void bind(int parameter, std::int64_t value) override {
    guarded([&] { statement_.bind(index(parameter), value); });
  }
  void bind(int parameter, std::string_view value) override {
    guarded([&] { statement_.bind(index(parameter), std::string(value)); });
  }
  void bind_null(int parameter) override {
    guarded([&] { statement_.bind(index(parameter)); });
  }
  bool step() override {
    return guarded([&] { return statement_.executeStep(); });
  }
  bool is_null(int column) const override {
    return guarded([&] { return statement_.getColumn(column).isNull(); });
  }
  std::int64_t integer(int column) const override {
    return guarded([&] { return statement_.getColumn(column).getInt64(); });
  }
  std::string text(int column) const override {
    return guarded([&] { return statement_.getColumn(column).getString(); });
  }
  void reset() override {
    statement_.tryReset();  // repeats the error of the last step, which was already told
    statement_.clearBindings();
  }

 private:
  int index(int parameter) const { return index_.at(static_cast<std::size_t>(parameter) - 1); }

  mutable SQLite::Statement statement_;
  std::vector<int> index_;
};

class SqliteDriver : public Driver {
 public:
  SqliteDriver(const std::filesystem::path& path, SqliteMode mode, Millis busy_timeout)
      : database_(path.string(),
                  mode == SqliteMode::read_only ? SQLite::OPEN_READONLY : SQLite::OPEN_READWRITE,
                  static_cast<int>(busy_timeout.count())) {}

  Statement& prepared(std::string_view sql) override {
    const auto found = statements_.find(sql);
    if (found != statements_.end()) return *found->second;
    return guarded([&]() -> Statement& {
      auto made = std::make_unique<SqliteStatement>(database_, sql);
      return *statements_.emplace(sql, std::move(made)).first->second;
    });
  }
  void execute(std::string_view sql) override {
    guarded([&] { database_.exec(std::string(sql)); });
  }
  std::int64_t changed() const override { return sqlite3_changes(database_.getHandle()); }
  bool in_transaction() const override { return sqlite3_get_autocommit(database_.getHandle()) == 0; }
  bool writable() const { return sqlite3_db_readonly(database_.getHandle(), "main") == 0; }

 private:
  SQLite::Database database_;
  std::map<std::string_view, std::unique_ptr<SqliteStatement>> statements_;  // ends before the connection
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
}

}  // namespace

Result<std::unique_ptr<Driver>> open_sqlite(const std::filesystem::path& path, SqliteMode mode,
                                            Millis busy_timeout) {
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
