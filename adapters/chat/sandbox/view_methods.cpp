#include "adapters/chat/sandbox/block_kit.hpp"
#include "adapters/chat/sandbox/web_api.hpp"
#include "adapters/chat/sandbox/wire_json.hpp"

// views.*
namespace jitbot::sandbox {

using Json = nlohmann::json;

namespace {

constexpr std::size_t k_stack = 3;

struct Given {
  Json view;
  Json error;  // null: fine
};

Given read_view(const Args& args, const char* type) {
  Given given;
  if (!args.has("view")) {
    given.error = missing_argument("view");
    return given;
  }
  given.view = args.structure("view");
  if (given.view.is_discarded() || !given.view.is_object()) {
    given.error = api_error("invalid_arguments", {"[ERROR] must be valid json [json-pointer:/view]"});
    return given;
  }
  if (given.view.dump(-1, ' ', false, Json::error_handler_t::replace).size() > k_max_view_bytes) {
    given.error = api_error("view_too_large");
    return given;
  }
  std::vector<std::string> problems = check_view(given.view);
  if (problems.empty() && given.view["type"] != type) {
    problems.push_back(std::string("[ERROR] must be one of: ") + type + " [json-pointer:/view/type]");
  }
  if (!problems.empty()) given.error = api_error("invalid_arguments", problems);
  return given;
}

bool external_id_taken(Core& core, const Json& view) {
  const std::string id = view.value("external_id", "");
  return !id.empty() && core.workspace.find_view_by_external_id(id) != nullptr;
}

Json answer(const Core& core, const View& view) {
  return {{"ok", true}, {"view", view_json(core, view)}};
}

Json trigger_error(const std::string& error) {
  if (error != "invalid_arguments") return api_error(error);
  return api_error(error, {"[ERROR] invalid `trigger_id` [json-pointer:/trigger_id]"});
}

Json open(Core& core, const Args& args) {
  if (!args.has("trigger_id")) return missing_argument("trigger_id");
  Given given = read_view(args, "modal");
  if (!given.error.is_null()) return given.error;
  const auto trigger = core.handles.redeem_trigger(args.text("trigger_id"));
  if (!trigger) return trigger_error(trigger.error());
  if (external_id_taken(core, given.view)) return api_error("duplicate_external_id");
  auto& stack = core.workspace.stack(trigger->user);
  stack.clear();
  stack.push_back(core.workspace.make_view(trigger->user, std::move(given.view)));
  core.workspace.changes.touch();
  return answer(core, stack.back());
}

Json push(Core& core, const Args& args) {
  if (!args.has("trigger_id")) return missing_argument("trigger_id");
  Given given = read_view(args, "modal");
  if (!given.error.is_null()) return given.error;
  const auto trigger = core.handles.redeem_trigger(args.text("trigger_id"));
  if (!trigger) return trigger_error(trigger.error());
  if (external_id_taken(core, given.view)) return api_error("duplicate_external_id");
  auto& stack = core.workspace.stack(trigger->user);
  if (stack.size() >= k_stack) return api_error("push_limit_reached");
  View view = core.workspace.make_view(trigger->user, std::move(given.view));
  if (!stack.empty()) {
    view.root_id = stack.front().id;
    view.previous_id = stack.back().id;
  }
  stack.push_back(std::move(view));
  core.workspace.changes.touch();
  return answer(core, stack.back());
}

Json update(Core& core, const Args& args) {
  View* view = nullptr;
  if (args.has("view_id")) {
    view = core.workspace.find_view(args.text("view_id"));
  } else if (args.has("external_id")) {
    view = core.workspace.find_view_by_external_id(args.text("external_id"));
  } else {
    return missing_argument("view_id");
  }
  if (view == nullptr) return api_error("not_found");
  Given given = read_view(args, view->content.value("type", "modal") == "home" ? "home" : "modal");
  if (!given.error.is_null()) return given.error;
  if (args.has("hash") && args.text("hash") != view->hash) return api_error("hash_conflict");
  core.workspace.replace_content(*view, std::move(given.view));
  core.workspace.changes.touch();
  return answer(core, *view);
}

Json publish(Core& core, const Args& args) {
  if (!args.has("user_id")) return missing_argument("user_id");
  if (core.options.home_tab == Switch::off) return api_error("not_enabled");
  const std::string id = args.text("user_id");
  const Person* person = core.workspace.world.find_person(id);
  if (person == nullptr || person->id != id || person->kind == PersonKind::stranger) {
    return api_error("invalid_arguments", {"[ERROR] invalid `user_id` [json-pointer:/user_id]"});
  }
  Given given = read_view(args, "home");
  if (!given.error.is_null()) return given.error;
  auto& homes = core.workspace.homes();
  const auto found = homes.find(person->id);
  if (found == homes.end()) {
    View view = core.workspace.make_view(person->id, std::move(given.view));
    homes.emplace(person->id, std::move(view));
  } else {
    if (args.has("hash") && args.text("hash") != found->second.hash) return api_error("hash_conflict");
    core.workspace.replace_content(found->second, std::move(given.view));
  }
  core.workspace.changes.touch();
  return answer(core, homes.at(person->id));
}

}  // namespace

std::vector<MethodRule> view_methods() {
  return {{"views.open", Tier::t4, {}, open},
          {"views.push", Tier::t4, {}, push},
          {"views.update", Tier::t4, {}, update},
          {"views.publish", Tier::t4, {}, publish}};
}

}  // namespace jitbot::sandbox
