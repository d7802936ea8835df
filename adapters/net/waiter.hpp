#pragma once

#include "bot/model/time.hpp"
#include "bot/ports/task.hpp"

#include <boost/asio/steady_timer.hpp>

#include <memory>

namespace jitbot::net {

// What a coroutine sleeps on until callbacks of the same loop are done with its business. The callbacks own
// their state and outlive the coroutine, so a cancelled or destroyed coroutine leaves nothing dangling.
class Waiter {
 public:
  explicit Waiter(const Executor& executor)
      : timer_(executor, boost::asio::steady_timer::time_point::max()) {}

  void set() {
    done_ = true;
    timer_.cancel();
  }
  bool done() const { return done_; }

  // True once set, false when `patience` ran out first. Throws operation_aborted when cancelled.
  static Task<bool> wait(std::shared_ptr<Waiter> self);
  static Task<bool> wait_for(std::shared_ptr<Waiter> self, Millis patience);

 private:
  boost::asio::steady_timer timer_;
  bool done_ = false;
};

}  // namespace jitbot::net
