#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Values of the Common Expression Language. A Value is 16 bytes and cheap to copy: scalars lie in it; text,
// lists, maps and objects are either shared (counted, immutable, safe across threads) or borrowed from memory
// that the caller keeps alive. Only make something new of it what says so.
namespace jitbot::cel {

class ObjectType;

enum class Kind : std::uint8_t {
  unset,  // no value at all: a field that is not there, a variable that a callback delivers
  null,
  boolean,
  integer,
  unsigned_integer,
  real,
  string,
  bytes,
  timestamp,
  duration,
  type,
  list,
  map,
  object,
  unknown,  // a fact that nobody has yet; what depends on it is unknown too
  error,    // the evaluator's own: never bound, never returned
};
// As people and type() say it: "int", "google.protobuf.Timestamp". Objects are named by their type.
std::string_view to_string(Kind kind);

// Seconds since 1970 and the nanoseconds after them, 0 to 999 999 999. CEL's years are 1 to 9999.
struct Instant {
  std::int64_t seconds = 0;
  std::int32_t nanos = 0;
  auto operator<=>(const Instant&) const = default;
};
using Nanos = std::chrono::duration<std::int64_t, std::nano>;

namespace heap {
struct Block;
struct Text;
struct List;
struct Map;
struct Object;
}  // namespace heap

class Value {
 public:
  using Entry = std::pair<Value, Value>;

  Value() = default;
  Value(const Value& other);
  Value(Value&& other) noexcept : bits_(other.bits_) { other.bits_ = {}; }
  Value& operator=(const Value& other);
  Value& operator=(Value&& other) noexcept {
    std::swap(bits_, other.bits_);
    return *this;
  }
  ~Value() {
    if (bits_.held) release();
  }

  static Value null() { return scalar(Kind::null, {}); }
  static Value boolean(bool yes);
  static Value integer(std::int64_t number);
  static Value unsigned_integer(std::uint64_t number);
  static Value real(double number);
  static Value timestamp(Instant at);
  static Value duration(Nanos length);
  static Value unknown() { return scalar(Kind::unknown, {}); }
  // Copies. A string must be UTF-8.
  static Value string(std::string_view text) { return copied(Kind::string, text); }
  static Value bytes(std::string_view text) { return copied(Kind::bytes, text); }
  static Value type(std::string_view name) { return copied(Kind::type, name); }
  // Borrow: the text outlives every use of the value.
  static Value string_view(std::string_view text) { return viewed(Kind::string, text); }
  static Value bytes_view(std::string_view text) { return viewed(Kind::bytes, text); }
  static Value type_view(std::string_view name) { return viewed(Kind::type, name); }
  static Value list(std::vector<Value> items);
  // Nothing where a key is no bool, int, uint or string, or equals another one.
  static std::optional<Value> map(std::vector<Entry> entries);
  // One value per field of the type, in its order; unset where there is none. The type outlives the value.
  static Value object(const ObjectType& type, std::vector<Value> fields);
  static Value error(std::string_view text) { return copied(Kind::error, text); }
  static Value error_view(std::string_view text) { return viewed(Kind::error, text); }

  Kind kind() const { return bits_.kind; }
  bool is(Kind kind) const { return bits_.kind == kind; }
  bool is_number() const { return bits_.kind >= Kind::integer && bits_.kind <= Kind::real; }
  bool failed() const { return bits_.kind >= Kind::unknown; }
  bool is_true() const { return is(Kind::boolean) && bits_.of.yes; }
  bool is_false() const { return is(Kind::boolean) && !bits_.of.yes; }

  // Each for its kind alone.
  bool as_boolean() const { return bits_.of.yes; }
  std::int64_t as_integer() const { return bits_.of.integer; }
  std::uint64_t as_unsigned() const { return bits_.of.natural; }
  double as_real() const { return bits_.of.real; }
  std::string_view text() const;  // of string, bytes, type, error
  Instant as_timestamp() const { return {bits_.of.integer, static_cast<std::int32_t>(bits_.extra)}; }
  Nanos as_duration() const { return Nanos{bits_.of.integer}; }
  std::span<const Value> items() const;    // of list
  std::span<const Entry> entries() const;  // of map, in the order they were given
  // The value of a key of a map, numbers compared by their amount; null pointer where there is none.
  const Value* find(const Value& key) const;
  const ObjectType& object_type() const;
  std::span<const Value> fields() const;  // of object

  // The same value without a part in its life: valid as long as this one or what it borrows from.
  Value borrowed() const;
  bool is_borrowed() const { return !bits_.held; }

 private:
  union Payload {
    std::int64_t integer = 0;
    bool yes;
    std::uint64_t natural;
    double real;
    const char* text;
    const heap::Block* block;
  };
  struct Bits {
    Kind kind = Kind::unset;
    bool held = false;        // this value keeps `block` alive
    std::uint32_t extra = 0;  // length of a text, nanoseconds of a timestamp
    Payload of{};
  };

  static Value scalar(Kind kind, Payload payload);
  static Value copied(Kind kind, std::string_view text);
  static Value viewed(Kind kind, std::string_view text);
  static Value holding(Kind kind, const heap::Block* block, std::size_t length);
  void release();

  Bits bits_;
};

// What type(x) says: "int", "list", the name of an object's type.
std::string_view type_name(const Value& value);

}  // namespace jitbot::cel
