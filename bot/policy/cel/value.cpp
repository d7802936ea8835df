#include "bot/policy/cel/value.hpp"

#include "bot/policy/cel/heap.hpp"
#include "bot/policy/cel/type.hpp"

#include <cstring>
#include <limits>
#include <new>
#include <stdexcept>

namespace jitbot::cel {

namespace heap {

const Text* Text::make(std::string_view text) {
  void* memory = ::operator new(sizeof(Text) + text.size());
  auto* made = new (memory) Text;
  if (!text.empty()) std::memcpy(static_cast<char*>(memory) + sizeof(Text), text.data(), text.size());
  return made;
}

void Text::destroy(const Text* text) {
  text->~Text();
  ::operator delete(const_cast<Text*>(text));
}

namespace {

void destroy(Kind kind, const Block* block) {
  switch (kind) {
    case Kind::string:
    case Kind::bytes:
    case Kind::type:
    case Kind::error:
      Text::destroy(static_cast<const Text*>(block));
      return;
    case Kind::list:
      delete static_cast<const List*>(block);
      return;
    case Kind::map:
      delete static_cast<const Map*>(block);
      return;
    case Kind::object:
      delete static_cast<const Object*>(block);
      return;
    case Kind::unset:
    case Kind::null:
    case Kind::boolean:
    case Kind::integer:
    case Kind::unsigned_integer:
    case Kind::real:
    case Kind::timestamp:
    case Kind::duration:
    case Kind::unknown:
      return;
  }
}

bool is_text(Kind kind) {
  return kind == Kind::string || kind == Kind::bytes || kind == Kind::type || kind == Kind::error;
}

}  // namespace

}  // namespace heap

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::unset:
      return "unset";
    case Kind::null:
      return "null_type";
    case Kind::boolean:
      return "bool";
    case Kind::integer:
      return "int";
    case Kind::unsigned_integer:
      return "uint";
    case Kind::real:
      return "double";
    case Kind::string:
      return "string";
    case Kind::bytes:
      return "bytes";
    case Kind::timestamp:
      return "google.protobuf.Timestamp";
    case Kind::duration:
      return "google.protobuf.Duration";
    case Kind::type:
      return "type";
    case Kind::list:
      return "list";
    case Kind::map:
      return "map";
    case Kind::object:
      return "object";
    case Kind::unknown:
      return "unknown";
    case Kind::error:
      return "error";
  }
  return "";
}

Value::Value(const Value& other) : bits_(other.bits_) {
  if (bits_.held) bits_.of.block->users.fetch_add(1, std::memory_order_relaxed);
}

Value& Value::operator=(const Value& other) {
  if (this != &other) {
    Value copy(other);
    std::swap(bits_, copy.bits_);
  }
  return *this;
}

void Value::release() {
  bits_.held = false;
  if (bits_.of.block->users.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    heap::destroy(bits_.kind, bits_.of.block);
  }
}

Value Value::scalar(Kind kind, Payload payload) {
  Value made;
  made.bits_.kind = kind;
  made.bits_.of = payload;
  return made;
}

Value Value::boolean(bool yes) {
  Payload payload;
  payload.integer = 0;
  payload.yes = yes;
  return scalar(Kind::boolean, payload);
}

Value Value::integer(std::int64_t number) {
  Payload payload;
  payload.integer = number;
  return scalar(Kind::integer, payload);
}

Value Value::unsigned_integer(std::uint64_t number) {
  Payload payload;
  payload.natural = number;
  return scalar(Kind::unsigned_integer, payload);
}

Value Value::real(double number) {
  Payload payload;
  payload.real = number;
  return scalar(Kind::real, payload);
}

Value Value::timestamp(Instant at) {
  Payload payload;
  payload.integer = at.seconds;
  Value made = scalar(Kind::timestamp, payload);
  made.bits_.extra = static_cast<std::uint32_t>(at.nanos);
  return made;
}

Value Value::duration(Nanos length) {
  Payload payload;
  payload.integer = length.count();
  return scalar(Kind::duration, payload);
}

Value Value::holding(Kind kind, const heap::Block* block, std::size_t length) {
  Value made;
  made.bits_.kind = kind;
  made.bits_.held = true;
  made.bits_.extra = static_cast<std::uint32_t>(length);
  made.bits_.of.block = block;
  return made;
}

Value Value::copied(Kind kind, std::string_view text) {
  if (text.size() > std::numeric_limits<std::uint32_t>::max())
    throw std::length_error("cel: text over 4 GiB");
  if (text.empty()) return viewed(kind, {});
  return holding(kind, heap::Text::make(text), text.size());
}

Value Value::viewed(Kind kind, std::string_view text) {
  if (text.size() > std::numeric_limits<std::uint32_t>::max())
    throw std::length_error("cel: text over 4 GiB");
  Value made;
  made.bits_.kind = kind;
  made.bits_.extra = static_cast<std::uint32_t>(text.size());
  made.bits_.of.text = text.data();
  return made;
}

Value Value::list(std::vector<Value> items) {
  auto* block = new heap::List;
  block->items = std::move(items);
  return holding(Kind::list, block, 0);
}

std::optional<Value> Value::map(std::vector<Entry> entries) {
  auto* block = new heap::Map;
  block->entries = std::move(entries);
  Value made = holding(Kind::map, block, 0);
  if (!block->index()) return std::nullopt;
  return made;
}

Value Value::object(const ObjectType& type, std::vector<Value> fields) {
  auto* block = new heap::Object;
  block->type = &type;
  block->fields = std::move(fields);
  block->fields.resize(type.fields().size());
  return holding(Kind::object, block, 0);
}

std::string_view Value::text() const {
  const char* data = bits_.held ? static_cast<const heap::Text*>(bits_.of.block)->data() : bits_.of.text;
  return {data, bits_.extra};
}

std::span<const Value> Value::items() const {
  return static_cast<const heap::List*>(bits_.of.block)->items;
}

std::span<const Value::Entry> Value::entries() const {
  return static_cast<const heap::Map*>(bits_.of.block)->entries;
}

const Value* Value::find(const Value& key) const {
  return static_cast<const heap::Map*>(bits_.of.block)->find(key);
}

const ObjectType& Value::object_type() const {
  return *static_cast<const heap::Object*>(bits_.of.block)->type;
}

std::span<const Value> Value::fields() const {
  return static_cast<const heap::Object*>(bits_.of.block)->fields;
}

Value Value::borrowed() const {
  if (bits_.held && heap::is_text(bits_.kind)) return viewed(bits_.kind, text());
  Value made;
  made.bits_ = bits_;
  made.bits_.held = false;
  return made;
}

std::string_view type_name(const Value& value) {
  return value.is(Kind::object) ? std::string_view(value.object_type().name()) : to_string(value.kind());
}

}  // namespace jitbot::cel
