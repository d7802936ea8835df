#include "adapters/net/http_client.hpp"

#include "adapters/net/http_exchange.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace jitbot::net {

namespace asio = boost::asio;

namespace {

using ErrorCode = boost::system::error_code;
using Answer = Result<HttpResponse>;
using Handler = asio::async_result<asio::use_awaitable_t<>, void(ErrorCode, Answer)>::handler_type;

// A request on its way between the loop and a pool thread. Whoever takes the handler first, the pool with an
// answer or the loop with a cancellation, resumes the coroutine; the other finds it gone.
struct Job {
  Job(HttpRequest wanted, Executor on, Handler resume, std::shared_ptr<std::atomic<unsigned>> counter)
      : request(std::move(wanted)),
        executor(on),
        work(on),
        handler(std::make_unique<Handler>(std::move(resume))),
        under_way(std::move(counter)) {
    ++*under_way;
  }

  HttpRequest request;
  Executor executor;
  asio::executor_work_guard<Executor> work;
  std::atomic<bool> abandoned = false;
  std::mutex mutex;
  std::unique_ptr<Handler> handler;
  std::shared_ptr<std::atomic<unsigned>> under_way;

  void complete(ErrorCode error, Answer answer) {
    std::unique_ptr<Handler> taken;
    {
      const std::lock_guard lock(mutex);
      taken = std::move(handler);
    }
    if (!taken) return;
    asio::post(executor, [resume = std::move(taken), error, result = std::move(answer)]() mutable {
      asio::get_associated_cancellation_slot(*resume).clear();
      std::move (*resume)(error, std::move(result));
    });
    --*under_way;  // its answer is on the loop by now
    work.reset();
  }
};

}  // namespace

struct HttpClient::Pool {
  HttpClientOptions options;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::shared_ptr<Job>> waiting;
  bool stopping = false;
  std::vector<std::thread> threads;
  std::shared_ptr<std::atomic<unsigned>> under_way = std::make_shared<std::atomic<unsigned>>(0U);

  void push(std::shared_ptr<Job> job) {
    {
      const std::lock_guard lock(mutex);
      waiting.push_back(std::move(job));
    }
    changed.notify_one();
  }

  std::shared_ptr<Job> pop() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return stopping || !waiting.empty(); });
    if (stopping) return nullptr;
    auto job = std::move(waiting.front());
    waiting.pop_front();
    return job;
  }

  void work() {
    HttpWorker worker(options);
    while (auto job = pop()) {
      if (job->abandoned) continue;
      Answer answer = perform(worker, *job);
      job->complete({}, std::move(answer));
    }
  }

  static Answer perform(HttpWorker& worker, const Job& job) {
    try {
      return worker.perform(job.request, job.abandoned);
    } catch (const std::exception& error) {
      return fail(ErrorKind::internal, "the request could not be made", error.what());
    }
  }

  void stop() {
    std::deque<std::shared_ptr<Job>> left;
    {
      const std::lock_guard lock(mutex);
      stopping = true;
      left.swap(waiting);
    }
    changed.notify_all();
    for (const auto& job : left)
      job->complete({}, fail(ErrorKind::unavailable, "the HTTP client was stopped"));
    for (std::thread& thread : threads) thread.join();
  }
};

HttpClient::HttpClient(HttpClientOptions options) : pool_(std::make_unique<Pool>()) {
  pool_->options = std::move(options);
  const unsigned threads = std::max(1U, pool_->options.threads);
  for (unsigned i = 0; i < threads; ++i) pool_->threads.emplace_back([pool = pool_.get()] { pool->work(); });
}

HttpClient::~HttpClient() {
  pool_->stop();
}

unsigned HttpClient::under_way() const {
  return *pool_->under_way;
}

Task<Result<HttpResponse>> HttpClient::send(HttpRequest request) {
  const auto executor = co_await asio::this_coro::executor;
  auto start = [pool = pool_.get(), executor](auto handler, HttpRequest wanted) {
    const auto slot = asio::get_associated_cancellation_slot(handler);
    auto job = std::make_shared<Job>(std::move(wanted), executor, std::move(handler), pool->under_way);
    if (slot.is_connected()) {
      auto target = slot;
      target.assign([weak = std::weak_ptr<Job>(job)](asio::cancellation_type) {
        if (const auto cancelled = weak.lock()) {
          cancelled->abandoned = true;
          cancelled->complete(asio::error::operation_aborted, {});
        }
      });
    }
    pool->push(std::move(job));
  };
  auto answer = co_await asio::async_initiate<const asio::use_awaitable_t<>, void(ErrorCode, Answer)>(
      std::move(start), asio::use_awaitable, std::move(request));
  co_return answer;
}

}  // namespace jitbot::net
