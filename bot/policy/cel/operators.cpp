// Arithmetic, order and equality. What leaves the range of its type is an error (langdef "Overflow").
#include "bot/policy/cel/compare.hpp"
#include "bot/policy/cel/times.hpp"

#include <limits>

namespace jitbot::cel {

namespace {

Value overflow() {
  return Value::error_view("the result is out of range");
}

template <class T>
Value whole(T number) {
  if constexpr (std::is_signed_v<T>) {
    return Value::integer(number);
  } else {
    return Value::unsigned_integer(number);
  }
}

bool both(const Call& call, Kind kind) {
  return call.args[0].is(kind) && call.args[1].is(kind);
}

Value joined(const Call& call) {
  const std::string_view a = call.args[0].text();
  const std::string_view b = call.args[1].text();
  if (!call.budget.spend(cost_of_bytes(a.size() + b.size()))) return Value::error_view(k_too_dear);
  if (a.empty()) return call.args[1];
  if (b.empty()) return call.args[0];
  std::string sum;
  sum.reserve(a.size() + b.size());
  sum.append(a).append(b);
  return call.args[0].is(Kind::string) ? Value::string(sum) : Value::bytes(sum);
}

// `items` with all of `list` behind them. What a borrowed list holds is borrowed as well.
void append(std::vector<Value>& items, const Value& list) {
  for (const Value& item : list.items()) items.push_back(list.is_borrowed() ? item.borrowed() : item);
}

Value joined_lists(const Call& call) {
  std::vector<Value> items;
  const std::size_t size = call.args[0].items().size() + call.args[1].items().size();
  if (!call.budget.spend(size)) return Value::error_view(k_too_dear);
  items.reserve(size);
  append(items, call.args[0]);
  append(items, call.args[1]);
  return Value::list(std::move(items));
}

Value moved(Instant at, Nanos length) {
  const auto sum = add(at, length);
  return sum ? Value::timestamp(*sum) : overflow();
}

Value add_whole(const Value& a, const Value& b) {
  if (a.is(Kind::integer)) {
    std::int64_t sum = 0;
    return __builtin_add_overflow(a.as_integer(), b.as_integer(), &sum) ? overflow() : whole(sum);
  }
  std::uint64_t sum = 0;
  return __builtin_add_overflow(a.as_unsigned(), b.as_unsigned(), &sum) ? overflow() : whole(sum);
}

Value add_times(const Call& call) {
  const Value& a = call.args[0];
  const Value& b = call.args[1];
  if (a.is(Kind::timestamp) && b.is(Kind::duration)) return moved(a.as_timestamp(), b.as_duration());
  if (a.is(Kind::duration) && b.is(Kind::timestamp)) return moved(b.as_timestamp(), a.as_duration());
  if (!both(call, Kind::duration)) return no_overload("_+_", call.args);
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a.as_duration().count(), b.as_duration().count(), &sum)) return overflow();
  return Value::duration(Nanos{sum});
}

}  // namespace

Value op_add(const Call& call) {
  if (both(call, Kind::integer) || both(call, Kind::unsigned_integer))
    return add_whole(call.args[0], call.args[1]);
  if (both(call, Kind::real)) return Value::real(call.args[0].as_real() + call.args[1].as_real());
  if (both(call, Kind::string) || both(call, Kind::bytes)) return joined(call);
  if (both(call, Kind::list)) return joined_lists(call);
  return add_times(call);
}

namespace {

Value subtract_times(const Call& call) {
  const Value& a = call.args[0];
  const Value& b = call.args[1];
  std::int64_t difference = 0;
  if (both(call, Kind::timestamp)) {
    const auto length = between(b.as_timestamp(), a.as_timestamp());
    return length ? Value::duration(*length) : overflow();
  }
  if (both(call, Kind::duration)) {
    if (__builtin_sub_overflow(a.as_duration().count(), b.as_duration().count(), &difference))
      return overflow();
    return Value::duration(Nanos{difference});
  }
  if (!a.is(Kind::timestamp) || !b.is(Kind::duration)) return no_overload("_-_", call.args);
  if (__builtin_sub_overflow(std::int64_t{0}, b.as_duration().count(), &difference)) return overflow();
  return moved(a.as_timestamp(), Nanos{difference});
}

}  // namespace

Value op_subtract(const Call& call) {
  const Value& a = call.args[0];
  const Value& b = call.args[1];
  if (both(call, Kind::integer)) {
    std::int64_t difference = 0;
    return __builtin_sub_overflow(a.as_integer(), b.as_integer(), &difference) ? overflow()
                                                                               : whole(difference);
  }
  if (both(call, Kind::unsigned_integer)) {
    return a.as_unsigned() < b.as_unsigned() ? overflow() : whole(a.as_unsigned() - b.as_unsigned());
  }
  if (both(call, Kind::real)) return Value::real(a.as_real() - b.as_real());
  return subtract_times(call);
}

Value op_multiply(const Call& call) {
  const Value& a = call.args[0];
  const Value& b = call.args[1];
  if (both(call, Kind::integer)) {
    std::int64_t product = 0;
    return __builtin_mul_overflow(a.as_integer(), b.as_integer(), &product) ? overflow() : whole(product);
  }
  if (both(call, Kind::unsigned_integer)) {
    std::uint64_t product = 0;
    return __builtin_mul_overflow(a.as_unsigned(), b.as_unsigned(), &product) ? overflow() : whole(product);
  }
  if (both(call, Kind::real)) return Value::real(a.as_real() * b.as_real());
  return no_overload("_*_", call.args);
}

namespace {

// What keeps two whole numbers from being divided, if anything does.
std::optional<Value> undivided(const Call& call) {
  const Value& a = call.args[0];
  const Value& b = call.args[1];
  const bool zero = b.is(Kind::integer) ? b.as_integer() == 0 : b.as_unsigned() == 0;
  if (zero) return Value::error_view("division by zero");
  const bool beyond = a.is(Kind::integer) && a.as_integer() == std::numeric_limits<std::int64_t>::min() &&
                      b.as_integer() == -1;
  if (beyond) return overflow();
  return std::nullopt;
}

}  // namespace

Value op_divide(const Call& call) {
  const Value& a = call.args[0];
  const Value& b = call.args[1];
  if (both(call, Kind::real)) return Value::real(a.as_real() / b.as_real());
  if (!both(call, Kind::integer) && !both(call, Kind::unsigned_integer)) return no_overload("_/_", call.args);
  if (auto problem = undivided(call)) return std::move(*problem);
  return a.is(Kind::integer) ? whole(a.as_integer() / b.as_integer())
                             : whole(a.as_unsigned() / b.as_unsigned());
}

Value op_modulo(const Call& call) {
  const Value& a = call.args[0];
  const Value& b = call.args[1];
  if (!both(call, Kind::integer) && !both(call, Kind::unsigned_integer)) return no_overload("_%_", call.args);
  if (auto problem = undivided(call)) return std::move(*problem);
  return a.is(Kind::integer) ? whole(a.as_integer() % b.as_integer())
                             : whole(a.as_unsigned() % b.as_unsigned());
}

Value op_negate(const Call& call) {
  const Value& a = call.args[0];
  if (a.is(Kind::real)) return Value::real(-a.as_real());
  if (!a.is(Kind::integer)) return no_overload("-_", call.args);
  if (a.as_integer() == std::numeric_limits<std::int64_t>::min()) return overflow();
  return Value::integer(-a.as_integer());
}

Value op_not(const Call& call) {
  const Value& a = call.args[0];
  return a.is(Kind::boolean) ? Value::boolean(!a.as_boolean()) : no_overload("!_", call.args);
}

Value op_equal(const Call& call) {
  const bool same = equal(call.args[0], call.args[1], call.budget);
  return call.budget.spent ? Value::error_view(k_too_dear) : Value::boolean(same);
}

Value op_not_equal(const Call& call) {
  const bool same = equal(call.args[0], call.args[1], call.budget);
  return call.budget.spent ? Value::error_view(k_too_dear) : Value::boolean(!same);
}

namespace {

template <class Holds>
Value ordered(const Call& call, std::string_view name, Holds holds) {
  const Value& a = call.args[0];
  if (a.is(Kind::string) && !call.budget.spend(cost_of_bytes(a.text().size())))
    return Value::error_view(k_too_dear);
  const auto order = compare(a, call.args[1]);
  return order ? Value::boolean(holds(*order)) : no_overload(name, call.args);
}

}  // namespace

Value op_less(const Call& call) {
  return ordered(call, "_<_", [](std::partial_ordering order) { return order < 0; });
}
Value op_less_equal(const Call& call) {
  return ordered(call, "_<=_", [](std::partial_ordering order) { return order <= 0; });
}
Value op_greater(const Call& call) {
  return ordered(call, "_>_", [](std::partial_ordering order) { return order > 0; });
}
Value op_greater_equal(const Call& call) {
  return ordered(call, "_>=_", [](std::partial_ordering order) { return order >= 0; });
}

}  // namespace jitbot::cel
