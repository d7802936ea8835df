#pragma once

#include "bot/model/time.hpp"
#include "bot/ports/task.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <tl/expected.hpp>

#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

// Blocking work of connectors (libpq, child processes) behind co_await. Every wait of a job is a wait on
// descriptors with a deadline, so that a job ends in time by itself; the awaiting coroutine does not depend
// on it.
namespace jitbot::access {

// Until when a job may work. `stop_fd` becomes readable when the pool is closing: then it must return at
// once.
struct Patience {
  std::chrono::steady_clock::time_point deadline;
  int stop_fd = -1;

  Millis left() const;  // never negative
};
Patience patience_of(Millis time);
Patience shorter(const Patience& patience, Millis time);  // the earlier of the two

enum class Wake { ready, timed_out, stopped };
// Until one of `events` (POLLIN, POLLOUT) or an error is there at `fd`. fd -1: only time passes.
Wake wait_for(int fd, short events, const Patience& patience);

// A few threads that take jobs in order. Jobs still waiting when it closes are dropped.
class WorkerPool {
 public:
  explicit WorkerPool(unsigned threads);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  void post(std::function<void()> job);
  int stop_fd() const;
  void close();  // returns when the last thread has ended

 private:
  struct State;
  std::unique_ptr<State> state_;
};

enum class Unfinished {
  never_started,  // it waited for a thread all the time and will never run
  still_running,  // it did not come back in time; what it did is unknown
};

namespace detail {
// Shared by the coroutine and its job. The timer belongs to the loop's thread alone.
template <class T>
struct Errand {
  explicit Errand(const Executor& executor) : timer(executor, std::chrono::steady_clock::time_point::max()) {}
  boost::asio::steady_timer timer;
  std::optional<T> value;
  std::exception_ptr thrown;
};
enum class Phase { queued, running, abandoned };
}  // namespace detail

// Runs `job` on the pool and resumes with its value, at the latest after `timeout`: the job itself is given a
// little less. The pool must be closed before the executor's context ends.
template <class T>
Task<tl::expected<T, Unfinished>> run_blocking(std::shared_ptr<WorkerPool> pool, Millis timeout,
                                               std::function<T(const Patience&)> job) {
  const Executor executor = co_await boost::asio::this_coro::executor;
  auto errand = std::make_shared<detail::Errand<T>>(executor);
  auto phase = std::make_shared<std::atomic<detail::Phase>>(detail::Phase::queued);
  Patience patience = patience_of(timeout - timeout / 20);
  patience.stop_fd = pool->stop_fd();
  errand->timer.expires_after(timeout);
  pool->post([weak = std::weak_ptr(errand), phase, patience, executor, job = std::move(job)] {
    auto expected = detail::Phase::queued;
    if (!phase->compare_exchange_strong(expected, detail::Phase::running)) return;
    auto value = std::make_shared<std::optional<T>>();
    std::exception_ptr thrown;
    try {
      value->emplace(job(patience));
    } catch (...) {
      thrown = std::current_exception();
    }
    boost::asio::post(executor, [weak, value, thrown] {
      const auto waiting = weak.lock();  // gone: nobody waits any more
      if (!waiting) return;
      waiting->value = std::move(*value);
      waiting->thrown = thrown;
      waiting->timer.cancel();
    });
  });

  boost::system::error_code error;
  co_await errand->timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, error));
  if (errand->thrown) std::rethrow_exception(errand->thrown);
  if (errand->value) co_return std::move(*errand->value);
  auto expected = detail::Phase::queued;
  const bool never_started = phase->compare_exchange_strong(expected, detail::Phase::abandoned);
  if (error == boost::asio::error::operation_aborted) throw boost::system::system_error(error);
  co_return tl::unexpected<Unfinished>(never_started ? Unfinished::never_started : Unfinished::still_running);
}

// The threads of one connector, each of whose calls has the same time-out.
class CallPool {
 public:
  CallPool(unsigned threads, Millis timeout)
      : pool_(std::make_shared<WorkerPool>(threads)), timeout_(timeout) {}
  ~CallPool() { pool_->close(); }
  CallPool(const CallPool&) = delete;
  CallPool& operator=(const CallPool&) = delete;

  Millis timeout() const { return timeout_; }
  template <class T>
  Task<tl::expected<T, Unfinished>> run(std::function<T(const Patience&)> job) const {
    return run_blocking(pool_, timeout_, std::move(job));
  }

 private:
  std::shared_ptr<WorkerPool> pool_;
  Millis timeout_;
};

}  // namespace jitbot::access
