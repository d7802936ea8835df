#include "bot/record/binding.hpp"

namespace jitbot {

bool is_bound_otherwise(Tx& tx, const Person& person) {
  const auto email = policy_name(person);
  if (!email) return false;
  const auto mine = tx.binding(person.id);
  return mine ? mine->email != *email : tx.binding_of_email(*email).has_value();
}

}  // namespace jitbot
