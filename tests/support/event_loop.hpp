#pragma once

#include "bot/ports/task.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

namespace jitbot::testing {

// The event loop of one test. Nothing runs on it except inside run() and run_until(). Declare it first, so
// that what lives on it is destroyed before it.
class EventLoop {
 public:
  static constexpr std::chrono::seconds k_patience{10};

  Executor executor() { return context_.get_executor(); }

  // Runs the loop until the task is done and gives its value; what it throws is thrown here. Fails the test
  // when real time passes the deadline.
  template <class T>
  T run(Task<T> task, std::chrono::milliseconds deadline = k_patience) {
    if constexpr (std::is_void_v<T>) {
      bool done = false;
      std::exception_ptr thrown;
      auto finished = [&done, &thrown](std::exception_ptr error) {
        done = true;
        thrown = error;
      };
      drive(std::move(task), std::move(finished), done, deadline);
      if (thrown) std::rethrow_exception(thrown);
    } else {
      std::optional<T> value;
      bool done = false;
      std::exception_ptr thrown;
      auto finished = [&done, &thrown, &value](std::exception_ptr error, T result) {
        done = true;
        thrown = error;
        if (!error) value.emplace(std::move(result));
      };
      drive(std::move(task), std::move(finished), done, deadline);
      if (thrown) std::rethrow_exception(thrown);
      return std::move(*value);
    }
  }

  // Runs the loop until the condition holds, asking it after each handler; false when the deadline passed.
  bool run_until(const std::function<bool()>& condition, std::chrono::milliseconds deadline = k_patience) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (!condition()) {
      if (std::chrono::steady_clock::now() >= end) return false;
      if (context_.stopped()) context_.restart();
      context_.run_one_for(std::chrono::milliseconds(5));
    }
    return true;
  }

 private:
  template <class T, class Finished>
  void drive(Task<T> task, Finished finished, const bool& done, std::chrono::milliseconds deadline) {
    boost::asio::cancellation_signal cancel;
    boost::asio::co_spawn(executor(), std::move(task),
                          boost::asio::bind_cancellation_slot(cancel.slot(), std::move(finished)));
    const auto is_done = [&done] { return done; };
    if (run_until(is_done, deadline)) return;
    // The callback refers to this frame, so the task is ended before the test is failed.
    cancel.emit(boost::asio::cancellation_type::terminal);
    if (!run_until(is_done, k_patience)) {
      std::terminate();  // a task that cannot be cancelled would write into a dead frame
    }
    FAIL("the task was not done after " << deadline.count() << " ms");
  }

  boost::asio::io_context context_{1};
};

}  // namespace jitbot::testing
