#include "adapters/chat/mattermost/asked.hpp"
#include "tests/unit/mattermost/wire_stage.hpp"

#include <stdexcept>

using namespace jitbot;
using namespace jitbot::mattermost;
using namespace jitbot::mattermost::testing;

namespace {

Task<int> known_after(Clock* clock, Millis duration) {
  const auto timer = clock->make_timer();
  co_await timer->wait(duration);
  co_return 7;
}

Task<int> broken() {
  throw std::runtime_error("a bug");
  co_return 7;
}

}  // namespace

TEST_CASE("what is asked for beside other things is waited for until its time, and no longer",
          "[mattermost][wire]") {
  WireStage stage;
  const Millis begun = stage.clock.steady();
  const Asked<int> asked(stage.loop.executor(), stage.clock, known_after(&stage.clock, 30s));
  CHECK_FALSE(stage.finish(asked.by(begun + 2s)));
  CHECK(stage.clock.steady() - begun >= 2s);
  CHECK(stage.clock.steady() - begun < 30s);
  CHECK(stage.finish(asked.by(begun + 5min)) == 7);
  CHECK(stage.clock.steady() - begun >= 30s);
  CHECK(stage.run(asked.by(begun)) == 7);
}

TEST_CASE("what fails is not waited for", "[mattermost][wire]") {
  WireStage stage;
  const Asked<int> asked(stage.loop.executor(), stage.clock, broken());
  CHECK_FALSE(stage.run(asked.by(stage.clock.steady() + 1h)));
}
