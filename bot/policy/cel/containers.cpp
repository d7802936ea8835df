// Lists and maps: membership, elements, sizes.
#include "bot/policy/cel/compare.hpp"
#include "bot/policy/cel/points.hpp"

#include <fmt/format.h>

#include <cmath>

namespace jitbot::cel {

Value part_of(const Value& whole, const Value& part) {
  return whole.is_borrowed() ? part.borrowed() : part;
}

Value op_in(const Call& call) {
  const Value& wanted = call.args[0];
  const Value& container = call.args[1];
  if (container.is(Kind::map)) return Value::boolean(container.find(wanted) != nullptr);
  if (!container.is(Kind::list)) return no_overload("@in", call.args);
  bool found = false;
  for (const Value& item : container.items()) {
    found = equal(wanted, item, call.budget);
    if (call.budget.spent) return Value::error_view(k_too_dear);
    if (found) break;
  }
  return Value::boolean(found);
}

namespace {

// The place in a list that a number says, whatever kind of number it is.
std::optional<std::int64_t> place_of(const Value& index) {
  if (index.is(Kind::integer)) return index.as_integer();
  if (index.is(Kind::unsigned_integer)) {
    return index.as_unsigned() > INT64_MAX ? INT64_MAX : static_cast<std::int64_t>(index.as_unsigned());
  }
  if (!index.is(Kind::real)) return std::nullopt;
  const double number = index.as_real();
  if (std::trunc(number) != number || number < -0x1p62 || number > 0x1p62) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

std::string shown(const Value& key) {
  if (key.is(Kind::string)) return fmt::format("\"{}\"", key.text().substr(0, 60));
  if (key.is(Kind::integer)) return std::to_string(key.as_integer());
  if (key.is(Kind::unsigned_integer)) return std::to_string(key.as_unsigned()) + "u";
  if (key.is(Kind::boolean)) return key.as_boolean() ? "true" : "false";
  return std::string(to_string(key.kind()));
}

}  // namespace

Value no_such_key(const Value& key) {
  return Value::error(fmt::format("no such key: {}", shown(key)));
}

Value op_index(const Call& call) {
  const Value& whole = call.args[0];
  const Value& key = call.args[1];
  if (whole.is(Kind::map)) {
    const Value* const found = whole.find(key);
    return found != nullptr ? part_of(whole, *found) : no_such_key(key);
  }
  if (!whole.is(Kind::list)) return no_overload("_[_]", call.args);
  const auto place = place_of(key);
  if (!place) return no_overload("_[_]", call.args);
  const auto items = whole.items();
  if (*place < 0 || static_cast<std::uint64_t>(*place) >= items.size()) {
    return Value::error(fmt::format("index out of range: {} of a list of {}", *place, items.size()));
  }
  return part_of(whole, items[static_cast<std::size_t>(*place)]);
}

Value size_of(const Call& call) {
  const Value& whole = call.args[0];
  std::size_t size = 0;
  if (whole.is(Kind::string)) {
    if (!call.budget.spend(cost_of_bytes(whole.text().size()))) return Value::error_view(k_too_dear);
    size = count_points(whole.text());
  } else if (whole.is(Kind::bytes)) {
    size = whole.text().size();
  } else if (whole.is(Kind::list)) {
    size = whole.items().size();
  } else if (whole.is(Kind::map)) {
    size = whole.entries().size();
  } else {
    return no_overload("size", call.args);
  }
  return Value::integer(static_cast<std::int64_t>(size));
}

}  // namespace jitbot::cel
