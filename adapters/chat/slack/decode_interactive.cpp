#include "adapters/chat/slack/decode_parts.hpp"
#include "adapters/chat/slack/json_read.hpp"
#include "adapters/chat/slack/modal.hpp"
#include "adapters/chat/slack/text_in.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace jitbot::slack {

namespace {

using Json = nlohmann::json;

constexpr std::string_view k_shortcut = "request_access";  // its callback_id in our manifest

ReplyTo reply_of_click(const Json& payload) {
  ReplyTo reply;
  reply.channel = text_at(payload, {"channel", "id"});
  if (reply.channel.empty()) reply.channel = text_at(payload, {"container", "channel_id"});
  reply.thread = text_at(payload, {"container", "thread_ts"});
  if (reply.thread.empty()) reply.thread = text_at(payload, {"message", "thread_ts"});
  reply.message = text_at(payload, {"container", "message_ts"});
  if (reply.message.empty()) reply.message = text_at(payload, {"message", "ts"});
  // A card with replies names itself as its thread: an answer belongs beside it, where he looks.
  if (reply.thread == reply.message) reply.thread.clear();
  // What one person alone sees can be neither found nor edited: it is no message to come back to.
  if (flag_at(payload, {"container", "is_ephemeral"})) reply.message.clear();
  reply.url = Secret(text_at(payload, {"response_url"}));
  // A message of ours with buttons in a direct conversation stands in our own with that person.
  const bool home = text_at(payload, {"view", "type"}) == "home";
  if (reply.channel.starts_with('D') || home) reply.where = ReplyTo::Where::direct;
  return reply;
}

// A choice in an open form of ours. What was chosen is told apart from the rest of the state, which is not
// always the newest.
Decoded form_changed(const Json& payload, const Self& self) {
  const std::string user = text_at(payload, {"user", "id"});
  const Json* view = member(payload, "view");
  const Json* actions = member(payload, "actions");
  auto form = view == nullptr ? std::nullopt : read_submission(*view);
  if (!is_user_id(user) || !form || actions == nullptr || !actions->is_array())
    return Ignored{"a choice of nobody, or in no form of ours"};
  FormChanged changed;
  changed.who = PrincipalId{self.workspace(), user};
  changed.view = text_at(*view, {"id"});
  changed.hash = text_at(*view, {"hash"});
  changed.so_far = std::move(form->submitted);
  changed.origin = std::move(form->origin);
  bool ours = false;
  for (const Json& action : *actions) {
    const std::string field = field_named(text_at(action, {"block_id"}));
    if (field.empty()) continue;
    ours = true;
    std::string value = read_value(action);
    if (!value.empty()) changed.so_far.values.insert_or_assign(field, std::move(value));
  }
  if (!ours || changed.view.empty()) return Ignored{"no field of ours"};
  return changed;
}

Decoded suggestion(const Json& payload, const Self& self) {
  const std::string user = text_at(payload, {"user", "id"});
  const Json* view = member(payload, "view");
  if (!is_user_id(user) || view == nullptr || !read_submission(*view)) return WantsOptions{};
  return WantsOptions{PrincipalId{self.workspace(), user}, field_named(text_at(payload, {"block_id"})),
                      clean_text(text_at(payload, {"value"}))};
}

Decoded clicks(const Json& payload, const Self& self, Time received) {
  const std::string user = text_at(payload, {"user", "id"});
  const Json* actions = member(payload, "actions");
  if (!is_user_id(user) || actions == nullptr || !actions->is_array())
    return Ignored{"a click of nobody, or on nothing"};
  const ReplyTo reply = reply_of_click(payload);
  std::vector<Heard> all;
  for (const Json& action : *actions) {
    const auto button = decode_button(text_at(action, {"value"}));
    if (text_at(action, {"type"}) != "button" || !button) continue;  // links, selects, other people's buttons
    Heard heard;
    const std::string ts = text_at(action, {"action_ts"});
    heard.inbound.key =
        fmt::format("click:{}/{}/{}/{}", ts, user, text_at(action, {"action_id"}), reply.message);
    heard.inbound.from = PrincipalId{self.workspace(), user};
    heard.inbound.at = time_of_ts(ts, received);
    heard.inbound.reply = reply;
    heard.inbound.what = Clicked{*button};
    heard.trigger = text_at(payload, {"trigger_id"});
    all.push_back(std::move(heard));
  }
  if (all.empty()) return Ignored{"no button of ours"};
  return all;
}

std::vector<std::string> input_blocks(const Json& view) {
  std::vector<std::string> ids;
  const Json* blocks = member(view, "blocks");
  if (blocks == nullptr || !blocks->is_array()) return ids;
  for (const Json& block : *blocks) {
    if (text_at(block, {"type"}) == "input") ids.push_back(text_at(block, {"block_id"}));
  }
  return ids;
}

Decoded submission(const Json& payload, const Self& self, Time received) {
  const std::string user = text_at(payload, {"user", "id"});
  const Json* view = member(payload, "view");
  if (!is_user_id(user) || view == nullptr) return Ignored{"a form of nobody"};
  auto form = read_submission(*view);
  const std::string id = text_at(*view, {"id"});
  if (!form || id.empty()) return Ignored{"no form of ours"};
  Heard heard;
  heard.inbound.key = "view:" + id + "/" + text_at(*view, {"hash"});
  heard.inbound.from = PrincipalId{self.workspace(), user};
  heard.inbound.at = received;
  heard.inbound.reply = std::move(form->origin);
  heard.inbound.what = std::move(form->submitted);
  heard.input_blocks = input_blocks(*view);
  std::vector<Heard> all;
  all.push_back(std::move(heard));
  return all;
}

// The global shortcut says what `/jit` alone says.
Decoded shortcut(const Json& payload, const Self& self, Time received) {
  const std::string user = text_at(payload, {"user", "id"});
  const std::string trigger = text_at(payload, {"trigger_id"});
  if (!is_user_id(user) || trigger.empty() || text_at(payload, {"callback_id"}) != k_shortcut) {
    return Ignored{"no shortcut of ours"};
  }
  Heard heard;
  heard.inbound.key = "shortcut:" + trigger;
  heard.inbound.from = PrincipalId{self.workspace(), user};
  heard.inbound.at = time_of_ts(text_at(payload, {"action_ts"}), received);
  heard.inbound.what = Said{};
  heard.trigger = trigger;
  std::vector<Heard> all;
  all.push_back(std::move(heard));
  return all;
}

}  // namespace

Decoded decode_interactive(const Json& payload, const Self& self, Time received) {
  const std::string type = text_at(payload, {"type"});
  const bool in_form = text_at(payload, {"view", "type"}) == "modal";
  if (type == "block_actions" && in_form) return form_changed(payload, self);
  if (type == "block_actions") return clicks(payload, self, received);
  if (type == "view_submission") return submission(payload, self, received);
  if (type == "shortcut") return shortcut(payload, self, received);
  if (type == "block_suggestion") return suggestion(payload, self);
  return Ignored{"interaction " + type.substr(0, 64)};
}

}  // namespace jitbot::slack
