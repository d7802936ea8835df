#include "adapters/chat/sandbox/changes.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <vector>

namespace jitbot::sandbox {

namespace asio = boost::asio;

struct Changes::State {
  std::uint64_t sequence = 1;
  bool closed = false;
  std::uint64_t next_id = 0;
  std::map<std::uint64_t, std::function<void()>> listeners;
  std::vector<asio::steady_timer*> waiting;

  void wake() {
    for (asio::steady_timer* sleeper : waiting) sleeper->cancel();
  }
};

Changes::Changes() : state_(std::make_shared<State>()) {}
Changes::~Changes() {
  close();
}

std::uint64_t Changes::sequence() const {
  return state_->sequence;
}

void Changes::touch() {
  ++state_->sequence;
  state_->wake();
  const auto listeners = state_->listeners;  // one may leave while being called
  for (const auto& [id, listener] : listeners) listener();
}

std::shared_ptr<void> Changes::subscribe(std::function<void()> listener) {
  const std::uint64_t id = state_->next_id++;
  state_->listeners.emplace(id, std::move(listener));
  return {nullptr, [weak = std::weak_ptr<State>(state_), id](void*) {
            if (const auto state = weak.lock()) state->listeners.erase(id);
          }};
}

void Changes::close() {
  state_->closed = true;
  state_->wake();
}

Task<void> Changes::after(std::uint64_t seen) const {
  return wait(state_, seen);
}

Task<void> Changes::wait(std::shared_ptr<State> state, std::uint64_t seen) {
  auto executor = co_await asio::this_coro::executor;
  asio::steady_timer sleeper(executor);
  struct Entry {
    State& state;
    asio::steady_timer* sleeper;
    Entry(State& of, asio::steady_timer* which) : state(of), sleeper(which) {}
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry() { std::erase(state.waiting, sleeper); }
  } entry{*state, &sleeper};
  state->waiting.push_back(&sleeper);
  while (!state->closed && state->sequence <= seen) {
    sleeper.expires_at(asio::steady_timer::time_point::max());
    boost::system::error_code woken;
    co_await sleeper.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
}

}  // namespace jitbot::sandbox
