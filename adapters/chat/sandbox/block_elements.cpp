#include "adapters/chat/sandbox/block_check.hpp"

#include <fmt/format.h>

#include <array>
#include <functional>

// Interactive elements and the parts they share: options, confirmations, pickers.
namespace jitbot::sandbox::blocks {

using Json = nlohmann::json;

namespace {

void check_confirm(const Spot& element) {
  if (!element.has("confirm")) return;
  const Spot confirm = element.at("confirm");
  if (!object_of(confirm, {"title", "text", "confirm", "deny", "style"})) return;
  text_object(confirm, "title", Need::required, TextKind::plain, {.max = 100});
  text_object(confirm, "text", Need::required, TextKind::any, {.max = 300});
  text_object(confirm, "confirm", Need::required, TextKind::plain, {.max = 30});
  text_object(confirm, "deny", Need::required, TextKind::plain, {.max = 30});
  choice_field(confirm, "style", Need::optional, {"primary", "danger"});
}

void check_option(const Spot& option, TextKind kind) {
  if (!object_of(option, {"text", "value", "description", "url"})) return;
  text_object(option, "text", Need::required, kind, {.max = 75});
  text_field(option, "value", Need::required, {.max = 75, .min = 1});
  text_object(option, "description", Need::optional, kind, {.max = 75});
  text_field(option, "url", Need::optional, {.max = 3000});
}

void check_option_list(const Spot& holder, const char* key, Need need, Length count, TextKind kind) {
  const Json* options = list_field(holder, key, need, count);
  if (options == nullptr) return;
  const Spot list = holder.at(key);
  for (std::size_t i = 0; i < options->size(); ++i) check_option(list.at(i), kind);
}

void check_options(const Spot& element, Length count, TextKind kind) {
  if (!element.has("option_groups")) {
    check_option_list(element, "options", Need::required, count, kind);
    return;
  }
  if (element.has("options")) element.complain("cannot provide both options and option_groups");
  const Json* groups = list_field(element, "option_groups", Need::required, {.max = 100, .min = 1});
  if (groups == nullptr) return;
  const Spot list = element.at("option_groups");
  for (std::size_t i = 0; i < groups->size(); ++i) {
    const Spot group = list.at(i);
    if (!object_of(group, {"label", "options"})) continue;
    text_object(group, "label", Need::required, TextKind::plain, {.max = 75});
    check_option_list(group, "options", Need::required, count, kind);
  }
}

// A preset option must be one of those offered, all of it.
void check_initial_option(const Spot& element) {
  if (!element.has("initial_option")) return;
  const Spot initial = element.at("initial_option");
  check_option(initial, TextKind::any);
  std::vector<Json> offered;
  const auto collect = [&offered](const Json& holder) {
    if (!holder.is_object() || !holder.contains("options") || !holder["options"].is_array()) return;
    for (const Json& option : holder["options"]) offered.push_back(option);
  };
  collect(element.value);
  if (element.has("option_groups") && element.value["option_groups"].is_array()) {
    for (const Json& group : element.value["option_groups"]) collect(group);
  }
  for (const Json& option : offered) {
    if (option.is_object() && option.value("value", Json()) == initial.value.value("value", Json())) return;
  }
  initial.complain("must match one of the provided options");
}

void check_placeholder(const Spot& element) {
  text_object(element, "placeholder", Need::optional, TextKind::plain, {.max = 150});
}

void check_button(const Spot& e) {
  object_of(e, {"type", "action_id", "text", "url", "value", "style", "confirm", "accessibility_label"});
  text_object(e, "text", Need::required, TextKind::plain, {.max = 75});
  text_field(e, "value", Need::optional, {.max = 2000});
  text_field(e, "url", Need::optional, {.max = 3000});
  text_field(e, "accessibility_label", Need::optional, {.max = 75});
  choice_field(e, "style", Need::optional, {"primary", "danger"});
}

void check_static_select(const Spot& e) {
  object_of(e, {"type", "action_id", "placeholder", "options", "option_groups", "initial_option", "confirm",
                "focus_on_load"});
  check_placeholder(e);
  check_options(e, {.max = 100, .min = 1}, TextKind::plain);
  check_initial_option(e);
}

void check_multi_static_select(const Spot& e) {
  object_of(e, {"type", "action_id", "placeholder", "options", "option_groups", "initial_options", "confirm",
                "focus_on_load", "max_selected_items"});
  check_placeholder(e);
  check_options(e, {.max = 100, .min = 1}, TextKind::plain);
  check_option_list(e, "initial_options", Need::optional, {.max = 100, .min = 1}, TextKind::any);
  integer_field(e, "max_selected_items", Need::optional, 1, 100);
}

void check_external_select(const Spot& e) {
  object_of(e, {"type", "action_id", "placeholder", "initial_option", "min_query_length", "confirm",
                "focus_on_load"});
  check_placeholder(e);
  integer_field(e, "min_query_length", Need::optional, 0, 3000);
  if (e.has("initial_option")) check_option(e.at("initial_option"), TextKind::plain);
}

void check_multi_external_select(const Spot& e) {
  object_of(e, {"type", "action_id", "placeholder", "initial_options", "min_query_length", "confirm",
                "focus_on_load", "max_selected_items"});
  check_placeholder(e);
  integer_field(e, "min_query_length", Need::optional, 0, 3000);
  check_option_list(e, "initial_options", Need::optional, {.max = 100, .min = 1}, TextKind::plain);
  integer_field(e, "max_selected_items", Need::optional, 1, 100);
}

void check_users_select(const Spot& e) {
  object_of(e, {"type", "action_id", "placeholder", "initial_user", "confirm", "focus_on_load"});
  check_placeholder(e);
  text_field(e, "initial_user", Need::optional, {.min = 1});
}

void check_place_select(const Spot& e) {
  object_of(e, {"type", "action_id", "placeholder", "initial_channel", "initial_conversation", "confirm",
                "focus_on_load", "response_url_enabled", "default_to_current_conversation", "filter"});
  check_placeholder(e);
  text_field(e, "initial_channel", Need::optional, {.min = 1});
  text_field(e, "initial_conversation", Need::optional, {.min = 1});
  bool_field(e, "response_url_enabled");
  bool_field(e, "default_to_current_conversation");
}

void check_multi_directory_select(const Spot& e) {
  object_of(e,
            {"type", "action_id", "placeholder", "initial_users", "initial_channels", "initial_conversations",
             "confirm", "focus_on_load", "max_selected_items", "default_to_current_conversation", "filter"});
  check_placeholder(e);
  integer_field(e, "max_selected_items", Need::optional, 1, 100);
}

void check_overflow(const Spot& e) {
  object_of(e, {"type", "action_id", "options", "confirm"});
  check_options(e, {.max = 5, .min = 1}, TextKind::plain);
}

void check_choices(const Spot& e) {
  object_of(
      e, {"type", "action_id", "options", "initial_option", "initial_options", "confirm", "focus_on_load"});
  check_options(e, {.max = 10, .min = 1}, TextKind::any);
  check_initial_option(e);
}

void check_picker(const Spot& e) {
  object_of(e, {"type", "action_id", "placeholder", "initial_date", "initial_time", "initial_date_time",
                "confirm", "focus_on_load", "timezone"});
  check_placeholder(e);
}

void check_dispatch_config(const Spot& e) {
  if (!e.has("dispatch_action_config")) return;
  const Spot config = e.at("dispatch_action_config");
  if (!object_of(config, {"trigger_actions_on"})) return;
  const Json* triggers = list_field(config, "trigger_actions_on", Need::optional, {.max = 2, .min = 1});
  if (triggers == nullptr) return;
  for (std::size_t i = 0; i < triggers->size(); ++i) {
    const Spot trigger = config.at("trigger_actions_on").at(i);
    if (trigger.value == "on_enter_pressed" || trigger.value == "on_character_entered") continue;
    trigger.complain("must be one of: on_enter_pressed, on_character_entered");
  }
}

void check_plain_input(const Spot& e) {
  object_of(e, {"type", "action_id", "placeholder", "initial_value", "multiline", "min_length", "max_length",
                "dispatch_action_config", "focus_on_load"});
  check_placeholder(e);
  text_field(e, "initial_value", Need::optional, {.max = 3000});
  bool_field(e, "multiline");
  integer_field(e, "min_length", Need::optional, 0, 3000);
  integer_field(e, "max_length", Need::optional, 1, 3000);
  check_dispatch_config(e);
}

void check_number_input(const Spot& e) {
  object_of(e, {"type", "action_id", "is_decimal_allowed", "initial_value", "min_value", "max_value",
                "dispatch_action_config", "focus_on_load", "placeholder"});
  check_placeholder(e);
  if (!e.has("is_decimal_allowed")) e.complain("missing required field: is_decimal_allowed");
  check_dispatch_config(e);
}

void check_contact_input(const Spot& e) {
  object_of(e,
            {"type", "action_id", "initial_value", "dispatch_action_config", "focus_on_load", "placeholder"});
  check_placeholder(e);
  check_dispatch_config(e);
}

void check_rich_input(const Spot& e) {
  object_of(e,
            {"type", "action_id", "initial_value", "dispatch_action_config", "focus_on_load", "placeholder"});
  check_placeholder(e);
  check_dispatch_config(e);
}

void check_file_input(const Spot& e) {
  object_of(e, {"type", "action_id", "filetypes", "max_files"});
  integer_field(e, "max_files", Need::optional, 1, 10);
}

void check_image(const Spot& e) {
  object_of(e, {"type", "image_url", "slack_file", "alt_text"});
  text_field(e, "alt_text", Need::required, {.max = 2000});
  if (e.has("image_url") == e.has("slack_file")) e.complain("must provide one of image_url or slack_file");
  text_field(e, "image_url", Need::optional, {.max = 3000});
}

constexpr unsigned k_section = 1;
constexpr unsigned k_actions = 2;
constexpr unsigned k_input = 4;
constexpr unsigned k_context = 8;

struct ElementRule {
  std::string_view type;
  unsigned places;
  void (*check)(const Spot&);
};

constexpr std::array k_elements{
    ElementRule{"button", k_section | k_actions, check_button},
    ElementRule{"static_select", k_section | k_actions | k_input, check_static_select},
    ElementRule{"multi_static_select", k_section | k_actions | k_input, check_multi_static_select},
    ElementRule{"external_select", k_section | k_actions | k_input, check_external_select},
    ElementRule{"multi_external_select", k_section | k_actions | k_input, check_multi_external_select},
    ElementRule{"users_select", k_section | k_actions | k_input, check_users_select},
    ElementRule{"multi_users_select", k_section | k_actions | k_input, check_multi_directory_select},
    ElementRule{"conversations_select", k_section | k_actions | k_input, check_place_select},
    ElementRule{"multi_conversations_select", k_section | k_actions | k_input, check_multi_directory_select},
    ElementRule{"channels_select", k_section | k_actions | k_input, check_place_select},
    ElementRule{"multi_channels_select", k_section | k_actions | k_input, check_multi_directory_select},
    ElementRule{"overflow", k_section | k_actions, check_overflow},
    ElementRule{"radio_buttons", k_section | k_actions | k_input, check_choices},
    ElementRule{"checkboxes", k_section | k_actions | k_input, check_choices},
    ElementRule{"datepicker", k_section | k_actions | k_input, check_picker},
    ElementRule{"timepicker", k_section | k_actions | k_input, check_picker},
    ElementRule{"datetimepicker", k_actions | k_input, check_picker},
    ElementRule{"plain_text_input", k_input, check_plain_input},
    ElementRule{"number_input", k_input, check_number_input},
    ElementRule{"email_text_input", k_input, check_contact_input},
    ElementRule{"url_text_input", k_input, check_contact_input},
    ElementRule{"rich_text_input", k_input, check_rich_input},
    ElementRule{"file_input", k_input, check_file_input},
    ElementRule{"image", k_section | k_context, check_image},
};

unsigned bit_of(Place place) {
  switch (place) {
    case Place::section:
      return k_section;
    case Place::actions:
      return k_actions;
    case Place::input:
      return k_input;
    case Place::context:
      return k_context;
  }
  return 0;
}

void check_action_id(const Spot& element, Seen& seen, std::size_t block_index) {
  if (!element.has("action_id")) return;
  if (!text_field(element, "action_id", Need::optional, {.max = 255, .min = 1})) return;
  const auto id = element.value.at("action_id").get<std::string>();
  if (!seen.action_ids.insert(fmt::format("{}\n{}", block_index, id)).second) {
    element.at("action_id").complain(fmt::format("`action_id` \"{}\" already exists in this block", id));
  }
}

void check_focus(const Spot& element, Seen& seen) {
  if (!bool_field(element, "focus_on_load") || !element.value.value("focus_on_load", false)) return;
  if (seen.focus_on_load) element.complain("`focus_on_load` can only be set on one element");
  seen.focus_on_load = true;
}

}  // namespace

void check_answered_options(const Spot& answer) {
  if (!answer.value.is_object() || answer.has("options") == answer.has("option_groups")) {
    answer.complain("must provide one of options or option_groups");
    return;
  }
  check_option_list(answer, "options", Need::optional, {.max = 100}, TextKind::plain);
  const Json* groups = list_field(answer, "option_groups", Need::optional, {.max = 100});
  if (groups == nullptr) return;
  const Spot list = answer.at("option_groups");
  for (std::size_t i = 0; i < groups->size(); ++i) {
    const Spot group = list.at(i);
    if (!object_of(group, {"label", "options"})) continue;
    text_object(group, "label", Need::required, TextKind::plain, {.max = 75});
    check_option_list(group, "options", Need::required, {.max = 100}, TextKind::plain);
  }
}

void check_element(const Spot& spot, Place place, Seen& seen, std::size_t block_index) {
  if (!spot.value.is_object()) {
    spot.complain("must provide an object");
    return;
  }
  if (!text_field(spot, "type", Need::required)) return;
  const auto& type = spot.value.at("type").get_ref<const std::string&>();
  if (place == Place::context && (type == "plain_text" || type == "mrkdwn")) {
    // Context texts have no limit of their own in the documentation; a section's is the widest known.
    check_text_object(spot, TextKind::any, {.max = 3000});
    return;
  }
  for (const ElementRule& rule : k_elements) {
    if (rule.type != type) continue;
    if ((rule.places & bit_of(place)) == 0) {
      spot.at("type").complain(fmt::format("unsupported type: {}", type));
      return;
    }
    rule.check(spot);
    check_confirm(spot);
    check_focus(spot, seen);
    check_action_id(spot, seen, block_index);
    return;
  }
  spot.at("type").complain(fmt::format("unsupported type: {}", type));
}

}  // namespace jitbot::sandbox::blocks
