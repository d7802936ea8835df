#pragma once

#include "adapters/chat/mattermost/socket.hpp"
#include "adapters/chat/mattermost/stream.hpp"
#include "adapters/net/backoff.hpp"
#include "adapters/net/waiter.hpp"
#include "adapters/net/web_socket.hpp"

#include <memory>
#include <optional>
#include <string>

namespace jitbot::mattermost {

enum class LinkState { asking, dialling, greeting, live, closed };
std::string_view to_string(LinkState state);

// One connection from its first thought to its end. Whatever still runs on behalf of a closed one finds it
// closed and touches nothing else.
struct Link {
  std::uint64_t generation = 0;
  LinkState state = LinkState::asking;
  Millis deadline{0};  // of the state
  bool resuming = false;
  bool answered = false;  // the first ping
  std::optional<Millis> live_since;
  std::shared_ptr<net::WebSocket> socket;
  std::shared_ptr<Timer> watch;
  std::int64_t pings = 0;                 // sent; also the number of the last
  std::optional<Millis> answer_deadline;  // of the last ping, while it is not answered
};
using LinkPtr = std::shared_ptr<Link>;

struct Socket::Core {
  Core(Executor executor_in, Clock& clock_in, Random& random_in, SocketOptions options_in,
       SocketHooks hooks_in);

  Executor executor;
  Clock& clock;
  Random& random;
  SocketOptions options;
  SocketHooks hooks;
  std::shared_ptr<Timer> wake;  // the loop of run()
  std::shared_ptr<net::Waiter> over;
  std::shared_ptr<net::Waiter> delivered;  // the delivery's loop ended
  std::shared_ptr<Delivery> delivery;
  LinkPtr link;
  Stream stream;
  net::Backoff backoff;
  Millis not_before{0};  // no dial earlier
  std::uint64_t generations = 0;
  std::optional<Error> fatal;
  bool stopping = false;
  bool running = false;
  bool in_doubt = false;      // whether we are let in: asked before the next dial
  bool refused_told = false;  // since we were live
  SocketStats stats;

  bool ended() const { return stopping || fatal.has_value(); }
  void alarm(Alarm what, std::string words) const;
  void enter(Link& link, LinkState state);
};
using CorePtr = std::shared_ptr<Socket::Core>;

inline constexpr Millis k_ask_deadline = 45s;  // a REST call with its tries
inline constexpr Millis k_dial_deadline = 25s;
inline constexpr Millis k_greeting_deadline = 10s;  // the first ping's answer, and a hello unless resumed
inline constexpr Millis k_ping_every = 30s;
inline constexpr Millis k_answer_deadline = 10s;
inline constexpr Millis k_close_patience = 1s;
inline constexpr Millis k_healthy = 60s;        // live this long, a connection's end is no failure
inline constexpr Millis k_refused_pause = 15s;  // at least, between tries with a token that is refused
inline constexpr Millis k_rate_limit_pause = 5s;

// One dial and all that follows; returns when the connection is closed.
Task<void> run_link(CorePtr core, LinkPtr link);
// Its deadlines and pings; returns when it is closed.
Task<void> watch_link(CorePtr core, LinkPtr link);
// Marks it closed; harmless when it is. `trouble` puts the next dial off, unless it lived well, and is kept
// as the last problem.
enum class Ending { planned, trouble };
Task<void> close_link(CorePtr core, LinkPtr link, Ending ending, std::string why);
// Sends the next ping; a link on which it cannot be sent ends by itself.
Task<void> ping(CorePtr core, LinkPtr link);

}  // namespace jitbot::mattermost
