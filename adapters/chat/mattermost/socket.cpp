#include "adapters/chat/mattermost/socket.hpp"

#include "adapters/chat/mattermost/link.hpp"

#include <boost/asio/co_spawn.hpp>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <exception>

namespace jitbot::mattermost {

namespace {

constexpr Millis k_idle = 3600s;       // the loop is poked whenever there is something to do
constexpr Millis k_shutdown = 1500ms;  // for what is being handed over, and the Close frame

// A loop's coroutine must not die unseen: what it throws is a bug, and ends the adapter with an error.
auto watched(CorePtr core) {
  return [core](const std::exception_ptr& error) {
    if (!error) return;
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& what) {
      spdlog::error("mattermost: a connection failed: {}", what.what());
      core->fatal = Error{ErrorKind::internal, "the chat connection failed", what.what()};
    }
    core->wake->poke();
  };
}

Task<void> hold(CorePtr core, LinkPtr link) {
  boost::asio::co_spawn(core->executor, watch_link(core, link), watched(core));
  co_await run_link(core, link);
  if (core->link == link) core->link.reset();
  core->wake->poke();
}

// Dials when there is no connection and its time has come; else tells how long until then.
Millis tend(const CorePtr& core) {
  if (core->link) return k_idle;
  const Millis wait = core->not_before - core->clock.steady();
  if (wait > Millis{0}) return wait;
  ++core->stats.dials;
  auto link = std::make_shared<Link>();
  link->generation = ++core->generations;
  link->watch = core->clock.make_timer();
  core->link = link;
  core->enter(*link, LinkState::asking);
  boost::asio::co_spawn(core->executor, hold(core, link), watched(core));
  return k_idle;
}

Task<void> deliver(CorePtr core) {
  co_await Delivery::run(core->delivery);
  core->delivered->set();
}

DeliveryHooks delivery_hooks(Socket::Core& core) {
  DeliveryHooks hooks;
  hooks.on_event = core.hooks.on_event;
  hooks.on_lost = core.hooks.on_lost;
  hooks.on_stuck = [on_alarm = core.hooks.on_alarm] {
    const std::string words = "what was said while the connection was lost cannot be looked up";
    spdlog::error("mattermost: alarm={} {}", to_string(Alarm::not_caught_up), words);
    if (on_alarm) on_alarm(Alarm::not_caught_up, words);
  };
  return hooks;
}

}  // namespace

std::string_view to_string(Alarm alarm) {
  switch (alarm) {
    case Alarm::refused:
      return "refused";
    case Alarm::not_caught_up:
      return "not_caught_up";
  }
  return "";
}

std::string socket_url(std::string_view server_url) {
  while (server_url.ends_with('/')) server_url.remove_suffix(1);
  std::string url(server_url);
  if (url.starts_with("http")) url.replace(0, 4, "ws");
  return url + "/api/v4/websocket";
}

Socket::Core::Core(Executor executor_in, Clock& clock_in, Random& random_in, SocketOptions options_in,
                   SocketHooks hooks_in)
    : executor(std::move(executor_in)),
      clock(clock_in),
      random(random_in),
      options(std::move(options_in)),
      hooks(std::move(hooks_in)),
      wake(clock.make_timer()),
      over(std::make_shared<net::Waiter>(executor)),
      delivered(std::make_shared<net::Waiter>(executor)),
      delivery(std::make_shared<Delivery>(clock, random, delivery_hooks(*this))) {}

void Socket::Core::alarm(Alarm what, std::string words) const {
  spdlog::error("mattermost: alarm={} {}", to_string(what), words);
  if (hooks.on_alarm) hooks.on_alarm(what, std::move(words));
}

void Socket::Core::enter(Link& entered, LinkState state) {
  if (entered.state == LinkState::closed) return;
  entered.state = state;
  const Millis now = clock.steady();
  switch (state) {
    case LinkState::asking:
      entered.deadline = now + k_ask_deadline;
      break;
    case LinkState::dialling:
      entered.deadline = now + k_dial_deadline;
      break;
    case LinkState::greeting:
      entered.deadline = now + k_greeting_deadline;
      break;
    case LinkState::live:
    case LinkState::closed:
      break;
  }
  entered.watch->poke();
  wake->poke();
}

Socket::Socket(Executor executor, Clock& clock, Random& random, SocketOptions options, SocketHooks hooks)
    : core_(
          std::make_shared<Core>(std::move(executor), clock, random, std::move(options), std::move(hooks))) {}

Socket::~Socket() {
  core_->stopping = true;
  core_->delivery->stop();
  core_->wake->poke();
}

Task<Result<void>> Socket::run() {
  const CorePtr core = core_;
  core->running = true;
  boost::asio::co_spawn(core->executor, deliver(core), watched(core));
  while (!core->ended()) {
    const Millis wait = tend(core);
    const auto timer = core->wake;
    co_await timer->wait(wait);
  }
  core->delivery->stop();
  if (const LinkPtr link = core->link) {
    co_await close_link(core, link, Ending::planned, "shutting down");
  }
  const auto delivered = core->delivered;
  co_await net::Waiter::wait_for(delivered, k_shutdown);
  core->running = false;
  core->over->set();
  if (core->fatal && !core->stopping) co_return tl::make_unexpected(*core->fatal);
  co_return Result<void>{};
}

Task<void> Socket::stop() {
  const CorePtr core = core_;
  core->stopping = true;
  core->wake->poke();
  const auto over = core->over;
  if (core->running) co_await net::Waiter::wait_for(over, 3 * k_shutdown);
}

bool Socket::live() const {
  return core_->link && core_->link->state == LinkState::live;
}

SocketStats Socket::stats() const {
  SocketStats stats = core_->stats;
  stats.live = live();
  stats.waiting = core_->delivery->waiting();
  return stats;
}

}  // namespace jitbot::mattermost
