#include "bot/reconcile/loop.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace jitbot {

Task<Result<void>> record(LoopPorts ports, std::function<Result<void>(Recorder&)> work) {
  const Time now = ports.clock.now();
  auto news = std::make_shared<std::vector<std::string>>();
  Store::Work run = [&settings = ports.record, now, news, work = std::move(work)](Tx& tx) -> Result<void> {
    Recorder recorder(tx, settings, now);
    auto done = work(recorder);
    if (done) tx.put_meta("high_water", std::to_string(to_ms(now)));
    *news = recorder.news();
    return done;
  };
  auto done = co_await ports.store.write(std::move(run));
  if (done) log_news(*news);
  co_return done;
}

void Agenda::add(Time at) {
  heard_ = std::min(heard_.value_or(at), at);
  if (!next_ || *next_ <= at) return;
  next_ = at;
  timer_->poke();
}

void Agenda::poke() {
  next_.reset();
  timer_->poke();
}

void Agenda::answered(std::optional<Time> next) {
  next_ = next.value_or(Time::max());
  if (heard_) next_ = std::min(*next_, *heard_);
}

Task<void> Agenda::rest(EffectiveClock& clock, Millis longest) {
  Millis pause = longest;
  const Time now = clock.now();
  if (!next_ || *next_ <= now) co_return;
  if (*next_ != Time::max()) pause = std::min(*next_ - now, longest);
  const auto woken = co_await timer_->wait(pause);
  if (woken == Timer::Wake::elapsed && pause == longest) next_.reset();
}

Task<void> Agenda::pause(Millis duration) {
  next_.reset();
  (void)co_await timer_->wait(duration);
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
  while (*count_ > 0) {
    if (!*quiet_) *quiet_ = clock_.make_timer();
    const auto woken = co_await (*quiet_)->wait(patience);
    if (woken == Timer::Wake::elapsed && *count_ > 0) spdlog::warn("event=still_under_way tasks={}", *count_);
  }
}

}  // namespace jitbot
