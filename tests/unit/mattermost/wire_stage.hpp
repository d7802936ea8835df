#pragma once

#include "adapters/chat/mattermost/rest.hpp"
#include "tests/support/event_loop.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/seeded_random.hpp"
#include "tests/unit/mattermost/wire_server.hpp"
#include "tests/unit/net/background.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace jitbot::mattermost::testing {

// A call runs beside the test so that its time can be moved.
template <class T>
using Beside = jitbot::testing::Background<T>;

inline const std::string k_bot = "zejhfy86bpds9xkrhjoo5wgzqo";
inline const std::string k_alice = "d4mpocjspif3b8ukrhxgmokbke";
inline const std::string k_bob = "fp71a6zzafycjmqa45iabxja1w";
inline const std::string k_channel = "5wjq35o8jpbe3csjba98kimsmh";
inline const std::string k_team = "u341ujwu6jyx7mofcmqn8us3wy";
inline const std::string k_post = "awyf6c9gk7nqbm3uaun3hx1irc";
inline const std::string k_other_post = "p1z83zte6prexbqmkhc84jbync";

inline std::shared_ptr<const nlohmann::json> body_of(nlohmann::json json) {
  return std::make_shared<const nlohmann::json>(std::move(json));
}

// REST against the scripted server, on the test's time.
struct WireStage {
  WireStage() : server(loop), rest(clock, random, http, options()) {}
  ~WireStage() { rest.close(); }
  WireStage(const WireStage&) = delete;
  WireStage& operator=(const WireStage&) = delete;

  RestOptions options() const {
    RestOptions made;
    made.url = server.url();
    made.token = Secret("secrettoken");
    return made;
  }
  template <class T>
  T run(Task<T> task) {
    return loop.run(std::move(task));
  }
  void until(const std::function<bool()>& condition) { REQUIRE(loop.run_until(condition)); }
  void settle() {
    for (int i = 0; i < 20; ++i) loop.run(jitbot::testing::a_turn());
  }
  // Steps of the clock, at most `most` of them, until the condition holds; tells how many it took.
  int steps_until(const std::function<bool()>& condition, int most, Millis step = 1s) {
    for (int taken = 0; taken <= most; ++taken) {
      // What a step set going over the network gets real time to end.
      if (loop.run_until(condition, std::chrono::milliseconds(taken == most ? 2000 : 10))) return taken;
      clock.advance(step);
    }
    return most + 1;
  }
  // A call to its end, seconds of the test's clock at a time.
  template <class T>
  T finish(Task<T> task, int most = 60) {
    Beside<T> beside(loop.executor(), std::move(task));
    REQUIRE(steps_until([&beside] { return beside.done(); }, most) <= most);
    return std::move(beside.value());
  }

  jitbot::testing::EventLoop loop;
  jitbot::testing::ManualClock clock;
  jitbot::testing::SeededRandom random;
  net::HttpClient http;
  WireServer server;
  Rest rest;
};

}  // namespace jitbot::mattermost::testing
