// Finding a key in a map: a walk where there are few, a table where there are many.
#include "bot/policy/cel/heap.hpp"

#include <cmath>
#include <functional>

namespace jitbot::cel::heap {

namespace {

constexpr std::size_t k_few = 8;

// A number as a key is its amount: 1, 1u and 1.0 are one key.
struct Amount {
  bool negative = false;
  std::uint64_t bits = 0;
  bool operator==(const Amount&) const = default;
};

std::optional<Amount> amount_of(double number) {
  if (std::trunc(number) != number) return std::nullopt;  // also NaN
  if (number >= 0 && number < 0x1p64) return Amount{false, static_cast<std::uint64_t>(number)};
  if (number < 0 && number >= -0x1p63)
    return Amount{true, static_cast<std::uint64_t>(static_cast<std::int64_t>(number))};
  return std::nullopt;
}

std::optional<Amount> amount_of(const Value& key) {
  if (key.is(Kind::integer))
    return Amount{key.as_integer() < 0, static_cast<std::uint64_t>(key.as_integer())};
  if (key.is(Kind::unsigned_integer)) return Amount{false, key.as_unsigned()};
  if (key.is(Kind::real)) return amount_of(key.as_real());
  return std::nullopt;
}

bool same_key(const Value& key, const Value& wanted) {
  if (key.is(Kind::string)) return wanted.is(Kind::string) && key.text() == wanted.text();
  if (key.is(Kind::boolean)) return wanted.is(Kind::boolean) && key.as_boolean() == wanted.as_boolean();
  const auto amount = amount_of(wanted);
  return amount && amount_of(key) == amount;
}

std::size_t hash_of(const Value& key) {
  if (key.is(Kind::string)) return std::hash<std::string_view>{}(key.text());
  if (key.is(Kind::boolean)) return key.as_boolean() ? 1 : 2;
  const Amount amount = amount_of(key).value_or(Amount{});
  return static_cast<std::size_t>((amount.bits ^ (amount.bits >> 29U)) * 0x9E3779B97F4A7C15U);
}

bool may_be_key(const Value& key) {
  return key.is(Kind::string) || key.is(Kind::boolean) || key.is(Kind::integer) ||
         key.is(Kind::unsigned_integer);
}

}  // namespace

bool Map::index() {
  std::size_t size = 0;
  if (entries.size() > k_few) {
    size = 16;
    while (size < entries.size() * 2) size *= 2;
  }
  buckets.assign(size, 0);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Value& key = entries[i].first;
    if (!may_be_key(key)) return false;
    if (size == 0) {
      for (std::size_t before = 0; before < i; ++before) {
        if (same_key(entries[before].first, key)) return false;
      }
      continue;
    }
    std::size_t at = hash_of(key) & (size - 1);
    for (; buckets[at] != 0; at = (at + 1) & (size - 1)) {
      if (same_key(entries[buckets[at] - 1].first, key)) return false;
    }
    buckets[at] = static_cast<std::uint32_t>(i + 1);
  }
  return true;
}

const Value* Map::find(const Value& key) const {
  if (buckets.empty()) {
    for (const auto& [known, value] : entries) {
      if (same_key(known, key)) return &value;
    }
    return nullptr;
  }
  if (!may_be_key(key) && !key.is(Kind::real)) return nullptr;
  const std::size_t mask = buckets.size() - 1;
  for (std::size_t at = hash_of(key) & mask; buckets[at] != 0; at = (at + 1) & mask) {
    const auto& [known, value] = entries[buckets[at] - 1];
    if (same_key(known, key)) return &value;
  }
  return nullptr;
}

}  // namespace jitbot::cel::heap
