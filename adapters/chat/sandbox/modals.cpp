#include "adapters/chat/sandbox/block_kit.hpp"
#include "adapters/chat/sandbox/fields.hpp"
#include "adapters/chat/sandbox/people.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fmt/format.h>

#include <algorithm>

// Submitting and closing modals, and what the acknowledgement does with them.
namespace jitbot::sandbox {

using Json = nlohmann::json;

namespace {

bool holds_nothing(const Json& state) {
  for (const auto& [key, value] : state.items()) {
    if (key == "type") continue;
    if (!value.is_null() && !(value.is_array() && value.empty())) return false;
  }
  return true;
}

// What Slack's client itself demands before it sends anything.
Json client_errors(const View& view) {
  Json errors = Json::object();
  for (const Json& block : view.content["blocks"]) {
    if (block.value("type", "") != "input") continue;
    const std::string block_id = block.value("block_id", "");
    const Json& element = block["element"];
    const Json state =
        view.values.value(block_id, Json::object()).value(element.value("action_id", ""), Json::object());
    if (holds_nothing(state)) {
      if (!block.value("optional", false)) errors[block_id] = "Please complete this required field.";
      continue;
    }
    if (element.value("type", "") != "plain_text_input") continue;
    const std::size_t length = utf16_length(state.value("value", ""));
    const auto shortest = element.value("min_length", std::size_t{0});
    const auto longest = element.value("max_length", std::size_t{3000});
    if (length < shortest) errors[block_id] = fmt::format("Please enter at least {} characters.", shortest);
    if (length > longest) errors[block_id] = fmt::format("Please enter at most {} characters.", longest);
  }
  return errors;
}

std::string show_errors(View& view, const Json& errors) {
  if (!errors.is_object() || errors.empty()) return "invalid_response";
  for (const auto& [block_id, message] : errors.items()) {
    // Keys other than the ids of input blocks make the whole answer invalid.
    if (find_input(view.content["blocks"], block_id) == nullptr || !message.is_string())
      return "invalid_response";
  }
  view.errors = errors;
  return "view_errors";
}

void pop(Core& core, const View& view) {
  auto& stack = core.workspace.stack(view.user);
  const std::string id = view.id;
  const bool all = view.content.value("clear_on_close", false);
  if (all) {
    stack.clear();
  } else {
    std::erase_if(stack, [&id](const View& other) { return other.id == id; });
  }
}

std::string put(Core& core, View& view, const Json& ack, const std::string& action) {
  Json content = ack.value("view", Json());
  if (!check_view(content).empty() || content["type"] != "modal") return "invalid_response";
  if (action == "update") {
    core.workspace.replace_content(view, std::move(content));
    return {};
  }
  auto& stack = core.workspace.stack(view.user);
  if (stack.size() >= 3) return "push_limit_reached";
  View next = core.workspace.make_view(view.user, std::move(content));
  next.root_id = view.root_id;
  next.previous_id = view.id;
  stack.push_back(std::move(next));
  return {};
}

// What the acknowledgement of a submission does; the error is what the person sees of it.
std::string apply_ack(Core& core, View& view, const Json& ack) {
  const Json named = ack.is_object() ? ack.value("response_action", Json()) : Json();
  if (named.is_null()) {
    pop(core, view);
    return {};
  }
  const std::string action = named.is_string() ? named.get<std::string>() : std::string();
  if (action == "clear") {
    core.workspace.stack(view.user).clear();
    return {};
  }
  if (action == "errors") return show_errors(view, ack.value("errors", Json()));
  if (action == "update" || action == "push") return put(core, view, ack, action);
  return "invalid_response";
}

}  // namespace

Task<Outcome> submit(std::shared_ptr<Core> core, SubmitInput input) {
  View* view = find_modal(*core, input.user, input.view);
  if (view == nullptr) co_return not_possible("view_not_open");
  const std::string wrong = fill_in(*view, input.values);
  if (!wrong.empty()) co_return not_possible(wrong);
  view->errors = client_errors(*view);
  core->workspace.changes.touch();
  if (!view->errors.empty()) co_return not_possible("view_errors");
  const Person person = *core->workspace.world.find_person(input.user);
  const std::string id = view->id;
  Outcome outcome;
  outcome.trigger_id = core->handles.issue_trigger(person.id, id);
  Envelope envelope;
  envelope.type = "interactive";
  envelope.accepts_response = Switch::on;
  envelope.payload = interaction_base(*core, person, "view_submission");
  envelope.payload["trigger_id"] = outcome.trigger_id;
  envelope.payload["view"] = view_json(*core, *view);
  envelope.payload["response_urls"] = Json::array();
  const Delivery delivery = co_await Sockets::deliver(core, std::move(envelope));
  outcome.error = delivery.error;
  outcome.ack = delivery.ack;
  outcome.envelope_id = delivery.envelope_id;
  view = core->workspace.find_view(id);
  if (!outcome.ok() || view == nullptr) co_return outcome;  // a failed one stays open with a banner
  outcome.error = apply_ack(*core, *view, outcome.ack);
  core->workspace.changes.touch();
  co_return outcome;
}

Task<Outcome> close_view(std::shared_ptr<Core> core, CloseInput input) {
  const View* view = find_modal(*core, input.user, input.view);
  if (view == nullptr) co_return not_possible("view_not_open");
  const View closed = *view;
  const Person person = *core->workspace.world.find_person(input.user);
  const bool cleared = input.what == CloseWhat::stack || closed.content.value("clear_on_close", false);
  if (cleared) {
    core->workspace.stack(person.id).clear();
  } else {
    pop(*core, closed);
  }
  core->workspace.changes.touch();
  Outcome outcome;
  if (!closed.content.value("notify_on_close", false)) co_return outcome;
  Envelope envelope;
  envelope.type = "interactive";
  envelope.payload = interaction_base(*core, person, "view_closed");
  envelope.payload["view"] = view_json(*core, closed);
  envelope.payload["is_cleared"] = cleared;
  const Delivery delivery = co_await Sockets::deliver(core, std::move(envelope));
  outcome.error = delivery.error;
  outcome.envelope_id = delivery.envelope_id;
  co_return outcome;
}

}  // namespace jitbot::sandbox
