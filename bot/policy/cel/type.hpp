#pragma once

#include "bot/policy/cel/value.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

// Types that variables are declared with and that the checker finds. Finer than what type() says at run time:
// lists and maps have element types, objects have declared fields.
namespace jitbot::cel {

class Type {
 public:
  enum class Kind : std::uint8_t {
    dyn,  // anything; decided at run time
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
    parameter,  // of an overload, or not known yet: the element of []
  };

  Type() = default;
  Type(Kind kind) : kind_(kind) {}  // a kind without parts is a type
  static Type list(Type element);
  static Type map(Type key, Type value);
  // The declaration outlives the type.
  static Type object(const ObjectType& declaration);
  static Type parameter(std::size_t number);

  Kind kind() const { return kind_; }
  bool is(Kind kind) const { return kind_ == kind; }
  const Type& element() const { return (*parts_)[0]; }  // of list
  const Type& key() const { return (*parts_)[0]; }      // of map
  const Type& value() const { return (*parts_)[1]; }    // of map
  const ObjectType& declaration() const { return *declaration_; }
  std::size_t number() const { return number_; }

 private:
  Kind kind_ = Kind::dyn;
  std::size_t number_ = 0;
  const ObjectType* declaration_ = nullptr;
  std::shared_ptr<const std::vector<Type>> parts_;
};
bool operator==(const Type& a, const Type& b);
// "list(string)", "map(string, dyn)", the name of an object's type.
std::string to_string(const Type& type);

struct Field {
  std::string name;
  Type type;
};

// An object's declared fields. has() asks whether one is set.
class ObjectType {
 public:
  ObjectType(std::string name, std::vector<Field> fields);
  ObjectType(const ObjectType&) = delete;
  ObjectType& operator=(const ObjectType&) = delete;
  ~ObjectType() = default;

  const std::string& name() const { return name_; }
  const std::vector<Field>& fields() const { return fields_; }
  std::optional<std::size_t> index_of(std::string_view field) const;

 private:
  std::string name_;
  std::vector<Field> fields_;
};

// A variable's name may be qualified ("a.b"). Its place in the declarations is its slot.
struct Variable {
  std::string name;
  Type type;
};
using Declarations = std::vector<Variable>;

// The type of a value, as narrow as its parts allow: what is mixed or empty has dyn parts.
Type type_of(const Value& value);

}  // namespace jitbot::cel
