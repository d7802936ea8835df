#include "bot/reconcile/time_loop.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <charconv>

namespace jitbot {

namespace {

constexpr int k_batch = 500;
constexpr Millis k_longest_rest = 30s;
const std::vector<DueKind> k_kinds{DueKind::request, DueKind::grant, DueKind::alarm};

EntitlementId entitlement_of(const std::string& subject) {
  EntitlementId id;
  std::from_chars(subject.data(), subject.data() + subject.size(), id.value);
  return id;
}

void sound_alarm(Recorder& record, EntitlementId id) {
  const auto entitlement = record.tx().entitlement(id);
  if (!entitlement) return record.tx().clear_due(DueKind::alarm, std::to_string(id.value));
  const auto outcome = alarm_due(*entitlement, record.now());
  for (const AuditEvent& happened : outcome.audit) record.tx().audit(happened);
  record.save(outcome.entitlement);
  if (!outcome.alarm) return;
  const Entitlement& it = outcome.entitlement;
  record.notice_admins(NoticeKind::overdue,
                       fmt::format("entitlement/{}/overdue/{}/{}", it.id.value,
                                   to_ms(it.removal_wanted.value_or(record.now())), it.alarms),
                       {},
                       {{"entitlement", it.id.value},
                        {"resource", it.resource},
                        {"role", it.role},
                        {"account", it.key.account},
                        {"since", to_ms(it.removal_wanted.value_or(record.now()))},
                        {"tries", it.tries},
                        {"next", to_ms(it.next_at)},
                        {"detail", it.last_error}});
  record.tell_overdue(it);
}

void apply_due(Recorder& record, const Due& due) {
  switch (due.kind) {
    case DueKind::request:
      record.settle_request(RequestId{due.subject});
      // Decided meanwhile, or gone: the row has no more work to do.
      if (const auto request = record.tx().request(RequestId{due.subject});
          !request || request->state != RequestState::pending) {
        record.tx().clear_due(due.kind, due.subject);
      }
      return;
    case DueKind::grant:
      record.settle_grant(RequestId{due.subject});
      if (const auto grant = record.tx().grant(RequestId{due.subject}); !grant || !next_due(*grant)) {
        record.tx().clear_due(due.kind, due.subject);
      }
      return;
    case DueKind::alarm:
      return sound_alarm(record, entitlement_of(due.subject));
    case DueKind::call:   // the access loop's
    case DueKind::start:  // the start loop's
    case DueKind::nudge:  // the nudge loop's
      return;
  }
}

}  // namespace

TimeLoop::TimeLoop(LoopPorts ports) : ports_(std::move(ports)), agenda_(ports_.clock.clock()) {}

void TimeLoop::poke() {
  agenda_.poke();
}

void TimeLoop::stop() {
  stopping_ = true;
  agenda_.poke();
}

Task<Result<int>> TimeLoop::apply_batch() {
  auto applied = std::make_shared<int>(0);
  std::function<Result<void>(Recorder&)> work = [applied](Recorder& record) -> Result<void> {
    *applied = 0;
    for (const Due& due : record.tx().due_of(k_kinds, record.now(), k_batch)) {
      apply_due(record, due);
      ++*applied;
    }
    return {};
  };
  auto done = co_await record(ports_, std::move(work));
  if (!done) co_return tl::unexpected<Error>(done.error());
  co_return *applied;
}

Task<void> TimeLoop::note_step() {
  const auto step = ports_.clock.take_step();
  if (!step) co_return;
  std::function<Result<void>(Recorder&)> work = [by = step->count()](Recorder& record) -> Result<void> {
    record.audit(system_principal("time"), "time.step", "clock", {{"by_ms", by}});
    record.notice_admins(NoticeKind::time_step, "time/" + std::to_string(to_ms(record.now())), {},
                         {{"detail", fmt::format("the wall clock stepped by {} s", by / 1000)}});
    return {};
  };
  (void)co_await record(ports_, std::move(work));
}

Task<void> TimeLoop::run() {
  while (!stopping_) {
    co_await note_step();
    if (agenda_.due(ports_.clock.now())) {
      std::function<Result<std::optional<Time>>(Tx&)> next_due_time =
          [](Tx& tx) -> Result<std::optional<Time>> { return tx.next_due_of(k_kinds); };
      agenda_.asking();
      auto next = co_await query<std::optional<Time>>(ports_.store, std::move(next_due_time));
      const bool due_now = next && *next && **next <= ports_.clock.now();
      Result<int> applied = 0;
      if (due_now) applied = co_await apply_batch();
      if (!next || !applied) {
        spdlog::error("event=time_loop_failed detail=\"{}\"",
                      next ? applied.error().detail : next.error().detail);
        co_await agenda_.pause(1s);
        continue;
      }
      if (due_now) continue;
      agenda_.answered(*next);
    }
    co_await agenda_.rest(ports_.clock, k_longest_rest);
  }
}

}  // namespace jitbot
