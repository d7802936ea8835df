#include "bot/policy/cel/compare.hpp"

#include <utility>

namespace jitbot::cel {

namespace {

double as_double(const Value& value) {
  if (value.is(Kind::integer)) return static_cast<double>(value.as_integer());
  if (value.is(Kind::unsigned_integer)) return static_cast<double>(value.as_unsigned());
  return value.as_real();
}

// An int and a double are compared as doubles, as every implementation of the language does: near 2^63 the
// int's last digits do not count.
std::partial_ordering compare_numbers(const Value& a, const Value& b) {
  if (a.is(Kind::real) || b.is(Kind::real)) return as_double(a) <=> as_double(b);
  if (a.is(Kind::integer) && b.is(Kind::integer)) return a.as_integer() <=> b.as_integer();
  if (a.is(Kind::unsigned_integer) && b.is(Kind::unsigned_integer))
    return a.as_unsigned() <=> b.as_unsigned();
  if (a.is(Kind::integer)) {
    return a.as_integer() < 0 ? std::strong_ordering::less
                              : static_cast<std::uint64_t>(a.as_integer()) <=> b.as_unsigned();
  }
  return b.as_integer() < 0 ? std::strong_ordering::greater
                            : a.as_unsigned() <=> static_cast<std::uint64_t>(b.as_integer());
}

bool equal_lists(std::span<const Value> a, std::span<const Value> b, Budget& budget) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!equal(a[i], b[i], budget)) return false;
  }
  return true;
}

bool equal_maps(const Value& a, const Value& b, Budget& budget) {
  if (a.entries().size() != b.entries().size()) return false;
  for (const auto& [key, value] : a.entries()) {
    const Value* const other = b.find(key);
    if (other == nullptr || !equal(value, *other, budget)) return false;
  }
  return true;
}

}  // namespace

bool equal(const Value& a, const Value& b, Budget& budget) {
  if (!budget.spend(1)) return false;
  if (a.is_number() && b.is_number()) return compare_numbers(a, b) == 0;
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::unset:
    case Kind::null:
      return true;
    case Kind::boolean:
      return a.as_boolean() == b.as_boolean();
    case Kind::string:
    case Kind::bytes:
    case Kind::type:
      return budget.spend(cost_of_bytes(std::min(a.text().size(), b.text().size()))) && a.text() == b.text();
    case Kind::timestamp:
      return a.as_timestamp() == b.as_timestamp();
    case Kind::duration:
      return a.as_duration() == b.as_duration();
    case Kind::list:
      return equal_lists(a.items(), b.items(), budget);
    case Kind::map:
      return equal_maps(a, b, budget);
    case Kind::object:
      return &a.object_type() == &b.object_type() && equal_lists(a.fields(), b.fields(), budget);
    case Kind::integer:
    case Kind::unsigned_integer:
    case Kind::real:
    case Kind::unknown:
    case Kind::error:
      return false;
  }
  return false;
}

std::optional<std::partial_ordering> compare(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return compare_numbers(a, b);
  if (a.kind() != b.kind()) return std::nullopt;
  if (a.is(Kind::string) || a.is(Kind::bytes))
    return a.text() <=> b.text();  // UTF-8 keeps the code points' order
  if (a.is(Kind::boolean)) return int{a.as_boolean()} <=> int{b.as_boolean()};
  if (a.is(Kind::timestamp)) return a.as_timestamp() <=> b.as_timestamp();
  if (a.is(Kind::duration)) return a.as_duration().count() <=> b.as_duration().count();
  return std::nullopt;
}

}  // namespace jitbot::cel
