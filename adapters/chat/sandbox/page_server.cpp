#include "adapters/chat/sandbox/ids.hpp"
#include "adapters/chat/sandbox/page.hpp"
#include "adapters/net/http.hpp"
#include "adapters/net/url.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fmt/format.h>

#include <array>
#include <charconv>

namespace jitbot::sandbox {

namespace asio = boost::asio;
using Json = nlohmann::json;

namespace {

std::string header(const net::ServerRequest& request, std::string_view name) {
  const auto found = net::find_header(request.headers, name);
  return found ? std::string(*found) : std::string();
}

// A foreign site that resolves its own name to 127.0.0.1 shows in Host; one that posts here shows in Origin.
bool same_origin(const Core& core, const net::ServerRequest& request) {
  const std::string host = header(request, "host");
  const auto url = net::parse_url("http://" + host + "/");
  if (!url || !url->loopback() || url->port != core.server->port()) return false;
  const std::string origin = header(request, "origin");
  return origin.empty() || origin == "http://" + host;
}

net::ServerResponse answer(const Core& core, int status, std::string type, std::string body) {
  net::ServerResponse response;
  response.status = status;
  response.headers = {
      {"Content-Type", std::move(type)},
      {"Date", http_date(core.clock.now())},
      {"Cache-Control", "no-store"},
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "no-referrer"},
      {"Content-Security-Policy",
       "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
       "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}};
  response.body = std::move(body);
  return response;
}

net::ServerResponse json_answer(const Core& core, int status, const Json& body) {
  return answer(core, status, "application/json; charset=utf-8",
                body.dump(-1, ' ', false, Json::error_handler_t::replace));
}

net::ServerResponse error_answer(const Core& core, int status, const std::string& error) {
  return json_answer(core, status, {{"ok", false}, {"error", error}});
}

std::string type_of(std::string_view name) {
  if (name.ends_with(".html")) return "text/html; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".svg")) return "image/svg+xml";
  return "text/javascript; charset=utf-8";
}

std::string query_value(const std::string& query, std::string_view name) {
  for (const net::FormField& field : net::decode_form(query)) {
    if (field.name == name) return field.value;
  }
  return {};
}

std::size_t number_of(const std::string& text) {
  std::size_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

Task<net::ServerResponse> wait_for_change(std::shared_ptr<Core> core, std::uint64_t after) {
  co_await core->workspace.changes.after(after);
  const Json now = {{"sequence", core->workspace.changes.sequence()}};
  co_return json_answer(*core, 200, now);
}

net::ServerResponse get(Core& core, const net::ServerRequest& request) {
  if (request.path == "/page/state")
    return json_answer(core, 200, page_state(core, query_value(request.query, "user")));
  if (request.path == "/page/log") {
    return json_answer(core, 200, page_log(core, number_of(query_value(request.query, "after"))));
  }
  const std::string_view name = request.path == "/" ? "index.html" : std::string_view(request.path).substr(1);
  for (const Asset& asset : page_assets()) {
    if (asset.name == name) return answer(core, 200, type_of(name), std::string(asset.body));
  }
  return error_answer(core, 404, "there is nothing here");
}

Task<Json> act(std::shared_ptr<Core> core, std::string path, Json body) {
  if (path == "/page/act") {
    Json acted = co_await page_act(core, std::move(body));
    co_return acted;
  }
  if (path == "/page/directory") co_return page_directory(*core, body);
  if (path == "/page/fault") co_return page_fault(*core, body);
  co_return Json();
}

Task<void> push(std::shared_ptr<Core> core, std::shared_ptr<net::WebSocket> socket) {
  std::uint64_t told = 0;
  while (!core->stopped) {
    told = core->workspace.changes.sequence();
    std::string text = fmt::format("{{\"sequence\":{}}}", told);
    const auto sent = co_await socket->send(std::move(text));
    if (!sent) co_return;
    co_await core->workspace.changes.after(told);
  }
}

}  // namespace

int page_gate(const Core& core, const net::ServerRequest& request) {
  return same_origin(core, request) ? 101 : 403;
}

Task<void> serve_page_socket(std::shared_ptr<Core> core, std::shared_ptr<net::WebSocket> socket) {
  asio::co_spawn(core->executor, push(core, socket), asio::detached);
  bool open = true;
  while (open) {
    const auto message = co_await socket->receive();
    open = message.has_value();
  }
}

Task<net::ServerResponse> serve_page(std::shared_ptr<Core> core, net::ServerRequest request) {
  if (!same_origin(*core, request))
    co_return error_answer(*core, 403, "this page serves only itself, on loopback");
  if (request.method == "GET" && request.path == "/page/wait") {
    const std::uint64_t after = number_of(query_value(request.query, "after"));
    net::ServerResponse changed = co_await wait_for_change(core, after);
    co_return changed;
  }
  if (request.method == "GET") co_return get(*core, request);
  if (request.method != "POST") co_return error_answer(*core, 405, "GET or POST");
  // A form of another site cannot carry this content type without asking first.
  if (!header(request, "content-type").starts_with("application/json")) {
    co_return error_answer(*core, 415, "send application/json");
  }
  Json body = Json::parse(request.body, nullptr, false);
  if (!body.is_object()) co_return error_answer(*core, 400, "not a JSON object");
  std::string wrong;
  try {
    Json done = co_await act(core, request.path, std::move(body));
    if (done.is_null()) co_return error_answer(*core, 404, "there is nothing here");
    co_return json_answer(*core, 200, done);
  } catch (const Json::exception& error) {
    wrong = error.what();
  }
  co_return error_answer(*core, 400, wrong);
}

}  // namespace jitbot::sandbox
