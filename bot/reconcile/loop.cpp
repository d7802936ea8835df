#include "bot/reconcile/loop.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace jitbot {

Task<Result<void>> record(LoopPorts ports, std::function<Result<void>(Recorder&)> work) {
  const Time now = ports.clock.now();
  Store::Work run = [&settings = ports.record, now, work = std::move(work)](Tx& tx) -> Result<void> {
    Recorder recorder(tx, settings, now);
    auto done = work(recorder);
    if (done) tx.put_meta("high_water", std::to_string(to_ms(now)));
    return done;
  };
  co_return co_await ports.store.write(std::move(run));
}

Task<void> rest(EffectiveClock& clock, Timer& timer, std::optional<Time> next, Millis longest) {
  Millis pause = longest;
  if (next) pause = std::clamp(*next - clock.now(), Millis{0}, longest);
  if (pause > Millis{0}) co_await timer.wait(pause);
}

namespace {

Task<void> counted(Task<void> task, std::string what, std::shared_ptr<int> count,
                   std::shared_ptr<std::unique_ptr<Timer>> quiet) {
  try {
    co_await std::move(task);
  } catch (const std::exception& failure) {
    spdlog::error("event=task_failed what={} detail=\"{}\"", what, failure.what());
  }
  if (--*count == 0 && *quiet) (*quiet)->poke();
}

}  // namespace

void Running::spawn(const Executor& executor, Task<void> task, std::string what) {
  ++*count_;
  boost::asio::co_spawn(executor, counted(std::move(task), std::move(what), count_, quiet_),
                        boost::asio::detached);
}

Task<void> Running::drain(Millis patience) {
  if (*count_ == 0) co_return;
  *quiet_ = clock_.make_timer();
  co_await (*quiet_)->wait(patience);
}

}  // namespace jitbot
