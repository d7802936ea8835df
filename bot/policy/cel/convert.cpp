// Conversions. What does not fit into the type asked for is an error (langdef "Overflow").
#include "bot/model/utf8.hpp"
#include "bot/policy/cel/numbers.hpp"
#include "bot/policy/cel/times.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

namespace jitbot::cel {

namespace {

Value beyond(std::string_view type) {
  return Value::error(fmt::format("the number is beyond {}", type));
}

Value unreadable(std::string_view text, std::string_view type) {
  constexpr std::size_t k_longest = 60;
  return Value::error(fmt::format("\"{}\" cannot be read as {}", text.substr(0, k_longest), type));
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto c = decode_utf8(text);
    if (!c) return false;
    text.remove_prefix(c->length);
  }
  return true;
}

// All of the text, in base 10.
template <class T>
std::optional<T> read_whole(std::string_view text) {
  T number{};
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

Value int_of_text(std::string_view text) {
  std::string_view digits = text;
  const bool plus = digits.starts_with('+') && digits.size() > 1 && digits[1] != '-';
  if (plus) digits.remove_prefix(1);
  const auto number = read_whole<std::int64_t>(digits);
  return number ? Value::integer(*number) : unreadable(text, "int");
}

}  // namespace

Value to_int(const Call& call) {
  const Value& from = call.args[0];
  if (from.is(Kind::integer)) return from;
  if (from.is(Kind::unsigned_integer)) {
    if (from.as_unsigned() > INT64_MAX) return beyond("int");
    return Value::integer(static_cast<std::int64_t>(from.as_unsigned()));
  }
  if (from.is(Kind::real)) {
    // The ends themselves are out: 2^63-1 is no double, and what reads as -2^63 may have been rounded to it.
    const double number = from.as_real();
    if (!(number > -0x1p63 && number < 0x1p63)) return beyond("int");
    return Value::integer(static_cast<std::int64_t>(number));
  }
  if (from.is(Kind::string)) return int_of_text(from.text());
  if (from.is(Kind::timestamp)) return Value::integer(from.as_timestamp().seconds);
  return no_overload("int", call.args);
}

Value to_uint(const Call& call) {
  const Value& from = call.args[0];
  if (from.is(Kind::unsigned_integer)) return from;
  if (from.is(Kind::integer)) {
    if (from.as_integer() < 0) return beyond("uint");
    return Value::unsigned_integer(static_cast<std::uint64_t>(from.as_integer()));
  }
  if (from.is(Kind::real)) {
    const double number = from.as_real();
    if (!(number >= 0 && number < 0x1p64)) return beyond("uint");
    return Value::unsigned_integer(static_cast<std::uint64_t>(number));
  }
  if (!from.is(Kind::string)) return no_overload("uint", call.args);
  const auto number = read_whole<std::uint64_t>(from.text());
  return number ? Value::unsigned_integer(*number) : unreadable(from.text(), "uint");
}

Value to_double(const Call& call) {
  const Value& from = call.args[0];
  if (from.is(Kind::real)) return from;
  if (from.is(Kind::integer)) return Value::real(static_cast<double>(from.as_integer()));
  if (from.is(Kind::unsigned_integer)) return Value::real(static_cast<double>(from.as_unsigned()));
  if (!from.is(Kind::string)) return no_overload("double", call.args);
  const auto number = parse_double(from.text());
  return number ? Value::real(*number) : unreadable(from.text(), "double");
}

Value to_text(const Call& call) {
  const Value& from = call.args[0];
  switch (from.kind()) {
    case Kind::string:
      return from;
    case Kind::boolean:
      return Value::string_view(from.as_boolean() ? "true" : "false");
    case Kind::integer:
      return Value::string(std::to_string(from.as_integer()));
    case Kind::unsigned_integer:
      return Value::string(std::to_string(from.as_unsigned()));
    case Kind::real:
      return Value::string(format_general(from.as_real()));
    case Kind::bytes:
      if (!call.budget.spend(cost_of_bytes(from.text().size()))) return Value::error_view(k_too_dear);
      if (!is_utf8(from.text())) return Value::error_view("the bytes are not UTF-8");
      return from.is_borrowed() ? Value::string_view(from.text()) : Value::string(from.text());
    case Kind::timestamp:
      return Value::string(format_timestamp(from.as_timestamp()));
    case Kind::duration:
      return Value::string(format_duration(from.as_duration()));
    case Kind::unset:
    case Kind::null:
    case Kind::type:
    case Kind::list:
    case Kind::map:
    case Kind::object:
    case Kind::unknown:
    case Kind::error:
      break;
  }
  return no_overload("string", call.args);
}

Value to_bytes(const Call& call) {
  const Value& from = call.args[0];
  if (from.is(Kind::bytes)) return from;
  if (!from.is(Kind::string)) return no_overload("bytes", call.args);
  if (!call.budget.spend(cost_of_bytes(from.text().size()))) return Value::error_view(k_too_dear);
  return from.is_borrowed() ? Value::bytes_view(from.text()) : Value::bytes(from.text());
}

Value to_bool(const Call& call) {
  const Value& from = call.args[0];
  if (from.is(Kind::boolean)) return from;
  if (!from.is(Kind::string)) return no_overload("bool", call.args);
  constexpr std::array<std::string_view, 5> k_true{"true", "True", "TRUE", "t", "1"};
  constexpr std::array<std::string_view, 5> k_false{"false", "False", "FALSE", "f", "0"};
  for (const std::string_view word : k_true) {
    if (from.text() == word) return Value::boolean(true);
  }
  for (const std::string_view word : k_false) {
    if (from.text() == word) return Value::boolean(false);
  }
  return unreadable(from.text(), "bool");
}

Value to_timestamp(const Call& call) {
  const Value& from = call.args[0];
  if (from.is(Kind::timestamp)) return from;
  if (from.is(Kind::integer)) {
    const Instant at{from.as_integer(), 0};
    return in_range(at) ? Value::timestamp(at) : beyond("timestamp");
  }
  if (!from.is(Kind::string)) return no_overload("timestamp", call.args);
  const auto at = parse_timestamp(from.text());
  return at ? Value::timestamp(*at) : unreadable(from.text(), "timestamp");
}

Value to_duration(const Call& call) {
  const Value& from = call.args[0];
  if (from.is(Kind::duration)) return from;
  if (!from.is(Kind::string)) return no_overload("duration", call.args);
  const auto length = parse_duration(from.text());
  return length ? Value::duration(*length) : unreadable(from.text(), "duration");
}

Value to_dyn(const Call& call) {
  return call.args[0];
}

Value to_type(const Call& call) {
  return Value::type_view(type_name(call.args[0]));
}

}  // namespace jitbot::cel
