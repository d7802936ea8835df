#include "adapters/access/lookup/lookup.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace jitbot {

namespace {

using Until = std::optional<Time>;

Until latest_end(const std::vector<Grant>& grants, Time now) {
  Until latest;
  for (const Grant& grant : grants) {
    if (!grant.wants_access() || grant.end() <= now) continue;
    latest = latest ? std::max(*latest, grant.end()) : grant.end();
  }
  return latest;
}

Result<Until> latest_end(Tx& tx, const EntitlementKey& key, Time now) {
  const auto entitlement = tx.entitlement(key);
  if (!entitlement) return Until{};
  return latest_end(tx.live_grants_on(entitlement->id), now);
}

Task<Result<Until>> ask_store(Store* store, EntitlementKey key, Time now) {
  std::function<Result<Until>(Tx&)> work = [key = std::move(key), now](Tx& tx) {
    return latest_end(tx, key, now);
  };
  co_return co_await query<Until>(*store, std::move(work));
}

class LookupConnector : public Connector {
 public:
  explicit LookupConnector(LookupOptions options) : options_(std::move(options)) {}

  Capabilities capabilities() const override { return {.native_end = true, .in_store = options_.in_store}; }
  Millis timeout() const override { return options_.timeout; }

  Observation seen_in_store(const Target& target, const std::vector<Grant>& grants, Time now) const override {
    if (target.untouched) return Observation{Presence::absent, std::nullopt, false, {}};
    const Until until = latest_end(grants, now);
    return Observation{until ? Presence::present : Presence::absent, until, false, {}};
  }

  Task<Observation> observe(Target target) override {
    if (target.untouched) co_return Observation{Presence::absent, std::nullopt, false, {}};
    auto until = co_await options_.view(std::move(target));
    if (!until) co_return Observation{Presence::unknown, std::nullopt, false, until.error().message};
    const Presence presence = *until ? Presence::present : Presence::absent;
    co_return Observation{presence, *until, false, {}};
  }

  Task<Result<void>> present(Target /*target*/, Time /*until*/) override { co_return Result<void>{}; }
  Task<Result<void>> absent(Target /*target*/) override { co_return Result<void>{}; }

  Task<Result<std::vector<EntitlementKey>>> list(std::vector<EntitlementKey> /*known*/) override {
    co_return fail(ErrorKind::refused, "a lookup connector has no list");
  }
  Task<std::vector<std::string>> check(std::vector<EntitlementKey> /*used*/) override {
    co_return std::vector<std::string>{};
  }

 private:
  LookupOptions options_;
};

}  // namespace

LookupView store_lookup_view(Store& store, std::function<Time()> effective_now) {
  return [store = &store, effective_now = std::move(effective_now)](Target target) {
    return ask_store(store, std::move(target.key), effective_now());
  };
}

std::unique_ptr<Connector> make_lookup_connector(LookupOptions options) {
  return std::make_unique<LookupConnector>(std::move(options));
}

}  // namespace jitbot
