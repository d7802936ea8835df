#include "store/job_thread.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace jitbot::store {

namespace asio = boost::asio;

namespace {

template <class Handler>
class HandlerCompletion : public Completion {
 public:
  // The tracked executor keeps the awaiting loop running while only the store has something to do.
  explicit HandlerCompletion(Handler handler)
      : executor_(asio::prefer(asio::get_associated_executor(handler),
                               asio::execution::outstanding_work_t::tracked)),
        handler_(std::move(handler)) {}

  void finish(std::exception_ptr bug, Result<void> outcome) override {
    asio::post(executor_, [handler = std::move(handler_), bug = std::move(bug),
                           outcome = std::move(outcome)]() mutable { handler(bug, std::move(outcome)); });
  }

 private:
  Executor executor_;
  Handler handler_;
};

}  // namespace

JobThread::JobThread(std::size_t largest_batch, Millis soon, Run run)
    : largest_batch_(std::max<std::size_t>(largest_batch, 1)),
      soon_(soon),
      run_(std::move(run)),
      thread_([this] { loop(); }) {}

JobThread::~JobThread() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

Task<Result<void>> JobThread::run(Store::Work work, Haste haste) {
  auto begin = [this, haste](auto handler, Store::Work wanted) {
    using Handler = decltype(handler);
    push({std::move(wanted), std::make_unique<HandlerCompletion<Handler>>(std::move(handler))}, haste);
  };
  return asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr, Result<void>)>(
      std::move(begin), asio::use_awaitable, std::move(work));
}

void JobThread::push(Job job, Haste haste) {
  const auto now = Steady::now();
  const auto begin_at = haste == Haste::now ? now : now + soon_;
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(job));
    if (begin_at >= begin_at_) return;  // it wakes by itself
    begin_at_ = begin_at;
  }
  changed_.notify_one();
}

void JobThread::loop() {
  std::vector<Job> batch;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      while (!closing_ && Steady::now() < begin_at_) {
        if (waiting_.empty()) {
          changed_.wait(lock);
        } else {
          changed_.wait_until(lock, begin_at_);
        }
      }
      if (waiting_.empty()) return;
      while (!waiting_.empty() && batch.size() < largest_batch_) {
        batch.push_back(std::move(waiting_.front()));
        waiting_.pop_front();
      }
      if (waiting_.empty()) begin_at_ = Steady::time_point::max();
    }
    run_(batch);
    batch.clear();
  }
}

}  // namespace jitbot::store
