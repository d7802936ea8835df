#include "adapters/http/frontdoor.hpp"

#include "adapters/net/url.hpp"

#include <utility>
#include <vector>

namespace jitbot::http {

namespace {

net::HttpServerOptions server_options(const FrontdoorOptions& options) {
  net::HttpServerOptions result;
  result.address = options.address == "localhost" ? "127.0.0.1" : options.address;
  result.port = options.port;
  result.max_body = 16UL * 1024;  // nothing here reads a body
  return result;
}

net::ServerResponse healthy() {
  return {200, {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}}, "{\"ok\":true}\n"};
}

net::ServerResponse wrong_method() {
  auto response = problem(405, "only GET is served here");
  response.headers.push_back({"Allow", "GET"});
  return response;
}

net::ServerResponse who_are_you() {
  auto response = problem(401, "a bearer token is needed");
  response.headers.push_back({"WWW-Authenticate", "Bearer realm=\"jitbot\""});
  return response;
}

bool is_lookup(const std::string& path) {
  return path.starts_with("/v1/access/");
}

}  // namespace

bool is_loopback(const std::string& address) {
  net::Url url;
  url.host = address;
  if (address.size() > 2 && address.front() == '[' && address.back() == ']') {
    url.host = address.substr(1, address.size() - 2);
  }
  return url.loopback();
}

struct Frontdoor::State {
  FrontdoorOptions options;
  Store* store = nullptr;
  std::function<Time()> effective_now;
  HealthView health;
  std::unique_ptr<net::HttpServer> server;

  static Task<net::ServerResponse> handle(std::shared_ptr<State> self, net::ServerRequest request);
  static Task<net::ServerResponse> lookup(std::shared_ptr<State> self, net::ServerRequest request);
};

Task<net::ServerResponse> Frontdoor::State::handle(std::shared_ptr<State> self, net::ServerRequest request) {
  if (!self) co_return problem(503, "closing");
  const bool lookup_path = is_lookup(request.path) && !self->options.lookup_token.empty();
  const bool known = lookup_path || request.path == "/healthz" || request.path == "/readyz";
  if (!known) co_return problem(404, "there is nothing here");
  // Before the method: who has no token learns nothing about what is served.
  if (lookup_path && !bears(request.headers, self->options.lookup_token)) co_return who_are_you();
  if (request.method != "GET") co_return wrong_method();
  if (request.path == "/healthz") co_return healthy();
  if (lookup_path) co_return co_await lookup(std::move(self), std::move(request));
  const Health health = co_await self->health();
  co_return readiness(health);
}

Task<net::ServerResponse> Frontdoor::State::lookup(std::shared_ptr<State> self, net::ServerRequest request) {
  auto question = parse_lookup(request.path, request.query);
  if (!question) {
    switch (question.error()) {
      case NotLookup::no_such_path:
        co_return problem(404, "ask for /v1/access/{resource}/{account}");
      case NotLookup::malformed:
        co_return problem(400, "resource, account and role must be percent-encoded text");
    }
  }
  std::function<Result<std::vector<Grant>>(Tx&)> work =
      [resource = question->resource, account = question->account](Tx& tx) -> Result<std::vector<Grant>> {
    return tx.live_grants_at(resource, account);
  };
  auto grants = co_await query<std::vector<Grant>>(*self->store, std::move(work));
  if (!grants) co_return problem(503, "the store cannot be read now");
  co_return lookup_answer(*grants, question->role, self->effective_now());
}

Frontdoor::Frontdoor(Executor executor, FrontdoorOptions options, Store& store,
                     std::function<Time()> effective_now, HealthView health)
    : state_(std::make_shared<State>()) {
  state_->options = std::move(options);
  state_->store = &store;
  state_->effective_now = std::move(effective_now);
  state_->health = std::move(health);
  // The server's handler must not keep the state that owns the server.
  net::HttpServer::Handler handler = [weak = std::weak_ptr(state_)](net::ServerRequest request) {
    return State::handle(weak.lock(), std::move(request));
  };
  state_->server = std::make_unique<net::HttpServer>(std::move(executor), server_options(state_->options),
                                                     std::move(handler));
}

Frontdoor::~Frontdoor() {
  stop();
}

Result<void> Frontdoor::start() {
  if (state_->options.lookup_token.empty() && !is_loopback(state_->options.address)) {
    return fail(ErrorKind::invalid,
                "http.listen: " + state_->options.address +
                    " can be reached from elsewhere: set http.lookup_token, or listen on 127.0.0.1");
  }
  return state_->server->start();
}

std::uint16_t Frontdoor::port() const {
  return state_->server->port();
}

void Frontdoor::stop() {
  state_->server->stop();
}

}  // namespace jitbot::http
