#include "adapters/access/worker_pool.hpp"

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <limits>
#include <mutex>
#include <poll.h>
#include <sys/eventfd.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <vector>

namespace jitbot::access {

Millis Patience::left() const {
  const auto left = std::chrono::ceil<Millis>(deadline - std::chrono::steady_clock::now());
  return std::max(left, Millis{0});
}

Patience patience_of(Millis time) {
  return Patience{.deadline = std::chrono::steady_clock::now() + time, .stop_fd = -1};
}

Patience shorter(const Patience& patience, Millis time) {
  Patience result = patience;
  result.deadline = std::min(result.deadline, std::chrono::steady_clock::now() + time);
  return result;
}

Wake wait_for(int fd, short events, const Patience& patience) {
  pollfd polled[2] = {{.fd = fd, .events = events, .revents = 0},
                      {.fd = patience.stop_fd, .events = POLLIN, .revents = 0}};
  for (;;) {
    const Millis left = patience.left();
    const int wait = static_cast<int>(std::min<Millis::rep>(left.count(), std::numeric_limits<int>::max()));
    const int ready = poll(polled, 2, wait);
    if (ready < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "poll");
    if (ready < 0) continue;
    if (polled[1].revents != 0) return Wake::stopped;
    if (polled[0].revents != 0) return Wake::ready;
    if (patience.left() == Millis{0}) return Wake::timed_out;
  }
}

struct WorkerPool::State {
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<std::function<void()>> jobs;
  bool closing = false;
  int stop_fd = -1;
  std::vector<std::thread> threads;

  void work() {
    for (;;) {
      std::function<void()> job;
      {
        std::unique_lock lock(mutex);
        wake.wait(lock, [this] { return closing || !jobs.empty(); });
        if (closing) return;
        job = std::move(jobs.front());
        jobs.pop_front();
      }
      job();
    }
  }
};

WorkerPool::WorkerPool(unsigned threads) : state_(std::make_unique<State>()) {
  state_->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (state_->stop_fd < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  for (unsigned i = 0; i < std::max(threads, 1U); ++i) {
    state_->threads.emplace_back([state = state_.get()] { state->work(); });
  }
}

WorkerPool::~WorkerPool() {
  close();
  ::close(state_->stop_fd);
}

int WorkerPool::stop_fd() const {
  return state_->stop_fd;
}

void WorkerPool::post(std::function<void()> job) {
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->closing) return;
    state_->jobs.push_back(std::move(job));
  }
  state_->wake.notify_one();
}

void WorkerPool::close() {
  std::deque<std::function<void()>> dropped;  // destroyed outside the lock
  {
    const std::lock_guard lock(state_->mutex);
    state_->closing = true;
    dropped.swap(state_->jobs);
  }
  const std::uint64_t one = 1;
  // The counter of an eventfd cannot be full here, and nothing else can fail.
  [[maybe_unused]] const ssize_t written = write(state_->stop_fd, &one, sizeof one);
  state_->wake.notify_all();
  for (auto& thread : state_->threads) thread.join();
  state_->threads.clear();
}

}  // namespace jitbot::access
