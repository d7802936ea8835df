#pragma once

#include "adapters/net/http_server.hpp"
#include "adapters/net/web_socket.hpp"
#include "tests/support/event_loop.hpp"

#include <nlohmann/json.hpp>

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace jitbot::slack::testing {

// One Socket Mode connection as the server sees it.
struct Link {
  std::shared_ptr<net::WebSocket> socket;
  std::string ticket;
  std::vector<nlohmann::json> received;
  bool over = false;

  nlohmann::json ack_of(const std::string& envelope_id) const;  // null while none came
};

struct Call {
  std::string method;
  std::string token;
  std::map<std::string, std::string> fields;
};

struct Script {
  int status = 200;
  nlohmann::json body = {{"ok", true}};
  std::string retry_after = {};
};

// The little of Slack that the tests direct step by step: Web API answers from a script, and connections on
// which the test says what it likes.
class FakeSlack {
 public:
  explicit FakeSlack(jitbot::testing::EventLoop& loop);
  ~FakeSlack();
  FakeSlack(const FakeSlack&) = delete;
  FakeSlack& operator=(const FakeSlack&) = delete;

  std::string origin() const;
  std::string api_url() const { return origin() + "/api/"; }
  void answer(const std::string& method, Script script);  // the next call of it
  std::vector<Call> calls_of(const std::string& method) const;

  std::vector<std::shared_ptr<Link>> links() const;  // all there ever were, oldest first
  std::size_t open_links() const;
  void say(const std::shared_ptr<Link>& link, const nlohmann::json& frame);
  void freeze(const std::shared_ptr<Link>& link);  // reads nothing any more: what a hung peer does

  bool says_hello = true;
  unsigned num_connections = 0;  // 0: the open ones
  int lifetime_s = 18060;
  std::string app_id = "A1";
  std::deque<int> upgrade_statuses;  // of the next upgrades; then 101
  std::string socket_url;            // instead of our own

  struct State;

 private:
  jitbot::testing::EventLoop& loop_;
  std::shared_ptr<State> state_;
  std::unique_ptr<net::HttpServer> server_;
};

}  // namespace jitbot::slack::testing
