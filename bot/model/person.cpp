#include "bot/model/person.hpp"

#include <algorithm>
#include <cctype>

namespace jitbot {

bool may_decide_at_all(const Person& person) {
  return !person.deactivated && !person.bot && !person.guest && !person.outsider;
}

std::optional<std::string> policy_name(const Person& person) {
  if (person.email.empty() || !person.email_confirmed || !may_decide_at_all(person)) return std::nullopt;
  std::string name = person.email;
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
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
