#include "bot/reconcile/access_loop.hpp"

#include "bot/ports/crash_point.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <functional>
#include <tuple>

namespace jitbot {

namespace {

constexpr int k_batch = 1000;
constexpr std::size_t k_at_once = 256;  // entitlements in one transaction: nobody waits for it for long
constexpr Millis k_longest_rest = 30s;
constexpr Millis k_held_again = 2s;
const PrincipalId k_actor = system_principal("access");

Target target_of(const Access& access) {
  Target target{access.entitlement.key, access.entitlement.resource, access.entitlement.role, {}, false};
  target.untouched = !access.entitlement.present_started;
  for (const Grant& grant : access.grants) target.grant = to_string(grant.id);
  return target;
}

std::string subject_of(EntitlementId id) {
  return "entitlement:" + std::to_string(id.value);
}

}  // namespace

// A call that is due, and at which target.
struct AccessLoop::DueCall {
  EntitlementId id;
  std::string connector;
};

// A leased call: what to ask of whom, and under which token its outcome counts.
struct AccessLoop::Step {
  EntitlementId id;
  Lease lease;
  Target target;
  Time until;
};

AccessLoop::AccessLoop(LoopPorts ports, const Connectors& connectors, Random& random,
                       std::shared_ptr<std::atomic<bool>> starts_held)
    : ports_(std::move(ports)),
      connectors_(connectors),
      random_(random),
      agenda_(ports_.clock.clock()),
      running_(ports_.clock.clock()),
      starts_held_(std::move(starts_held)) {}

void AccessLoop::poke() {
  agenda_.poke();
}

void AccessLoop::stop() {
  stopping_ = true;
  agenda_.poke();
}

Task<void> AccessLoop::drain() {
  return running_.drain(1min);
}

Timing AccessLoop::timing(const std::string& connector) {
  constexpr std::uint64_t k_grain = 1000;
  Timing timing;
  const auto found = connectors_.find(connector);
  if (found != connectors_.end()) timing.drift = found->second.drift;
  timing.jitter = static_cast<double>(random_.below(k_grain)) / static_cast<double>(k_grain);
  return timing;
}

namespace {

// What is there cannot be taken away any more: somebody must know.
void miss_connector(Recorder& record, const std::string& connector) {
  for (Entitlement now : record.tx().entitlements_of(connector)) {
    if (now.state == EntitlementState::rest) continue;
    now.last_error = "connector " + connector + " is not configured";
    if (!now.removal_wanted) now.removal_wanted = record.now();
    if (!now.overdue_since) now.overdue_since = now.alarm_at = record.now();
    record.audit(k_actor, "entitlement.no_connector", subject_of(now.id), {{"connector", connector}});
    record.save(now);
  }
}

}  // namespace

Task<Result<void>> AccessLoop::recover() {
  std::set<std::string> known;
  for (const auto& [name, port] : connectors_) known.insert(name);
  std::function<Result<void>(Recorder&)> work = [known](Recorder& record) -> Result<void> {
    for (const Entitlement& leased : record.tx().leased_entitlements())
      record.save(recovered(leased, record.now()));
    for (const std::string& connector : record.tx().connectors_known()) {
      if (!known.contains(connector)) miss_connector(record, connector);
    }
    return {};
  };
  co_return co_await record(ports_, std::move(work));
}

Task<void> AccessLoop::run() {
  while (!stopping_) {
    if (agenda_.due(ports_.clock.now())) {
      agenda_.asking();
      auto next = co_await start_due();
      if (!next) {
        spdlog::error("event=access_loop_failed detail=\"{}\"", next.error().detail);
        co_await agenda_.pause(1s);
        continue;
      }
      // What is due but under way, or waits for a free place, is looked at again when a call ends.
      if (*next && **next <= ports_.clock.now()) *next = ports_.clock.now() + 1s;
      agenda_.answered(*next);
    }
    co_await agenda_.rest(ports_.clock, k_longest_rest);
  }
}

// Starts what is due, what removes access first, then the longest waiting. Returns when the next call is due.
Task<Result<std::optional<Time>>> AccessLoop::start_due() {
  const Time now = ports_.clock.now();
  using Found = std::pair<std::vector<CallDue>, std::optional<Time>>;
  std::function<Result<Found>(Tx&)> ask = [now](Tx& tx) -> Result<Found> {
    return Found{tx.calls_due(now, k_batch), tx.next_due_of({DueKind::call})};
  };
  auto found = co_await query<Found>(ports_.store, std::move(ask));
  if (!found) co_return tl::unexpected<Error>(found.error());
  if (stopping_) co_return found->second;  // whoever waits for the last to end has counted them
  auto& due_calls = found->first;
  const auto place = [](const CallDue& due) { return std::tuple(!due.removing, due.at, due.id); };
  std::ranges::sort(due_calls, {}, place);
  crowded_ = false;
  std::vector<DueCall> calls;
  for (CallDue& due : due_calls) {
    const auto port = connectors_.find(due.connector);
    if (port == connectors_.end() || pursued_.contains(due.id)) continue;
    const bool outside = !port->second.connector->capabilities().in_store;
    if (calls.size() == k_at_once || (outside && busy_[due.connector] >= port->second.concurrency)) {
      crowded_ = true;
      continue;
    }
    ++busy_[due.connector];
    pursued_.insert(due.id);
    calls.push_back({due.id, std::move(due.connector)});
  }
  if (!calls.empty()) running_.spawn(ports_.executor, begin(std::move(calls)), "entitlements");
  co_return found->second;
}

// The first lease of all in one transaction; where that fails, each by itself, so that none stops the others.
Task<void> AccessLoop::begin(std::vector<DueCall> calls) {
  auto all = co_await lease_all(calls);
  for (DueCall& due : calls) {
    std::optional<Step> step;
    if (all) {
      const auto found = all->find(due.id);
      if (found != all->end()) step = std::move(found->second);
    } else {
      auto alone = co_await lease(due);
      if (alone) step = std::move(*alone);
      if (!alone)
        spdlog::error("event=access_failed entitlement={} detail=\"{}\"", due.id.value, alone.error().detail);
    }
    if (step) {
      running_.spawn(ports_.executor, pursue(std::move(due), std::move(*step)), "entitlement");
    } else {
      over(due);
    }
  }
}

void AccessLoop::over(const DueCall& due) {
  pursued_.erase(due.id);
  --busy_[due.connector];
  if (crowded_) agenda_.poke();
}

// Call after call, while the next one is due at once.
Task<void> AccessLoop::pursue(DueCall due, Step first) {
  try {
    std::optional<Step> step = std::move(first);
    while (step && !stopping_) {
      auto outcome = co_await call(*step);
      auto finished = finish(std::move(*step), std::move(outcome));
      auto next = co_await std::move(finished);
      if (!next)
        spdlog::error("event=access_failed entitlement={} detail=\"{}\"", due.id.value, next.error().detail);
      step = next ? std::move(*next) : std::nullopt;
    }
  } catch (const std::exception& failure) {
    spdlog::error("event=access_failed entitlement={} detail=\"{}\"", due.id.value, failure.what());
  }
  over(due);
}

// In the transaction: the next call of this entitlement if it is due, leased.
std::optional<AccessLoop::Step> AccessLoop::next_step(Recorder& record, Access access) const {
  Entitlement& it = access.entitlement;
  const bool quiet = it.state == EntitlementState::rest || it.state == EntitlementState::standing;
  if (quiet || it.lease || it.next_at > record.now()) return std::nullopt;
  const auto port = connectors_.find(it.key.connector);
  if (port == connectors_.end()) return std::nullopt;
  if (*starts_held_ && it.next_call == Call::present) {
    it.next_at = record.now() + k_held_again;
    record.save(it);
    return std::nullopt;
  }
  const Wanted wanted = wanted_by(access.grants);
  it = with_lease(it, wanted, record.now(), port->second.connector->timeout());
  record.save(it);
  if (it.lease->call != Call::observe) {
    record.audit(k_actor, it.lease->call == Call::present ? "target.present" : "target.absent",
                 subject_of(it.id),
                 {{"connector", it.key.connector},
                  {"account", it.key.account},
                  {"params", it.key.params},
                  {"until", to_ms(wanted.until)}});
  }
  return Step{it.id, *it.lease, target_of(access), wanted.until};
}

namespace {

void forget_ended(Access& access) {
  std::erase_if(access.grants, [](const Grant& grant) { return grant.state == GrantState::ended; });
}

EntitlementOutcome outcome_of(const Access& access, const Lease& lease, const Result<Observation>& outcome,
                              Time now, const Timing& timing) {
  if (lease.call == Call::observe) {
    const Observation seen = outcome.value_or(Observation{Presence::unknown, {}, false, "no answer"});
    return observed(access.entitlement, wanted_by(access.grants), seen, lease.started, now, timing);
  }
  const Result<void> result = outcome ? Result<void>() : Result<void>(tl::unexpected<Error>(outcome.error()));
  return returned(access.entitlement, result, now);
}

}  // namespace

std::optional<AccessLoop::Step> AccessLoop::lease_in(Recorder& record, const DueCall& due) {
  auto access = record.access(due.id);
  if (!access) {
    record.tx().clear_due(DueKind::call, std::to_string(due.id.value));
    return std::nullopt;
  }
  // A lease past its deadline without an outcome: whatever it was, an observation decides.
  if (access->entitlement.lease && access->entitlement.lease->deadline < record.now()) {
    access->entitlement = recovered(access->entitlement, record.now());
  }
  auto settled = settle(*access, record.now());
  record.save(settled);
  // At a target that is our own store, saving was all there is to do.
  if (record.in_store(settled.access.entitlement) != nullptr) return std::nullopt;
  return next_step(record, std::move(settled.access));
}

Task<Result<std::optional<AccessLoop::Step>>> AccessLoop::lease(DueCall due) {
  auto out = std::make_shared<std::optional<Step>>();
  std::function<Result<void>(Recorder&)> work = [this, due, out](Recorder& record) -> Result<void> {
    *out = lease_in(record, due);
    return {};
  };
  auto done = co_await record(ports_, std::move(work));
  if (!done) co_return tl::unexpected<Error>(done.error());
  co_return std::move(*out);
}

Task<Result<std::map<EntitlementId, AccessLoop::Step>>> AccessLoop::lease_all(std::vector<DueCall> calls) {
  auto out = std::make_shared<std::map<EntitlementId, Step>>();
  std::function<Result<void>(Recorder&)> work = [this, calls, out](Recorder& record) -> Result<void> {
    out->clear();
    for (const DueCall& due : calls) {
      if (auto step = lease_in(record, due)) out->emplace(due.id, std::move(*step));
    }
    return {};
  };
  auto done = co_await record(ports_, std::move(work));
  if (!done) co_return tl::unexpected<Error>(done.error());
  co_return std::move(*out);
}

Task<Result<Observation>> AccessLoop::call(Step step) {
  auto connector = connectors_.at(step.target.key.connector).connector;
  crash_point("call.before");
  if (step.lease.call == Call::observe) {
    auto seen = co_await connector->observe(std::move(step.target));
    crash_point("call.after");
    co_return seen;
  }
  auto done = step.lease.call == Call::present ? connector->present(std::move(step.target), step.until)
                                               : connector->absent(std::move(step.target));
  auto result = co_await std::move(done);
  crash_point("call.after");
  if (!result) co_return tl::unexpected<Error>(result.error());
  co_return Observation{};
}

Task<Result<std::optional<AccessLoop::Step>>> AccessLoop::finish(Step step, Result<Observation> outcome) {
  auto out = std::make_shared<std::optional<Step>>();
  const Timing timing = this->timing(step.target.key.connector);
  std::function<Result<void>(Recorder&)> work = [this, step, outcome, timing,
                                                 out](Recorder& record) -> Result<void> {
    out->reset();
    auto access = record.access(step.id);
    if (!access || !access->entitlement.lease || access->entitlement.lease->token != step.lease.token)
      return {};
    auto due = settle(*access, record.now());
    record.save(due);
    forget_ended(due.access);
    const auto happened = outcome_of(due.access, step.lease, outcome, record.now(), timing);
    auto after = entitlement_event(due.access, happened, record.now());
    record.save(after);
    *out = next_step(record, std::move(after.access));
    return {};
  };
  auto done = co_await record(ports_, std::move(work));
  if (!done) co_return tl::unexpected<Error>(done.error());
  co_return std::move(*out);
}

}  // namespace jitbot
