#include "bot/app/demo/watch.hpp"

namespace jitbot::story {

Watch::Watch(Clock& clock) : clock_(clock), timer_(clock.make_timer()) {}

std::function<void()> Watch::trigger() const {
  return [timer = timer_] { timer->poke(); };
}

Task<bool> Watch::until(std::function<bool()> there, Millis patience) {
  const auto timer = timer_;  // whoever waits may outlive the watch, though not go on
  const Millis deadline = clock_.steady() + patience;
  while (!there()) {
    const Millis left = deadline - clock_.steady();
    if (left <= Millis{0}) co_return false;
    co_await timer->wait(left);
  }
  co_return true;
}

}  // namespace jitbot::story
