#include "tests/scenario/harness.hpp"

#include <algorithm>

// Home, forms and threads: what people see there, and what they do.
namespace jitbot::scenario {

namespace {

std::string block_of(const std::string& field) {
  return contains(field, ":") ? field : "field:" + field;
}

std::string shown(const Json& state, const sandbox::World& world) {
  if (state.contains("selected_option") && state["selected_option"].is_object()) {
    return state["selected_option"]["text"].value("text", "");
  }
  if (state.contains("selected_user") && state["selected_user"].is_string()) {
    const auto* person = world.find_person(state["selected_user"].get<std::string>());
    return person == nullptr ? "nobody known" : "@" + person->name;
  }
  for (const char* key : {"value", "selected_date", "selected_time"}) {
    if (state.contains(key) && state[key].is_string()) return state[key].get<std::string>();
  }
  return {};
}

std::string text_of_input(const Json& block, const sandbox::View& view, const sandbox::World& world) {
  const std::string block_id = block.value("block_id", "");
  const Json held = view.values.value(block_id, Json::object());
  const Json state = held.value(block["element"].value("action_id", ""), Json::object());
  std::string text = block["label"].value("text", "") + ": " + shown(state, world) + "\n";
  if (view.errors.contains(block_id)) text += "! " + view.errors[block_id].get<std::string>() + "\n";
  return text;
}

bool does(const Json& element, const std::string& act, const std::string& id) {
  const std::string action = element.value("action_id", "");
  const std::string value = "JIT-" + element.value("value", "");
  const bool same = id.empty() || value.starts_with(id + "|") || value.starts_with(id + ".");
  return same && (action == act || action.starts_with(act + ":"));
}

// Where Home has the button that does this.
std::optional<sandbox::ClickInput> button_on(const sandbox::View& view, const std::string& act,
                                             const std::string& id) {
  for (const Json& block : view.content["blocks"]) {
    Json elements = block.value("elements", Json::array());
    if (block.contains("accessory")) elements.push_back(block["accessory"]);
    for (const Json& element : elements) {
      if (!does(element, act, id)) continue;
      sandbox::ClickInput input;
      input.user = view.user;
      input.view = view.id;
      input.block_id = block.value("block_id", "");
      input.action_id = element.value("action_id", "");
      return input;
    }
  }
  return std::nullopt;
}

bool looks_up(const sandbox::View& form, const std::string& block_id) {
  for (const Json& block : form.content["blocks"]) {
    if (block.value("block_id", "") != block_id || !block.contains("element")) continue;
    return block["element"].value("type", "") == "external_select";
  }
  return false;
}

// What the form sends for a choice: the value of the option with that label or value, or a person's id.
std::string value_of(const sandbox::View& form, const std::string& block_id, const std::string& choice,
                     const sandbox::World& world) {
  for (const Json& block : form.content["blocks"]) {
    if (block.value("block_id", "") != block_id || !block.contains("element")) continue;
    const Json& element = block["element"];
    if (element.value("type", "") == "users_select") {
      const auto* person = world.find_person(choice);
      return person == nullptr ? choice : person->id;
    }
    Json options = element.value("options", Json::array());
    for (const Json& group : element.value("option_groups", Json::array())) {
      for (const Json& option : group["options"]) options.push_back(option);
    }
    const Json looked_up = form.offered.value(block_id, Json::object());
    for (const Json& option : looked_up.value(element.value("action_id", ""), Json::array())) {
      options.push_back(option);
    }
    for (const Json& option : options) {
      if (option["text"].value("text", "") == choice) return option.value("value", "");
    }
  }
  return choice;
}

}  // namespace

std::string text_of(const sandbox::View& view, const sandbox::World& world) {
  std::string text;
  for (const Json& block : view.content["blocks"]) {
    if (block.value("type", "") == "input") {
      text += text_of_input(block, view, world);
      continue;
    }
    sandbox::Message alone;
    alone.blocks = Json::array({block});
    if (block.contains("accessory")) {
      alone.blocks.push_back({{"type", "actions"}, {"elements", Json::array({block["accessory"]})}});
    }
    text += text_of(alone, world) + "\n";
  }
  return text;
}

std::string Someone::home() const {
  const auto view = stage_.sandbox->home(name_);
  return view ? text_of(*view, stage_.sandbox->world()) : std::string();
}

std::string Someone::opens_home() {
  const auto hash = [&] {
    const auto view = stage_.sandbox->home(name_);
    return view ? view->hash : std::string();
  };
  const std::string before = hash();
  REQUIRE(stage_.sandbox->open_home(name_, sandbox::HomeTab::home).has_value());
  stage_.happens([&] { return hash() != before; }, 5s);
  stage_.settle();
  return home();
}

void Someone::presses_on_home(const std::string& act, const std::string& id) {
  const auto view = stage_.sandbox->home(name_);
  REQUIRE(view.has_value());
  const auto button = button_on(*view, act, id);
  INFO("button " << act << " " << id << " on the Home of " << name_ << ":\n" << home());
  REQUIRE(button.has_value());
  const auto outcome = stage_.begin(stage_.sandbox->click(*button));
  stage_.until([&] { return outcome->has_value(); }, 10s);
  CHECK((*outcome)->error == "");
  stage_.settle();
}

void Someone::uses_shortcut() {
  sandbox::ShortcutInput input;
  input.user = name_;
  const auto outcome = stage_.begin(stage_.sandbox->shortcut(std::move(input)));
  stage_.until([&] { return outcome->has_value() && !stage_.sandbox->open_views(name_).empty(); }, 10s);
  CHECK((*outcome)->error == "");
}

std::string Someone::form_text() const {
  const auto views = stage_.sandbox->open_views(name_);
  return views.empty() ? std::string() : text_of(views.back(), stage_.sandbox->world());
}

std::vector<std::string> Someone::searches(const std::string& field, const std::string& text) {
  sandbox::SuggestInput input;
  input.user = name_;
  input.block_id = block_of(field);
  input.text = text;
  const auto seen = stage_.begin(stage_.sandbox->suggest(std::move(input)));
  stage_.until([&] { return seen->has_value(); }, 10s);
  if (!(*seen)->ok()) return {"error: " + (*seen)->error};
  std::vector<std::string> labels;
  for (const Json& option : (*seen)->options) labels.push_back(option["text"].value("text", ""));
  return labels;
}

std::string Someone::chooses(const std::string& field, const std::string& choice) {
  const auto views = stage_.sandbox->open_views(name_);
  REQUIRE(!views.empty());
  sandbox::ClickInput input;
  input.user = name_;
  input.view = views.back().id;
  input.block_id = block_of(field);
  input.chosen = value_of(views.back(), input.block_id, choice, stage_.sandbox->world());
  const auto outcome = stage_.begin(stage_.sandbox->click(std::move(input)));
  stage_.until([&] { return outcome->has_value(); }, 10s);
  stage_.settle();
  return (*outcome)->error;
}

std::string OnSlack::submits(const std::string& who, const nlohmann::json& values) {
  sandbox::SubmitInput input;
  input.user = who;
  for (const auto& [field, value] : values.items()) {
    const std::string block = block_of(field);
    const auto views = sandbox_.open_views(who);
    REQUIRE(!views.empty());
    const bool named = value.is_string() && !value.empty();
    if (named && looks_up(views.back(), block)) {
      // As people do it: type, and take what is offered; the app hears of it.
      Someone person = stage_.person(who);
      const std::string wanted = value.get<std::string>();
      person.searches(block, wanted);
      const std::string wrong = person.chooses(block, wanted);
      if (!wrong.empty()) return "error: " + wrong;
      continue;
    }
    input.values[block] = value;
  }
  const auto outcome = stage_.begin(sandbox_.submit(std::move(input)));
  stage_.until([&] { return outcome->has_value(); }, 10s);
  if ((*outcome)->ack.contains("errors")) return (*outcome)->ack["errors"].dump();
  return (*outcome)->ok() ? std::string() : "error: " + (*outcome)->error;
}

}  // namespace jitbot::scenario
