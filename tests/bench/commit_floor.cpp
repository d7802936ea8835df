#include "tests/bench/commit_floor.hpp"

#include <fmt/format.h>

#include <memory>
#include <sqlite3.h>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace jitbot::bench {

namespace fs = std::filesystem;

namespace {

class Database {
 public:
  explicit Database(const fs::path& path) {
    if (sqlite3_open(path.c_str(), &handle_) != SQLITE_OK)
      throw std::runtime_error("no database: " + path.string());
    run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY");
  }
  ~Database() { sqlite3_close(handle_); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void run(const std::string& sql) {
    if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
      throw std::runtime_error(std::string(sqlite3_errmsg(handle_)) + ": " + sql);
  }
  sqlite3* get() { return handle_; }

 private:
  sqlite3* handle_ = nullptr;
};

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Prepared = std::unique_ptr<sqlite3_stmt, Finalize>;

Prepared prepare(Database& database, const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database.get(), sql.c_str(), -1, &statement, nullptr) != SQLITE_OK)
    throw std::runtime_error(std::string(sqlite3_errmsg(database.get())) + ": " + sql);
  return Prepared(statement);
}

void must_be_done(Database& database, sqlite3_stmt* statement) {
  if (sqlite3_step(statement) != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(database.get()));
  sqlite3_reset(statement);
}

struct FreeValue {
  void operator()(sqlite3_value* value) const { sqlite3_value_free(value); }
};
using Value = std::unique_ptr<sqlite3_value, FreeValue>;

struct Table {
  std::string name;
  std::vector<std::vector<Value>> rows;
};

// Tables before those that refer to them.
std::vector<Table> read_all(Database& database) {
  std::vector<Table> tables;
  auto names = prepare(
      database,
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid");
  while (sqlite3_step(names.get()) == SQLITE_ROW) {
    Table table{reinterpret_cast<const char*>(sqlite3_column_text(names.get(), 0)), {}};
    auto rows = prepare(database, "SELECT * FROM " + table.name);
    while (sqlite3_step(rows.get()) == SQLITE_ROW) {
      auto& row = table.rows.emplace_back();
      for (int i = 0; i < sqlite3_column_count(rows.get()); ++i)
        row.emplace_back(sqlite3_value_dup(sqlite3_column_value(rows.get(), i)));
    }
    tables.push_back(std::move(table));
  }
  return tables;
}

void make_schema(Database& from, Database& to) {
  auto schema = prepare(
      from,
      "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid");
  while (sqlite3_step(schema.get()) == SQLITE_ROW)
    to.run(reinterpret_cast<const char*>(sqlite3_column_text(schema.get(), 0)));
}

std::string insert_into(const Table& table) {
  std::string marks;
  for (std::size_t i = 0; i < table.rows.front().size(); ++i) marks += i == 0 ? "?" : ", ?";
  return fmt::format("INSERT INTO {} VALUES ({})", table.name, marks);
}

}  // namespace

CommitFloor commit_one_by_one(const fs::path& folder, int commits, std::chrono::microseconds every) {
  Database database(folder / "floor.db");
  database.run("CREATE TABLE IF NOT EXISTS acks (id INTEGER PRIMARY KEY, payload TEXT NOT NULL) STRICT");
  auto begin = prepare(database, "BEGIN IMMEDIATE");
  auto insert = prepare(database, "INSERT INTO acks (payload) VALUES (?)");
  auto commit = prepare(database, "COMMIT");
  const std::string payload(300, 'x');
  CommitFloor floor;
  const auto start = Steady::now();
  for (int i = 0; i < commits; ++i) {
    if (every.count() > 0) std::this_thread::sleep_until(start + i * every);
    const auto asked = Steady::now();
    must_be_done(database, begin.get());
    sqlite3_bind_text(insert.get(), 1, payload.data(), static_cast<int>(payload.size()), SQLITE_STATIC);
    must_be_done(database, insert.get());
    must_be_done(database, commit.get());
    floor.commits.add(asked);
  }
  floor.per_second = commits / seconds_since(start);
  return floor;
}

double rewrite_seconds(const fs::path& from, const fs::path& folder, int commits) {
  Database old(from);
  const auto tables = read_all(old);
  Database fresh(folder / "rewritten.db");
  make_schema(old, fresh);
  std::size_t rows = 0;
  for (const Table& table : tables) rows += table.rows.size();
  const std::size_t each = std::max<std::size_t>(rows / static_cast<std::size_t>(std::max(commits, 1)), 1);
  const auto start = Steady::now();
  std::size_t written = 0;
  fresh.run("BEGIN IMMEDIATE");
  for (const Table& table : tables) {
    if (table.rows.empty()) continue;
    auto insert = prepare(fresh, insert_into(table));
    for (const auto& row : table.rows) {
      for (std::size_t i = 0; i < row.size(); ++i)
        sqlite3_bind_value(insert.get(), static_cast<int>(i) + 1, row[i].get());
      must_be_done(fresh, insert.get());
      if (++written % each == 0) fresh.run("COMMIT; BEGIN IMMEDIATE");
    }
  }
  fresh.run("COMMIT");
  return seconds_since(start);
}

}  // namespace jitbot::bench
