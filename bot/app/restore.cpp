#include "bot/app/parts.hpp"
#include "bot/workflow/entitlement_machine.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

namespace jitbot {

namespace {

constexpr const char* k_hold = "restore";

Task<Result<std::vector<Entitlement>>> known_of(Store& store, std::string connector) {
  std::function<Result<std::vector<Entitlement>>(Tx&)> ask =
      [connector](Tx& tx) -> Result<std::vector<Entitlement>> { return tx.entitlements_of(connector); };
  co_return co_await query<std::vector<Entitlement>>(store, std::move(ask));
}

// At rest nothing of ours is known to be there: what is seen is what the target itself calls membership, not
// what a session that happens to be open might do.
Target target_of(const Entitlement& it) {
  return Target{it.key, it.resource, it.role, {}, it.state == EntitlementState::rest};
}

// Everything at rest is looked at once: the backup may be older than a grant. What is not at rest, the access
// loop observes anyway. False: something did not answer.
Task<bool> observe_known(App::Parts& parts, std::string name, Connector& connector) {
  auto known = co_await known_of(*parts.store, name);
  if (!known) co_return false;
  for (const Entitlement& it : *known) {
    if (parts.stopping) co_return false;
    auto target = target_of(it);
    const Observation seen = co_await connector.observe(std::move(target));
    if (seen.presence == Presence::unknown) co_return false;
    if (it.state != EntitlementState::rest || seen.presence != Presence::present) continue;
    co_await parts.sweep->found(it.key, connector);
  }
  co_return true;
}

Task<bool> answered(App::Parts& parts, std::string name, Connector& connector) {
  const bool observed = co_await observe_known(parts, name, connector);
  if (!observed || !connector.capabilities().list) co_return observed;
  auto listed = co_await parts.sweep->sweep_target(name, connector);
  co_return listed.has_value();
}

Task<void> tell_all_answered(App::Parts& parts) {
  std::function<Result<void>(Recorder&)> work = [](Recorder& record) -> Result<void> {
    const std::string why = record.tx().meta(k_restore_pending).value_or("");
    record.tx().put_meta(k_restore_pending, "");
    record.audit(system_principal("restore"), "restore.checked", "store", nlohmann::json::object());
    record.notice_admins(
        NoticeKind::restored, "restored/" + std::to_string(to_ms(record.now())), {},
        {{"why", why}, {"detail", "every target has answered; new access is granted again"}});
    return {};
  };
  (void)co_await record(parts.loop_ports(), std::move(work));
}

}  // namespace

Task<void> check_restored(App::Parts& parts) {
  parts.hold(k_hold, "I was restored from a backup and am still asking every target what it has");
  parts.access->hold_starts();
  std::set<std::string> open;
  for (const auto& [name, port] : parts.connectors) open.insert(name);
  for (int failures = 0; !open.empty() && !parts.stopping; ++failures) {
    for (const auto& [name, port] : parts.connectors) {
      if (parts.stopping || !open.contains(name)) continue;
      const bool done = co_await answered(parts, name, *port.connector);
      if (done) open.erase(name);
      spdlog::info("event=restore_check connector={} answered={}", name, done);
    }
    if (!open.empty()) co_await parts.restore_timer->wait(back_off(failures, 1.0));
  }
  if (parts.stopping) co_return;
  co_await tell_all_answered(parts);
  parts.access->release_starts();
  parts.release(k_hold);
}

}  // namespace jitbot
