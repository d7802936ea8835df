#include "tests/support/mattermost/attachments.hpp"

namespace jitbot::mattermost_stand_in {

namespace {

Json kept_action(Core& core, const Json& given) {
  Json action = given;
  if (text_of(action, "id").empty()) action["id"] = core.new_id();
  return action;
}

Json kept_attachment(Core& core, const Json& given) {
  Json kept = {{"id", 0}, {"fields", nullptr}, {"ts", nullptr}};
  for (const char* field :
       {"fallback", "color", "pretext", "author_name", "author_link", "author_icon", "title", "title_link",
        "text", "image_url", "thumb_url", "footer", "footer_icon"}) {
    kept[field] = text_of(given, field);
  }
  if (given.contains("fields") && given["fields"].is_array()) {
    kept["fields"] = Json::array();
    for (const Json& field : given["fields"]) {
      const Json value = field.contains("value") ? field["value"] : Json("");
      kept["fields"].push_back({{"title", text_of(field, "title")},
                                {"value", value.is_string() ? value : Json(value.dump())},
                                {"short", flag_of(field, "short")}});
    }
  }
  if (given.contains("actions") && given["actions"].is_array() && !given["actions"].empty()) {
    kept["actions"] = Json::array();
    for (const Json& action : given["actions"]) {
      if (action.is_object()) kept["actions"].push_back(kept_action(core, action));
    }
  }
  return kept;
}

// Calls `change` with each action of the attachments.
template <class Change>
void each_action(Json& props, Change change) {
  if (!props.is_object() || !props.contains("attachments") || !props["attachments"].is_array()) return;
  for (Json& attachment : props["attachments"]) {
    if (!attachment.is_object() || !attachment.contains("actions")) continue;
    for (Json& action : attachment["actions"]) change(action);
  }
}

}  // namespace

Json kept_attachments(Core& core, const Json& given) {
  Json kept = Json::array();
  if (!given.is_array()) return kept;
  for (const Json& attachment : given) {
    if (attachment.is_object()) kept.push_back(kept_attachment(core, attachment));
  }
  return kept;
}

Json kept_props(Core& core, Json props) {
  if (!props.is_object()) return Json::object();
  if (props.contains("attachments")) props["attachments"] = kept_attachments(core, props["attachments"]);
  return props;
}

Json without_integrations(Json props) {
  each_action(props, [](Json& action) { action.erase("integration"); });
  return props;
}

Json with_cookies(Core& core, Json props, const std::string& post, const std::string& channel) {
  each_action(props, [&](Json& action) {
    const std::string cookie = base64(core.new_id() + core.new_id());
    Json meant = {{"post", post}, {"channel", channel}, {"type", text_of(action, "type")}};
    if (action.contains("integration")) meant["integration"] = action["integration"];
    meant["data_source"] = text_of(action, "data_source");
    core.cookies[cookie] = std::move(meant);
    action.erase("integration");
    action["cookie"] = cookie;
  });
  return props;
}

std::optional<Json> find_action(const Json& props, const std::string& id) {
  std::optional<Json> found;
  Json copy = props;
  each_action(copy, [&](const Json& action) {
    if (!found && text_of(action, "id") == id) found = action;
  });
  return found;
}

bool loses_integrations(const Json& old_props, const Json& new_props) {
  Json copy = new_props;
  bool loses = false;
  each_action(copy, [&](const Json& action) {
    const auto before = find_action(old_props, text_of(action, "id"));
    if (before && before->contains("integration") && !action.contains("integration")) loses = true;
  });
  return loses;
}

}  // namespace jitbot::mattermost_stand_in
