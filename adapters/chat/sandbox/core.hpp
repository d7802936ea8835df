#pragma once

#include "adapters/chat/sandbox/faults.hpp"
#include "adapters/chat/sandbox/handles.hpp"
#include "adapters/chat/sandbox/rate_limits.hpp"
#include "adapters/chat/sandbox/sandbox.hpp"
#include "adapters/chat/sandbox/sockets.hpp"
#include "adapters/chat/sandbox/workspace.hpp"
#include "adapters/net/http_server.hpp"

#include <deque>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace jitbot::sandbox {

// All of the sandbox's state. Coroutines that outlive a call hold it by shared_ptr.
struct Core : std::enable_shared_from_this<Core> {
  Core(Executor executor_in, Clock& clock_in, Random& random_in, World world, SandboxOptions options_in);

  Executor executor;
  Clock& clock;
  Random& random;
  SandboxOptions options;
  Workspace workspace;
  Handles handles;
  FaultPlan faults;
  RateLimiter limits;
  Sockets sockets;
  Switch rate_limits;
  std::string token_error;  // what every call answers once tokens are revoked or the app is gone
  // The newest of each, see SandboxOptions::remembered.
  std::deque<ApiCall> calls;
  std::deque<EnvelopeRecord> envelopes;
  std::deque<std::pair<std::string, nlohmann::json>> events;  // event_id → payload
  std::uint64_t calls_made = 0;
  std::unique_ptr<net::HttpServer> server;
  std::set<Timer*> sleepers;  // everything that waits on the clock; poked when stopping
  std::set<Timer*> hanging;   // calls waiting for release
  std::set<std::shared_ptr<net::WebSocket>> page_sockets;
  bool stopped = false;

  template <class T>
  void remember(std::deque<T>& log, T entry) const {
    log.push_back(std::move(entry));
    if (log.size() > options.remembered) log.pop_front();
  }
  std::uint64_t remember_call(ApiCall call);  // gives it its number
  ApiCall* find_call(std::uint64_t number);   // null: forgotten since

  void release_hanging();
  void stop();
  std::string host() const;                        // the address as URLs write it
  std::string url(const std::string& path) const;  // http://ADDRESS:PORT + path
};

enum class Nap { elapsed, poked, stopped };
// Waits on the Clock in a way that stop() ends.
Task<Nap> nap(std::shared_ptr<Core> core, Millis duration);
Task<void> hang(std::shared_ptr<Core> core);  // until released or stopped

// Wraps and sends an inner event, if the manifest subscribes to it, with Slack's redelivery.
void send_event(Core& core, nlohmann::json event);

}  // namespace jitbot::sandbox
