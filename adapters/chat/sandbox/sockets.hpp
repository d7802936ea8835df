#pragma once

#include "adapters/chat/sandbox/actions.hpp"
#include "adapters/chat/sandbox/records.hpp"
#include "adapters/net/http_server.hpp"
#include "bot/model/time.hpp"
#include "bot/ports/clock.hpp"
#include "bot/ports/task.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace jitbot::sandbox {

struct Core;

struct Envelope {
  std::string type;  // slash_commands, interactive, events_api
  nlohmann::json payload;
  Switch accepts_response = Switch::off;
  int retry_attempt = 0;
  std::string retry_reason;
};

struct Delivery {
  std::string error;  // empty: acknowledged in time
  nlohmann::json ack;
  std::string envelope_id;
};

// Socket Mode's side of the workspace: connections, envelopes, acknowledgements.
class Sockets {
 public:
  explicit Sockets(Core& core) : core_(core) {}

  int gate(const net::ServerRequest& request);  // 101, or the status of the refusal
  static Task<void> serve(std::shared_ptr<Core> core, std::shared_ptr<net::WebSocket> socket);
  // Sends to one of the connections in turn and waits at most 3 s for the acknowledgement.
  static Task<Delivery> deliver(std::shared_ptr<Core> core, Envelope envelope);

  void disconnect(DisconnectReason reason);
  void drop_all();
  void freeze_all();
  std::vector<ConnectionInfo> list() const;
  const std::vector<Farewell>& farewells() const { return farewells_; }
  bool any() const;
  void stop();

 private:
  struct Connection;
  struct Pending;

  static Task<void> read(std::shared_ptr<Core> core, std::shared_ptr<Connection> connection);
  static Task<void> live(std::shared_ptr<Core> core, std::shared_ptr<Connection> connection);
  static Task<void> refuse(std::shared_ptr<Core> core, std::shared_ptr<net::WebSocket> socket,
                           DisconnectReason reason);
  void say(Connection& connection, std::string text) const;
  nlohmann::json hello() const;
  nlohmann::json disconnect_message(DisconnectReason reason) const;
  void take_ack(const Connection& connection, const std::string& text);
  std::shared_ptr<Connection> next_connection();

  Core& core_;
  std::uint64_t next_id_ = 1;
  std::size_t turn_ = 0;
  std::vector<std::shared_ptr<Connection>> connections_;
  std::vector<Farewell> farewells_;
  std::map<std::string, std::shared_ptr<Pending>> pending_;
};

inline constexpr Millis k_ack_deadline = 3s;
inline constexpr Millis k_disconnect_notice = 10s;
inline constexpr std::size_t k_max_connections = 10;

}  // namespace jitbot::sandbox
