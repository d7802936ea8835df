#include "adapters/net/sleepers.hpp"

namespace jitbot::net {

Task<void> Sleepers::sleep(Millis duration) {
  const auto timer = clock_.make_timer();
  asleep_.insert(timer.get());
  try {
    co_await timer->wait(duration);
  } catch (...) {
    asleep_.erase(timer.get());
    throw;
  }
  asleep_.erase(timer.get());
}

void Sleepers::wake_all() {
  for (Timer* timer : asleep_) timer->poke();
}

}  // namespace jitbot::net
