#include "store/query.hpp"

#include <limits>

namespace jitbot::store {

Query::~Query() {
  statement_.reset();
}

Query& Query::with(std::string_view value) {
  statement_.bind(++parameter_, value);
  return *this;
}

Query& Query::with(const PrincipalId& value) {
  return with(principal_text(value));
}

Query& Query::with_null() {
  statement_.bind_null(++parameter_);
  return *this;
}

bool Query::next() {
  column_ = 0;
  return statement_.step();
}

void Query::run() {
  while (statement_.step()) {
  }
}

std::int64_t Query::run_changed() {
  run();
  return driver_.changed();
}

int Query::small() {
  const std::int64_t value = integer();
  if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max()) {
    throw SqlError(SqlError::Kind::corrupt, "a number in the store is out of range");
  }
  return static_cast<int>(value);
}

PrincipalId Query::principal() {
  return principal_of(text());
}

bool Query::skip_null() {
  if (!statement_.is_null(column_)) return false;
  ++column_;
  return true;
}

std::optional<Time> Query::optional_time() {
  if (skip_null()) return std::nullopt;
  return time();
}

std::optional<std::string> Query::optional_text() {
  if (skip_null()) return std::nullopt;
  return text();
}

std::optional<std::int64_t> Query::optional_integer() {
  if (skip_null()) return std::nullopt;
  return integer();
}

std::optional<PrincipalId> Query::optional_principal() {
  if (skip_null()) return std::nullopt;
  return principal();
}

void run(Driver& driver, std::string_view sql) {
  Query(driver, sql).run();
}

std::string principal_text(const PrincipalId& id) {
  if (id.workspace.empty() && id.user.empty()) return {};
  return to_string(id);
}

PrincipalId principal_of(std::string_view text) {
  const auto slash = text.rfind('/');
  if (slash == std::string_view::npos) return {{}, std::string(text)};
  return {std::string(text.substr(0, slash)), std::string(text.substr(slash + 1))};
}

}  // namespace jitbot::store
