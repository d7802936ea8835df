#pragma once

#include "bot/policy/cel/type.hpp"

#include <memory>

// Functions and operators: what each is declared as, for the checker, and what it does.
namespace re2 {
class RE2;
}
namespace date {
class time_zone;
}

namespace jitbot::cel {

// What an evaluation may still cost. Once it is spent nothing has a result any more.
struct Budget {
  std::uint64_t left = 0;
  bool spent = false;

  bool spend(std::uint64_t cost) {
    if (cost > left) {
      left = 0;
      spent = true;
      return false;
    }
    left -= cost;
    return true;
  }
};
inline constexpr std::string_view k_too_dear = "the expression costs too much";
// Work on text or memory, in the budget's units: one for a few dozen bytes.
inline std::uint64_t cost_of_bytes(std::size_t bytes) {
  return bytes / 16;
}

// A place on the clock: an IANA zone, or an offset from UTC.
struct Zone {
  const date::time_zone* named = nullptr;
  std::chrono::minutes offset{0};
};

// What was made of a constant argument when the expression was compiled.
struct Prepared {
  std::shared_ptr<const re2::RE2> pattern;
  std::optional<Zone> zone;
};

// Arguments are neither errors nor unknown. In receiver style the first stands before the point.
struct Call {
  std::span<const Value> args;
  Budget& budget;
  const Prepared* prepared = nullptr;
};
using Builtin = Value (*)(const Call&);

enum class Style : std::uint8_t { global, receiver };

struct Overload {
  Style style = Style::global;
  std::vector<Type> parameters;
  Type result;
};

struct Function {
  std::string name;
  Builtin run = nullptr;
  std::vector<Overload> overloads;

  bool takes(Style style, std::size_t arguments) const;
};
const Function* find_function(std::string_view name);
std::vector<std::string> function_names();

// "no such overload: int + string"
Value no_overload(std::string_view name, std::span<const Value> args);

// operators.cpp
Value op_add(const Call& call);
Value op_subtract(const Call& call);
Value op_multiply(const Call& call);
Value op_divide(const Call& call);
Value op_modulo(const Call& call);
Value op_negate(const Call& call);
Value op_not(const Call& call);
Value op_equal(const Call& call);
Value op_not_equal(const Call& call);
Value op_less(const Call& call);
Value op_less_equal(const Call& call);
Value op_greater(const Call& call);
Value op_greater_equal(const Call& call);
// containers.cpp
Value op_in(const Call& call);
Value op_index(const Call& call);
Value size_of(const Call& call);
// convert.cpp
Value to_bool(const Call& call);
Value to_bytes(const Call& call);
Value to_double(const Call& call);
Value to_duration(const Call& call);
Value to_dyn(const Call& call);
Value to_int(const Call& call);
Value to_text(const Call& call);
Value to_timestamp(const Call& call);
Value to_type(const Call& call);
Value to_uint(const Call& call);
// clock.cpp
Value get_date(const Call& call);
Value get_day_of_month(const Call& call);
Value get_day_of_week(const Call& call);
Value get_day_of_year(const Call& call);
Value get_full_year(const Call& call);
Value get_hours(const Call& call);
Value get_milliseconds(const Call& call);
Value get_minutes(const Call& call);
Value get_month(const Call& call);
Value get_seconds(const Call& call);
std::optional<Zone> find_zone(std::string_view name);
// search.cpp
Value text_contains(const Call& call);
Value text_ends_with(const Call& call);
Value text_matches(const Call& call);
Value text_starts_with(const Call& call);
Value text_char_at(const Call& call);
Value text_index_of(const Call& call);
Value text_last_index_of(const Call& call);
std::shared_ptr<const re2::RE2> compile_pattern(std::string_view pattern);  // its ok() says whether it is one
// rewrite.cpp
Value text_join(const Call& call);
Value text_lower(const Call& call);
Value text_quote(const Call& call);
Value text_replace(const Call& call);
Value text_reverse(const Call& call);
Value text_split(const Call& call);
Value text_substring(const Call& call);
Value text_trim(const Call& call);
Value text_upper(const Call& call);
// format.cpp
Value text_format(const Call& call);

}  // namespace jitbot::cel
