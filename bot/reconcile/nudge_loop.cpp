#include "bot/reconcile/nudge_loop.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace jitbot {

namespace {

constexpr int k_batch = 32;
constexpr Millis k_longest_rest = 30s;
// A task that nobody is working on any more is taken up again after this: longer than one takes.
constexpr Millis k_claim = 10min;
// People are asked about one by one; what is known of them is kept this long between two tries.
constexpr Millis k_roll_kept = 5min;

}  // namespace

NudgeLoop::NudgeLoop(Ports ports, Random& random)
    : ports_(std::move(ports)),
      random_(random),
      timer_(ports_.loop.clock.clock().make_timer()),
      running_(ports_.loop.clock.clock()) {}

void NudgeLoop::poke() {
  timer_->poke();
}

void NudgeLoop::stop() {
  stopping_ = true;
  timer_->poke();
}

// What was claimed before a restart is nobody's any more.
Task<void> NudgeLoop::run() {
  std::function<Result<void>(Recorder&)> take_up = [](Recorder& record) -> Result<void> {
    for (const Due& due : record.tx().due_of({DueKind::nudge}, record.now() + k_claim, 10'000))
      record.tx().set_due({std::min(due.at, record.now()), due.kind, due.subject});
    return {};
  };
  (void)co_await record(ports_.loop, std::move(take_up));
  while (!stopping_) {
    auto started = co_await start_due();
    if (!started) {
      spdlog::error("event=nudge_loop_failed detail=\"{}\"", started.error().detail);
      co_await timer_->wait(1s);
      continue;
    }
    std::function<Result<std::optional<Time>>(Tx&)> ask = [](Tx& tx) -> Result<std::optional<Time>> {
      return tx.next_due_of({DueKind::nudge});
    };
    auto next = co_await query<std::optional<Time>>(ports_.loop.store, std::move(ask));
    std::optional<Time> at = next ? *next : std::nullopt;
    // What is due but under way is looked at again when it is done.
    if (at && *at <= ports_.loop.clock.now()) at = ports_.loop.clock.now() + 1s;
    co_await rest(ports_.loop.clock, *timer_, at, k_longest_rest);
  }
  co_await running_.drain(5s);
}

Task<Result<void>> NudgeLoop::start_due() {
  const Time now = ports_.loop.clock.now();
  std::function<Result<std::vector<Due>>(Tx&)> ask = [now](Tx& tx) -> Result<std::vector<Due>> {
    return tx.due_of({DueKind::nudge}, now, k_batch);
  };
  auto dues = co_await query<std::vector<Due>>(ports_.loop.store, std::move(ask));
  if (!dues) co_return tl::unexpected<Error>(dues.error());
  std::erase_if(*dues, [&](const Due& due) { return under_way_.contains(due.subject); });
  if (dues->empty()) co_return Result<void>();
  // A change that comes while a task is worked on moves its time before the claim, so it is not lost.
  for (Due& due : *dues) due.at = now + k_claim;
  std::function<Result<void>(Recorder&)> claim = [dues = *dues](Recorder& record) -> Result<void> {
    for (const Due& due : dues) record.tx().set_due(due);
    return {};
  };
  auto claimed = co_await record(ports_.loop, std::move(claim));
  if (!claimed) co_return claimed;
  for (Due& due : *dues) {
    under_way_.insert(due.subject);
    running_.spawn(ports_.loop.executor, pursue(std::move(due)), "nudge");
  }
  co_return Result<void>();
}

Task<void> NudgeLoop::pursue(Due due) {
  const std::string subject = due.subject;
  try {
    Result<void> done;
    if (const auto task = parse_nudge_task(subject)) {
      done = co_await work_off(*task, due.at);
    } else {
      spdlog::error("event=nudge_unknown subject={}", subject);
      std::function<Result<void>(Recorder&)> drop = [subject](Recorder& record) -> Result<void> {
        record.tx().clear_due(DueKind::nudge, subject);
        return {};
      };
      done = co_await record(ports_.loop, std::move(drop));
    }
    if (done) {
      failures_.erase(subject);
      kept_.erase(subject);
    } else {
      spdlog::warn("event=nudge_later subject={} kind={} detail=\"{} {}\"", subject,
                   to_string(done.error().kind), done.error().message, done.error().detail);
      co_await later(std::move(due));
    }
  } catch (const std::exception& failure) {
    spdlog::error("event=nudge_failed subject={} detail=\"{}\"", subject, failure.what());
  }
  under_way_.erase(subject);
  timer_->poke();
}

Task<Result<void>> NudgeLoop::work_off(NudgeTask task, Time claimed) {
  const NudgePorts ports{ports_.loop, ports_.directory, ports_.channels, ports_.policy.now()};
  switch (task.what) {
    case NudgeTask::What::voters:
      return check_voters(ports, std::move(task), claimed);
    case NudgeTask::What::channel:
      return watch_channel(ports, std::move(task), claimed);
    case NudgeTask::What::channels:
      return watch_channels(ports, std::move(task), claimed);
    case NudgeTask::What::remind:
    case NudgeTask::What::direct:
    case NudgeTask::What::escalate:
      break;
  }
  Kept& kept = kept_[to_string(task)];
  if (!kept.roll || ports_.loop.clock.now() - kept.since > k_roll_kept)
    kept = {std::make_shared<RollCall>(ports_.directory, ports_.loop.store), ports_.loop.clock.now()};
  if (task.what == NudgeTask::What::escalate) return escalate(ports, std::move(task), kept.roll, claimed);
  return tell_approvers(ports, std::move(task), kept.roll, claimed);
}

Task<void> NudgeLoop::later(Due due) {
  constexpr std::uint64_t k_grain = 1000;
  const double jitter = static_cast<double>(random_.below(k_grain)) / static_cast<double>(k_grain);
  const Time claimed = due.at;
  due.at = ports_.loop.clock.now() + back_off(failures_[due.subject]++, jitter);
  std::function<Result<void>(Recorder&)> work = [due, claimed](Recorder& record) -> Result<void> {
    // What changed meanwhile is due already.
    const auto earlier = record.tx().due_of({DueKind::nudge}, claimed - 1ms, 10'000);
    const bool changed =
        std::ranges::any_of(earlier, [&](const Due& one) { return one.subject == due.subject; });
    if (!changed) record.tx().set_due(due);
    return {};
  };
  (void)co_await record(ports_.loop, std::move(work));
}

void end_task(Recorder& record, const NudgeTask& task, Time claimed) {
  const std::string subject = to_string(task);
  const auto earlier = record.tx().due_of({DueKind::nudge}, claimed - 1ms, 10'000);
  const bool changed = std::ranges::any_of(earlier, [&](const Due& due) { return due.subject == subject; });
  if (!changed) record.tx().clear_due(DueKind::nudge, subject);
}

Task<Result<void>> finish(NudgePorts ports, NudgeTask task, Time claimed) {
  std::function<Result<void>(Recorder&)> work = [task, claimed](Recorder& recorder) -> Result<void> {
    end_task(recorder, task, claimed);
    return {};
  };
  return record(ports.loop, std::move(work));
}

}  // namespace jitbot
