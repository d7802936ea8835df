#pragma once

#include "bot/model/ids.hpp"
#include "bot/model/time.hpp"
#include "store/driver.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace jitbot::store {

// One use of a prepared statement: parameters in order, then rows, whose columns are read in order. The
// statement is free again when the Query ends.
class Query {
 public:
  Query(Driver& driver, std::string_view sql) : driver_(driver), statement_(driver.prepared(sql)) {}
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  template <class Integer>
    requires std::is_integral_v<Integer>  // flags are 0 and 1
  Query& with(Integer value) {
    statement_.bind(++parameter_, static_cast<std::int64_t>(value));
    return *this;
  }
  Query& with(std::string_view value);
  Query& with(const std::string& value) { return with(std::string_view(value)); }
  Query& with(const char* value) { return with(std::string_view(value)); }
  Query& with(Time value) { return with(to_ms(value)); }
  Query& with(Millis value) { return with(value.count()); }
  Query& with(const PrincipalId& value);
  template <class T>
  Query& with(const std::optional<T>& value) {
    if (value) return with(*value);
    statement_.bind_null(++parameter_);
    return *this;
  }
  Query& with_null();

  bool next();                 // the next row
  void run();                  // to the end
  std::int64_t run_changed();  // to the end; how many rows changed

  std::int64_t integer() { return statement_.integer(column_++); }
  int small();  // throws SqlError where it does not fit
  bool flag() { return integer() != 0; }
  std::string text() { return statement_.text(column_++); }
  Time time() { return time_from_ms(integer()); }
  Millis millis() { return Millis{integer()}; }
  PrincipalId principal();
  std::optional<Time> optional_time();
  std::optional<std::string> optional_text();
  std::optional<std::int64_t> optional_integer();
  std::optional<PrincipalId> optional_principal();

 private:
  bool skip_null();

  Driver& driver_;
  Statement& statement_;
  int parameter_ = 0;
  int column_ = 0;
};

// A statement without parameters or rows, prepared once: BEGIN, COMMIT …
void run(Driver& driver, std::string_view sql);

// As principals stand in the store: "workspace/user", empty for nobody.
std::string principal_text(const PrincipalId& id);
PrincipalId principal_of(std::string_view text);

// A word of an enum as it was written by to_string. Another one means a damaged store.
template <class Enum>
Enum known_word(std::optional<Enum> word, std::string_view text) {
  if (!word) throw SqlError(SqlError::Kind::corrupt, "unknown word in the store: " + std::string(text));
  return *word;
}

}  // namespace jitbot::store
