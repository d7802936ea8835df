#pragma once

#include "adapters/chat/mattermost/delivery.hpp"
#include "adapters/chat/mattermost/stats.hpp"
#include "adapters/net/proxy.hpp"
#include "bot/model/secret.hpp"
#include "bot/ports/clock.hpp"
#include "bot/ports/random.hpp"
#include "bot/ports/task.hpp"

#include <functional>
#include <memory>
#include <string>

namespace jitbot::mattermost {

struct SocketOptions {
  std::string url;  // of the server, as RestOptions have it
  Secret token;
  std::string ca_file;
  net::Proxies proxies;
};

struct SocketHooks {
  std::function<Task<Result<void>>(Event)> on_event;  // as DeliveryHooks
  std::function<Task<Result<void>>()> on_lost;        // likewise; at the first connection too
  // Whether the server lets us in, asked by REST: the socket itself only falls silent. `refused`: it does
  // not.
  std::function<Task<Result<void>>()> who_am_i;
  AlarmHandler on_alarm;
  std::function<void()> on_live;
};

// Keeps one WebSocket to the server alive: header authentication, a JSON ping at once and every 30 s (a
// connection may be open and deaf, and only the answer to that ping tells), resume where the last one ended,
// a deadline for every state, back-off with jitter. A second connection would bring every event twice.
// Belongs to the loop. Clock and Random must outlive the loop's last turn.
class Socket {
 public:
  Socket(Executor executor, Clock& clock, Random& random, SocketOptions options, SocketHooks hooks);
  ~Socket();
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  // Until stop(): a token that is refused is tried again, somebody may restore it.
  Task<Result<void>> run();
  Task<void> stop();

  bool live() const;
  SocketStats stats() const;

  struct Core;

 private:
  std::shared_ptr<Core> core_;
};

// "wss://chat.example.com/api/v4/websocket" of "https://chat.example.com"
std::string socket_url(std::string_view server_url);

}  // namespace jitbot::mattermost
