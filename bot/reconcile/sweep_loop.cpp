#include "bot/reconcile/sweep_loop.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace jitbot {

namespace {

constexpr Millis k_every = 15min;
constexpr Millis k_payloads_kept = 1h;
constexpr Millis k_keys_kept = 24h;

std::string name_of(const EntitlementKey& key) {
  std::string name = key.account + " at " + key.connector;
  for (const auto& [param, value] : key.params) name.append(" ").append(param).append("=").append(value);
  return name;
}

// Removing it goes the way of every removal: durable, tried for ever, proven.
void remove_unasked(Recorder& record, const EntitlementKey& key, std::optional<Entitlement> known) {
  Entitlement it = known.value_or(Entitlement{});
  it.key = key;
  it.state = EntitlementState::removing;
  it.removal_wanted = record.now();
  it.next_call = Call::absent;
  it.next_at = record.now();
  if (!known) it.id = record.tx().add(it);
  record.save(it);
  record.audit(system_principal("sweep"), "entitlement.enforced",
               "entitlement:" + std::to_string(it.id.value),
               {{"account", key.account}, {"connector", key.connector}, {"params", key.params}});
}

void found_at_target(Recorder& record, const EntitlementKey& key, bool enforce) {
  const auto known = record.tx().entitlement(key);
  if (known && known->state != EntitlementState::rest) return;
  std::string what;
  for (const auto& [param, value] : key.params) what.append(param).append("=").append(value).append(" · ");
  what += enforce ? "it is removed" : "left as it is: this connector does not enforce";
  const std::string day = std::to_string(to_ms(record.now()) / std::chrono::milliseconds(24h).count());
  record.notice_admins(NoticeKind::unasked_access, "unasked/" + name_of(key) + "/" + day, {},
                       {{"account", key.account}, {"connector", key.connector}, {"detail", what}});
  if (enforce) remove_unasked(record, key, known);
}

}  // namespace

SweepLoop::SweepLoop(LoopPorts ports, Directory& directory, const Connectors& connectors)
    : ports_(std::move(ports)),
      directory_(directory),
      connectors_(connectors),
      timer_(ports_.clock.clock().make_timer()) {}

void SweepLoop::stop() {
  stopping_ = true;
  timer_->poke();
}

// At the start too: who was deactivated while we were away sent his event to nobody.
Task<void> SweepLoop::run() {
  co_await sweep_people();
  co_await look_around();
  while (!stopping_) {
    co_await timer_->wait(k_every);
    if (stopping_) co_return;
    co_await sweep_people();
    co_await look_around();
    co_await sweep_targets();
    co_await purge();
  }
}

// A directory that cannot be asked changes nothing for live grants.
Task<void> SweepLoop::sweep_people() {
  using People = std::set<PrincipalId>;
  std::function<Result<People>(Tx&)> ask = [](Tx& tx) -> Result<People> {
    People people;
    for (PrincipalId& who : tx.people_with_grants()) people.insert(std::move(who));
    for (const Request& request : tx.pending_requests()) people.insert(request.asked.beneficiary);
    return people;
  };
  auto people = co_await query<People>(ports_.store, std::move(ask));
  if (!people) co_return;
  for (const PrincipalId& who : *people) {
    if (stopping_) co_return;
    auto person = co_await directory_.person(who);
    if (!person || !person->deactivated) continue;
    std::function<Result<void>(Recorder&)> work = [who](Recorder& record) -> Result<void> {
      if (record.deactivate(who) > 0) {
        record.audit(system_principal("sweep"), "principal.deactivated", to_string(who),
                     nlohmann::json::object());
      }
      return {};
    };
    (void)co_await record(ports_, std::move(work));
  }
}

// Who can approve what waits, and what became of the channels: the nudge loop's work.
Task<void> SweepLoop::look_around() {
  std::function<Result<void>(Recorder&)> work = [](Recorder& record) -> Result<void> {
    record.nudge({.what = NudgeTask::What::voters});
    record.nudge({.what = NudgeTask::What::channels});
    return {};
  };
  (void)co_await record(ports_, std::move(work));
}

// What a target has and no entitlement of ours explains: told; removed only where the connector says
// `enforce`.
Task<void> SweepLoop::sweep_targets() {
  for (const auto& [name, port] : connectors_) {
    if (stopping_) co_return;
    if (port.connector->capabilities().list) co_await sweep_target(name, *port.connector);
  }
}

Task<Result<void>> SweepLoop::sweep_target(std::string name, Connector& connector) {
  using Keys = std::vector<EntitlementKey>;
  std::function<Result<Keys>(Tx&)> ask = [name](Tx& tx) -> Result<Keys> {
    Keys keys;
    for (const Entitlement& it : tx.entitlements_of(name)) keys.push_back(it.key);
    return keys;
  };
  auto known = co_await query<Keys>(ports_.store, std::move(ask));
  if (!known) co_return tl::unexpected<Error>(known.error());
  auto listed = co_await connector.list(std::move(*known));
  if (!listed) {
    spdlog::warn("event=list_failed connector={} detail=\"{}\"", name, listed.error().message);
    co_return tl::unexpected<Error>(listed.error());
  }
  for (const EntitlementKey& key : *listed) co_await found(key, connector);
  co_return Result<void>();
}

Task<void> SweepLoop::found(EntitlementKey key, Connector& connector) {
  const bool enforce = connector.capabilities().enforce;
  std::function<Result<void>(Recorder&)> work = [key, enforce](Recorder& record) -> Result<void> {
    found_at_target(record, key, enforce);
    return {};
  };
  (void)co_await record(ports_, std::move(work));
}

Task<void> SweepLoop::purge() {
  const Time now = ports_.clock.now();
  Store::Work work = [now](Tx& tx) -> Result<void> {
    tx.purge_inbox(now - k_payloads_kept, now - k_keys_kept);
    return {};
  };
  (void)co_await ports_.store.write(std::move(work));
}

}  // namespace jitbot
