#include "bot/ports/effective_clock.hpp"

#include <algorithm>
#include <utility>

namespace jitbot {

namespace {
constexpr Millis k_step = 30s;
}

EffectiveClock::EffectiveClock(Clock& clock, std::optional<Time> high_water)
    : clock_(clock),
      last_(std::max(clock.now(), high_water.value_or(clock.now()))),
      last_wall_(clock.now()),
      last_steady_(clock.steady()) {}

Time EffectiveClock::now() {
  const Time wall = clock_.now();
  const Millis steady = clock_.steady();
  const Millis passed = steady - last_steady_;
  const Millis jump = wall - last_wall_ - passed;
  if (std::chrono::abs(jump) > k_step) step_ = step_.value_or(Millis{0}) + jump;
  last_ = std::max(wall, last_ + passed);
  last_wall_ = wall;
  last_steady_ = steady;
  return last_;
}

std::optional<Millis> EffectiveClock::take_step() {
  return std::exchange(step_, std::nullopt);
}

}  // namespace jitbot
