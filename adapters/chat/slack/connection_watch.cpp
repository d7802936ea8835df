#include "adapters/chat/slack/connection.hpp"

#include <spdlog/spdlog.h>

namespace jitbot::slack {

namespace {

enum class Pulse { fine, dead };

// Judged by frames alone, never by the absence of events. A look that comes late (the machine slept) counts
// once.
Pulse take_pulse(Connection& connection) {
  const std::uint64_t frames = connection.socket->frames_in();
  if (frames != connection.frames) {
    connection.frames = frames;
    connection.ping_outstanding = false;
    connection.looks_unanswered = 0;
  }
  if (!connection.ping_outstanding) return Pulse::fine;
  return ++connection.looks_unanswered >= k_looks_until_dead ? Pulse::dead : Pulse::fine;
}

Task<void> look_after(CorePtr core, ConnectionPtr connection) {
  if (take_pulse(*connection) == Pulse::dead) {
    const bool healthy =
        connection->live_since && core->clock.steady() - *connection->live_since >= k_healthy;
    if (!healthy) put_off(*core, Millis{0});
    co_await close_connection(core, connection, Ending::trouble, "dead: no answer to a ping");
    co_return;
  }
  if (connection->ping_outstanding) co_return;
  connection->ping_outstanding = true;
  const auto socket = connection->socket;
  std::string payload = "jitbot " + std::to_string(connection->generation);
  const auto sent = co_await socket->ping(std::move(payload));
  if (!sent) spdlog::debug("slack: connection={} ping not sent", connection->generation);
}

void settle(SocketManager::Core& core, Connection& connection) {
  const Millis now = core.clock.steady();
  if (connection.live_since && now - *connection.live_since >= k_healthy) core.backoff.reset();
  if (connection.rotate_at && now >= *connection.rotate_at && !connection.replace) {
    connection.replace = true;
    core.wake->poke();
  }
}

Task<void> past_deadline(CorePtr core, ConnectionPtr connection) {
  if (connection->state == ConnectionState::draining) {
    co_await close_connection(core, connection, Ending::planned, "replaced");
    co_return;
  }
  put_off(*core, Millis{0});
  co_await close_connection(core, connection, Ending::trouble, "took too long");
}

}  // namespace

Task<void> watch_connection(CorePtr core, ConnectionPtr connection) {
  Millis next_look{0};
  while (connection->state != ConnectionState::closed) {
    const Millis now = core->clock.steady();
    const bool has_deadline = connection->state != ConnectionState::live;
    if (has_deadline && now >= connection->deadline) {
      co_await past_deadline(core, connection);
      co_return;
    }
    const bool pulsing =
        connection->state == ConnectionState::live || connection->state == ConnectionState::draining;
    if (pulsing) settle(*core, *connection);
    if (pulsing && next_look == Millis{0}) next_look = now + k_ping_every;
    if (pulsing && now >= next_look) {
      next_look = now + k_ping_every;
      co_await look_after(core, connection);
      continue;
    }
    Millis until = pulsing ? next_look : connection->deadline;
    if (has_deadline) until = std::min(until, connection->deadline);
    const auto timer = connection->watch;
    co_await timer->wait(until - now);
  }
}

}  // namespace jitbot::slack
