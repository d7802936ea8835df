#include "adapters/chat/sandbox/fields.hpp"
#include "adapters/chat/sandbox/people.hpp"

#include <ranges>

// Buttons and menus of messages, modals and Home: block_actions.
namespace jitbot::sandbox {

using Json = nlohmann::json;

namespace {

FieldName name_of(const ClickInput& input) {
  return {input.block_id, input.action_id};
}

std::optional<Field> find_in_message(const Message& message, const ClickInput& input) {
  if (!message.deleted || input.replay == Replay::any_version) {
    if (auto found = find_field(message.blocks, name_of(input))) return found;
  }
  if (input.replay == Replay::current) return std::nullopt;
  for (const MessageVersion& version : std::views::reverse(message.earlier)) {
    if (auto found = find_field(version.blocks, name_of(input))) return found;
  }
  return std::nullopt;
}

// The entry of `actions`; nothing when the choice is not on offer.
std::optional<Json> action_of(Core& core, const Field& found, const ClickInput& input,
                              const std::optional<Json>& state) {
  Json action = {{"action_id", found.action_id},
                 {"block_id", found.block_id},
                 {"type", found.element.value("type", "")},
                 {"action_ts", core.workspace.next_ts()}};
  if (action["type"] == "button") {
    action["text"] = found.element.value("text", Json());
    for (const char* key : {"value", "style", "url"}) {
      if (found.element.contains(key)) action[key] = found.element[key];
    }
    if (input.value) action["value"] = *input.value;
  } else {
    if (!state) return std::nullopt;
    action.update(*state);
    for (const char* key : {"placeholder", "initial_option", "initial_user"}) {
      if (found.element.contains(key)) action[key] = found.element[key];
    }
  }
  if (found.element.contains("confirm")) action["confirm"] = found.element["confirm"];
  return action;
}

Task<Outcome> send_action(std::shared_ptr<Core> core, Json payload, Outcome outcome) {
  Envelope envelope;
  envelope.type = "interactive";
  envelope.payload = std::move(payload);
  const Delivery delivery = co_await Sockets::deliver(core, std::move(envelope));
  outcome.error = delivery.error;
  outcome.ack = delivery.ack;
  outcome.envelope_id = delivery.envelope_id;
  co_return outcome;
}

Task<Outcome> click_in_view(std::shared_ptr<Core> core, const Person person, ClickInput input) {
  View* view = core->workspace.find_view(input.view);
  if (view == nullptr || view->user != person.id) co_return not_possible("view_not_open");
  const auto found = find_field(view->content["blocks"], name_of(input));
  if (!found) co_return not_possible("no_such_element");
  if (found->element.contains("confirm") && input.confirm == Confirm::decline)
    co_return not_possible("declined");
  const std::string wrong = fill_in(*view, input.values);
  if (!wrong.empty()) co_return not_possible(wrong);
  const auto state = state_of(found->element, input.chosen, on_offer(*view, *found));
  const auto action = action_of(*core, *found, input, state);
  if (!action) co_return not_possible("no_such_option");
  if (state && view->values.contains(found->block_id)) {
    view->values[found->block_id][found->action_id] = *state;
  }
  core->workspace.changes.touch();
  if (!found->dispatches) co_return Outcome{};
  Outcome outcome;
  outcome.trigger_id = core->handles.issue_trigger(person.id, view->id);
  Json payload = interaction_base(*core, person, "block_actions");
  payload["container"] = {{"type", "view"}, {"view_id", view->id}};
  payload["view"] = view_json(*core, *view);
  payload["trigger_id"] = outcome.trigger_id;
  payload["actions"] = Json::array({*action});
  Outcome seen = co_await send_action(core, std::move(payload), std::move(outcome));
  co_return seen;
}

// Whether this person's client shows the message at all.
std::string hidden_from(Core& core, const Person& person, const Channel& channel, const Message& message,
                        const ClickInput& input) {
  if (!message.only_for.empty() && message.only_for != person.id) return "message_not_found";
  if (input.replay == Replay::any_version) return {};
  if (!core.workspace.is_member(channel, person.id)) return "not_in_channel";
  if (person.deactivated) return "user_deactivated";
  return {};
}

Json message_payload(Core& core, const Person& person, const Channel& channel, const Message& message,
                     const Outcome& outcome) {
  Json payload = interaction_base(core, person, "block_actions");
  // In a shared channel `team` is the clicker's own, which is why it says nothing about trust.
  if (person.kind == PersonKind::stranger) {
    payload["team"] = {{"id", core.workspace.world.team_of(person)}, {"domain", "vendor"}};
  }
  const bool ephemeral = !message.only_for.empty();
  payload["container"] = {{"type", "message"},
                          {"message_ts", message.ts},
                          {"channel_id", channel.id},
                          {"is_ephemeral", ephemeral}};
  if (!message.thread_ts.empty()) payload["container"]["thread_ts"] = message.thread_ts;
  payload["channel"] = {{"id", channel.id}, {"name", channel.is_dm() ? "directmessage" : channel.name}};
  if (!ephemeral) payload["message"] = message_json(core, message, Detail::with_metadata);
  payload["state"] = {{"values", initial_values(message.blocks)}};
  payload["trigger_id"] = outcome.trigger_id;
  payload["response_url"] = outcome.response_url;
  return payload;
}

}  // namespace

Task<Outcome> click(std::shared_ptr<Core> core, ClickInput input) {
  const Person* known = core->workspace.world.find_person(input.user);
  if (known == nullptr) co_return not_possible("user_not_found");
  const Person person = *known;
  if (!input.view.empty()) {
    Outcome in_view = co_await click_in_view(core, person, std::move(input));
    co_return in_view;
  }
  const Channel* channel = core->workspace.resolve(input.channel);
  if (channel == nullptr) co_return not_possible("channel_not_found");
  const Message* message = core->workspace.find(channel->id, input.ts);
  if (message == nullptr) co_return not_possible("message_not_found");
  if (message->deleted && input.replay == Replay::current) co_return not_possible("message_not_found");
  const std::string hidden = hidden_from(*core, person, *channel, *message, input);
  if (!hidden.empty()) co_return not_possible(hidden);
  const auto found = find_in_message(*message, input);
  if (!found) co_return not_possible("no_such_element");
  if (found->element.contains("confirm") && input.confirm == Confirm::decline)
    co_return not_possible("declined");
  const auto state = state_of(found->element, input.chosen, on_offer(*message, *found));
  const auto action = action_of(*core, *found, input, state);
  if (!action) co_return not_possible("no_such_option");
  Outcome outcome;
  outcome.trigger_id = core->handles.issue_trigger(person.id, "");
  ResponseUrl details;
  details.user = person.id;
  details.channel = channel->id;
  details.message_ts = message->ts;
  details.thread_ts = message->thread_ts;
  const std::string team = core->workspace.world.team_id;
  outcome.response_url = core->url(core->handles.issue_response_url("actions", team, details).path);
  Json payload = message_payload(*core, person, *channel, *message, outcome);
  if (state && payload["state"]["values"].contains(found->block_id)) {
    payload["state"]["values"][found->block_id][found->action_id] = *state;
  }
  payload["actions"] = Json::array({*action});
  Outcome seen = co_await send_action(core, std::move(payload), std::move(outcome));
  co_return seen;
}

}  // namespace jitbot::sandbox
