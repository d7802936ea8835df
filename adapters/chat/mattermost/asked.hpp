#pragma once

#include "bot/model/time.hpp"
#include "bot/ports/clock.hpp"
#include "bot/ports/task.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <spdlog/spdlog.h>

#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace jitbot::mattermost {

// Something that is found out while other things go on, and waited for until a given time. It goes on when
// nobody waits for it any more, so its task owns what it uses. Belongs to the loop; one waits at a time.
template <class T>
class Asked {
 public:
  Asked(const Executor& executor, Clock& clock, Task<T> task)
      : clock_(clock), state_(std::make_shared<State>()) {
    state_->arrived = clock.make_timer();
    boost::asio::co_spawn(executor, find_out(state_, std::move(task)), boost::asio::detached);
  }

  // `deadline`: monotonic. Nothing: not known by then.
  Task<std::optional<T>> by(Millis deadline) const { return wait(state_, &clock_, deadline); }

 private:
  struct State {
    std::optional<T> found;
    bool over = false;
    std::unique_ptr<Timer> arrived;
  };

  static Task<void> find_out(std::shared_ptr<State> state, Task<T> task) {
    try {
      state->found = co_await std::move(task);
    } catch (const std::exception& what) {
      spdlog::error("mattermost: {}", what.what());
    }
    state->over = true;
    state->arrived->poke();
  }

  static Task<std::optional<T>> wait(std::shared_ptr<State> state, const Clock* clock, Millis deadline) {
    while (!state->over && clock->steady() < deadline)
      co_await state->arrived->wait(deadline - clock->steady());
    co_return state->found;
  }

  Clock& clock_;
  std::shared_ptr<State> state_;
};

}  // namespace jitbot::mattermost
