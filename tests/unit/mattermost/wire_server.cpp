#include "tests/unit/mattermost/wire_server.hpp"

#include <optional>

namespace jitbot::mattermost::testing {

using Json = nlohmann::json;

struct WireServer::State {
  WireServer* server = nullptr;
  std::map<std::string, std::deque<Script>> scripts;
  std::map<std::string, Script> standing;
  std::vector<Call> calls;
  std::vector<std::shared_ptr<Line>> lines;
};

namespace {

using StatePtr = std::shared_ptr<WireServer::State>;

constexpr std::string_view k_api = "/api/v4";

std::string header(const net::ServerRequest& request, std::string_view name) {
  return std::string(net::find_header(request.headers, name).value_or(std::string_view{}));
}

std::optional<Script> scripted(WireServer::State& state, const std::string& route) {
  auto& scripts = state.scripts[route];
  if (!scripts.empty()) {
    Script script = scripts.front();
    scripts.pop_front();
    return script;
  }
  const auto standing = state.standing.find(route);
  if (standing != state.standing.end()) return standing->second;
  return std::nullopt;
}

Script answer_to(WireServer::State& state, const Call& call) {
  if (auto script = scripted(state, call.route + "?" + call.query)) return *script;
  if (auto script = scripted(state, call.route)) return *script;
  if (state.server->otherwise) return state.server->otherwise(call);
  if (call.route == "GET /system/ping") return {200, {{"status", "OK"}, {"database_status", "OK"}}};
  return refusal(404, "api.context.404.app_error");
}

Task<net::ServerResponse> handle(StatePtr state, net::ServerRequest request) {
  Call call;
  std::string path = request.path;
  if (path.starts_with(k_api)) path = path.substr(k_api.size());
  call.route = request.method + " " + path;
  call.query = request.query;
  call.authorization = header(request, "Authorization");
  call.body = request.body.empty() ? Json() : Json::parse(request.body, nullptr, false);
  state->calls.push_back(call);
  const Script script = answer_to(*state, call);
  net::ServerResponse response;
  response.status = script.status;
  response.headers = script.headers;
  response.headers.push_back({"X-Request-Id", "req1"});
  response.body = script.body.is_string() ? script.body.get<std::string>() : script.body.dump();
  co_return response;
}

Json hello_frame(const std::string& connection_id, std::int64_t seq) {
  return {{"event", "hello"},
          {"data", {{"connection_id", connection_id}, {"server_version", "5.37.0.local"}}},
          {"broadcast", Json::object()},
          {"seq", seq}};
}

std::optional<Json> answer_to_ping(const WireServer& server, const Json& frame) {
  const Json number = frame.at("seq");
  switch (server.pings) {
    case WireServer::Pings::answered:
      return Json{{"status", "OK"}, {"seq_reply", number}, {"data", {{"text", "pong"}}}};
    case WireServer::Pings::refused:
      return Json{{"status", "FAIL"},
                  {"seq_reply", number},
                  {"error",
                   {{"id", "api.context.invalid_token.error"},
                    {"message", "Invalid session token=secrettoken, err="},
                    {"status_code", 401}}}};
    case WireServer::Pings::ignored:
      break;
  }
  return std::nullopt;
}

Task<void> serve_line(StatePtr state, net::ServerRequest request, std::shared_ptr<net::WebSocket> socket) {
  auto line = std::make_shared<Line>();
  line->socket = socket;
  line->query = request.query;
  line->authorization = header(request, "Authorization");
  state->lines.push_back(line);
  if (state->server->says_hello) {
    std::string text = hello_frame(state->server->connection_id, 0).dump();
    co_await socket->send(std::move(text));
  }
  for (;;) {
    const auto message = co_await socket->receive();
    if (!message) break;
    line->received.push_back(Json::parse(message->data));
    const auto answer = answer_to_ping(*state->server, line->received.back());
    if (!answer) continue;
    std::string text = answer->dump();
    co_await socket->send(std::move(text));
  }
  line->over = true;
}

}  // namespace

Script refusal(int status, const std::string& id) {
  return {status,
          {{"id", id},
           {"message", "words with secrettoken in them"},
           {"detailed_error", ""},
           {"status_code", status}}};
}

WireServer::WireServer(jitbot::testing::EventLoop& loop) : loop_(loop), state_(std::make_shared<State>()) {
  state_->server = this;
  const StatePtr state = state_;
  server_ = std::make_unique<net::HttpServer>(
      loop.executor(), net::HttpServerOptions{},
      [state](net::ServerRequest request) { return handle(state, std::move(request)); });
  server_->on_upgrade(
      [state](const net::ServerRequest&) {
        auto& statuses = state->server->upgrade_statuses;
        if (statuses.empty()) return 101;
        const int status = statuses.front();
        statuses.pop_front();
        return status;
      },
      [state](net::ServerRequest request, std::shared_ptr<net::WebSocket> socket) {
        return serve_line(state, std::move(request), std::move(socket));
      });
  REQUIRE(server_->start());
}

WireServer::~WireServer() {
  server_->stop();
}

std::string WireServer::url() const {
  return "http://127.0.0.1:" + std::to_string(server_->port());
}

void WireServer::next(const std::string& route, Script script) {
  state_->scripts[route].push_back(std::move(script));
}

void WireServer::always(const std::string& route, Script script) {
  state_->standing[route] = std::move(script);
}

std::vector<Call> WireServer::calls_of(const std::string& route) const {
  std::vector<Call> calls;
  for (const Call& call : state_->calls) {
    if (call.route == route) calls.push_back(call);
  }
  return calls;
}

std::size_t WireServer::calls() const {
  return state_->calls.size();
}

const std::vector<std::shared_ptr<Line>>& WireServer::lines() const {
  return state_->lines;
}

void WireServer::say(const Json& frame) {
  REQUIRE_FALSE(state_->lines.empty());
  REQUIRE(loop_.run(state_->lines.back()->socket->send(frame.dump())));
}

void WireServer::event(const std::string& name, std::int64_t seq, const Json& data) {
  say({{"event", name}, {"data", data}, {"broadcast", Json::object()}, {"seq", seq}});
}

void WireServer::hello(const std::string& connection_id_in, std::int64_t seq) {
  say(hello_frame(connection_id_in, seq));
}

}  // namespace jitbot::mattermost::testing
