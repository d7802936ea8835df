#include "tests/support/manual_clock.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <vector>

namespace jitbot::testing {

namespace asio = boost::asio;

struct ManualClock::State {
  Time wall;
  Millis steady{0};
  std::vector<ManualTimer*> waiting;
};

class ManualClock::ManualTimer : public Timer {
 public:
  explicit ManualTimer(std::shared_ptr<State> state) : state_(std::move(state)) {}
  ManualTimer(const ManualTimer&) = delete;
  ManualTimer& operator=(const ManualTimer&) = delete;
  ~ManualTimer() override { leave(); }

  Task<Wake> wait(Millis duration) override {
    if (poked_) {
      poked_ = false;
      co_return Wake::poked;
    }
    if (duration <= Millis{0}) co_return Wake::elapsed;
    auto executor = co_await asio::this_coro::executor;
    asio::steady_timer sleeper(executor, asio::steady_timer::time_point::max());
    sleeper_ = &sleeper;
    deadline = state_->steady + duration;
    elapsed_ = false;
    state_->waiting.push_back(this);
    boost::system::error_code cancelled;
    co_await sleeper.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    sleeper_ = nullptr;
    leave();
    const bool poked = std::exchange(poked_, false);
    if (poked) co_return Wake::poked;
    if (!elapsed_) throw boost::system::system_error(asio::error::operation_aborted);
    co_return Wake::elapsed;
  }

  void poke() override {
    poked_ = true;
    if (sleeper_ != nullptr) sleeper_->cancel();
  }

  void elapse() {
    elapsed_ = true;
    if (sleeper_ != nullptr) sleeper_->cancel();
  }

  Millis deadline{0};

 private:
  void leave() { std::erase(state_->waiting, this); }

  std::shared_ptr<State> state_;
  asio::steady_timer* sleeper_ = nullptr;
  bool poked_ = false;
  bool elapsed_ = false;
};

ManualClock::ManualClock(Time start) : state_(std::make_shared<State>()) {
  state_->wall = start;
}
ManualClock::~ManualClock() = default;

Time ManualClock::now() const {
  return state_->wall;
}
Millis ManualClock::steady() const {
  return state_->steady;
}
std::unique_ptr<Timer> ManualClock::make_timer() {
  return std::make_unique<ManualTimer>(state_);
}

void ManualClock::advance(Millis by) {
  state_->wall += by;
  state_->steady += by;
  auto due = state_->waiting;
  std::erase_if(due, [this](const ManualTimer* timer) { return timer->deadline > state_->steady; });
  std::ranges::sort(due, {}, &ManualTimer::deadline);
  for (ManualTimer* timer : due) timer->elapse();
}

void ManualClock::step_wall(Millis by) {
  state_->wall += by;
}

std::optional<Millis> ManualClock::until_next() const {
  std::optional<Millis> next;
  for (const ManualTimer* timer : state_->waiting) {
    const Millis left = std::max(timer->deadline - state_->steady, Millis{0});
    if (!next || left < *next) next = left;
  }
  return next;
}

}  // namespace jitbot::testing
