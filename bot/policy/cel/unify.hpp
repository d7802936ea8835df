#pragma once

#include "bot/policy/cel/type.hpp"

namespace jitbot::cel {

// What the parameters of types turn out to be while an expression is checked.
class Unifier {
 public:
  Type fresh();
  // Whether a value of the one type may be where the other is asked for; parameters are bound as that needs.
  bool fits(const Type& wanted, const Type& given);
  // The type of what is one or the other: dyn where they have nothing in common.
  Type common(const Type& a, const Type& b);
  Type resolved(const Type& type) const;  // with all that is known; what is not known is a parameter still

  // What was bound since a mark can be undone.
  std::size_t mark() const { return trail_.size(); }
  void undo(std::size_t mark);

 private:
  Type known(const Type& type) const;  // the outermost part alone
  bool bind(const Type& parameter, const Type& type);
  bool occurs(std::size_t number, const Type& type) const;

  std::vector<std::optional<Type>> bound_;
  std::vector<std::size_t> trail_;
};

}  // namespace jitbot::cel
