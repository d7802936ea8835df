#include "tests/support/mattermost/sockets.hpp"

#include "tests/support/mattermost/core.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <deque>

// What each case answers is captured in ws_* and wsrel_*.
namespace jitbot::mattermost_stand_in {

namespace asio = boost::asio;

namespace {

constexpr Millis k_auth_deadline = 5s;
constexpr Millis k_ping_every = 60s;
constexpr Millis k_pong_deadline = 100s;
constexpr Millis k_resume_life = 5min;
constexpr std::size_t k_max_client_frame = 8192;
constexpr std::size_t k_ring = 128;
constexpr std::size_t k_queue = 256;

Task<void> send_quietly(std::shared_ptr<net::WebSocket> socket, std::string text) {
  (void)co_await socket->send(std::move(text));  // a broken connection shows in its reader
}

Task<void> ping_quietly(std::shared_ptr<net::WebSocket> socket) {
  std::string nothing;
  (void)co_await socket->ping(std::move(nothing));
}

Json fail_reply(std::int64_t seq, int status, const std::string& id, const std::string& message) {
  Json reply = {
      {"status", "FAIL"},
      {"error", {{"id", id}, {"message", message}, {"detailed_error", ""}, {"status_code", status}}}};
  if (seq > 0) reply["seq_reply"] = seq;
  return reply;
}

Json ok_reply(std::int64_t seq, Json data = nullptr) {
  Json reply = {{"status", "OK"}, {"seq_reply", seq}};
  if (!data.is_null()) reply["data"] = std::move(data);
  return reply;
}

std::string bearer(const net::Headers& headers) {
  const auto given = net::find_header(headers, "Authorization");
  const bool known = given && (given->starts_with("Bearer ") || given->starts_with("BEARER "));
  return known ? std::string(given->substr(7)) : std::string();
}

}  // namespace

struct Sockets::Connection {
  std::shared_ptr<net::WebSocket> socket;
  std::unique_ptr<Timer> wake;
  std::string id;
  std::string user;
  std::string token;
  Millis born{0};
  Millis died{0};
  Millis ponged{0};
  std::uint64_t pongs = 0;
  std::int64_t next_seq = 0;
  std::deque<Json> sent;     // the newest events that went out
  std::deque<Json> waiting;  // what happened while nobody was connected
  bool live = true;
  bool authenticated = false;
  bool disabled = false;
  bool hung = false;
};

int Sockets::gate(const net::ServerRequest& request) const {
  if (request.path != "/api/v4/websocket") return 404;
  const auto origin = net::find_header(request.headers, "Origin");
  if (origin && *origin != core_.site_url) return 403;
  if (!core_.faults.limit) return 101;
  return core_.faults.admit(bearer(request.headers), core_.clock.steady()).admitted ? 101 : 429;
}

Task<void> Sockets::serve(std::shared_ptr<Core> core, net::ServerRequest request,
                          std::shared_ptr<net::WebSocket> socket) {
  auto connection = std::make_shared<Connection>();
  connection->socket = socket;
  connection->wake = core->clock.make_timer();
  connection->born = core->clock.steady();
  connection->ponged = connection->born;
  struct Registration {  // undone however the coroutine ends
    std::shared_ptr<Core> core;
    Shared connection;
    Registration(std::shared_ptr<Core> of, Shared which)
        : core(std::move(of)), connection(std::move(which)) {}
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;
    ~Registration() { core->sockets.end(connection); }
  } registration(core, connection);
  core->sockets.connections_.push_back(connection);
  if (!core->sockets.open(connection, request)) {
    socket->drop();
    co_return;
  }
  asio::co_spawn(core->executor, watch(core, connection), asio::detached);
  co_await read(core, connection);
}

Task<void> Sockets::read(std::shared_ptr<Core> core, Shared connection) {
  const auto socket = connection->socket;
  while (connection->live) {
    const auto message = co_await socket->receive();
    if (!message) co_return;
    if (connection->hung) continue;
    if (!core->sockets.take(connection, message->data)) {
      socket->drop();
      co_return;
    }
  }
}

// Ends the connection that does not say who it is, or does not answer pings.
Task<void> Sockets::watch(std::shared_ptr<Core> core, Shared connection) {
  Millis next_ping = connection->born + k_ping_every;
  while (connection->live) {
    const Millis now = core->clock.steady();
    if (!connection->authenticated && now >= connection->born + k_auth_deadline) break;
    const std::uint64_t pongs = connection->socket->pongs_in();
    if (pongs > connection->pongs) connection->ponged = now;
    connection->pongs = pongs;
    if (now >= connection->ponged + k_pong_deadline) break;
    if (now >= next_ping) {
      asio::co_spawn(core->executor, ping_quietly(connection->socket), asio::detached);
      next_ping = now + k_ping_every;
    }
    Millis until = std::min(next_ping, connection->ponged + k_pong_deadline);
    if (!connection->authenticated) until = std::min(until, connection->born + k_auth_deadline);
    co_await connection->wake->wait(until - now);
  }
  if (connection->live) connection->socket->drop();
}

bool Sockets::open(const Shared& connection, const net::ServerRequest& request) {
  connection->token = bearer(request.headers);
  const auto user = core_.session(connection->token);
  if (!user) return true;  // it may still say who it is, for five seconds
  connection->user = *user;
  connection->authenticated = true;
  std::string id;
  std::string sequence;
  for (const net::FormField& field : net::decode_form(request.query)) {
    if (field.name == "connection_id") id = field.value;
    if (field.name == "sequence_number") sequence = field.value;
  }
  if (!id.empty()) return resume(connection, id, sequence);
  greet(connection);
  return true;
}

bool Sockets::resume(const Shared& connection, const std::string& id, const std::string& sequence) {
  const bool number = !sequence.empty() && sequence.find_first_not_of("0123456789") == std::string::npos;
  if (!is_id(id) || !number || sequence.size() > 15) return false;
  const auto is_it = [&](const Shared& other) {
    return other->id == id && other->user == connection->user && !other->live && !other->disabled;
  };
  const auto found = std::ranges::find_if(connections_, is_it);
  if (found == connections_.end() || core_.clock.steady() - (*found)->died > k_resume_life) {
    greet(connection);
    return true;
  }
  const Shared old = *found;
  connections_.erase(found);
  const std::int64_t asked = std::stoll(sequence);
  const std::int64_t unsent = old->next_seq - static_cast<std::int64_t>(old->waiting.size());
  if (asked > unsent || asked < unsent - static_cast<std::int64_t>(old->sent.size())) {
    greet(connection);
    if (asked > unsent) greet(connection);  // hello comes twice here, as captured
    return true;
  }
  connection->id = old->id;
  connection->next_seq = old->next_seq;
  connection->sent = std::move(old->sent);
  for (const Json& event : connection->sent) {
    if (event["seq"].get<std::int64_t>() >= asked) say(*connection, event);
  }
  for (Json& event : old->waiting) {
    say(*connection, event);
    connection->sent.push_back(std::move(event));
  }
  while (connection->sent.size() > k_ring) connection->sent.pop_front();
  online(connection->user);
  return true;
}

void Sockets::greet(const Shared& connection) {
  if (connection->id.empty()) connection->id = core_.new_id();
  const Json broadcast = {
      {"omit_users", nullptr}, {"user_id", connection->user}, {"channel_id", ""}, {"team_id", ""}};
  const std::string version = core_.options.version + ".local.099940a6b73eaa4d1d609b72d017a621.false";
  deliver(*connection, "hello", {{"connection_id", connection->id}, {"server_version", version}}, broadcast);
  online(connection->user);
}

void Sockets::online(const std::string& user) {
  User* who = core_.user(user);
  if (who == nullptr || who->status == "online") return;
  who->status = "online";
  publish("status_change", {{"status", "online"}, {"user_id", user}}, {.user = user});
}

void Sockets::end(const Shared& connection) {
  connection->live = false;
  if (core_.over) return;
  connection->died = core_.clock.steady();
  connection->socket->drop();
  connection->wake->poke();
  if (!connection->authenticated || connection->disabled) {
    std::erase(connections_, connection);
    return;
  }
  User* user = core_.user(connection->user);
  if (user == nullptr || user->status == "offline" || live(connection->user) > 0) return;
  user->status = "offline";
  publish("status_change", {{"status", "offline"}, {"user_id", user->id}}, {.user = user->id});
}

bool Sockets::listens(const Connection& connection, const Broadcast& to) const {
  if (!connection.authenticated || connection.disabled || connection.user == to.omit) return false;
  if (!to.user.empty()) return connection.user == to.user;
  if (!to.channel.empty()) return core_.member(to.channel, connection.user);
  if (!to.team.empty()) return core_.team_members.contains(connection.user);
  return true;
}

void Sockets::publish(const std::string& event, Json data, const Broadcast& to) {
  Json omitted;
  if (!to.omit.empty()) omitted[to.omit] = true;
  const Json broadcast = {
      {"omit_users", omitted}, {"user_id", to.user}, {"channel_id", to.channel}, {"team_id", to.team}};
  for (const Shared& connection : connections_) {
    if (listens(*connection, to)) deliver(*connection, event, data, broadcast);
  }
  // Who is away for too long is dropped from the hub, and loses what was kept.
  std::erase_if(connections_, [](const Shared& connection) { return connection->waiting.size() > k_queue; });
}

void Sockets::deliver(Connection& connection, const std::string& event, const Json& data,
                      const Json& broadcast) {
  Json frame = {{"event", event}, {"data", data}, {"broadcast", broadcast}, {"seq", connection.next_seq++}};
  if (!connection.live) {
    connection.waiting.push_back(std::move(frame));
    return;
  }
  say(connection, frame);
  connection.sent.push_back(std::move(frame));
  if (connection.sent.size() > k_ring) connection.sent.pop_front();
}

void Sockets::say(Connection& connection, const Json& frame) const {
  if (connection.hung) return;
  asio::co_spawn(core_.executor, send_quietly(connection.socket, frame.dump()), asio::detached);
}

bool Sockets::take(const Shared& connection, const std::string& text) {
  if (text.size() > k_max_client_frame) return false;
  const Json frame = Json::parse(text, nullptr, false);
  if (!frame.is_object()) return false;
  const std::int64_t seq = number_of(frame, "seq");
  const std::string action = text_of(frame, "action");
  const Json data = frame.contains("data") ? frame["data"] : Json::object();
  if (!connection->authenticated) {
    return action == "authentication_challenge" ? authenticate(connection, seq, data) : true;
  }
  request(connection, seq, action, data);
  return true;
}

bool Sockets::authenticate(const Shared& connection, std::int64_t seq, const Json& data) {
  connection->token = text_of(data, "token");
  const auto user = core_.session(connection->token);
  if (!user) return false;
  connection->user = *user;
  connection->authenticated = true;
  greet(connection);
  say(*connection, ok_reply(seq));
  return true;
}

void Sockets::request(const Shared& connection, std::int64_t seq, const std::string& action,
                      const Json& data) {
  const std::string router = "api.web_socket_router.";
  const auto refuse = [&](int status, const std::string& id, const std::string& message) {
    say(*connection, fail_reply(seq, status, id, message));
  };
  if (action.empty()) return refuse(400, router + "no_action.app_error", "No websocket action.");
  if (seq <= 0) return refuse(400, router + "bad_seq.app_error", "Invalid sequence for WebSocket message.");
  if (action == "authentication_challenge") return;
  if (connection->disabled)
    return refuse(401, router + "not_authenticated.app_error",
                  "WebSocket connection is not authenticated. Please log in and try again.");
  const bool known = std::ranges::any_of(
      core_.tokens, [&](const Token& token) { return token.token == connection->token && token.active; });
  if (!known)
    return refuse(401, "api.context.invalid_token.error",
                  "Invalid session token=" + connection->token + ", err=");
  if (action == "ping") {
    const Json pong = {{"text", "pong"},
                       {"version", core_.options.version},
                       {"node_id", ""},
                       {"server_time", to_ms(core_.clock.now())}};
    return say(*connection, ok_reply(seq, pong));
  }
  if (action == "get_statuses" || action == "get_statuses_by_ids") {
    Json statuses = Json::object();
    const std::vector<std::string> asked =
        data.contains("user_ids") ? texts_of(data["user_ids"]) : std::vector<std::string>{connection->user};
    for (const std::string& id : asked) {
      const User* user = std::as_const(core_).user(id);
      if (user != nullptr) statuses[id] = user->status;
    }
    return say(*connection, ok_reply(seq, statuses));
  }
  if (action == "user_typing") {
    const std::string channel = text_of(data, "channel_id");
    if (!is_id(channel))
      return refuse(400, "api.websocket_handler.invalid_param.app_error", "Invalid channel_id parameter.");
    publish("typing", {{"parent_id", text_of(data, "parent_id")}, {"user_id", connection->user}},
            {.channel = channel, .omit = connection->user});
    return say(*connection, ok_reply(seq));
  }
  refuse(500, router + "bad_action.app_error", "Unknown WebSocket action.");
}

void Sockets::drop_all() {
  for (const Shared& connection : std::vector<Shared>(connections_)) {
    if (connection->live) connection->socket->drop();
  }
}

void Sockets::forget_all() {
  const auto all = std::exchange(connections_, {});
  for (const Shared& connection : all) {
    connection->disabled = true;  // so that its end keeps nothing
    connection->socket->drop();
    connection->live = false;
    connection->wake->poke();
  }
  for (auto& [id, user] : core_.users) user.status = "offline";
}

void Sockets::hang_all() {
  for (const Shared& connection : connections_) {
    connection->hung = true;
    if (connection->live) connection->socket->deafen();
  }
}

void Sockets::disable(const std::string& user) {
  for (const Shared& connection : connections_) {
    if (connection->user == user) connection->disabled = true;
  }
  std::erase_if(connections_,
                [](const Shared& connection) { return connection->disabled && !connection->live; });
}

std::size_t Sockets::live() const {
  const auto is_live = [](const Shared& connection) { return connection->live && connection->authenticated; };
  return static_cast<std::size_t>(std::ranges::count_if(connections_, is_live));
}

std::size_t Sockets::live(const std::string& user) const {
  const auto is_live = [&](const Shared& connection) {
    return connection->live && connection->authenticated && connection->user == user;
  };
  return static_cast<std::size_t>(std::ranges::count_if(connections_, is_live));
}

}  // namespace jitbot::mattermost_stand_in
