#include "adapters/chat/mattermost/delivery.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <exception>

namespace jitbot::mattermost {

namespace {

constexpr Millis k_idle = 3600s;  // poked whenever there is something to do
// Beyond that it is cheaper to look everything up.
constexpr std::size_t k_most_waiting = 20'000;
constexpr unsigned k_stuck_after = 3;

Result<void> broken(const std::exception& what) {
  return fail(ErrorKind::internal, "the chat adapter failed", what.what());
}

}  // namespace

Delivery::Delivery(Clock& clock, Random& random, DeliveryHooks hooks)
    : clock_(clock),
      random_(random),
      hooks_(std::move(hooks)),
      wake_(clock_.make_timer()),
      rest_(clock_.make_timer()) {}

void Delivery::push(Event event) {
  if (events_.size() >= k_most_waiting) {
    spdlog::warn("mattermost: {} events wait: they are looked up instead", events_.size());
    events_.clear();
    lost_ = true;
  } else {
    events_.push_back(std::move(event));
  }
  wake_->poke();
}

void Delivery::lost() {
  lost_ = true;
  wake_->poke();
}

void Delivery::stop() {
  stopping_ = true;
  wake_->poke();
  rest_->poke();
}

Task<void> Delivery::pause() {
  const Millis duration = Millis{500} + backoff_.next(random_);
  if (!stopping_) co_await rest_->wait(duration);
}

Task<void> Delivery::hand_over(Event event) {
  Result<void> taken;
  const std::string name = event.name;
  try {
    taken = co_await hooks_.on_event(std::move(event));
  } catch (const std::exception& what) {
    // A bug, and it would be met again: this event alone is left out.
    spdlog::error("mattermost: handling {} failed: {}", name, what.what());
    co_return;
  }
  if (taken) {
    backoff_.reset();
    co_return;
  }
  spdlog::warn("mattermost: {} was not taken: {} {}", name, taken.error().message, taken.error().detail);
  lost_ = true;
  co_await pause();
}

Task<void> Delivery::look_up() {
  lost_ = false;  // what is lost from now on is looked up once more
  Result<void> found;
  try {
    found = co_await hooks_.on_lost();
  } catch (const std::exception& what) {
    found = broken(what);
  }
  if (found) {
    failures_ = 0;
    backoff_.reset();
    co_return;
  }
  lost_ = true;
  spdlog::warn("mattermost: what was missed cannot be looked up: {} {}", found.error().message,
               found.error().detail);
  if (++failures_ == k_stuck_after && hooks_.on_stuck && !stopping_) hooks_.on_stuck();
  co_await pause();
}

Task<void> Delivery::run(std::shared_ptr<Delivery> self) {
  while (!self->stopping_) {
    if (self->lost_) {
      co_await self->look_up();
    } else if (!self->events_.empty()) {
      Event next = std::move(self->events_.front());
      self->events_.pop_front();
      co_await self->hand_over(std::move(next));
    } else {
      const auto timer = self->wake_;
      co_await timer->wait(k_idle);
    }
  }
}

}  // namespace jitbot::mattermost
