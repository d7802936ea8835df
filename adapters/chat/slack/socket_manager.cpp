#include "adapters/chat/slack/socket_manager.hpp"

#include "adapters/chat/slack/connection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace jitbot::slack {

namespace {

constexpr Millis k_idle = 3600s;       // the loop is poked whenever there is something to do
constexpr Millis k_shutdown = 1500ms;  // all Close frames answered or given up

bool dialling(const Connection& connection) {
  return connection.state == ConnectionState::fetch_url || connection.state == ConnectionState::dial ||
         connection.state == ConnectionState::await_hello;
}

std::size_t live_count(const SocketManager::Core& core) {
  return static_cast<std::size_t>(std::ranges::count(core.connections, ConnectionState::live,
                                                     [](const auto& one) { return one->state; }));
}

// A loop's coroutine must not die unseen: what it throws is a bug, and ends the adapter with an error.
auto watched(CorePtr core) {
  return [core](const std::exception_ptr& error) {
    if (!error) return;
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& what) {
      spdlog::error("slack: a connection failed: {}", what.what());
      core->fatal = Error{ErrorKind::internal, "the chat connection failed", what.what()};
    }
    core->wake->poke();
  };
}

// The coroutine and its watch; all_closed is told when the last of them is over.
Task<void> hold(CorePtr core, ConnectionPtr connection) {
  boost::asio::co_spawn(core->executor, watch_connection(core, connection), watched(core));
  co_await run_connection(core, connection);
  std::erase(core->connections, connection);
  if (core->connections.empty() && core->ended()) core->all_closed->set();
  core->wake->poke();
}

// Live ones beyond the wanted number go, those that will end anyway first in line and alone.
void retire_replaced(SocketManager::Core& core) {
  std::size_t live = live_count(core);
  for (const auto& connection : core.connections) {
    if (live <= core.options.connections) return;
    if (connection->state != ConnectionState::live || !connection->replace) continue;
    core.enter(*connection, ConnectionState::draining);
    --live;
  }
}

enum class Need { nothing, dial };

Need need_of(const SocketManager::Core& core) {
  std::size_t good = 0;
  for (const auto& connection : core.connections) {
    if (dialling(*connection)) return Need::nothing;  // one dial in flight
    if (connection->state == ConnectionState::live && !connection->replace) ++good;
  }
  return good < core.options.connections ? Need::dial : Need::nothing;
}

void dial_next(const CorePtr& core) {
  core->budget.spend(core->clock.steady());
  ++core->stats.dials;
  auto connection = std::make_shared<Connection>();
  connection->generation = ++core->generations;
  connection->watch = core->clock.make_timer();
  core->connections.push_back(connection);
  core->enter(*connection, ConnectionState::fetch_url);
  boost::asio::co_spawn(core->executor, hold(core, connection), watched(core));
}

// Dials when one is needed and its time has come; else tells how long until then.
Millis tend(const CorePtr& core) {
  retire_replaced(*core);
  if (need_of(*core) == Need::nothing) return k_idle;
  const Millis now = core->clock.steady();
  const Millis wait = std::max(core->not_before - now, core->budget.wait(now));
  if (wait > Millis{0}) return wait;
  dial_next(core);
  return k_idle;
}

Task<void> close_all(CorePtr core) {
  const std::vector<ConnectionPtr> connections = core->connections;
  for (const auto& connection : connections) {
    boost::asio::co_spawn(
        core->executor, close_connection(core, connection, Ending::planned, "shutting down"), watched(core));
  }
  if (!connections.empty()) {
    const auto all_closed = core->all_closed;
    co_await net::Waiter::wait_for(all_closed, k_shutdown);
  }
}

}  // namespace

void SocketManager::Core::alarm(Alarm what, std::string words) const {
  spdlog::error("slack: alarm={} {}", to_string(what), words);
  if (hooks.on_alarm) hooks.on_alarm(what, std::move(words));
}

void SocketManager::Core::enter(Connection& connection, ConnectionState state) {
  if (connection.state == ConnectionState::closed) return;
  connection.state = state;
  const Millis now = clock.steady();
  switch (state) {
    case ConnectionState::fetch_url:
      connection.deadline = now + k_fetch_deadline;
      break;
    case ConnectionState::dial:
      connection.deadline = now + k_dial_deadline;
      break;
    case ConnectionState::await_hello:
      connection.deadline = now + k_hello_deadline;
      break;
    case ConnectionState::draining:
      connection.deadline = now + k_drain_deadline;
      break;
    case ConnectionState::live:
    case ConnectionState::closed:
      break;
  }
  connection.watch->poke();
  wake->poke();
}

SocketManager::SocketManager(Executor executor, Clock& clock, Random& random, SocketOptions options,
                             SocketHooks hooks)
    : core_(
          std::make_shared<Core>(std::move(executor), clock, random, std::move(options), std::move(hooks))) {}

SocketManager::~SocketManager() {
  core_->stopping = true;
}

Task<Result<void>> SocketManager::run() {
  const CorePtr core = core_;
  core->running = true;
  core->over = std::make_shared<net::Waiter>(core->executor);
  while (!core->ended()) {
    const Millis wait = tend(core);
    const auto timer = core->wake;
    co_await timer->wait(wait);
  }
  co_await close_all(core);
  core->running = false;
  core->over->set();
  if (core->fatal && !core->stopping) co_return tl::make_unexpected(*core->fatal);
  co_return Result<void>{};
}

Task<void> SocketManager::stop() {
  const CorePtr core = core_;
  core->stopping = true;
  core->wake->poke();
  const auto over = core->over;
  if (core->running) co_await net::Waiter::wait_for(over, 2 * k_shutdown);
}

void SocketManager::give_up(Error error) {
  if (!core_->fatal) core_->fatal = std::move(error);
  core_->wake->poke();
}

Task<Result<void>> SocketManager::acknowledge(Delivery delivery,
                                              std::shared_ptr<const nlohmann::json> payload) {
  const CorePtr core = core_;
  nlohmann::json frame{{"envelope_id", delivery.envelope.id}};
  if (payload && delivery.envelope.accepts_response) frame["payload"] = *payload;
  const auto socket = delivery.socket;
  std::string text = frame.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  auto sent = co_await socket->send(std::move(text));
  if (!sent) {
    ++core->stats.failed_acks;
    spdlog::warn("slack: acknowledgement of {} lost: {}", delivery.envelope.id, sent.error().message);
  }
  co_return sent;
}

bool SocketManager::live() const {
  return std::ranges::any_of(core_->connections, [](const auto& one) {
    return one->state == ConnectionState::live || one->state == ConnectionState::draining;
  });
}

SlackStats SocketManager::stats() const {
  SlackStats stats = core_->stats;
  for (const auto& connection : core_->connections) {
    if (connection->state == ConnectionState::live) ++stats.live;
    if (connection->state == ConnectionState::draining) ++stats.draining;
  }
  stats.opened = stats.live + stats.draining;
  return stats;
}

}  // namespace jitbot::slack
