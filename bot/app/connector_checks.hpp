#pragma once

#include "bot/app/app.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

// Asking the connectors without a bot around them, for `jitbot check` and `jitbot doctor`.
namespace jitbot {

// What the policy can ask of this connector, with the accounts that the mapping names.
std::vector<EntitlementKey> used_of(const Policy& policy, const ConnectorSettings& connector);

// No store is open: what a connector would ask it is answered with no.
class NoStore : public Store {
 public:
  Task<Result<void>> write(Work work) override;
  Task<Result<void>> read(Work work) override;
};

}  // namespace jitbot
