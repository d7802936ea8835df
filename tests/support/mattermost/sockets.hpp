#pragma once

#include "adapters/net/http_server.hpp"
#include "bot/model/time.hpp"
#include "bot/ports/task.hpp"
#include "tests/support/mattermost/records.hpp"

#include <memory>
#include <string>
#include <vector>

namespace jitbot::mattermost_stand_in {

struct Core;

// Whom an event goes to: a user, else the members of a channel, else the team, else everybody.
struct Broadcast {
  std::string user = {};
  std::string channel = {};
  std::string team = {};
  std::string omit = {};  // a user who is not told
};

// The WebSocket side: authentication, numbering, resuming, requests.
class Sockets {
 public:
  explicit Sockets(Core& core) : core_(core) {}

  int gate(const net::ServerRequest& request) const;  // 101, or the status of the refusal
  static Task<void> serve(std::shared_ptr<Core> core, net::ServerRequest request,
                          std::shared_ptr<net::WebSocket> socket);
  void publish(const std::string& event, Json data, const Broadcast& to);

  void drop_all();                        // without a Close frame; what was missed can be resumed
  void forget_all();                      // drops, and nothing can be resumed
  void hang_all();                        // open, and nothing is heard or said any more
  void disable(const std::string& user);  // no events, every request fails, and it stays open
  std::size_t live() const;
  std::size_t live(const std::string& user) const;

 private:
  struct Connection;
  using Shared = std::shared_ptr<Connection>;

  static Task<void> read(std::shared_ptr<Core> core, Shared connection);
  static Task<void> watch(std::shared_ptr<Core> core, Shared connection);
  bool open(const Shared& connection, const net::ServerRequest& request);
  bool resume(const Shared& connection, const std::string& id, const std::string& sequence);
  void greet(const Shared& connection);
  void online(const std::string& user);
  void end(const Shared& connection);
  void deliver(Connection& connection, const std::string& event, const Json& data, const Json& broadcast);
  void say(Connection& connection, const Json& frame) const;
  bool take(const Shared& connection, const std::string& text);  // false: the connection breaks
  void request(const Shared& connection, std::int64_t seq, const std::string& action, const Json& data);
  bool authenticate(const Shared& connection, std::int64_t seq, const Json& data);
  bool listens(const Connection& connection, const Broadcast& to) const;

  Core& core_;
  std::vector<Shared> connections_;
};

}  // namespace jitbot::mattermost_stand_in
