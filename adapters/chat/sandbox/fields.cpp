#include "adapters/chat/sandbox/fields.hpp"

#include "adapters/chat/sandbox/block_kit.hpp"
#include "adapters/chat/sandbox/core.hpp"

#include <algorithm>

namespace jitbot::sandbox {

using Json = nlohmann::json;

namespace {

bool looks_up(const Json& element) {
  const std::string type = element.value("type", "");
  return type == "external_select" || type == "multi_external_select";
}

template <class Fits>
std::optional<Field> find_where(const Json& blocks, const FieldName& name, const Fits& fits) {
  if (name.block_id.empty() && name.action_id.empty()) return std::nullopt;
  for (const Json& block : blocks) {
    Field field;
    field.block_id = block.value("block_id", "");
    if (!name.block_id.empty() && field.block_id != name.block_id) continue;
    field.dispatches = block.value("type", "") != "input" || block.value("dispatch_action", false);
    Json elements = Json::array();
    if (block.value("type", "") == "actions") elements = block["elements"];
    for (const char* place : {"accessory", "element"}) {
      if (block.contains(place)) elements.push_back(block[place]);
    }
    for (Json& element : elements) {
      field.action_id = element.value("action_id", "");
      if (!name.action_id.empty() && field.action_id != name.action_id) continue;
      if (!fits(element)) continue;
      field.element = std::move(element);
      return field;
    }
  }
  return std::nullopt;
}

Json offered_to(const Json& offered, const Field& field) {
  const Json options = offered.value(field.block_id, Json::object()).value(field.action_id, Json::array());
  return options.is_array() ? options : Json::array();
}

}  // namespace

std::optional<Field> find_field(const Json& blocks, const FieldName& name) {
  return find_where(blocks, name, [](const Json&) { return true; });
}

std::optional<Field> find_lookup(const Json& blocks, const FieldName& name) {
  return find_where(blocks, name, looks_up);
}

View* find_modal(Core& core, const std::string& user, const std::string& view_id) {
  const Person* person = core.workspace.world.find_person(user);
  if (person == nullptr) return nullptr;
  auto& stack = core.workspace.stack(person->id);
  if (stack.empty()) return nullptr;
  if (view_id.empty()) return &stack.back();
  const auto found = std::ranges::find(stack, view_id, &View::id);
  return found == stack.end() ? nullptr : &*found;
}

Json on_offer(const View& view, const Field& field) {
  if (!looks_up(field.element)) return Json::array();
  Json options = offered_to(view.offered, field);
  const Json held = view.values.value(field.block_id, Json::object()).value(field.action_id, Json::object());
  const Json one = held.value("selected_option", Json());
  if (one.is_object()) options.push_back(one);
  for (const Json& option : held.value("selected_options", Json::array())) options.push_back(option);
  return options;
}

Json on_offer(const Message& message, const Field& field) {
  return looks_up(field.element) ? offered_to(message.offered, field) : Json::array();
}

std::string fill_in(View& view, const Json& values) {
  Json filled = view.values;
  for (const auto& [block_id, given] : values.items()) {
    const Json* block = find_input(view.content["blocks"], block_id);
    if (block == nullptr) return "no_such_block";
    Field field;
    field.element = block->at("element");
    field.block_id = block_id;
    field.action_id = field.element.value("action_id", "");
    if (given.is_object()) {
      if (!given.contains(field.action_id)) return "no_such_element";
      filled[block_id][field.action_id] = given[field.action_id];
      continue;
    }
    const auto state = state_of(field.element, given, on_offer(view, field));
    if (!state) return "no_such_option";
    filled[block_id][field.action_id] = *state;
  }
  view.values = std::move(filled);
  return {};
}

}  // namespace jitbot::sandbox
