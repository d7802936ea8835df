#include "bot/app/connector_checks.hpp"

namespace jitbot {

std::vector<EntitlementKey> used_of(const Policy& policy, const ConnectorSettings& connector) {
  std::vector<EntitlementKey> used;
  const auto* map = std::get_if<AccountByMap>(&connector.account);
  for (const auto& [name, resource] : policy.resources) {
    for (const auto& [role_name, role] : resource.roles) {
      if (role.connector != connector.name) continue;
      if (map == nullptr || map->accounts.empty()) used.push_back({connector.name, role.grants, ""});
      if (map == nullptr) continue;
      for (const auto& [email, account] : map->accounts)
        used.push_back({connector.name, role.grants, account});
    }
  }
  return used;
}

Task<Result<void>> NoStore::write(Work) {
  co_return fail(ErrorKind::unavailable, "no store is open");
}

Task<Result<void>> NoStore::read(Work) {
  co_return fail(ErrorKind::unavailable, "no store is open");
}

}  // namespace jitbot
