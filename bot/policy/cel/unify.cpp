#include "bot/policy/cel/unify.hpp"

namespace jitbot::cel {

Type Unifier::fresh() {
  bound_.emplace_back();
  return Type::parameter(bound_.size() - 1);
}

void Unifier::undo(std::size_t mark) {
  for (; trail_.size() > mark; trail_.pop_back()) bound_[trail_.back()].reset();
}

Type Unifier::known(const Type& type) const {
  Type found = type;
  while (found.is(Type::Kind::parameter) && bound_[found.number()]) {
    Type next = *bound_[found.number()];
    found = std::move(next);
  }
  return found;
}

bool Unifier::occurs(std::size_t number, const Type& type) const {
  const Type found = known(type);
  if (found.is(Type::Kind::parameter)) return found.number() == number;
  if (found.is(Type::Kind::list)) return occurs(number, found.element());
  return found.is(Type::Kind::map) && (occurs(number, found.key()) || occurs(number, found.value()));
}

bool Unifier::bind(const Type& parameter, const Type& type) {
  if (type.is(Type::Kind::parameter) && type.number() == parameter.number()) return true;
  if (occurs(parameter.number(), type)) return false;
  bound_[parameter.number()] = type;
  trail_.push_back(parameter.number());
  return true;
}

namespace {

// null stands for an object, a point or a length of time that is not there.
bool may_be_null(const Type& type) {
  return type.is(Type::Kind::object) || type.is(Type::Kind::timestamp) || type.is(Type::Kind::duration);
}

}  // namespace

bool Unifier::fits(const Type& wanted, const Type& given) {
  const Type a = known(wanted);
  const Type b = known(given);
  if (a.is(Type::Kind::parameter)) return bind(a, b);
  if (b.is(Type::Kind::parameter)) return bind(b, a);
  if (a.is(Type::Kind::dyn) || b.is(Type::Kind::dyn)) return true;
  if (a.is(Type::Kind::null) && may_be_null(b)) return true;
  if (b.is(Type::Kind::null) && may_be_null(a)) return true;
  if (a.kind() != b.kind()) return false;
  if (a.is(Type::Kind::list)) return fits(a.element(), b.element());
  if (a.is(Type::Kind::map)) return fits(a.key(), b.key()) && fits(a.value(), b.value());
  return !a.is(Type::Kind::object) || &a.declaration() == &b.declaration();
}

Type Unifier::common(const Type& a, const Type& b) {
  const Type first = known(a);
  const Type second = known(b);
  if (first.is(Type::Kind::dyn) || second.is(Type::Kind::dyn)) return Type::Kind::dyn;
  const std::size_t before = mark();
  if (fits(first, second)) return first.is(Type::Kind::null) ? second : first;
  undo(before);
  return Type::Kind::dyn;
}

Type Unifier::resolved(const Type& type) const {
  const Type found = known(type);
  if (found.is(Type::Kind::list)) return Type::list(resolved(found.element()));
  if (found.is(Type::Kind::map)) return Type::map(resolved(found.key()), resolved(found.value()));
  return found;
}

}  // namespace jitbot::cel
