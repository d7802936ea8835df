#include "bot/app/doctor_errand.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <utility>

namespace jitbot {

namespace {

constexpr Millis k_grace = 500ms;  // to end after it was told to

}  // namespace

struct DoctorErrand::State {
  Clock& clock;
  Millis deadline{0};
  std::unique_ptr<Timer> ended;
  boost::asio::cancellation_signal cancel;
  Findings found;
  Findings otherwise;
  bool over = false;
  bool thrown = false;

  static Task<void> until(std::shared_ptr<State> state, Millis deadline) {
    while (!state->over) {
      const Millis left = deadline - state->clock.steady();
      if (left <= Millis{0}) co_return;
      co_await state->ended->wait(left);
    }
  }
};

DoctorErrand::DoctorErrand(const Executor& executor, Clock& clock, Millis patience, Task<Findings> task,
                           Findings otherwise)
    : state_(std::shared_ptr<State>(
          new State{clock, clock.steady() + patience, clock.make_timer(), {}, {}, std::move(otherwise)})) {
  auto ended = [state = state_](const std::exception_ptr& thrown, Findings found) {
    state->over = true;
    state->thrown = thrown != nullptr;
    state->found = std::move(found);
    state->ended->poke();
  };
  boost::asio::co_spawn(executor, std::move(task),
                        boost::asio::bind_cancellation_slot(state_->cancel.slot(), std::move(ended)));
}

Task<Findings> DoctorErrand::findings() {
  const auto state = state_;
  co_await State::until(state, state->deadline);
  if (state->over && !state->thrown) co_return std::move(state->found);
  if (!state->over) {
    state->cancel.emit(boost::asio::cancellation_type::terminal);
    co_await State::until(state, state->clock.steady() + k_grace);
  }
  co_return std::move(state->otherwise);
}

bool DoctorErrand::stuck() const {
  return !state_->over;
}

}  // namespace jitbot
