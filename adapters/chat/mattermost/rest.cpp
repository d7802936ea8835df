#include "adapters/chat/mattermost/rest.hpp"

#include "adapters/chat/read/json_read.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace jitbot::mattermost {

namespace {

using chat::text_at;

using Json = nlohmann::json;

constexpr unsigned k_most_retries = 6;
constexpr unsigned k_most_doublings = 4;  // pauses of at most 4 s
constexpr Millis k_health_timeout = 5s;
constexpr std::size_t k_ticket_length = 26;

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

RestFault stopped(const std::string& what) {
  return RestFault{Error{ErrorKind::unavailable, "stopped", what + ": closed"}, 0, {}, {}, false};
}

std::string name_of(const RestCall& call) {
  if (!call.shown.empty()) return call.shown;
  return call.method + " " + call.path.substr(0, call.path.find('?'));
}

bool may_repeat(Repeat repeat, ErrorKind kind) {
  switch (repeat) {
    case Repeat::never:
      return false;
    case Repeat::unsent:
      return kind == ErrorKind::unavailable || kind == ErrorKind::rate_limited;
    case Repeat::safe:
      return kind == ErrorKind::unavailable || kind == ErrorKind::rate_limited ||
             kind == ErrorKind::outcome_unknown;
  }
  return false;
}

// Whether the token is good is what this call asks; to all others that is an accident on the way.
bool asks_about_the_token(const RestCall& call) {
  return call.path == k_who_am_i;
}

RestFault closing(RestFault last, bool perhaps_done) {
  last.perhaps_done = perhaps_done || last.error.kind == ErrorKind::outcome_unknown;
  const bool says_undone =
      last.error.kind == ErrorKind::unavailable || last.error.kind == ErrorKind::rate_limited;
  if (perhaps_done && says_undone) last.error.kind = ErrorKind::outcome_unknown;
  return last;
}

}  // namespace

// One call with all its tries.
struct Rest::Exchange {
  RestCall call;
  std::string what;
  Millis deadline{0};
  std::optional<RestFault> problem = std::nullopt;
  unsigned tries = 0;
  bool perhaps_done = false;
  enum class Next { give_up, pause, at_once } next = Next::give_up;
  bool confirmed = false;  // the server said that it is well: the next refusal counts
};

Rest::Rest(Clock& clock, Random& random, net::HttpClient& http, RestOptions options)
    : clock_(clock), random_(random), http_(http), options_(std::move(options)) {
  while (options_.url.ends_with('/')) options_.url.pop_back();
}

void Rest::close() {
  closed_ = true;
  sleepers_.wake_all();
}

void Rest::give_way(Millis until) {
  paused_until_ = std::max(paused_until_, until);
}

// The limiter counts all calls of one address or user together, so all of them wait. False: it was prolonged
// meanwhile.
Task<RestResult<bool>> Rest::wait_turn(std::string what, Millis deadline) {
  if (closed_) co_return tl::unexpected(stopped(what));
  const Millis now = clock_.steady();
  if (paused_until_ <= now) co_return true;
  const Millis wait = paused_until_ - now;
  if (paused_until_ > deadline) {
    RestFault slow{Error{ErrorKind::rate_limited, "Mattermost asks for a pause", what + ": waits too long"},
                   0,
                   {},
                   wait,
                   false};
    co_return tl::unexpected(std::move(slow));
  }
  // Not all in the same moment.
  const Millis spread{static_cast<std::int64_t>(random_.below(250))};
  co_await sleepers_.sleep(wait + spread);
  if (closed_) co_return tl::unexpected(stopped(what));
  co_return paused_until_ <= clock_.steady();
}

Task<RestResult<RestReply>> Rest::attempt(RestCall call) {
  const std::string what = name_of(call);
  net::HttpRequest request;
  request.method = call.method;
  request.url = options_.url + "/api/v4" + call.path;
  request.timeout = options_.attempt;
  switch (call.as) {
    case As::bot:
      request.headers.push_back({"Authorization", "Bearer " + options_.token.reveal()});
      break;
    case As::nobody:
      break;
  }
  request.headers.push_back({"Accept", "application/json"});
  if (call.body) {
    request.headers.push_back({"Content-Type", "application/json"});
    request.body = dump(*call.body);
  }
  auto response = co_await http_.send(std::move(request));
  if (!response) {
    const Error& error = response.error();
    RestFault lost{Error{error.kind, "Mattermost cannot be reached",
                         fmt::format("{}: {} {}", what, error.message, error.detail)},
                   0,
                   {},
                   {},
                   false};
    co_return tl::unexpected(std::move(lost));
  }
  co_return judge(what,
                  RestAnswer{response->status, std::move(response->headers), std::move(response->body)});
}

Task<Rest::Health> Rest::ask_health() {
  net::HttpRequest request;
  request.url = options_.url + "/api/v4/system/ping?get_server_status=true";
  request.timeout = std::min(options_.attempt, k_health_timeout);
  auto response = co_await http_.send(std::move(request));
  if (!response || response->status == 429 || response->status >= 500) co_return Health::ailing;
  if (response->status != 200) co_return Health::silent;  // a proxy may keep it from us
  const Json body = Json::parse(response->body, nullptr, false);
  co_return text_at(body, {"database_status"}) == "UNHEALTHY" ? Health::ailing : Health::well;
}

Millis Rest::pause_after(const Exchange& exchange) {
  const unsigned doublings = std::min(exchange.tries, k_most_doublings);
  return Millis{250 + static_cast<std::int64_t>(random_.below(250U << doublings))};
}

// What comes after a failed try.
Task<void> Rest::weigh(std::shared_ptr<Exchange> exchange) {
  RestFault& problem = *exchange->problem;
  exchange->next = Exchange::Next::give_up;
  if (problem.retry_after) give_way(clock_.steady() + *problem.retry_after);
  if (exchange->call.repeat == Repeat::never) co_return;
  if (doubtful(problem)) {
    const bool was_confirmed = std::exchange(exchange->confirmed, false);
    if (was_confirmed) co_return;
    const Health health = co_await ask_health();
    switch (health) {
      case Health::well:
      case Health::silent:
        exchange->confirmed = true;
        exchange->next = Exchange::Next::at_once;
        co_return;
      case Health::ailing:
        problem.error.kind = ErrorKind::unavailable;
        problem.error.message = "Mattermost has trouble of its own";
        problem.error.detail += ": the server says that it is not well";
        break;
    }
  }
  if (problem.error.kind == ErrorKind::outcome_unknown) exchange->perhaps_done = true;
  if (!may_repeat(exchange->call.repeat, problem.error.kind)) co_return;
  // A pause that the server asks for costs no try: it ends by itself, or outlasts the patience.
  if (!problem.retry_after && ++exchange->tries > k_most_retries) co_return;
  exchange->next = Exchange::Next::pause;
}

Task<RestResult<RestReply>> Rest::call(RestCall call) {
  const auto exchange = std::make_shared<Exchange>();
  exchange->what = name_of(call);
  exchange->deadline = clock_.steady() + (call.patience > Millis{0} ? call.patience : options_.patience);
  exchange->call = std::move(call);
  for (;;) {
    std::string what = exchange->what;
    const auto turn = co_await wait_turn(std::move(what), exchange->deadline);
    if (!turn) co_return tl::unexpected(closing(turn.error(), exchange->perhaps_done));
    if (!*turn) continue;
    RestCall once = exchange->call;
    auto reply = co_await attempt(std::move(once));
    if (reply) co_return reply;
    exchange->problem = std::move(reply).error();
    co_await weigh(exchange);
    const RestFault& problem = *exchange->problem;
    spdlog::warn("mattermost: kind={} {}", to_string(problem.error.kind), problem.error.detail);
    if (exchange->next == Exchange::Next::at_once) continue;
    const Millis pause = problem.retry_after ? Millis{0} : pause_after(*exchange);
    const bool over = closed_ || clock_.steady() + pause > exchange->deadline;
    if (exchange->next == Exchange::Next::give_up || over) {
      RestFault last = problem;
      if (last.status == 401 && last.error.kind == ErrorKind::refused) {
        if (on_refused_) on_refused_(last);
        // Somebody may restore it: what was to be said can be said then.
        if (!asks_about_the_token(exchange->call)) last.error.kind = ErrorKind::unavailable;
      }
      co_return tl::unexpected(closing(std::move(last), exchange->perhaps_done));
    }
    if (pause > Millis{0}) co_await sleepers_.sleep(pause);
  }
}

Task<RestResult<RestReply>> Rest::get(std::string path) {
  RestCall request;
  request.path = std::move(path);
  co_return co_await call(std::move(request));
}

Task<RestResult<RestReply>> Rest::post(std::string path, std::shared_ptr<const Json> body) {
  RestCall request;
  request.method = "POST";
  request.path = std::move(path);
  request.body = std::move(body);
  co_return co_await call(std::move(request));
}

Task<RestResult<RestReply>> Rest::put(std::string path, std::shared_ptr<const Json> body) {
  RestCall request;
  request.method = "PUT";
  request.path = std::move(path);
  request.body = std::move(body);
  co_return co_await call(std::move(request));
}

std::string command_ticket(std::string_view response_url) {
  constexpr std::string_view k_route = "/hooks/commands/";
  const auto at = response_url.rfind(k_route);
  if (at == std::string_view::npos) return {};
  const std::string_view ticket = response_url.substr(at + k_route.size());
  const bool plain =
      std::ranges::all_of(ticket, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
  return plain && ticket.size() == k_ticket_length ? std::string(ticket) : std::string();
}

Task<Result<void>> Rest::respond(Secret url, std::shared_ptr<const Json> message) {
  if (closed_) co_return fail(ErrorKind::unavailable, "stopped", "response_url: closed");
  const std::string ticket = command_ticket(url.reveal());
  if (ticket.empty()) {
    co_return fail(ErrorKind::refused, "the answer address is not Mattermost's", "response_url: no ticket");
  }
  net::HttpRequest request;
  request.method = "POST";
  request.url = options_.url + "/hooks/commands/" + ticket;
  request.timeout = options_.attempt;
  request.headers.push_back({"Content-Type", "application/json"});
  request.body = dump(*message);
  auto response = co_await http_.send(std::move(request));
  // The error's own text could hold the address, which is a secret.
  if (!response) co_return fail(response.error().kind, "Mattermost cannot be reached", "response_url");
  if (response->status == 200) co_return Result<void>{};
  auto judged = judge("response_url",
                      RestAnswer{response->status, std::move(response->headers), std::move(response->body)});
  if (judged)
    co_return fail(ErrorKind::outcome_unknown, "Mattermost did not take the answer", "response_url");
  RestFault& fault = judged.error();
  const bool used_up = fault.id == "app.command_webhook.try_use.invalid" || fault.status == 404;
  if (used_up) co_return fail(ErrorKind::not_found, "the answer address is used up", fault.error.detail);
  co_return tl::make_unexpected(std::move(fault.error));
}

}  // namespace jitbot::mattermost
