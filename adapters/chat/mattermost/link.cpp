#include "adapters/chat/mattermost/link.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <utility>

namespace jitbot::mattermost {

namespace {

constexpr std::uint16_t k_normal_closure = 1000;

bool stale(const Socket::Core& core, const Link& link) {
  return core.ended() || link.state == LinkState::closed;
}

void put_off(Socket::Core& core, Millis at_least) {
  const Millis pause = std::max(core.backoff.next(core.random), at_least);
  core.not_before = std::max(core.not_before, core.clock.steady() + pause);
  core.wake->poke();
}

void went_live(Socket::Core& core, Link& link) {
  core.enter(link, LinkState::live);
  link.live_since = core.clock.steady();
  core.refused_told = false;
  core.in_doubt = false;
  spdlog::info("mattermost: connection={} live {}", link.generation, link.resuming ? "resumed" : "anew");
  if (link.resuming) ++core.stats.resumed;
  if (core.hooks.on_live) core.hooks.on_live();
}

// Live is who was answered and knows where in the events he is.
void settle(Socket::Core& core, Link& link) {
  if (link.state == LinkState::greeting && link.answered && core.stream.can_resume()) went_live(core, link);
}

void on_hello(Socket::Core& core, Link& link, const Hello& hello) {
  core.stats.server_version = hello.server_version;
  switch (core.stream.on_hello(hello)) {
    case Stream::Greeting::same:
      break;
    case Stream::Greeting::lost:
      link.resuming = false;
      ++core.stats.lost;
      core.delivery->lost();
      break;
  }
  settle(core, link);
}

// A refused ping: the connection is deaf, and stays so after whoever was disabled is enabled again
// (ws_bot_disabled_enabled.json); a revoked token is told in this way too (ws_token_revoked.json).
Task<void> on_reply(CorePtr core, LinkPtr link, Reply reply) {
  if (reply.ok) {
    if (reply.to == link->pings) link->answer_deadline.reset();
    link->answered = true;
    link->watch->poke();
    settle(*core, *link);
    co_return;
  }
  core->stream.forget();
  core->in_doubt = true;
  std::string why = "a ping was refused: status=" + std::to_string(reply.status) + " id=" + reply.id;
  co_await close_link(core, link, Ending::trouble, std::move(why));
}

Task<void> on_event(CorePtr core, LinkPtr link, Event event) {
  switch (core->stream.on_event(event.seq)) {
    case Stream::Step::known:
      co_return;
    case Stream::Step::gap: {
      std::string why = "events are missing before " + std::to_string(event.seq);
      co_await close_link(core, link, Ending::trouble, std::move(why));
      co_return;
    }
    case Stream::Step::next:
      break;
  }
  ++core->stats.events;
  core->stats.last_event = core->clock.now();
  event.connection = core->stream.connection();
  core->delivery->push(std::move(event));
}

Task<void> on_frame(CorePtr core, LinkPtr link, Frame frame) {
  if (const auto* hello = std::get_if<Hello>(&frame)) {
    on_hello(*core, *link, *hello);
  } else if (auto* event = std::get_if<Event>(&frame)) {
    co_await on_event(core, link, std::move(*event));
  } else if (auto* reply = std::get_if<Reply>(&frame)) {
    co_await on_reply(core, link, std::move(*reply));
  } else if (const auto* unknown = std::get_if<UnknownFrame>(&frame)) {
    spdlog::info("mattermost: connection={} ignored: {}", link->generation, unknown->what);
  }
}

// What a connection's end before it was live says of the next one.
void learn_from_failed_greeting(Socket::Core& core, const Link& link) {
  if (link.state != LinkState::greeting) return;
  // A malformed or half-known id makes the server drop us at once; a token that it does not take is told by
  // silence alone.
  core.stream.forget();
  core.in_doubt = true;
}

Task<void> read_all(CorePtr core, LinkPtr link) {
  const auto socket = link->socket;
  for (;;) {
    auto message = co_await socket->receive();
    if (link->state == LinkState::closed) co_return;
    if (!message) {
      learn_from_failed_greeting(*core, *link);
      co_await close_link(core, link, Ending::trouble, "over: " + message.error().message);
      co_return;
    }
    if (message->binary) continue;
    Frame frame = read_frame(message->data);
    co_await on_frame(core, link, std::move(frame));
    if (link->state == LinkState::closed) co_return;
  }
}

std::string explain_dial(const net::WsDialError& error) {
  if (error.http_status == 0) return error.error.message + " " + error.error.detail;
  std::string text = "upgrade answered with status " + std::to_string(error.http_status);
  const bool page = error.http_status >= 200 && error.http_status < 400;
  if (page) text += ": something between us and the server does not let WebSockets through";
  return text;
}

Task<void> dial_failed(CorePtr core, LinkPtr link, net::WsDialError error) {
  if (error.http_status == 429) put_off(*core, k_rate_limit_pause);
  if (error.http_status == 401 || error.http_status == 403) core->in_doubt = true;
  if (error.http_status == 400) core->stream.forget();
  co_await close_link(core, link, Ending::trouble, "not made: " + explain_dial(error));
}

// True: we are let in, as far as one can tell.
Task<bool> let_in(CorePtr core, LinkPtr link) {
  if (!core->in_doubt || !core->hooks.who_am_i) co_return true;
  const auto known = co_await core->hooks.who_am_i();
  if (stale(*core, *link)) co_return false;
  if (known) {
    core->in_doubt = false;
    co_return true;
  }
  if (known.error().kind == ErrorKind::refused) {
    put_off(*core, k_refused_pause);
    if (!std::exchange(core->refused_told, true)) core->alarm(Alarm::refused, known.error().message);
  }
  co_await close_link(core, link, Ending::trouble, "not let in: " + known.error().detail);
  co_return false;
}

}  // namespace

std::string_view to_string(LinkState state) {
  switch (state) {
    case LinkState::asking:
      return "asking";
    case LinkState::dialling:
      return "dialling";
    case LinkState::greeting:
      return "greeting";
    case LinkState::live:
      return "live";
    case LinkState::closed:
      return "closed";
  }
  return "";
}

Task<void> ping(CorePtr core, LinkPtr link) {
  link->answer_deadline = core->clock.steady() + k_answer_deadline;
  const auto socket = link->socket;
  std::string frame = ping_frame(++link->pings);
  const auto sent = co_await socket->send(std::move(frame));
  if (!sent) spdlog::debug("mattermost: connection={} ping not sent", link->generation);
}

Task<void> run_link(CorePtr core, LinkPtr link) {
  const bool welcome = co_await let_in(core, link);
  if (!welcome || stale(*core, *link)) {
    core->enter(*link, LinkState::closed);
    co_return;
  }
  core->enter(*link, LinkState::dialling);
  link->resuming = core->stream.can_resume();
  net::WsDialOptions options;
  options.url = socket_url(core->options.url) + core->stream.query();
  options.headers.push_back({"Authorization", "Bearer " + core->options.token.reveal()});
  options.ca_file = core->options.ca_file;
  options.proxies = core->options.proxies;
  auto dialled = co_await net::dial(std::move(options));
  if (!dialled) {
    if (!stale(*core, *link)) co_await dial_failed(core, link, std::move(dialled).error());
    core->enter(*link, LinkState::closed);
    co_return;
  }
  link->socket = std::move(*dialled);
  if (stale(*core, *link)) {
    const auto socket = link->socket;
    co_await socket->close(k_normal_closure, std::string(), k_close_patience);
    core->enter(*link, LinkState::closed);
    co_return;
  }
  core->enter(*link, LinkState::greeting);
  co_await ping(core, link);
  co_await read_all(core, link);
}

Task<void> close_link(CorePtr core, LinkPtr link, Ending ending, std::string why) {
  if (link->state == LinkState::closed) co_return;
  const bool lived_well = link->live_since && core->clock.steady() - *link->live_since >= k_healthy;
  const auto socket = link->socket;
  switch (ending) {
    case Ending::planned:
      spdlog::info("mattermost: connection={} closes: {}", link->generation, why);
      core->enter(*link, LinkState::closed);
      if (socket) co_await socket->close(k_normal_closure, std::string(), k_close_patience);
      co_return;
    case Ending::trouble:
      spdlog::warn("mattermost: connection={} state={} {}", link->generation, to_string(link->state), why);
      core->stats.last_problem = std::move(why);
      if (lived_well) core->backoff.reset();
      if (!lived_well && !core->ended()) put_off(*core, Millis{0});
      core->enter(*link, LinkState::closed);
      // Hard: while the server holds the old connection for alive it does not let us resume.
      if (socket) socket->drop();
      co_return;
  }
}

}  // namespace jitbot::mattermost
