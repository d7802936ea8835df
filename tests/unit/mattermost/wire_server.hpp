#pragma once

#include "adapters/net/http_server.hpp"
#include "adapters/net/web_socket.hpp"
#include "tests/support/event_loop.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace jitbot::mattermost::testing {

// One WebSocket as the server sees it.
struct Line {
  std::shared_ptr<net::WebSocket> socket;
  std::string query;
  std::string authorization;
  std::vector<nlohmann::json> received;
  bool over = false;
};

struct Call {
  std::string route;  // "POST /posts"
  std::string query;
  std::string authorization;
  nlohmann::json body;
};

struct Script {
  int status = 200;
  nlohmann::json body = nlohmann::json::object();  // a string goes out as it is
  net::Headers headers = {};
};
Script refusal(int status, const std::string& id);

// The little of Mattermost that the tests direct step by step: REST answers from a script, and WebSockets on
// which the test says what it likes.
class WireServer {
 public:
  explicit WireServer(jitbot::testing::EventLoop& loop);
  ~WireServer();
  WireServer(const WireServer&) = delete;
  WireServer& operator=(const WireServer&) = delete;

  std::string url() const;
  // Routes are "GET /users/me", without /api/v4 and query, or with the query.
  void next(const std::string& route, Script script);    // the next call of it
  void always(const std::string& route, Script script);  // all others
  std::function<Script(const Call&)> otherwise;          // what no script is for; else a 404
  std::vector<Call> calls_of(const std::string& route) const;
  std::size_t calls() const;

  const std::vector<std::shared_ptr<Line>>& lines() const;  // all there ever were, oldest first
  void say(const nlohmann::json& frame);                    // on the newest
  void event(const std::string& name, std::int64_t seq, const nlohmann::json& data);
  void hello(const std::string& connection_id, std::int64_t seq);

  bool says_hello = true;
  std::string connection_id = "c1";  // of the next hello
  enum class Pings { answered, refused, ignored } pings = Pings::answered;
  std::deque<int> upgrade_statuses;  // of the next upgrades; then 101

  struct State;

 private:
  jitbot::testing::EventLoop& loop_;
  std::shared_ptr<State> state_;
  std::unique_ptr<net::HttpServer> server_;
};

}  // namespace jitbot::mattermost::testing
