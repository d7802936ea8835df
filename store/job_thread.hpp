#pragma once

#include "bot/ports/store.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace jitbot::store {

// Whom a job's outcome goes to. `finish` may be called on any thread, once; it hands over and returns.
class Completion {
 public:
  virtual ~Completion() = default;
  virtual void finish(std::exception_ptr bug, Result<void> outcome) = 0;
};

struct Job {
  Store::Work work;
  std::unique_ptr<Completion> completion;
};

enum class Haste {
  now,
  soon  // with the next that is in haste, or after a while alone
};

// A thread of its own for a blocking connection. What waits is handed to `run` in batches, in order; `run`
// finishes every job of its batch. The destructor runs what still waits, then joins.
class JobThread {
 public:
  using Run = std::function<void(std::vector<Job>&)>;
  JobThread(std::size_t largest_batch, Millis soon, Run run);
  ~JobThread();
  JobThread(const JobThread&) = delete;
  JobThread& operator=(const JobThread&) = delete;

  // Resumes on the awaiting executor, whose event loop must outlive this. Cancelling does not cut it short: a
  // change is never left half known; the next co_await of the cancelled coroutine throws.
  Task<Result<void>> run(Store::Work work, Haste haste);

 private:
  using Steady = std::chrono::steady_clock;
  void push(Job job, Haste haste);
  void loop();

  const std::size_t largest_batch_;
  const Millis soon_;
  const Run run_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> waiting_;
  Steady::time_point begin_at_ = Steady::time_point::max();  // the waiting ones, at the latest
  bool closing_ = false;
  std::thread thread_;  // last: it uses all the others
};

}  // namespace jitbot::store
