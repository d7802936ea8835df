#include "adapters/chat/sandbox/sockets.hpp"

#include "adapters/chat/sandbox/core.hpp"
#include "adapters/chat/sandbox/ids.hpp"
#include "adapters/net/http.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace jitbot::sandbox {

namespace asio = boost::asio;
using Json = nlohmann::json;

struct Sockets::Connection {
  std::uint64_t id = 0;
  std::shared_ptr<net::WebSocket> socket;
  Time opened;
  Millis born{0};
  std::optional<Millis> close_at;  // monotonic
  std::unique_ptr<Timer> wake;
  bool greeted = false;
  bool warned = false;
  bool frozen = false;
  bool ended = false;
  std::uint64_t pongs_seen = 0;
  int pings_unanswered = 0;
};

struct Sockets::Pending {
  std::uint64_t connection = 0;
  std::unique_ptr<Timer> wake;
  bool acked = false;
  bool overdue = false;
  Json payload;
};

namespace {

constexpr int k_pings_unanswered = 4;
constexpr Millis k_close_patience = 1s;

Task<void> send_quietly(std::shared_ptr<net::WebSocket> socket, std::string text) {
  const auto sent = co_await socket->send(std::move(text));
  (void)sent;  // a broken connection shows in its reader
}

Task<void> ping_quietly(std::shared_ptr<net::WebSocket> socket, std::string payload) {
  const auto sent = co_await socket->ping(std::move(payload));
  (void)sent;
}

std::string query_value(const std::string& query, std::string_view name) {
  for (const net::FormField& field : net::decode_form(query)) {
    if (field.name == name) return field.value;
  }
  return {};
}

}  // namespace

int Sockets::gate(const net::ServerRequest& request) {
  if (core_.faults.down) return 503;
  if (const auto status = core_.faults.take_upgrade_refusal()) return *status;
  // A ticket opens one connection. Reusing an old URL is refused (python-slack-sdk#1379).
  return core_.handles.redeem_ticket(query_value(request.query, "ticket")) ? 101 : 403;
}

Json Sockets::hello() const {
  return {{"type", "hello"},
          {"num_connections", connections_.size()},
          {"debug_info",
           {{"host", "applink-sandbox-1"},
            {"build_number", 10},
            {"approximate_connection_time",
             std::chrono::duration_cast<std::chrono::seconds>(core_.options.connection_lifetime).count()}}},
          {"connection_info", {{"app_id", core_.options.app_id}}}};
}

Json Sockets::disconnect_message(DisconnectReason reason) const {
  Json message = {
      {"type", "disconnect"}, {"reason", to_string(reason)}, {"debug_info", {{"host", "applink-sandbox-1"}}}};
  if (reason == DisconnectReason::too_many_websockets) {
    message["num_connections"] = connections_.size();
    message["connection_info"] = {{"app_id", core_.options.app_id}};
  }
  return message;
}

void Sockets::say(Connection& connection, std::string text) const {
  asio::co_spawn(core_.executor, send_quietly(connection.socket, std::move(text)), asio::detached);
}

Task<void> Sockets::refuse(std::shared_ptr<Core> core, std::shared_ptr<net::WebSocket> socket,
                           DisconnectReason reason) {
  std::string text = core->sockets.disconnect_message(reason).dump();
  const auto sent = co_await socket->send(std::move(text));
  std::string why = std::string(to_string(reason));
  if (sent) co_await socket->close(1000, std::move(why), k_close_patience);
}

Task<void> Sockets::serve(std::shared_ptr<Core> core, std::shared_ptr<net::WebSocket> socket) {
  Sockets& self = core->sockets;
  if (core->faults.link_disabled) {
    co_await refuse(core, socket, DisconnectReason::link_disabled);
    co_return;
  }
  if (self.connections_.size() >= k_max_connections) {
    co_await refuse(core, socket, DisconnectReason::too_many_websockets);
    co_return;
  }
  auto connection = std::make_shared<Connection>();
  connection->id = self.next_id_++;
  connection->socket = socket;
  connection->opened = core->clock.now();
  connection->born = core->clock.steady();
  connection->wake = core->clock.make_timer();
  self.connections_.push_back(connection);
  struct Registration {  // undone however the coroutine ends
    std::shared_ptr<Core> core;
    std::shared_ptr<Connection> connection;
    Registration(std::shared_ptr<Core> of, std::shared_ptr<Connection> which)
        : core(std::move(of)), connection(std::move(which)) {}
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;
    ~Registration() {
      connection->ended = true;
      connection->socket->drop();
      std::erase(core->sockets.connections_, connection);
      core->workspace.changes.touch();
    }
  } registration{core, connection};
  if (!core->faults.hello_withheld) {
    connection->greeted = true;
    self.say(*connection, self.hello().dump());
  }
  core->workspace.changes.touch();
  asio::co_spawn(core->executor, read(core, connection), asio::detached);
  co_await live(core, connection);
}

// Until the connection is over: pings, the warning near the end of its life, the close.
Task<void> Sockets::live(std::shared_ptr<Core> core, std::shared_ptr<Connection> connection) {
  Sockets& self = core->sockets;
  const Millis lifetime = core->options.connection_lifetime;
  const Millis ping_every = core->options.ping_interval;
  Millis next_ping = connection->born + ping_every;
  while (!connection->ended) {
    const Millis now = core->clock.steady();
    const Millis warn_at = connection->born + std::max(Millis{0}, lifetime - k_disconnect_notice);
    if (connection->close_at && now >= *connection->close_at) {
      std::string reason = "disconnect";
      if (!connection->frozen) co_await connection->socket->close(1000, std::move(reason), k_close_patience);
      co_return;
    }
    if (!connection->warned && now >= warn_at) {
      connection->warned = true;
      connection->close_at = std::max(now, connection->born + lifetime);
      if (!connection->frozen)
        self.say(*connection, self.disconnect_message(DisconnectReason::warning).dump());
      core->workspace.changes.touch();
    }
    if (now >= next_ping && !connection->frozen) {
      const std::uint64_t pongs = connection->socket->pongs_in();
      connection->pings_unanswered = pongs == connection->pongs_seen ? connection->pings_unanswered + 1 : 1;
      connection->pongs_seen = pongs;
      // Slack drops clients that do not answer its pings.
      if (connection->pings_unanswered > k_pings_unanswered) co_return;
      std::string payload = "Ping from applink-sandbox-1";
      asio::co_spawn(core->executor, ping_quietly(connection->socket, std::move(payload)), asio::detached);
      next_ping = now + ping_every;
    }
    Millis until = connection->frozen ? now + lifetime : next_ping;
    if (!connection->warned) until = std::min(until, warn_at);
    if (connection->close_at) until = std::min(until, *connection->close_at);
    co_await connection->wake->wait(std::max(Millis{1}, until - now));
  }
}

Task<void> Sockets::read(std::shared_ptr<Core> core, std::shared_ptr<Connection> connection) {
  while (!connection->ended && !connection->frozen) {
    const auto message = co_await connection->socket->receive();
    if (connection->frozen) co_return;  // what was read after the freeze was never read
    if (!message) {
      if (!connection->ended) {
        core->sockets.farewells_.push_back({connection->id, connection->socket->close_code()});
      }
      connection->ended = true;
      connection->wake->poke();
      co_return;
    }
    if (!message->binary) core->sockets.take_ack(*connection, message->data);
  }
}

void Sockets::take_ack(const Connection& connection, const std::string& text) {
  const Json message = Json::parse(text, nullptr, false);
  if (!message.is_object() || !message.contains("envelope_id") || !message["envelope_id"].is_string()) return;
  const auto id = message["envelope_id"].get<std::string>();
  const Json payload = message.value("payload", Json());
  // Acknowledgements are about what was just sent: the newest first.
  const auto record = std::find_if(core_.envelopes.rbegin(), core_.envelopes.rend(),
                                   [&id](const EnvelopeRecord& one) { return one.envelope_id == id; });
  if (record == core_.envelopes.rend() || record->acked_at) return;
  // Acknowledgements count on the connection that delivered; elsewhere is undocumented.
  if (record->connection != connection.id) return;
  record->acked_at = core_.clock.now();
  record->ack = payload;
  const auto pending = pending_.find(id);
  if (pending == pending_.end() || pending->second->overdue) {
    record->late = true;
  } else {
    pending->second->acked = true;
    pending->second->payload = payload;
    pending->second->wake->poke();
  }
  core_.workspace.changes.touch();
}

std::shared_ptr<Sockets::Connection> Sockets::next_connection() {
  std::vector<std::shared_ptr<Connection>> usable;
  for (const auto& connection : connections_) {
    // A frozen registration still gets its share: that is what a ghost is (python-slack-sdk#1940).
    if (!connection->ended && connection->greeted) usable.push_back(connection);
  }
  if (usable.empty()) return nullptr;
  return usable[turn_++ % usable.size()];
}

Task<Delivery> Sockets::deliver(std::shared_ptr<Core> core, Envelope envelope) {
  Sockets& self = core->sockets;
  Delivery delivery;
  const auto connection = core->stopped ? nullptr : self.next_connection();
  if (connection == nullptr) {
    delivery.error = "dispatch_failed";
    co_return delivery;
  }
  const std::string id = random_uuid(core->random);
  delivery.envelope_id = id;
  Json message = {{"envelope_id", id},
                  {"type", envelope.type},
                  {"payload", envelope.payload},
                  {"accepts_response_payload", envelope.accepts_response == Switch::on}};
  if (envelope.type == "events_api") {
    message["retry_attempt"] = envelope.retry_attempt;
    message["retry_reason"] = envelope.retry_reason;
  }
  EnvelopeRecord record;
  record.envelope_id = id;
  record.type = envelope.type;
  record.payload = envelope.payload;
  record.connection = connection->id;
  record.sent_at = core->clock.now();
  record.retry_attempt = envelope.retry_attempt;
  record.retry_reason = envelope.retry_reason;
  core->remember(core->envelopes, std::move(record));
  const auto pending = std::make_shared<Pending>();
  pending->connection = connection->id;
  pending->wake = core->clock.make_timer();
  self.pending_.emplace(id, pending);
  if (!connection->frozen) self.say(*connection, message.dump());
  core->workspace.changes.touch();
  const Millis deadline = core->clock.steady() + k_ack_deadline;
  while (!pending->acked && !core->stopped && core->clock.steady() < deadline) {
    const Millis left = deadline - core->clock.steady();
    co_await pending->wake->wait(left);
  }
  pending->overdue = !pending->acked;
  core->sockets.pending_.erase(id);
  if (pending->acked) {
    delivery.ack = std::move(pending->payload);
  } else {
    delivery.error = core->stopped ? "dispatch_failed" : "operation_timeout";
  }
  co_return delivery;
}

void Sockets::disconnect(DisconnectReason reason) {
  const std::string text = disconnect_message(reason).dump();
  const bool notice = reason == DisconnectReason::warning || reason == DisconnectReason::refresh_requested;
  const Millis close_at = core_.clock.steady() + (notice ? k_disconnect_notice : Millis{0});
  for (const auto& connection : connections_) {
    if (connection->frozen) continue;
    say(*connection, text);
    connection->warned = true;
    connection->close_at = connection->close_at ? std::min(*connection->close_at, close_at) : close_at;
    connection->wake->poke();
  }
  core_.workspace.changes.touch();
}

void Sockets::drop_all() {
  for (const auto& connection : connections_) {
    connection->ended = true;
    connection->socket->drop();
    connection->wake->poke();
  }
  core_.workspace.changes.touch();
}

void Sockets::freeze_all() {
  for (const auto& connection : connections_) {
    connection->frozen = true;
    connection->socket->deafen();
  }
  core_.workspace.changes.touch();
}

std::vector<ConnectionInfo> Sockets::list() const {
  std::vector<ConnectionInfo> out;
  for (const auto& connection : connections_) {
    if (connection->ended) continue;
    ConnectionInfo info;
    info.id = connection->id;
    info.opened = connection->opened;
    info.greeted = connection->greeted;
    info.frozen = connection->frozen;
    out.push_back(info);
  }
  return out;
}

bool Sockets::any() const {
  return std::ranges::any_of(connections_, [](const auto& connection) { return !connection->ended; });
}

void Sockets::stop() {
  drop_all();
  for (const auto& [id, pending] : pending_) pending->wake->poke();
}

}  // namespace jitbot::sandbox
