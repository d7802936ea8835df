#include "tests/scenario/harness.hpp"

#include <algorithm>
#include <chrono>

// Time passes only when nothing is left that could happen without it.
namespace jitbot::scenario {

namespace {

using Steady = std::chrono::steady_clock;
constexpr std::chrono::seconds k_real_patience{20};  // for what is broken only
constexpr Millis k_longest_step = 60s;               // where nobody waits for anything sooner

}  // namespace

void Stage::spin(const std::function<bool()>& condition) {
  const auto deadline = Steady::now() + k_real_patience;
  while (!condition()) {
    if (Steady::now() > deadline) FAIL("nothing happens any more");
    loop.restart();
    loop.run_one_for(std::chrono::milliseconds(20));
  }
}

// What sockets do takes the machine's time, and none of the test's.
void Stage::let_it_happen(const std::function<bool()>& condition) {
  constexpr std::chrono::seconds k_long_enough{5};
  const auto deadline = Steady::now() + k_long_enough;
  while (!condition() && Steady::now() < deadline) {
    loop.restart();
    loop.run_one_for(std::chrono::milliseconds(5));
  }
}

// Everything that was handed to the store before is done, and its outcome is on the loop.
void Stage::barrier() {
  if (!app_) return;
  auto written = begin(app_->store().write([](Tx&) -> Result<void> { return {}; }));
  auto seen = begin(app_->store().read([](Tx&) -> Result<void> { return {}; }));
  spin([&] { return written->has_value() && seen->has_value(); });
}

// Whether the machine still carries a call that one side made, or its answer. A call of the platform's that
// the bot holds may wait for the test's time, so it is none.
bool Stage::calls_are_under_way() const {
  if (app_ && app_->chat_calls_under_way() > 0) return true;
  const unsigned held = app_ ? app_->chat_callbacks_under_way() : 0;
  return mattermost && mattermost->calls_under_way() > held;
}

void Stage::settle() {
  const auto deadline = Steady::now() + k_real_patience;
  int quiet = 0;
  while (quiet < 2) {
    if (Steady::now() > deadline) return;  // a call that hangs on purpose
    loop.restart();
    std::size_t handled = loop.poll();
    const bool calling = calls_are_under_way() || (app_ && app_->reading_policy());
    const bool connecting = app_ && !ended_->has_value() && !app_->chat_live();
    if (calling) {
      loop.restart();
      handled += loop.run_one_for(std::chrono::milliseconds(5));
      quiet = 0;
      continue;
    }
    barrier();
    loop.restart();
    handled += loop.poll();
    // What a Mattermost server pushes by its socket nobody counts, and a busy machine hands it on a little
    // late.
    const bool pushing = mattermost && quiet == 1;
    if (handled == 0 && (connecting || pushing)) {
      loop.restart();
      handled += loop.run_one_for(std::chrono::milliseconds(connecting ? 3 : 1));
    }
    quiet = handled == 0 && !calls_are_under_way() ? quiet + 1 : 0;
  }
}

// To the next moment that anybody waits for; at most `most` and at least a millisecond.
bool Stage::step(Millis most) {
  const Millis next = std::clamp(clock.until_next().value_or(most), Millis{1}, most);
  clock.advance(next);
  return next < most;
}

void Stage::advance(Millis by) {
  settle();
  const Time end = clock.now() + by;
  while (clock.now() < end) {
    step(std::min(k_longest_step, end - clock.now()));
    settle();
  }
}

bool Stage::happens(const std::function<bool()>& condition, Millis patience) {
  settle();
  const Millis end = clock.steady() + patience;
  while (!condition()) {
    if (clock.steady() >= end) return false;
    step(std::min(Millis{1000}, end - clock.steady()));
    settle();
  }
  return true;
}

void Stage::until(const std::function<bool()>& condition, Millis patience) {
  const bool happened = happens(condition, patience);
  if (!happened) {
    for (const char* channel : {"#staging-approvals", "#prod-approvals", "#jit-admins", "@alice"}) {
      UNSCOPED_INFO(channel << ":\n" << channel_text(channel));
    }
    for (const char* who : {"alice", "carol"}) {
      for (const Message& answer : scene_->answers(who)) UNSCOPED_INFO(who << " was told: " << answer.text);
    }
  }
  REQUIRE(happened);
}

}  // namespace jitbot::scenario
