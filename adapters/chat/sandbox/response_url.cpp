#include "adapters/chat/sandbox/ids.hpp"
#include "adapters/chat/sandbox/people.hpp"
#include "adapters/chat/sandbox/web_api.hpp"
#include "adapters/chat/sandbox/wire_json.hpp"

#include <fmt/format.h>

// POST https://hooks.slack.com/{commands,actions}/…: JSON without authorization, at most 5 times in 30
// minutes.
namespace jitbot::sandbox {

using Json = nlohmann::json;

namespace {

net::ServerResponse plain(const Core& core, int status, std::string body) {
  net::ServerResponse response;
  response.status = status;
  response.headers = {{"Content-Type", "text/plain; charset=utf-8"}, {"Date", http_date(core.clock.now())}};
  response.body = std::move(body);
  return response;
}

net::ServerResponse apply(Core& core, const ResponseUrl& url, const Json& payload) {
  Message* original = url.message_ts.empty() ? nullptr : core.workspace.find(url.channel, url.message_ts);
  if (payload.value("delete_original", Json()) == true) {
    if (original == nullptr || original->deleted) return plain(core, 404, "message_not_found");
    core.workspace.remove(*original);
    return plain(core, 200, "ok");
  }
  auto message = read_app_message(payload);
  if (!message) return plain(core, 400, message.error());
  if (payload.value("replace_original", Json()) == true && original != nullptr && !original->deleted) {
    core.workspace.edit(*original, {message->text, message->blocks, original->metadata});
    return plain(core, 200, "ok");
  }
  AppPost post;
  post.user = url.user;
  post.channel = url.channel;
  post.thread_ts = payload.value("thread_ts", url.thread_ts);
  post.in_channel = payload.value("response_type", "ephemeral") == "in_channel" ? Switch::on : Switch::off;
  post_for_app(core, post, *message);
  return plain(core, 200, "ok");
}

net::ServerResponse use(Core& core, const std::string& path, const std::string& body) {
  const Json payload = Json::parse(body, nullptr, false);
  if (!payload.is_object()) return plain(core, 400, "invalid_payload");
  const Channel* channel = nullptr;
  const auto url = core.handles.redeem_response_url(path);
  if (!url) return plain(core, 404, url.error());
  channel = core.workspace.world.find_channel(url->channel);
  if (channel == nullptr) return plain(core, 404, "channel_not_found");
  try {
    return apply(core, *url, payload);
  } catch (const Json::type_error&) {  // a field of the wrong type
    return plain(core, 400, "invalid_payload");
  }
}

net::ServerResponse faulty(const Core& core, const MethodFault& fault) {
  if (fault.kind == MethodFaultKind::rate_limited) {
    net::ServerResponse response = plain(core, 429, "rate_limited");
    response.headers.push_back({"Retry-After", std::to_string(fault.retry_after)});
    return response;
  }
  if (fault.kind == MethodFaultKind::api_error) return plain(core, 404, fault.error);
  return plain(core, fault.kind == MethodFaultKind::status ? fault.status : 500, "internal_error");
}

bool before_effect(MethodFaultKind kind) {
  return kind != MethodFaultKind::error_after && kind != MethodFaultKind::hang_after &&
         kind != MethodFaultKind::hang_before;
}

}  // namespace

Task<net::ServerResponse> serve_response_url(std::shared_ptr<Core> core, net::ServerRequest request) {
  if (core->faults.down) co_return plain(*core, 503, "service_unavailable");
  if (request.method != "POST") co_return plain(*core, 405, "method_not_allowed");
  const auto fault = core->faults.take("response_url");
  ApiCall record;
  record.at = core->clock.now();
  record.method = "response_url";
  record.args = Json::parse(request.body, nullptr, false);
  if (record.args.is_discarded()) record.args = request.body;
  if (fault) record.fault = to_string(fault->kind);
  const auto number = core->remember_call(std::move(record));
  if (fault && fault->kind == MethodFaultKind::hang_before) co_await hang(core);
  net::ServerResponse response;
  if (fault && before_effect(fault->kind)) {
    response = faulty(*core, *fault);
  } else {
    response = use(*core, request.path, request.body);
    if (fault && fault->kind == MethodFaultKind::error_after) response = faulty(*core, *fault);
    if (fault && fault->kind == MethodFaultKind::hang_after) co_await hang(core);
  }
  if (ApiCall* call = core->find_call(number)) {
    call->status = response.status;
    call->answer = response.body;
  }
  core->workspace.changes.touch();
  co_return response;
}

}  // namespace jitbot::sandbox
