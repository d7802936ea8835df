#include "bot/model/aliases.hpp"

namespace jitbot {

void Aliases::add(const PrincipalId& account, const PrincipalId& person) {
  person_of_.insert_or_assign(account, person);
}

PrincipalId Aliases::person_of(const PrincipalId& account) const {
  const auto found = person_of_.find(account);
  return found == person_of_.end() ? account : found->second;
}

std::optional<PrincipalId> Aliases::account_on(const PrincipalId& person, std::string_view platform) const {
  if (platform_of(person) == platform) return person;
  for (const auto& [account, whose] : person_of_) {
    if (whose == person && platform_of(account) == platform) return account;
  }
  return std::nullopt;
}

}  // namespace jitbot
