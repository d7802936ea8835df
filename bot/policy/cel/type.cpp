#include "bot/policy/cel/type.hpp"

#include <algorithm>

namespace jitbot::cel {

Type Type::list(Type element) {
  Type made(Kind::list);
  made.parts_ = std::make_shared<const std::vector<Type>>(std::vector<Type>{std::move(element)});
  return made;
}

Type Type::map(Type key, Type value) {
  Type made(Kind::map);
  made.parts_ =
      std::make_shared<const std::vector<Type>>(std::vector<Type>{std::move(key), std::move(value)});
  return made;
}

Type Type::object(const ObjectType& declaration) {
  Type made(Kind::object);
  made.declaration_ = &declaration;
  return made;
}

Type Type::parameter(std::size_t number) {
  Type made(Kind::parameter);
  made.number_ = number;
  return made;
}

bool operator==(const Type& a, const Type& b) {
  if (a.kind() != b.kind()) return false;
  if (a.is(Type::Kind::list)) return a.element() == b.element();
  if (a.is(Type::Kind::map)) return a.key() == b.key() && a.value() == b.value();
  if (a.is(Type::Kind::object)) return &a.declaration() == &b.declaration();
  return !a.is(Type::Kind::parameter) || a.number() == b.number();
}

std::string to_string(const Type& type) {
  switch (type.kind()) {
    case Type::Kind::dyn:
    case Type::Kind::parameter:
      return "dyn";
    case Type::Kind::null:
      return "null";
    case Type::Kind::boolean:
      return "bool";
    case Type::Kind::integer:
      return "int";
    case Type::Kind::unsigned_integer:
      return "uint";
    case Type::Kind::real:
      return "double";
    case Type::Kind::string:
      return "string";
    case Type::Kind::bytes:
      return "bytes";
    case Type::Kind::timestamp:
      return "timestamp";
    case Type::Kind::duration:
      return "duration";
    case Type::Kind::type:
      return "type";
    case Type::Kind::list:
      return "list(" + to_string(type.element()) + ")";
    case Type::Kind::map:
      return "map(" + to_string(type.key()) + ", " + to_string(type.value()) + ")";
    case Type::Kind::object:
      return type.declaration().name();
  }
  return "";
}

ObjectType::ObjectType(std::string name, std::vector<Field> fields)
    : name_(std::move(name)), fields_(std::move(fields)) {}

std::optional<std::size_t> ObjectType::index_of(std::string_view field) const {
  const auto found = std::ranges::find(fields_, field, &Field::name);
  if (found == fields_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - fields_.begin());
}

namespace {

// Of what is there; dyn where two differ, or where there is nothing.
class Common {
 public:
  void add(const Type& type) {
    if (!found_) found_ = type;
    if (!(*found_ == type)) mixed_ = true;
  }
  Type type() const { return found_ && !mixed_ ? *found_ : Type(Type::Kind::dyn); }

 private:
  std::optional<Type> found_;
  bool mixed_ = false;
};

Type type_of_list(const Value& value) {
  Common element;
  for (const Value& item : value.items()) element.add(type_of(item));
  return Type::list(element.type());
}

Type type_of_map(const Value& value) {
  Common key;
  Common content;
  for (const auto& [name, item] : value.entries()) {
    key.add(type_of(name));
    content.add(type_of(item));
  }
  return Type::map(key.type(), content.type());
}

}  // namespace

Type type_of(const Value& value) {
  switch (value.kind()) {
    case Kind::unset:
    case Kind::unknown:
    case Kind::error:
      return Type::Kind::dyn;
    case Kind::null:
      return Type::Kind::null;
    case Kind::boolean:
      return Type::Kind::boolean;
    case Kind::integer:
      return Type::Kind::integer;
    case Kind::unsigned_integer:
      return Type::Kind::unsigned_integer;
    case Kind::real:
      return Type::Kind::real;
    case Kind::string:
      return Type::Kind::string;
    case Kind::bytes:
      return Type::Kind::bytes;
    case Kind::timestamp:
      return Type::Kind::timestamp;
    case Kind::duration:
      return Type::Kind::duration;
    case Kind::type:
      return Type::Kind::type;
    case Kind::list:
      return type_of_list(value);
    case Kind::map:
      return type_of_map(value);
    case Kind::object:
      return Type::object(value.object_type());
  }
  return Type::Kind::dyn;
}

}  // namespace jitbot::cel
