#pragma once

#include "adapters/net/http_client.hpp"
#include "adapters/net/http_server.hpp"
#include "tests/integration/mattermost/comparison.hpp"
#include "tests/support/event_loop.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/mattermost/stand_in.hpp"
#include "tests/support/seeded_random.hpp"

#include <catch2/catch.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace jitbot::mattermost_stand_in {

// False, and said aloud, where the recordings are missing: the test is then skipped.
bool have_recordings();
Json recording(const std::string& name);

// The people, channels and team of the recorded server, with their recorded ids and tokens, all taken from
// the recordings. Without the bot: the world before it was made.
enum class Bot { there, not_yet };
World recorded_world(Bot bot = Bot::there);

// An integration that answers as it was recorded to, in turn; then with {}.
class Integration {
 public:
  explicit Integration(Executor executor);
  ~Integration();
  Integration(const Integration&) = delete;
  Integration& operator=(const Integration&) = delete;

  std::string url() const;  // http://127.0.0.1:PORT
  void answer_next(const Json& responded) { answers_.push_back(responded); }
  std::vector<net::ServerRequest> received;
  std::function<Task<void>(net::ServerRequest)> before_answer;  // what it does of its own accord

 private:
  static Task<net::ServerResponse> answer(Integration* self, net::ServerRequest request);
  std::deque<Json> answers_;
  net::HttpServer server_;
};

// The stand-in as the recorded server, and a client that repeats what recorded clients sent.
class Replay {
 public:
  explicit Replay(World world = recorded_world(), Options options = {});
  ~Replay();
  Replay(const Replay&) = delete;
  Replay& operator=(const Replay&) = delete;

  net::HttpResponse send(const Json& recorded_request);
  // Sends the recorded request and compares the answers: status, kind of content, body.
  void exchange(const Json& recorded, const std::string& name);
  void exchange(const std::string& name) { exchange(recording(name), name); }
  // A call that no recording tells of.
  Json call(const std::string& user, const std::string& method, const std::string& path, Json body = {});
  void until(const std::function<bool()>& condition) { REQUIRE(loop.run_until(condition)); }
  std::string here(std::string text) const;  // the recorded addresses made ours
  Json here(const Json& json) const { return Json::parse(here(json.dump())); }

  jitbot::testing::EventLoop loop;
  jitbot::testing::ManualClock clock;
  jitbot::testing::SeededRandom random;
  net::HttpClient http;
  StandIn server;
  Integration bot;
  Comparison comparison;
};

// Where the two differ; empty: they do not.
std::string same(Comparison& comparison, const Json& recorded, const Json& ours);

}  // namespace jitbot::mattermost_stand_in
