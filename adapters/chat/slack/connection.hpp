#pragma once

#include "adapters/chat/slack/pacing.hpp"
#include "adapters/chat/slack/socket_manager.hpp"
#include "adapters/net/waiter.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace jitbot::slack {

enum class ConnectionState { fetch_url, dial, await_hello, live, draining, closed };
std::string_view to_string(ConnectionState state);

// One connection from its first thought to its end. Whatever still runs on behalf of a closed one finds it
// closed and touches nothing else: a late event of an old connection can't harm the new one.
struct Connection {
  std::uint64_t generation = 0;
  ConnectionState state = ConnectionState::fetch_url;
  Millis deadline{0};  // of the state
  std::optional<Millis> live_since;
  std::optional<Millis> rotate_at;  // planned replacement
  bool replace = false;             // it will end soon: another is to take over
  std::shared_ptr<net::WebSocket> socket;
  std::shared_ptr<Timer> watch;
  // Liveness: frames seen when last looked, and looks since an unanswered ping.
  std::uint64_t frames = 0;
  unsigned looks_unanswered = 0;
  bool ping_outstanding = false;
};
using ConnectionPtr = std::shared_ptr<Connection>;

struct SocketManager::Core {
  Core(Executor executor_in, Clock& clock_in, Random& random_in, SocketOptions options_in,
       SocketHooks hooks_in)
      : executor(std::move(executor_in)),
        clock(clock_in),
        random(random_in),
        options(std::move(options_in)),
        hooks(std::move(hooks_in)),
        wake(clock.make_timer()),
        all_closed(std::make_shared<net::Waiter>(executor)),
        over(std::make_shared<net::Waiter>(executor)) {}

  Executor executor;
  Clock& clock;
  Random& random;
  SocketOptions options;
  SocketHooks hooks;
  std::shared_ptr<Timer> wake;              // the manager's loop
  std::shared_ptr<net::Waiter> all_closed;  // run() waits for it
  std::shared_ptr<net::Waiter> over;        // stop() waits for run()
  std::vector<ConnectionPtr> connections;
  Backoff backoff;
  DialBudget budget;
  Millis not_before{0};  // no dial earlier
  std::uint64_t generations = 0;
  std::optional<Error> fatal;
  bool stopping = false;
  bool running = false;
  unsigned others_told = 0;    // num_connections when others_connected was last told
  bool too_many_told = false;  // since the last hello
  bool link_disabled_told = false;
  SlackStats stats;

  bool ended() const { return stopping || fatal.has_value(); }
  void alarm(Alarm what, std::string words) const;
  void enter(Connection& connection, ConnectionState state);
};
using CorePtr = std::shared_ptr<SocketManager::Core>;

// The deadlines of slack.md's state machine. The network's own time-outs are as long; these hold should they
// not.
inline constexpr Millis k_fetch_deadline = 15s;
inline constexpr Millis k_dial_deadline = 25s;
inline constexpr Millis k_hello_deadline = 10s;
inline constexpr Millis k_drain_deadline = 30s;
inline constexpr Millis k_close_patience = 1s;
inline constexpr Millis k_ping_every = 10s;
inline constexpr unsigned k_looks_until_dead = 2;  // 20 s after a ping without any frame: 30 s of silence
inline constexpr Millis k_healthy = 60s;           // live this long, a connection's end is no failure

// One dial and all that follows; returns when the connection is closed. Counts as one dial of the budget.
Task<void> run_connection(CorePtr core, ConnectionPtr connection);
// Its deadlines, pings and planned end; returns when it is closed.
Task<void> watch_connection(CorePtr core, ConnectionPtr connection);
// Marks it closed and says goodbye; harmless when it is closed. Trouble is kept as the last problem.
enum class Ending { planned, trouble };
Task<void> close_connection(CorePtr core, ConnectionPtr connection, Ending ending, std::string why);
// Puts the next dial off: back-off, and at least so long. Comes before the close that it is about.
void put_off(SocketManager::Core& core, Millis at_least);

}  // namespace jitbot::slack
