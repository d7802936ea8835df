#include "bot/ports/crash_point.hpp"

#ifdef JITBOT_CRASH_POINTS

#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace jitbot {

namespace {

struct Plan {
  std::string name;
  long pass = 0;  // 0: never
};

// A plan that cannot be read would make a test pass that tests nothing, so it throws.
Plan read_plan() {
  const char* const text = std::getenv("JITBOT_CRASH_AT");
  if (text == nullptr || *text == '\0') return {};
  const std::string_view plan = text;
  const auto colon = plan.rfind(':');
  long pass = 0;
  if (colon != std::string_view::npos) {
    const auto number = plan.substr(colon + 1);
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), pass);
    if (error != std::errc() || end != number.data() + number.size()) pass = 0;
  }
  if (pass < 1) throw std::invalid_argument("JITBOT_CRASH_AT must be name:k with k from 1");
  return {std::string(plan.substr(0, colon)), pass};
}

}  // namespace

void crash_point(std::string_view name) {
  static const Plan plan = read_plan();
  static std::atomic<long> passes = 0;
  if (plan.pass == 0 || name != plan.name) return;
  // SIGKILL cannot be caught: no destructor runs and nothing is flushed, as when the power fails.
  if (++passes == plan.pass) std::raise(SIGKILL);
}

}  // namespace jitbot

#endif
