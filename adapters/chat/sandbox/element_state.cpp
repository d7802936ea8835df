#include "adapters/chat/sandbox/workspace.hpp"

#include <optional>
#include <string>

// The `state` of interactive elements, as Slack reports it in state.values and in actions.
namespace jitbot::sandbox {

using Json = nlohmann::json;

namespace {

void collect_options(const Json& holder, Json& out) {
  if (!holder.contains("options")) return;
  for (const Json& option : holder["options"]) out.push_back(option);
}

Json options_of(const Json& element, const Json& looked_up) {
  Json out = looked_up.is_array() ? looked_up : Json::array();
  collect_options(element, out);
  if (element.contains("option_groups")) {
    for (const Json& group : element["option_groups"]) collect_options(group, out);
  }
  // A menu that looks its options up offers what it was preset with.
  if (element.contains("initial_option")) out.push_back(element["initial_option"]);
  for (const Json& option : element.value("initial_options", Json::array())) out.push_back(option);
  return out;
}

// The option as Slack reports it: text and value.
std::optional<Json> option_named(const Json& options, const Json& value) {
  for (const Json& option : options) {
    if (option.value("value", Json()) == value) return option;
  }
  return std::nullopt;
}

std::optional<Json> options_named(const Json& options, const Json& values) {
  Json out = Json::array();
  if (values.is_null()) return out;
  for (const Json& value : values.is_array() ? values : Json::array({values})) {
    const auto option = option_named(options, value);
    if (!option) return std::nullopt;
    out.push_back(*option);
  }
  return out;
}

struct ValueField {
  std::string_view type;
  const char* field;
  const char* initial;
};

// Elements whose state is one plain value.
constexpr ValueField k_value_fields[] = {
    {"plain_text_input", "value", "initial_value"},
    {"number_input", "value", "initial_value"},
    {"email_text_input", "value", "initial_value"},
    {"url_text_input", "value", "initial_value"},
    {"users_select", "selected_user", "initial_user"},
    {"multi_users_select", "selected_users", "initial_users"},
    {"conversations_select", "selected_conversation", "initial_conversation"},
    {"multi_conversations_select", "selected_conversations", "initial_conversations"},
    {"channels_select", "selected_channel", "initial_channel"},
    {"multi_channels_select", "selected_channels", "initial_channels"},
    {"datepicker", "selected_date", "initial_date"},
    {"timepicker", "selected_time", "initial_time"},
    {"datetimepicker", "selected_date_time", "initial_date_time"},
};

bool single_choice(const std::string& type) {
  return type == "static_select" || type == "external_select" || type == "radio_buttons" ||
         type == "overflow";
}

bool multi_choice(const std::string& type) {
  return type == "multi_static_select" || type == "multi_external_select" || type == "checkboxes";
}

std::optional<Json> initial_state(const Json& element) {
  const std::string type = element.value("type", "");
  for (const ValueField& rule : k_value_fields) {
    if (rule.type == type) {
      return Json{{"type", type}, {rule.field, element.value(rule.initial, Json())}};
    }
  }
  if (single_choice(type) && type != "overflow") {
    return Json{{"type", type}, {"selected_option", element.value("initial_option", Json())}};
  }
  if (multi_choice(type)) {
    return Json{{"type", type}, {"selected_options", element.value("initial_options", Json::array())}};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Json> state_of(const Json& element, const Json& chosen, const Json& looked_up) {
  const std::string type = element.value("type", "");
  for (const ValueField& rule : k_value_fields) {
    if (rule.type != type) continue;
    // An emptied text field reads as null.
    const bool emptied = chosen.is_string() && chosen.get_ref<const std::string&>().empty();
    return Json{{"type", type}, {rule.field, emptied ? Json() : chosen}};
  }
  if (single_choice(type)) {
    if (chosen.is_null() || (chosen.is_string() && chosen.get_ref<const std::string&>().empty())) {
      return Json{{"type", type}, {"selected_option", nullptr}};
    }
    const auto option = option_named(options_of(element, looked_up), chosen);
    if (!option) return std::nullopt;
    return Json{{"type", type}, {"selected_option", *option}};
  }
  if (multi_choice(type)) {
    const auto options = options_named(options_of(element, looked_up), chosen);
    if (!options) return std::nullopt;
    return Json{{"type", type}, {"selected_options", *options}};
  }
  return std::nullopt;
}

namespace {

template <class Visit>
void each_element(const Json& blocks, const Visit& visit) {
  for (const Json& block : blocks) {
    if (block.contains("element")) visit(block, block["element"]);
    if (block.contains("accessory")) visit(block, block["accessory"]);
    if (block.value("type", "") == "actions") {
      for (const Json& element : block["elements"]) visit(block, element);
    }
  }
}

// Whether the element still offers all that the state has chosen; what it looks up it may offer any time.
bool still_offered(const Json& element, const Json& state) {
  if (!element.contains("options") && !element.contains("option_groups")) return true;
  const Json options = options_of(element, Json::array());
  Json chosen = state.value("selected_options", Json::array());
  const Json one = state.value("selected_option", Json());
  if (one.is_object()) chosen.push_back(one);
  for (const Json& option : chosen) {
    if (!option_named(options, option.value("value", Json()))) return false;
  }
  return true;
}

}  // namespace

Json initial_values(const Json& blocks) {
  return carried_values(blocks, Json::object());
}

Json carried_values(const Json& blocks, const Json& held) {
  Json values = Json::object();
  each_element(blocks, [&](const Json& block, const Json& element) {
    auto state = initial_state(element);
    if (!state) return;
    const std::string block_id = block.value("block_id", "");
    const std::string action_id = element.value("action_id", "");
    const Json before = held.value(block_id, Json::object()).value(action_id, Json());
    const bool same = before.is_object() && before.value("type", "") == element.value("type", "");
    if (same && still_offered(element, before)) state = before;
    values[block_id][action_id] = *state;
  });
  return values;
}

}  // namespace jitbot::sandbox
