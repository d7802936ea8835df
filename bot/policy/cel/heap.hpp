#pragma once

#include "bot/policy/cel/value.hpp"

#include <atomic>

// What shared values keep in memory; for value.cpp and map.cpp alone.
namespace jitbot::cel::heap {

// Counted by values in any thread, immutable otherwise. Which of the structs below it is, the value's kind
// says.
struct Block {
  mutable std::atomic<std::uint32_t> users{1};
};

// The characters follow the struct in the same allocation.
struct Text : Block {
  static const Text* make(std::string_view text);
  static void destroy(const Text* text);
  const char* data() const { return reinterpret_cast<const char*>(this + 1); }
};

struct List : Block {
  std::vector<Value> items;
};

struct Map : Block {
  std::vector<Value::Entry> entries;
  std::vector<std::uint32_t> buckets;  // open addressing over `entries`, 1-based; empty for small maps
  // False where a key is of no allowed kind, or is there twice.
  bool index();
  const Value* find(const Value& key) const;
};

struct Object : Block {
  const ObjectType* type = nullptr;
  std::vector<Value> fields;
};

}  // namespace jitbot::cel::heap
