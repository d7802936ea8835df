#include "bot/reconcile/administrators.hpp"

#include "bot/record/roll_call.hpp"

#include <spdlog/spdlog.h>

namespace jitbot {

namespace {

constexpr std::size_t k_most = 100;

Task<Result<std::vector<Person>>> find_all(AdministratorPorts ports) {
  RollCall roll(ports.directory, ports.store);
  const auto policy = ports.policy.now();
  std::set<PrincipalId> nobody;
  auto found = co_await roll.people(*policy, ports.members, std::move(nobody), k_most);
  if (!found) co_return tl::unexpected<Error>(found.error());
  if (found->not_asked > 0) spdlog::warn("event=not_all_administrators left_out={}", found->not_asked);
  co_return std::move(found->people);
}

}  // namespace

Administrators administrators_of(AdministratorPorts ports) {
  return [ports = std::move(ports)] { return find_all(ports); };
}

}  // namespace jitbot
