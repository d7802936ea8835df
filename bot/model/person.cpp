#include "bot/model/person.hpp"

#include <algorithm>

namespace jitbot {

bool may_decide_at_all(const Person& person) {
  return !person.deactivated && !person.bot && !person.guest && !person.outsider;
}

std::optional<std::string> policy_name(const Person& person) {
  if (person.email.empty() || !person.email_confirmed || !may_decide_at_all(person)) return std::nullopt;
  std::string name = person.email;
  std::ranges::transform(name, name.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return name;
}

Result<Person> Facts::person(const PrincipalId& id) const {
  const auto found = people.find(id);
  if (found == people.end()) {
    return fail(ErrorKind::unavailable, "I cannot check " + id.user + " now",
                "person not fetched: " + to_string(id));
  }
  return found->second;
}

}  // namespace jitbot
