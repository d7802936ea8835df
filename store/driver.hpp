#pragma once

#include "bot/model/result.hpp"
#include "bot/model/time.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

// What the repositories need of a database, and no more. SQL is written as SQLite and PostgreSQL both read
// it: parameters $1, $2 …, ON CONFLICT, RETURNING, no functions that only one of them has.
namespace jitbot::store {

// A statement that failed. What it did is undone with the transaction or savepoint around it.
class SqlError : public std::runtime_error {
 public:
  enum class Kind { busy, constraint, read_only, corrupt, other };
  SqlError(Kind kind, const std::string& what) : std::runtime_error(what), kind_(kind) {}
  Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

// Prepared once. Parameters are counted from 1, columns from 0. Everything throws SqlError.
class Statement {
 public:
  virtual ~Statement() = default;

  virtual void bind(int parameter, std::int64_t value) = 0;
  virtual void bind(int parameter, std::string_view value) = 0;
  virtual void bind_null(int parameter) = 0;
  virtual bool step() = 0;  // true: there is a row
  virtual bool is_null(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;
  virtual std::string text(int column) const = 0;
  virtual void reset() = 0;  // rows and parameters are forgotten
};

// One connection, for one thread at a time.
class Driver {
 public:
  virtual ~Driver() = default;

  // Kept prepared under its text, which must live as long as the program: a literal.
  virtual Statement& prepared(std::string_view sql) = 0;
  virtual void execute(std::string_view sql) = 0;  // any number of statements, results dropped
  virtual std::int64_t changed() const = 0;        // rows that the last statement changed
  virtual bool in_transaction() const = 0;         // false too after an error ended it
};

enum class SqliteMode { read_write, read_only };

// Opens a database file that exists (read_write: an empty file will do). read_only works beside a writer. The
// error names the path and what to do.
Result<std::unique_ptr<Driver>> open_sqlite(const std::filesystem::path& path, SqliteMode mode,
                                            Millis busy_timeout);

}  // namespace jitbot::store
