#include "tests/support/mattermost/front.hpp"

#include "adapters/chat/sandbox/ids.hpp"
#include "tests/support/mattermost/integrations.hpp"
#include "tests/support/mattermost/routes.hpp"

#include <algorithm>
#include <stdexcept>

namespace jitbot::mattermost_stand_in {

namespace {

constexpr std::string_view k_api = "/api/v4";
constexpr std::string_view k_hooks = "/hooks/commands/";

std::string token_of(const net::ServerRequest& request) {
  const auto given = net::find_header(request.headers, "Authorization");
  const bool bearer = given && (given->starts_with("Bearer ") || given->starts_with("BEARER "));
  return bearer ? std::string(given->substr(7)) : std::string();
}

Call call_of(const net::ServerRequest& request) {
  Call call;
  call.method = request.method;
  call.query = net::decode_form(request.query);
  call.raw = request.body;
  call.content_type = net::find_header(request.headers, "Content-Type").value_or("");
  call.body = Json::parse(request.body, nullptr, false);
  call.token = token_of(request);
  return call;
}

net::ServerResponse rendered(Core& core, Answer answer, bool routed) {
  net::ServerResponse response;
  response.status = answer.status;
  response.headers = std::move(answer.headers);
  if (answer.status == 0) return response;
  response.headers.push_back({"Date", sandbox::http_date(core.clock.now())});
  if (answer.json.is_null()) {
    response.headers.push_back({"Content-Type", "text/plain"});
    response.body = std::move(answer.text);
    return response;
  }
  // Of an unknown route JSON comes as text, and without an id of the request [rest_err_404_route].
  if (routed) {
    const std::string id = core.new_id();
    response.headers.push_back({"X-Request-Id", id});
    response.headers.push_back(
        {"X-Version-Id", core.options.version + ".local.099940a6b73eaa4d1d609b72d017a621.false"});
    if (answer.json.is_object() && answer.json.contains("status_code")) answer.json["request_id"] = id;
  }
  response.headers.push_back({"Content-Type", routed ? "application/json" : "text/plain; charset=utf-8"});
  response.body = answer.json.dump();
  return response;
}

net::ServerResponse limited(net::Headers headers) {
  net::ServerResponse response;
  response.status = 429;
  response.headers = std::move(headers);
  response.headers.push_back({"Content-Type", "text/plain; charset=utf-8"});
  response.headers.push_back({"X-Content-Type-Options", "nosniff"});
  response.body = "limit exceeded\n";
  return response;
}

// Without its database, with the session still known: reading fails as 500, writing as if it were not allowed
// [rest_err_500_db_down_warm_session].
std::optional<Answer> without_database(const Core& core, const Found& found, const Call& call) {
  if (core.faults.database != Database::lost_warm || found.route->access == Access::anyone)
    return std::nullopt;
  const std::string_view route = found.route->path;
  if (call.method == "PUT" || call.method == "DELETE") return forbidden();
  if (call.method == "POST" && (route == "/posts" || route == "/channels/direct")) return std::nullopt;
  if (route == "/channels/{}/posts")
    return failure(500, "app.post.get_root_posts.app_error", "Unable to get the posts for the channel.");
  if (route == "/users/username/*")
    return failure(500, "app.user.get_by_username.app_error",
                   "Unable to find an existing account matching your username for this team. This team may "
                   "require an invite from the team owner to join.");
  return failure(500, "app.select_error", "select error");
}

Task<Answer> slowly(std::shared_ptr<Core> core, Found found, Call call) {
  const Millis slowness = core->faults.slowness;
  const std::string pending =
      found.route->path == std::string_view("/posts") ? text_of(call.body, "pending_post_id") : std::string();
  if (slowness > Millis{0}) {
    // A second creation with the same value meanwhile is refused [rest_post_pending_id_concurrent].
    if (!pending.empty() && !core->posts_in_flight.insert(pending).second)
      co_return failure(500, "api.post.deduplicate_create_post.pending",
                        "Rejected post since another client is making the same request.");
    const auto timer = core->clock.make_timer();
    co_await timer->wait(slowness);
    core->posts_in_flight.erase(pending);
  }
  if (auto broken = without_database(*core, found, call)) {
    if (auto refusal = barred(*core, *found.route, call)) co_return std::move(*refusal);
    co_return std::move(*broken);
  }
  Answer answer = co_await run_route(core, std::move(found), std::move(call));
  co_return answer;
}

Task<Answer> planned_or_true(std::shared_ptr<Core> core, Found found, Call call) {
  const auto plan = core->faults.take_planned(call.method, found.route->path);
  if (plan && plan->when == PlannedAnswer::When::instead) co_return plan->answer;
  Answer answer = co_await slowly(core, std::move(found), std::move(call));
  if (plan) co_return plan->answer;
  co_return answer;
}

}  // namespace

Task<net::ServerResponse> serve_call(std::shared_ptr<Core> core, net::ServerRequest request) {
  Call call = call_of(request);
  const std::string path = request.path;
  auto admission = core->faults.admit(call.token, core->clock.steady());
  CallRecord record;
  record.method = request.method;
  record.path = path;
  if (!admission.admitted) {
    record.status = 429;
    core->calls.push_back(std::move(record));
    co_return limited(std::move(admission.headers));
  }
  if (path.starts_with(k_hooks) && request.method == "POST") {
    call.parts = {path.substr(k_hooks.size())};
    Answer answer = delayed_answer(*core, call);
    record.route = std::string(k_hooks) + "{}";
    record.status = answer.status;
    core->calls.push_back(std::move(record));
    co_return rendered(*core, std::move(answer), true);
  }
  // A plain GET of the socket's address [ws_plain_http_get].
  if (path == "/api/v4/websocket") {
    net::ServerResponse plain;
    plain.status = 400;
    plain.headers = {{"Content-Type", "text/plain; charset=utf-8"}, {"Sec-WebSocket-Version", "13"}};
    Answer why =
        failure(500, "api.web_socket.connect.upgrade.app_error", "Failed to upgrade websocket connection.");
    plain.body = "Bad Request\n" + why.json.dump();
    co_return plain;
  }
  Found found;
  if (path.starts_with(k_api))
    found = find_route(request.method, std::string_view(path).substr(k_api.size()));
  if (found.route == nullptr) {
    record.status = 404;
    core->calls.push_back(std::move(record));
    co_return rendered(*core, route_missing(path), false);
  }
  call.user = core->session(call.token).value_or("");
  if (!call.user.empty()) core->warm.insert(call.token);
  record.route = found.route->path;
  record.user = call.user;
  const std::size_t index = core->calls.size();
  core->calls.push_back(std::move(record));
  Answer answer = co_await planned_or_true(core, std::move(found), std::move(call));
  core->calls[index].status = answer.status;
  for (net::Header& header : admission.headers) answer.headers.push_back(std::move(header));
  co_return rendered(*core, std::move(answer), true);
}

namespace {

struct Prepared {
  Found found;
  Call call;
};

Prepared prepared(const std::string& user, const std::string& method, const std::string& path, Json body) {
  Prepared result;
  const std::size_t question = std::min(path.find('?'), path.size());
  result.found = find_route(method, std::string_view(path).substr(0, question));
  if (result.found.route == nullptr) throw std::logic_error("no such route: " + method + " " + path);
  if (question < path.size())
    result.call.query = net::decode_form(std::string_view(path).substr(question + 1));
  result.call.method = method;
  result.call.user = user;
  result.call.body = std::move(body);
  result.call.content_type = "application/json";
  return result;
}

}  // namespace

Task<Answer> call_as(std::shared_ptr<Core> core, std::string user, std::string method, std::string path,
                     Json body) {
  Prepared made = prepared(user, method, path, std::move(body));
  Answer answer = co_await run_route(core, std::move(made.found), std::move(made.call));
  co_return answer;
}

Answer call_at_once(Core& core, const std::string& user, const std::string& method, const std::string& path,
                    Json body) {
  Prepared made = prepared(user, method, path, std::move(body));
  if (made.found.route->at_once == nullptr)
    throw std::logic_error("this call waits for an integration: " + method + " " + path);
  made.call.parts = std::move(made.found.parts);
  if (auto refusal = barred(core, *made.found.route, made.call)) return std::move(*refusal);
  return made.found.route->at_once(core, made.call);
}

}  // namespace jitbot::mattermost_stand_in
