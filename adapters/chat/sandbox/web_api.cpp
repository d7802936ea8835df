#include "adapters/chat/sandbox/web_api.hpp"

#include "adapters/chat/sandbox/ids.hpp"
#include "adapters/net/http.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace jitbot::sandbox {

using Json = nlohmann::json;

std::string Args::text(const char* name) const {
  const auto found = values_.find(name);
  if (found == values_.end() || found->is_null()) return {};
  if (found->is_string()) return found->get<std::string>();
  return found->dump();
}

bool Args::has(const char* name) const {
  const auto found = values_.find(name);
  return found != values_.end() && !found->is_null();
}

bool Args::flag(const char* name) const {
  const std::string value = text(name);
  return value == "true" || value == "1";
}

int Args::number(const char* name, int otherwise) const {
  const std::string value = text(name);
  int number = otherwise;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  return error == std::errc() ? number : otherwise;
}

Json Args::structure(const char* name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) return nullptr;
  if (!found->is_string()) return *found;
  return Json::parse(found->get_ref<const std::string&>(), nullptr, false);
}

Json api_error(std::string error) {
  return {{"ok", false}, {"error", std::move(error)}};
}

Json api_error(std::string error, const std::vector<std::string>& messages) {
  constexpr std::string_view k_mark = "[ERROR] ";
  Json bare = Json::array();
  for (const std::string& message : messages) {
    bare.push_back(message.starts_with(k_mark) ? message.substr(k_mark.size()) : message);
  }
  return {{"ok", false},
          {"error", std::move(error)},
          {"errors", std::move(bare)},
          {"response_metadata", {{"messages", messages}}}};
}

Json missing_argument(const char* name) {
  return api_error("invalid_arguments", {fmt::format("[ERROR] missing required field: {}", name)});
}

std::optional<Page> paginate(const Args& args, std::size_t count, int default_limit) {
  const int wanted = args.number("limit", default_limit);
  const auto limit = static_cast<std::size_t>(std::clamp(wanted <= 0 ? default_limit : wanted, 1, 1000));
  Page page;
  const std::string cursor = args.text("cursor");
  if (!cursor.empty()) {
    constexpr std::string_view k_mark = "next:";
    if (!cursor.starts_with(k_mark)) return std::nullopt;
    const char* begin = cursor.data() + k_mark.size();
    const auto [end, error] = std::from_chars(begin, cursor.data() + cursor.size(), page.begin);
    if (error != std::errc() || page.begin > count) return std::nullopt;
  }
  page.end = std::min(count, page.begin + limit);
  if (page.end < count) page.next_cursor = fmt::format("next:{}", page.end);
  return page;
}

bool has_scope(const Core& core, std::string_view scope) {
  return std::ranges::find(core.options.scopes, scope) != core.options.scopes.end();
}

Target find_target(Core& core, const std::string& which, Act act) {
  Workspace& workspace = core.workspace;
  Target target;
  Channel* channel = workspace.world.find_channel(which);
  if (channel == nullptr && act == Act::post && (which.starts_with('U') || which.starts_with('W'))) {
    if (const Person* person = workspace.world.find_person(which)) channel = &workspace.dm_of(person->id);
  }
  const bool member = channel != nullptr && workspace.is_member(*channel, workspace.world.bot.user_id);
  // A private channel the bot is not in does not exist for it.
  if (channel == nullptr || (channel->is_private && !member)) {
    target.error = "channel_not_found";
  } else if (act == Act::post && channel->is_archived) {
    target.error = "is_archived";
  } else if (act == Act::post && !member) {
    target.error = "not_in_channel";
  } else {
    target.channel = channel;
  }
  return target;
}

namespace {

enum class Body { none, form, json };

struct Call {
  std::string method;
  std::string token;
  Json args = Json::object();
  std::string warning;
  std::string error;  // the body could not be read
};

std::string header(const net::ServerRequest& request, std::string_view name) {
  const auto found = net::find_header(request.headers, name);
  return found ? std::string(*found) : std::string();
}

void read_form(std::string_view text, Call& call) {
  for (net::FormField& field : net::decode_form(text)) {
    if (field.name == "token") {
      call.token = field.value;
    } else {
      call.args[field.name] = std::move(field.value);
    }
  }
}

Call read_call(const net::ServerRequest& request) {
  Call call;
  call.method = request.path.substr(std::string_view("/api/").size());
  read_form(request.query, call);
  const std::string type = header(request, "content-type");
  const bool charset = type.find("charset") != std::string::npos;
  if (type.starts_with("application/json")) {
    Json body = request.body.empty() ? Json::object() : Json::parse(request.body, nullptr, false);
    if (!body.is_object()) {
      call.error = body.is_discarded() ? "invalid_json" : "json_not_object";
    } else {
      body.erase("token");  // not read from JSON bodies
      call.args.update(body);
      if (!charset) call.warning = "missing_charset";
    }
  } else if (type.starts_with("application/x-www-form-urlencoded")) {
    read_form(request.body, call);
    if (charset) call.warning = "superfluous_charset";
  } else if (!request.body.empty()) {
    call.error = "invalid_post_type";
  }
  const std::string authorization = header(request, "authorization");
  constexpr std::string_view k_bearer = "Bearer ";
  if (authorization.starts_with(k_bearer)) call.token = authorization.substr(k_bearer.size());
  return call;
}

const std::vector<MethodRule>& all_methods() {
  static const std::vector<MethodRule> methods = [] {
    std::vector<MethodRule> all;
    for (auto part :
         {auth_methods(), chat_methods(), conversation_methods(), directory_methods(), view_methods()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return methods;
}

const MethodRule* find_method(std::string_view name) {
  const auto found = std::ranges::find(all_methods(), name, &MethodRule::name);
  return found == all_methods().end() ? nullptr : &*found;
}

constexpr std::string_view k_open = "apps.connections.open";

// The error of the token, or nothing.
std::optional<Json> refuse_token(const Core& core, const Call& call, const MethodRule& rule) {
  if (call.token.empty()) return api_error("not_authed");
  const bool app = call.token == core.options.app_token;
  const bool bot = call.token == core.options.bot_token;
  if (!app && !bot) return api_error("invalid_auth");
  if (!core.token_error.empty()) return api_error(core.token_error);
  if (app != (rule.name == k_open)) return api_error("not_allowed_token_type");
  if (app || rule.any_scope.empty()) return std::nullopt;
  for (const std::string_view scope : rule.any_scope) {
    if (has_scope(core, scope)) return std::nullopt;
  }
  Json error = api_error("missing_scope");
  error["needed"] = rule.any_scope.front();
  error["provided"] = fmt::format("{}", fmt::join(core.options.scopes, ","));
  return error;
}

net::ServerResponse answer_json(const Core& core, int status, const Json& body) {
  net::ServerResponse response;
  response.status = status;
  response.headers = {{"Content-Type", "application/json; charset=utf-8"},
                      {"Date", http_date(core.clock.now())},
                      {"X-Slack-Req-Id", random_hex(core.random, 32)},
                      {"Cache-Control", "no-store"}};
  response.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  return response;
}

net::ServerResponse answer_text(const Core& core, int status, std::string type, std::string body) {
  net::ServerResponse response;
  response.status = status;
  response.headers = {{"Content-Type", std::move(type)}, {"Date", http_date(core.clock.now())}};
  response.body = std::move(body);
  return response;
}

net::ServerResponse rate_limited(const Core& core, int seconds) {
  net::ServerResponse response = answer_json(core, 429, api_error("ratelimited"));
  response.headers.push_back({"Retry-After", std::to_string(seconds)});
  return response;
}

net::ServerResponse server_error(const Core& core, int status) {
  return answer_text(core, status, "text/html", "<html><body>Server error</body></html>");
}

// What is put before the call's effect: its own answer, or nothing.
std::optional<net::ServerResponse> before_effect(const Core& core, const MethodFault& fault) {
  switch (fault.kind) {
    case MethodFaultKind::status:
      return server_error(core, fault.status);
    case MethodFaultKind::error_before:
      return server_error(core, 500);
    case MethodFaultKind::rate_limited:
      return rate_limited(core, fault.retry_after);
    case MethodFaultKind::api_error:
      return answer_json(core, 200, api_error(fault.error));
    case MethodFaultKind::html:
      return answer_text(core, 200, "text/html", "<html><body>Sign in to the network</body></html>");
    case MethodFaultKind::error_after:
    case MethodFaultKind::hang_before:
    case MethodFaultKind::hang_after:
      return std::nullopt;
  }
  return std::nullopt;
}

Json run_method(Core& core, const Call& call, const MethodRule& rule) {
  if (!call.error.empty()) return api_error(call.error);
  const Args args(call.args);
  Json body = rule.call(core, args);
  if (!call.warning.empty()) {
    body["warning"] = call.warning;
    body["response_metadata"]["warnings"] = Json::array({call.warning});
  }
  return body;
}

std::uint64_t log_call(Core& core, const Call& call, const std::optional<MethodFault>& fault) {
  ApiCall record;
  record.at = core.clock.now();
  record.method = call.method;
  record.args = call.args;
  for (const char* name : {"blocks", "view", "metadata", "attachments"}) {  // readable in a form's log, too
    if (!record.args.contains(name) || !record.args[name].is_string()) continue;
    Json parsed = Json::parse(record.args[name].get<std::string>(), nullptr, false);
    if (!parsed.is_discarded()) record.args[name] = std::move(parsed);
  }
  if (fault) record.fault = to_string(fault->kind);
  return core.remember_call(std::move(record));
}

net::ServerResponse log_answer(Core& core, std::uint64_t number, net::ServerResponse response) {
  if (ApiCall* call = core.find_call(number)) {
    call->status = response.status;
    call->answer = Json::parse(response.body, nullptr, false);
    if (call->answer.is_discarded()) call->answer = response.body;
    if (call->method == k_open) call->answer.erase("url");  // the ticket is a credential
  }
  core.workspace.changes.touch();
  return response;
}

std::optional<int> over_limit(Core& core, const Call& call, const MethodRule& rule) {
  if (core.rate_limits == Switch::off) return std::nullopt;
  const Args args(call.args);
  return core.limits.take(std::string(rule.name), rule.tier, args.text("channel"), core.clock.steady());
}

}  // namespace

Task<net::ServerResponse> serve_api(std::shared_ptr<Core> core, net::ServerRequest request) {
  if (core->faults.down) co_return server_error(*core, 503);
  const Call call = read_call(request);
  const auto fault = core->faults.take(call.method);
  const std::uint64_t number = log_call(*core, call, fault);
  if (fault && fault->kind == MethodFaultKind::hang_before) co_await hang(core);
  if (fault) {
    auto instead = before_effect(*core, *fault);
    if (instead) co_return log_answer(*core, number, std::move(*instead));
  }
  const MethodRule* rule = find_method(call.method);
  if (rule == nullptr) {
    Json unknown = api_error("unknown_method");
    unknown["req_method"] = call.method;
    co_return log_answer(*core, number, answer_json(*core, 200, unknown));
  }
  const auto refused = refuse_token(*core, call, *rule);
  if (refused) co_return log_answer(*core, number, answer_json(*core, 200, *refused));
  const auto seconds = over_limit(*core, call, *rule);
  if (seconds) co_return log_answer(*core, number, rate_limited(*core, *seconds));
  net::ServerResponse response = answer_json(*core, 200, run_method(*core, call, *rule));
  response.headers.push_back({"X-OAuth-Scopes", fmt::format("{}", fmt::join(core->options.scopes, ","))});
  response.headers.push_back({"X-Accepted-OAuth-Scopes", fmt::format("{}", fmt::join(rule->any_scope, ","))});
  if (fault && fault->kind == MethodFaultKind::error_after) response = server_error(*core, 500);
  if (fault && fault->kind == MethodFaultKind::hang_after) co_await hang(core);
  co_return log_answer(*core, number, std::move(response));
}

std::vector<MethodRule> auth_methods() {
  const Method test = [](Core& core, const Args&) -> Json {
    const World& world = core.workspace.world;
    return {{"ok", true},
            {"url", core.url("/")},
            {"team", world.team_name},
            {"user", world.bot.name},
            {"team_id", world.team_id},
            {"user_id", world.bot.user_id},
            {"bot_id", world.bot.bot_id},
            {"is_enterprise_install", false}};
  };
  const Method open = [](Core& core, const Args&) -> Json {
    std::string url = core.url("/link/?ticket=" + core.handles.issue_ticket());
    url.replace(0, std::string_view("http").size(), "ws");
    return {{"ok", true}, {"url", url + "&app_id=" + core.options.app_id}};
  };
  return {{"auth.test", Tier::special, {}, test}, {k_open, Tier::t1, {"connections:write"}, open}};
}

}  // namespace jitbot::sandbox
