#include "tests/unit/slack/fake_slack.hpp"

#include <algorithm>

namespace jitbot::slack::testing {

using Json = nlohmann::json;

struct FakeSlack::State {
  FakeSlack* fake = nullptr;
  std::map<std::string, std::deque<Script>> scripts;
  std::vector<Call> calls;
  std::vector<std::shared_ptr<Link>> links;
  unsigned tickets = 0;
};

namespace {

using StatePtr = std::shared_ptr<FakeSlack::State>;

Script usual(FakeSlack::State& state, const std::string& method) {
  Script script;
  if (method == "auth.test") {
    script.body = {{"ok", true}, {"team_id", "T1"}, {"user_id", "U0BOT"}, {"bot_id", "B0BOT"}};
  } else if (method == "apps.connections.open") {
    std::string url = state.fake->socket_url;
    if (url.empty()) {
      url = "ws" + state.fake->origin().substr(4) + "/link?ticket=" + std::to_string(++state.tickets) +
            "&app_id=x";
    }
    script.body = {{"ok", true}, {"url", url}};
  } else if (method == "chat.postMessage") {
    script.body = {{"ok", true}, {"channel", state.calls.back().fields["channel"]}, {"ts", "100.000100"}};
  } else if (method == "conversations.open") {
    script.body = {{"ok", true}, {"channel", {{"id", "D1"}}}};
  }
  return script;
}

Task<net::ServerResponse> handle(StatePtr state, net::ServerRequest request) {
  Call call;
  call.method = request.path.starts_with("/api/") ? request.path.substr(5) : request.path;
  call.token = std::string(net::find_header(request.headers, "Authorization").value_or(std::string_view{}));
  if (request.path.starts_with("/api/")) {
    for (auto& field : net::decode_form(request.body)) call.fields[field.name] = field.value;
  } else {
    call.fields["body"] = request.body;
  }
  const std::string method = call.method;
  state->calls.push_back(std::move(call));
  auto& scripts = state->scripts[method];
  Script script;
  if (scripts.empty()) {
    script = usual(*state, method);
  } else {
    script = scripts.front();
    scripts.pop_front();
  }
  net::ServerResponse response;
  response.status = script.status;
  response.headers.push_back({"Content-Type", "application/json"});
  response.headers.push_back({"x-slack-req-id", "req-1"});
  if (!script.retry_after.empty()) response.headers.push_back({"Retry-After", script.retry_after});
  response.body = script.body.is_string() ? script.body.get<std::string>() : script.body.dump();
  co_return response;
}

Task<void> serve_link(StatePtr state, net::ServerRequest request, std::shared_ptr<net::WebSocket> socket) {
  auto link = std::make_shared<Link>();
  link->socket = socket;
  link->ticket = request.query;
  state->links.push_back(link);
  const FakeSlack& fake = *state->fake;
  if (fake.says_hello) {
    const auto open =
        fake.num_connections == 0 ? static_cast<unsigned>(fake.open_links()) : fake.num_connections;
    const Json hello{{"type", "hello"},
                     {"num_connections", open},
                     {"debug_info", {{"approximate_connection_time", fake.lifetime_s}}},
                     {"connection_info", {{"app_id", fake.app_id}}}};
    std::string text = hello.dump();
    co_await socket->send(std::move(text));
  }
  for (;;) {
    const auto message = co_await socket->receive();
    if (!message) break;
    link->received.push_back(Json::parse(message->data));
  }
  link->over = true;
}

}  // namespace

Json Link::ack_of(const std::string& envelope_id) const {
  for (const Json& message : received) {
    if (message.value("envelope_id", "") == envelope_id) return message;
  }
  return nullptr;
}

FakeSlack::FakeSlack(jitbot::testing::EventLoop& loop) : loop_(loop), state_(std::make_shared<State>()) {
  state_->fake = this;
  const StatePtr state = state_;
  server_ = std::make_unique<net::HttpServer>(
      loop.executor(), net::HttpServerOptions{},
      [state](net::ServerRequest request) { return handle(state, std::move(request)); });
  server_->on_upgrade(
      [state](const net::ServerRequest&) {
        auto& statuses = state->fake->upgrade_statuses;
        if (statuses.empty()) return 101;
        const int status = statuses.front();
        statuses.pop_front();
        return status;
      },
      [state](net::ServerRequest request, std::shared_ptr<net::WebSocket> socket) {
        return serve_link(state, std::move(request), std::move(socket));
      });
  REQUIRE(server_->start());
}

FakeSlack::~FakeSlack() {
  server_->stop();
}

std::string FakeSlack::origin() const {
  return "http://127.0.0.1:" + std::to_string(server_->port());
}

void FakeSlack::answer(const std::string& method, Script script) {
  state_->scripts[method].push_back(std::move(script));
}

std::vector<Call> FakeSlack::calls_of(const std::string& method) const {
  std::vector<Call> calls;
  for (const Call& call : state_->calls) {
    if (call.method == method) calls.push_back(call);
  }
  return calls;
}

std::vector<std::shared_ptr<Link>> FakeSlack::links() const {
  return state_->links;
}

std::size_t FakeSlack::open_links() const {
  return static_cast<std::size_t>(
      std::ranges::count(state_->links, false, [](const auto& link) { return link->over; }));
}

void FakeSlack::say(const std::shared_ptr<Link>& link, const Json& frame) {
  REQUIRE(loop_.run(link->socket->send(frame.dump())));
}

void FakeSlack::freeze(const std::shared_ptr<Link>& link) {
  link->socket->deafen();
}

}  // namespace jitbot::slack::testing
