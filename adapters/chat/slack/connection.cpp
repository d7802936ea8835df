#include "adapters/chat/slack/connection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <utility>

namespace jitbot::slack {

namespace {

constexpr std::uint16_t k_normal_closure = 1000;
constexpr Millis k_too_many_pause = 30s;
constexpr Millis k_link_disabled_pause = 300s;

bool usable(const Connection& connection) {
  return connection.state == ConnectionState::live || connection.state == ConnectionState::draining;
}

// Closed by whoever watches it, or by the end of everything, while a step was under way.
bool stale(const SocketManager::Core& core, const Connection& connection) {
  return core.ended() || connection.state == ConnectionState::closed;
}

void note(SocketManager::Core& core, const Connection& connection, std::string problem) {
  spdlog::warn("slack: connection={} state={} {}", connection.generation, to_string(connection.state),
               problem);
  core.stats.last_problem = std::move(problem);
}

// A status other than 101. 408 and 409 come when many instances start together.
std::string explain_upgrade(const net::WsDialError& error) {
  if (error.http_status == 0) return error.error.message + " " + error.error.detail;
  std::string text = "upgrade answered with status " + std::to_string(error.http_status);
  const bool ok_or_redirect = error.http_status >= 200 && error.http_status < 400;
  if (ok_or_redirect) text += ": a proxy is intercepting the connection";
  return text;
}

void link_disabled(SocketManager::Core& core) {
  put_off(core, k_link_disabled_pause);
  if (std::exchange(core.link_disabled_told, true)) return;
  core.alarm(Alarm::link_disabled, "Socket Mode is switched off in the app's settings");
}

void too_many(SocketManager::Core& core) {
  const auto jitter = static_cast<std::int64_t>(core.random.below(30'000));
  put_off(core, k_too_many_pause + Millis{jitter});
  if (std::exchange(core.too_many_told, true)) return;
  core.alarm(Alarm::too_many_connections, "Slack allows this app no more connections");
}

void fetch_failed(SocketManager::Core& core, const Connection& connection, const ApiFault& fault) {
  note(core, connection, "no address: " + fault.error.detail);
  if (fault.code == "link_disabled") {
    return link_disabled(core);
  }
  if (is_fatal(fault.code)) {
    Error error = fault.error;
    error.kind = ErrorKind::refused;
    core.alarm(Alarm::refused, "Slack refuses the app token: " + fault.code);
    core.fatal = std::move(error);
    core.wake->poke();
    return;
  }
  put_off(core, fault.retry_after.value_or(Millis{0}));
}

void plan_rotation(SocketManager::Core& core, Connection& connection, const Hello& hello) {
  constexpr std::int64_t k_longest_s = 7L * 24 * 3600;
  if (!hello.lifetime_s || *hello.lifetime_s > k_longest_s) return;
  // At 80 to 90 % of its expected life, so that connections made together are not replaced together.
  const auto tenth = static_cast<std::uint64_t>(*hello.lifetime_s) * 100;
  const auto jitter = static_cast<std::int64_t>(core.random.below(tenth + 1));
  connection.rotate_at = core.clock.steady() + Millis{*hello.lifetime_s * 800 + jitter};
}

void count_connections(SocketManager::Core& core, unsigned told) {
  unsigned ours = 0;
  for (const auto& connection : core.connections) ours += usable(*connection) ? 1U : 0U;
  core.stats.num_connections = told;
  if (told <= ours) {
    core.others_told = 0;
  } else if (told != core.others_told) {
    core.others_told = told;
    core.alarm(Alarm::others_connected,
               "Slack counts " + std::to_string(told) + " connections of this app, " + std::to_string(ours) +
                   " are mine: another process, or a dead link, gets a share of the clicks");
  }
}

void on_hello(SocketManager::Core& core, Connection& connection, const Hello& hello) {
  if (connection.state != ConnectionState::await_hello) return;
  core.enter(connection, ConnectionState::live);
  connection.live_since = core.clock.steady();
  core.too_many_told = false;
  core.link_disabled_told = false;
  plan_rotation(core, connection, hello);
  spdlog::info("slack: connection={} live num_connections={}", connection.generation, hello.num_connections);
  if (!hello.app_id.empty() && !core.options.app_id.empty() && hello.app_id != core.options.app_id) {
    core.alarm(Alarm::wrong_app,
               "the app token is of " + core.options.app_id + ", Slack connects " + hello.app_id);
  }
  if (hello.num_connections > 0) count_connections(core, hello.num_connections);
  core.wake->poke();
  if (core.hooks.on_live) core.hooks.on_live();
}

Task<void> on_disconnect(CorePtr core, ConnectionPtr connection, Disconnect disconnect) {
  spdlog::info("slack: connection={} disconnect reason={}", connection->generation, disconnect.word);
  const bool was_live = usable(*connection);
  switch (disconnect.reason) {
    case DisconnectReason::warning:
    case DisconnectReason::refresh_requested:
    case DisconnectReason::other:
      if (was_live) {
        connection->replace = true;
        core->wake->poke();
        co_return;
      }
      break;
    case DisconnectReason::too_many_websockets:
      // Ours goes first, to free a place; dialling again at once makes it worse
      // (slackapi/node-slack-sdk#1654).
      too_many(*core);
      co_await close_connection(core, connection, Ending::trouble, "too many connections");
      co_return;
    case DisconnectReason::link_disabled:
      link_disabled(*core);
      co_await close_connection(core, connection, Ending::trouble, "link disabled");
      co_return;
  }
  // Instead of a hello.
  put_off(*core, Millis{0});
  co_await close_connection(core, connection, Ending::trouble, "sent away before hello: " + disconnect.word);
}

Task<void> handle_delivery(CorePtr core, Delivery delivery) {
  co_await core->hooks.on_envelope(std::move(delivery));
}

void on_envelope(const CorePtr& core, const ConnectionPtr& connection, Envelope envelope) {
  ++core->stats.envelopes;
  core->stats.last_event = core->clock.now();
  Delivery delivery{std::move(envelope), connection->socket, core->clock.steady()};
  boost::asio::co_spawn(core->executor, handle_delivery(core, std::move(delivery)),
                        [](const std::exception_ptr& error) {
                          if (!error) return;
                          try {
                            std::rethrow_exception(error);
                          } catch (const std::exception& what) {
                            spdlog::error("slack: handling an envelope failed: {}", what.what());
                          }
                        });
}

Task<void> on_frame(CorePtr core, ConnectionPtr connection, Frame frame) {
  if (const auto* hello = std::get_if<Hello>(&frame)) {
    on_hello(*core, *connection, *hello);
  } else if (auto* envelope = std::get_if<Envelope>(&frame)) {
    on_envelope(core, connection, std::move(*envelope));
  } else if (const auto* unknown = std::get_if<UnknownFrame>(&frame)) {
    spdlog::info("slack: connection={} ignored: {}", connection->generation, unknown->what);
  } else if (const auto* disconnect = std::get_if<Disconnect>(&frame)) {
    co_await on_disconnect(core, connection, *disconnect);
  }
}

Task<void> read_all(CorePtr core, ConnectionPtr connection) {
  const auto socket = connection->socket;
  for (;;) {
    auto message = co_await socket->receive();
    if (!message) {
      if (connection->state == ConnectionState::closed) co_return;
      // The end of one that was announced, or lived well, is ordinary.
      const bool healthy =
          connection->live_since && core->clock.steady() - *connection->live_since >= k_healthy;
      if (!healthy && !connection->replace && !core->ended()) put_off(*core, Millis{0});
      const Ending ending = connection->replace ? Ending::planned : Ending::trouble;
      co_await close_connection(core, connection, ending, "over: " + message.error().message);
      co_return;
    }
    if (connection->state == ConnectionState::closed) co_return;
    if (message->binary) {
      spdlog::info("slack: connection={} ignored a binary message", connection->generation);
      continue;
    }
    Frame frame = read_frame(message->data);
    co_await on_frame(core, connection, std::move(frame));
  }
}

Task<void> dial_and_read(CorePtr core, ConnectionPtr connection, std::string url) {
  core->enter(*connection, ConnectionState::dial);
  net::WsDialOptions options;
  options.url = std::move(url);
  options.ca_file = core->options.ca_file;
  options.proxies = core->options.proxies;
  auto dialled = co_await net::dial(std::move(options));
  if (!dialled) {
    if (stale(*core, *connection)) co_return;
    put_off(*core, Millis{0});
    co_await close_connection(core, connection, Ending::trouble,
                              "not made: " + explain_upgrade(dialled.error()));
    co_return;
  }
  connection->socket = std::move(*dialled);
  if (stale(*core, *connection)) {
    const auto socket = connection->socket;
    co_await socket->close(k_normal_closure, std::string(), k_close_patience);
    co_return;
  }
  core->enter(*connection, ConnectionState::await_hello);
  co_await read_all(core, connection);
}

}  // namespace

std::string_view to_string(ConnectionState state) {
  switch (state) {
    case ConnectionState::fetch_url:
      return "fetch_url";
    case ConnectionState::dial:
      return "dial";
    case ConnectionState::await_hello:
      return "await_hello";
    case ConnectionState::live:
      return "live";
    case ConnectionState::draining:
      return "draining";
    case ConnectionState::closed:
      return "closed";
  }
  return "";
}

std::string_view to_string(Alarm alarm) {
  switch (alarm) {
    case Alarm::too_many_connections:
      return "too_many_connections";
    case Alarm::others_connected:
      return "others_connected";
    case Alarm::link_disabled:
      return "link_disabled";
    case Alarm::wrong_app:
      return "wrong_app";
    case Alarm::refused:
      return "refused";
  }
  return "";
}

Task<void> run_connection(CorePtr core, ConnectionPtr connection) {
  auto url = co_await core->hooks.open_url();
  if (stale(*core, *connection)) {
    core->enter(*connection, ConnectionState::closed);
    co_return;
  }
  if (!url) {
    fetch_failed(*core, *connection, url.error());
    core->enter(*connection, ConnectionState::closed);
    co_return;
  }
  co_await dial_and_read(core, connection, std::move(*url));
  if (connection->state != ConnectionState::closed) core->enter(*connection, ConnectionState::closed);
}

Task<void> close_connection(CorePtr core, ConnectionPtr connection, Ending ending, std::string why) {
  if (connection->state == ConnectionState::closed) co_return;
  switch (ending) {
    case Ending::planned:
      spdlog::info("slack: connection={} closes: {}", connection->generation, why);
      break;
    case Ending::trouble:
      note(*core, *connection, std::move(why));
      break;
  }
  core->enter(*connection, ConnectionState::closed);
  const auto socket = connection->socket;
  // Without a Close frame Slack keeps sending clicks into the void for hours.
  if (socket) co_await socket->close(k_normal_closure, std::string(), k_close_patience);
}

void put_off(SocketManager::Core& core, Millis at_least) {
  const Millis pause = std::max(core.backoff.next(core.random), at_least);
  core.not_before = std::max(core.not_before, core.clock.steady() + pause);
  core.wake->poke();
}

}  // namespace jitbot::slack
