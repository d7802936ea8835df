#pragma once

#include "adapters/chat/slack/api_error.hpp"
#include "adapters/chat/slack/envelope.hpp"
#include "adapters/chat/slack/stats.hpp"
#include "adapters/net/web_socket.hpp"
#include "bot/ports/clock.hpp"
#include "bot/ports/random.hpp"
#include "bot/ports/task.hpp"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <memory>
#include <string>

namespace jitbot::slack {

// An envelope and the connection it came on: it is acknowledged there or nowhere.
struct Delivery {
  Envelope envelope;
  std::shared_ptr<net::WebSocket> socket;
  Millis received{0};  // steady
};

struct SocketOptions {
  unsigned connections = 2;
  std::string ca_file;
  net::Proxies proxies;
  std::string app_id;  // as the app token names it; empty: unknown
};

struct SocketHooks {
  std::function<Task<ApiResult<std::string>>()> open_url;
  std::function<Task<void>(Delivery)> on_envelope;  // runs beside the reading
  AlarmHandler on_alarm;
  std::function<void()> on_live;
};

// Keeps Socket Mode connections alive (docs.slack.dev, "Using Socket Mode"): as many as wanted, each with a
// deadline for every state; the replacement is live before the old one goes; dead links are found by our own
// pings; dialling is paced. Belongs to the loop. Clock and Random must outlive the loop's last turn.
class SocketManager {
 public:
  SocketManager(Executor executor, Clock& clock, Random& random, SocketOptions options, SocketHooks hooks);
  ~SocketManager();
  SocketManager(const SocketManager&) = delete;
  SocketManager& operator=(const SocketManager&) = delete;

  // Until stop(), or until an error that no retry mends, which it returns. All connections are closed then.
  Task<Result<void>> run();
  // Ends run(): Close frames at once, at most a second for the answers.
  Task<void> stop();
  void give_up(Error error);

  // A failed acknowledgement is a thing that happens: the connection died. Slack will tell the person, or ask
  // again.
  Task<Result<void>> acknowledge(Delivery delivery, std::shared_ptr<const nlohmann::json> payload);

  bool live() const;
  SlackStats stats() const;

  struct Core;

 private:
  std::shared_ptr<Core> core_;
};

}  // namespace jitbot::slack
