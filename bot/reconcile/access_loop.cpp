#include "bot/reconcile/access_loop.hpp"

#include "bot/ports/crash_point.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>
#include <iterator>

namespace jitbot {

namespace {

constexpr int k_batch = 1000;
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

// What is due, in the order it may start: what removes access first, then the longest waiting.
std::vector<Entitlement> due_entitlements(Tx& tx, Time now) {
  std::vector<Entitlement> ends;
  std::vector<Entitlement> others;
  for (const Due& row : tx.due_of({DueKind::call}, now, k_batch)) {
    EntitlementId id;
    std::from_chars(row.subject.data(), row.subject.data() + row.subject.size(), id.value);
    auto entitlement = tx.entitlement(id);
    if (!entitlement) continue;
    auto& list = entitlement->state == EntitlementState::removing ? ends : others;
    list.push_back(std::move(*entitlement));
  }
  ends.insert(ends.end(), std::make_move_iterator(others.begin()), std::make_move_iterator(others.end()));
  return ends;
}

}  // namespace

// A leased call: what to ask of whom, and under which token its outcome counts.
struct AccessLoop::Step {
  EntitlementId id;
  Lease lease;
  Target target;
  Time until;
};

AccessLoop::AccessLoop(LoopPorts ports, const Connectors& connectors, Random& random,
                       std::function<void()> wake)
    : ports_(std::move(ports)),
      connectors_(connectors),
      random_(random),
      wake_(std::move(wake)),
      timer_(ports_.clock.clock().make_timer()),
      running_(ports_.clock.clock()) {}

void AccessLoop::poke() {
  timer_->poke();
}

void AccessLoop::stop() {
  stopping_ = true;
  timer_->poke();
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

Task<Result<void>> AccessLoop::recover() {
  std::set<std::string> known;
  for (const auto& [name, port] : connectors_) known.insert(name);
  std::function<Result<void>(Recorder&)> work = [known](Recorder& record) -> Result<void> {
    for (const Entitlement& entitlement : record.tx().entitlements_not_at_rest()) {
      Entitlement now = recovered(entitlement, record.now());
      if (!known.contains(now.key.connector)) {
        now.last_error = "connector " + now.key.connector + " is not configured";
        if (!now.removal_wanted) now.removal_wanted = record.now();
        if (!now.overdue_since) now.overdue_since = now.alarm_at = record.now();
        record.audit(k_actor, "entitlement.no_connector", subject_of(now.id),
                     {{"connector", now.key.connector}});
      }
      if (now != entitlement) record.save(now);
    }
    return {};
  };
  co_return co_await record(ports_, std::move(work));
}

Task<void> AccessLoop::run() {
  while (!stopping_) {
    auto more = co_await start_due();
    if (!more) {
      spdlog::error("event=access_loop_failed detail=\"{}\"", more.error().detail);
      co_await timer_->wait(1s);
      continue;
    }
    std::function<Result<std::optional<Time>>(Tx&)> ask = [](Tx& tx) -> Result<std::optional<Time>> {
      return tx.next_due_of({DueKind::call});
    };
    auto next = co_await query<std::optional<Time>>(ports_.store, std::move(ask));
    std::optional<Time> at = next ? *next : std::nullopt;
    // What is due but under way, or waits for a free place, is looked at again when a call ends.
    if (at && *at <= ports_.clock.now()) at = ports_.clock.now() + 1s;
    co_await rest(ports_.clock, *timer_, at, k_longest_rest);
  }
}

// True: something was started.
Task<Result<bool>> AccessLoop::start_due() {
  const Time now = ports_.clock.now();
  std::function<Result<std::vector<Entitlement>>(Tx&)> ask =
      [now](Tx& tx) -> Result<std::vector<Entitlement>> { return due_entitlements(tx, now); };
  auto due = co_await query<std::vector<Entitlement>>(ports_.store, std::move(ask));
  if (!due) co_return tl::unexpected<Error>(due.error());
  bool started = false;
  for (const Entitlement& entitlement : *due) {
    const std::string& name = entitlement.key.connector;
    const auto port = connectors_.find(name);
    if (port == connectors_.end() || pursued_.contains(entitlement.id)) continue;
    if (busy_[name] >= port->second.concurrency) continue;
    ++busy_[name];
    pursued_.insert(entitlement.id);
    running_.spawn(ports_.executor, pursue(entitlement.id, name), "entitlement");
    started = true;
  }
  co_return started;
}

// Call after call, while the next one is due at once.
Task<void> AccessLoop::pursue(EntitlementId id, std::string connector) {
  try {
    auto step = co_await lease(id);
    while (step && *step && !stopping_) {
      auto outcome = co_await call(**step);
      auto finished = finish(std::move(**step), std::move(outcome));
      step = co_await std::move(finished);
    }
    if (!step)
      spdlog::error("event=access_failed entitlement={} detail=\"{}\"", id.value, step.error().detail);
  } catch (const std::exception& failure) {
    spdlog::error("event=access_failed entitlement={} detail=\"{}\"", id.value, failure.what());
  }
  pursued_.erase(id);
  --busy_[connector];
  timer_->poke();
}

// In the transaction: the next call of this entitlement if it is due, leased.
std::optional<AccessLoop::Step> AccessLoop::next_step(Recorder& record, Access access) {
  Entitlement& it = access.entitlement;
  const bool quiet = it.state == EntitlementState::rest || it.state == EntitlementState::standing;
  if (quiet || it.lease || it.next_at > record.now()) return std::nullopt;
  const auto port = connectors_.find(it.key.connector);
  if (port == connectors_.end()) return std::nullopt;
  if (starts_held_ && it.next_call == Call::present) {
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

Task<Result<std::optional<AccessLoop::Step>>> AccessLoop::lease(EntitlementId id) {
  auto out = std::make_shared<std::optional<Step>>();
  std::function<Result<void>(Recorder&)> work = [this, id, out](Recorder& record) -> Result<void> {
    auto access = record.access(id);
    if (!access) {
      record.tx().clear_due(DueKind::call, std::to_string(id.value));
      return {};
    }
    // A lease past its deadline without an outcome: whatever it was, an observation decides.
    if (access->entitlement.lease && access->entitlement.lease->deadline < record.now()) {
      access->entitlement = recovered(access->entitlement, record.now());
    }
    auto settled = settle(*access, record.now());
    record.save(settled);
    *out = next_step(record, std::move(settled.access));
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
    auto access = record.access(step.id);
    if (!access || !access->entitlement.lease || access->entitlement.lease->token != step.lease.token)
      return {};
    const auto due = settle(*access, record.now());
    record.save(due);
    access = record.access(step.id);
    const Wanted wanted = wanted_by(access->grants);
    EntitlementOutcome happened;
    if (step.lease.call == Call::observe) {
      const Observation seen = outcome.value_or(Observation{Presence::unknown, {}, false, "no answer"});
      happened = observed(access->entitlement, wanted, seen, step.lease.started, record.now(), timing);
    } else {
      const Result<void> result =
          outcome ? Result<void>() : Result<void>(tl::unexpected<Error>(outcome.error()));
      happened = returned(access->entitlement, result, record.now());
    }
    auto after = entitlement_event(*access, happened, record.now());
    record.save(after);
    if (auto now = record.access(step.id)) *out = next_step(record, std::move(*now));
    return {};
  };
  auto done = co_await record(ports_, std::move(work));
  if (!done) co_return tl::unexpected<Error>(done.error());
  wake_();
  co_return std::move(*out);
}

}  // namespace jitbot
