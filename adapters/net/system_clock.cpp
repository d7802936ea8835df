#include "adapters/net/system_clock.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace jitbot::net {

namespace asio = boost::asio;

namespace {

class SystemTimer : public Timer {
 public:
  Task<Wake> wait(Millis duration) override {
    if (std::exchange(poked_, false)) co_return Wake::poked;
    if (duration <= Millis{0}) co_return Wake::elapsed;
    auto executor = co_await asio::this_coro::executor;
    asio::steady_timer sleeper(executor);
    // A far deadline must not overflow the clock's nanoseconds.
    constexpr Millis k_longest = 24h * 3650;
    sleeper.expires_after(std::min(duration, k_longest));
    sleeper_ = &sleeper;
    const Forget forget(sleeper_);
    boost::system::error_code cancelled;
    co_await sleeper.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    if (std::exchange(poked_, false)) co_return Wake::poked;
    if (cancelled) throw boost::system::system_error(cancelled);
    co_return Wake::elapsed;
  }

  void poke() override {
    poked_ = true;
    if (sleeper_ != nullptr) sleeper_->cancel();
  }

 private:
  // However the wait ends, nobody may cancel its timer afterwards.
  class Forget {
   public:
    explicit Forget(asio::steady_timer*& sleeper) : sleeper_(sleeper) {}
    ~Forget() { sleeper_ = nullptr; }
    Forget(const Forget&) = delete;
    Forget& operator=(const Forget&) = delete;

   private:
    asio::steady_timer*& sleeper_;
  };

  asio::steady_timer* sleeper_ = nullptr;
  bool poked_ = false;
};

}  // namespace

Time SystemClock::now() const {
  return std::chrono::floor<Millis>(std::chrono::system_clock::now());
}

Millis SystemClock::steady() const {
  return std::chrono::floor<Millis>(std::chrono::steady_clock::now().time_since_epoch());
}

std::unique_ptr<Timer> SystemClock::make_timer() {
  return std::make_unique<SystemTimer>();
}

}  // namespace jitbot::net
