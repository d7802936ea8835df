#include "adapters/chat/sandbox/block_kit.hpp"
#include "adapters/chat/sandbox/fields.hpp"
#include "adapters/chat/sandbox/people.hpp"

#include <algorithm>

// Menus whose options the app looks up while somebody types: block_suggestion.
namespace jitbot::sandbox {

using Json = nlohmann::json;

namespace {

constexpr std::size_t k_usual_query_length = 3;  // of an element that does not say

// Where the menu is, as ids: what it points to may have gone when the answer comes.
struct Asked {
  std::string error;
  Field field;
  std::string view;
  std::string channel;
  std::string ts;
  Json payload = Json::object();
};

Asked not_asked(std::string error) {
  Asked asked;
  asked.error = std::move(error);
  return asked;
}

Asked ask_in_view(Core& core, const Person& person, const SuggestInput& input) {
  View* view = find_modal(core, person.id, input.view);
  if (view == nullptr && !input.view.empty()) view = core.workspace.find_view(input.view);
  if (view == nullptr || view->user != person.id) return not_asked("view_not_open");
  const auto field = find_lookup(view->content["blocks"], {input.block_id, input.action_id});
  if (!field) return not_asked("no_such_element");
  Asked asked;
  asked.field = *field;
  asked.view = view->id;
  asked.payload["container"] = {{"type", "view"}, {"view_id", view->id}};
  // The state that comes along is not the current one but the view's as the app gave it (bolt-js#1146,
  // java-slack-sdk#1292).
  View as_given = *view;
  as_given.values = initial_values(view->content["blocks"]);
  asked.payload["view"] = view_json(core, as_given);
  return asked;
}

Asked ask_in_message(Core& core, const Person& person, const SuggestInput& input) {
  const Channel* channel = core.workspace.resolve(input.channel);
  if (channel == nullptr) return not_asked("channel_not_found");
  const Message* message = core.workspace.find(channel->id, input.ts);
  const bool hidden = message == nullptr || message->deleted ||
                      (!message->only_for.empty() && message->only_for != person.id);
  if (hidden) return not_asked("message_not_found");
  if (!core.workspace.is_member(*channel, person.id)) return not_asked("not_in_channel");
  const auto field = find_lookup(message->blocks, {input.block_id, input.action_id});
  if (!field) return not_asked("no_such_element");
  Asked asked;
  asked.field = *field;
  asked.channel = channel->id;
  asked.ts = message->ts;
  const bool ephemeral = !message->only_for.empty();
  asked.payload["container"] = {{"type", "message"},
                                {"message_ts", message->ts},
                                {"channel_id", channel->id},
                                {"is_ephemeral", ephemeral}};
  asked.payload["channel"] = {{"id", channel->id},
                              {"name", channel->is_dm() ? "directmessage" : channel->name}};
  if (!ephemeral) asked.payload["message"] = message_json(core, *message, Detail::with_metadata);
  return asked;
}

Json all_options(const Json& answer) {
  if (answer.contains("options")) return answer["options"];
  Json all = Json::array();
  for (const Json& group : answer["option_groups"]) {
    for (const Json& option : group["options"]) all.push_back(option);
  }
  return all;
}

constexpr std::size_t k_remembered_options = 1000;

// What was offered once may be chosen as long as the menu is there: answers overtake each other.
void remember_offer(Core& core, const Asked& asked, const Json& options) {
  Json* offered = nullptr;
  if (!asked.view.empty()) {
    View* view = core.workspace.find_view(asked.view);
    if (view != nullptr) offered = &view->offered;
  } else {
    Message* message = core.workspace.find(asked.channel, asked.ts);
    if (message != nullptr) offered = &message->offered;
  }
  if (offered == nullptr) return;
  Json& known = (*offered)[asked.field.block_id][asked.field.action_id];
  Json all = options;
  for (const Json& option : known.is_array() ? known : Json::array()) {
    if (all.size() >= k_remembered_options) break;
    const auto same = [&option](const Json& other) { return other["value"] == option["value"]; };
    if (std::ranges::none_of(options, same)) all.push_back(option);
  }
  known = std::move(all);
}

}  // namespace

Task<Suggestions> suggest(std::shared_ptr<Core> core, SuggestInput input) {
  Suggestions seen;
  const Person* known = core->workspace.world.find_person(input.user);
  if (known == nullptr) {
    seen.error = "user_not_found";
    co_return seen;
  }
  const Person person = *known;
  Asked asked =
      input.channel.empty() ? ask_in_view(*core, person, input) : ask_in_message(*core, person, input);
  seen.error = asked.error;
  if (!seen.ok()) co_return seen;
  if (utf16_length(input.text) < asked.field.element.value("min_query_length", k_usual_query_length)) {
    seen.error = "query_too_short";
    co_return seen;
  }
  Envelope envelope;
  envelope.type = "interactive";
  envelope.accepts_response = Switch::on;
  envelope.payload = interaction_base(*core, person, "block_suggestion");
  envelope.payload.update(asked.payload);
  envelope.payload["block_id"] = asked.field.block_id;
  envelope.payload["action_id"] = asked.field.action_id;
  envelope.payload["value"] = input.text;
  const Delivery delivery = co_await Sockets::deliver(core, std::move(envelope));
  seen.envelope_id = delivery.envelope_id;
  seen.error = delivery.error;
  if (!seen.ok()) co_return seen;
  if (!check_suggestions(delivery.ack).empty()) {
    seen.error = "invalid_options";
    co_return seen;
  }
  seen.options = all_options(delivery.ack);
  if (!delivery.ack.contains("options")) seen.option_groups = delivery.ack["option_groups"];
  remember_offer(*core, asked, seen.options);
  co_return seen;
}

}  // namespace jitbot::sandbox
