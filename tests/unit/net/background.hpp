#pragma once

#include "bot/ports/task.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace jitbot::testing {

// A task that runs beside the test: its value, or that it threw, can be looked at, and it can be cancelled.
template <class T>
class Background {
 public:
  Background(const Executor& executor, Task<T> task) {
    auto finished = [state = state_](std::exception_ptr error, T value) {
      state->done = true;
      state->threw = error != nullptr;
      if (!error) state->value.emplace(std::move(value));
    };
    boost::asio::co_spawn(executor, std::move(task),
                          boost::asio::bind_cancellation_slot(state_->cancel.slot(), std::move(finished)));
  }

  bool done() const { return state_->done; }
  bool threw() const { return state_->threw; }
  T& value() { return state_->value.value(); }
  void cancel() { state_->cancel.emit(boost::asio::cancellation_type::terminal); }

 private:
  struct State {
    boost::asio::cancellation_signal cancel;
    bool done = false;
    bool threw = false;
    std::optional<T> value;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

// Run on a loop, it is done after everything spawned before it has come to its first wait.
inline Task<void> a_turn() {
  co_return;
}

}  // namespace jitbot::testing
