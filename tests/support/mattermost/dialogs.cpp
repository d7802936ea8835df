#include "tests/support/mattermost/integrations.hpp"
#include "tests/support/mattermost/outgoing.hpp"
#include "tests/support/mattermost/routes.hpp"

#include <array>

// Interactive dialogs [dlg_*].
namespace jitbot::mattermost_stand_in {

namespace {

constexpr std::string_view k_trigger = "interactive_message.decode_trigger_id.";

Answer bad_trigger(const std::string& why, const std::string& message) {
  return failure(400, std::string(k_trigger) + why, message);
}

struct Decoded {
  std::string client;
  std::string user;
};

tl::expected<Decoded, Answer> decode_trigger(const Core& core, const std::string& given) {
  const std::string text = unbase64(given);
  if (text.empty())
    return tl::unexpected(bad_trigger("base64_decode_failed",
                                      "Failed to decode base64 for trigger ID for interactive dialog."));
  const std::size_t first = text.find(':');
  const std::size_t second = first == std::string::npos ? first : text.find(':', first + 1);
  const std::size_t third = second == std::string::npos ? second : text.find(':', second + 1);
  if (third == std::string::npos)
    return tl::unexpected(
        bad_trigger("missing_data", "Trigger ID missing required data for interactive dialog."));
  const std::string time = text.substr(second + 1, third - second - 1);
  const bool number =
      !time.empty() && time.size() < 16 && time.find_first_not_of("0123456789") == std::string::npos;
  const Millis age{number ? to_ms(core.clock.now()) - std::stoll(time) : 0};
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(core.options.trigger_life).count();
  if (!number || age > core.options.trigger_life)
    return tl::unexpected(bad_trigger(
        "expired", "Trigger ID for interactive dialog is expired. Trigger IDs live for a maximum of " +
                       std::to_string(seconds) + " seconds."));
  const std::string signature = unbase64(text.substr(third + 1));
  if (!core.signer.verify(std::string_view(text).substr(0, third + 1), signature))
    return tl::unexpected(bad_trigger("verify_signature_failed",
                                      "Signature verification failed of trigger ID for interactive dialog."));
  return Decoded{text.substr(0, first), text.substr(first + 1, second - first - 1)};
}

Json shown_element(const Json& given) {
  Json element;
  for (const char* text :
       {"display_name", "name", "type", "subtype", "default", "placeholder", "help_text", "data_source"})
    element[text] = text_of(given, text);
  element["optional"] = flag_of(given, "optional");
  element["min_length"] = number_of(given, "min_length");
  element["max_length"] = number_of(given, "max_length");
  element["options"] = given.contains("options") ? given["options"] : Json();
  return element;
}

Json shown_dialog(const Json& given) {
  Json dialog;
  for (const char* text : {"callback_id", "title", "introduction_text", "icon_url", "submit_label", "state"})
    dialog[text] = text_of(given, text);
  dialog["notify_on_cancel"] = flag_of(given, "notify_on_cancel");
  dialog["elements"] = nullptr;
  if (given.contains("elements") && given["elements"].is_array()) {
    dialog["elements"] = Json::array();
    for (const Json& element : given["elements"]) dialog["elements"].push_back(shown_element(element));
  }
  return dialog;
}

}  // namespace

// Nobody need be logged in: the trigger id is what counts.
Answer open_dialog(Core& core, const Call& call) {
  const std::string url = text_of(call.body, "url");
  if (url.empty()) return bad_body("url");
  auto decoded = decode_trigger(core, text_of(call.body, "trigger_id"));
  if (!decoded) return std::move(decoded.error());
  const Json given = call.body.contains("dialog") ? call.body["dialog"] : Json::object();
  OpenDialog made;
  made.user = decoded->user;
  made.channel = core.places[decoded->user];
  made.url = url;
  made.trigger = decoded->client;
  made.dialog = shown_dialog(given);
  const Json told = {{"trigger_id", made.trigger}, {"url", url}, {"dialog", made.dialog}};
  core.dialogs.push_back(std::move(made));
  core.sockets.publish("open_dialog", {{"dialog", told.dump()}}, {.user = decoded->user});
  return done();
}

// An open relay: only the user is the server's word [dlg_submit_forged_user].
Task<Answer> submit_dialog(std::shared_ptr<Core> core, Call call) {
  const std::string url = text_of(call.body, "url");
  if (url.empty()) co_return bad_body("url");
  const std::string channel = text_of(call.body, "channel_id");
  const std::string team = text_of(call.body, "team_id");
  if (!core->member(channel, call.user)) co_return forbidden();
  if (team != core->team || !core->team_members.contains(call.user)) co_return forbidden();
  const bool filled = call.body.contains("submission") && call.body["submission"].is_object();
  Json body = {{"type", "dialog_submission"},
               {"callback_id", text_of(call.body, "callback_id")},
               {"state", text_of(call.body, "state")},
               {"user_id", call.user},
               {"channel_id", channel},
               {"team_id", team},
               {"submission", filled ? call.body["submission"] : Json::object()},
               {"cancelled", flag_of(call.body, "cancelled")}};
  Outgoing what = json_call(url, body);
  const Reply reply = co_await call_out(core, std::move(what));
  if (!reply.came || reply.status != 200)
    co_return failure(400, "api.post.do_action.action_integration.app_error", "Action integration error.");
  const Json answer = Json::parse(reply.body, nullptr, false);
  Json shown = Json::object();
  if (!text_of(answer, "error").empty()) shown["error"] = text_of(answer, "error");
  if (answer.is_object() && answer.contains("errors") && !answer["errors"].empty())
    shown["errors"] = answer["errors"];
  co_return good(shown);
}

namespace {

constexpr std::array k_routes = {
    Route{"POST", "/posts/{}/actions/{}", nullptr, click},
    Route{"POST", "/commands/execute", nullptr, execute_command},
    Route{"POST", "/actions/dialogs/open", open_dialog, nullptr, Access::anyone},
    Route{"POST", "/actions/dialogs/submit", nullptr, submit_dialog},
};

}  // namespace

std::span<const Route> integration_routes() {
  return k_routes;
}

}  // namespace jitbot::mattermost_stand_in
