#include "tests/support/mattermost/attachments.hpp"
#include "tests/support/mattermost/integrations.hpp"
#include "tests/support/mattermost/outgoing.hpp"
#include "tests/support/mattermost/posting.hpp"
#include "tests/support/mattermost/wire_json.hpp"

#include <array>

// Buttons and menus [act_*].
namespace jitbot::mattermost_stand_in {

namespace {

Answer action_error() {
  return failure(400, "api.post.do_action.action_integration.app_error", "Action integration error.");
}

// What is clicked: from the post, or from the cookie of an ephemeral one.
struct Clicked {
  std::string post;
  std::string channel;
  std::string root;  // where an ephemeral answer goes
  Json action;
  bool ephemeral = false;
};

tl::expected<Clicked, Answer> clicked_cookie(Core& core, const Call& call, const std::string& cookie) {
  const auto meant = core.cookies.find(cookie);
  if (meant == core.cookies.end()) return tl::unexpected(action_error());
  Clicked clicked;
  clicked.post = text_of(meant->second, "post");
  clicked.channel = text_of(meant->second, "channel");
  clicked.root = clicked.post;
  clicked.action = meant->second;
  clicked.ephemeral = true;
  // Not bound to the user who saw it, only to the channel [act_ephemeral_click_by_other_user].
  if (!core.member(clicked.channel, call.user)) return tl::unexpected(forbidden());
  return clicked;
}

tl::expected<Clicked, Answer> clicked_post(Core& core, const Call& call) {
  const Post* post = core.post(call.parts[0]);
  if (post == nullptr) return tl::unexpected(forbidden());
  if (post->delete_at != 0)
    return tl::unexpected(failure(404, "app.post.get.app_error", "Unable to get the post."));
  if (!core.member(post->channel, call.user)) return tl::unexpected(forbidden());
  const auto action = find_action(post->props, call.parts[1]);
  if (!action)
    return tl::unexpected(failure(404, "api.post.do_action.action_id.app_error", "Invalid action id."));
  Clicked clicked;
  clicked.post = post->id;
  clicked.channel = post->channel;
  clicked.root = post->root.empty() ? post->id : post->root;
  clicked.action = *action;
  return clicked;
}

Json upstream(Core& core, const Call& call, const Clicked& clicked, const Trigger& trigger) {
  const Channel& channel = *core.channel(clicked.channel);
  const bool in_team = !channel.team.empty();
  Json body = {{"user_id", call.user},
               {"user_name", core.user(call.user)->username},
               {"channel_id", channel.id},
               {"channel_name", channel.name},
               {"team_id", channel.team},
               {"team_domain", in_team ? core.team_json["name"] : Json("")},
               {"post_id", clicked.post},
               {"trigger_id", trigger.whole},
               {"type", text_of(clicked.action, "type")},
               {"data_source", text_of(clicked.action, "data_source")}};
  const Json& integration = clicked.action["integration"];
  Json context = integration.contains("context") ? integration["context"] : Json();
  // Any text at all: the server does not look whether it is one of the options [act_select_static_forged].
  if (call.body.is_object() && call.body.contains("selected_option"))
    context["selected_option"] = call.body["selected_option"];
  if (!context.is_null()) body["context"] = context;
  return body;
}

// `update` of the reply: no props keep the old, no message is an empty one.
std::optional<Answer> apply_update(Core& core, const Clicked& clicked, const Json& update) {
  Post* post = clicked.ephemeral ? nullptr : core.post(clicked.post);
  if (post == nullptr) return failure(404, "app.post.get.app_error", "Unable to get the post.");
  Json props = post->props;
  if (update.contains("props") && update["props"].is_object()) {
    props = kept_props(core, update["props"]);
    for (const char* kept : {"from_webhook", "override_username", "override_icon_url"}) {
      if (post->props.contains(kept)) props[kept] = post->props[kept];
    }
  }
  rewrite(core, *post, text_of(update, "message"), std::move(props));
  return std::nullopt;
}

}  // namespace

Task<Answer> click(std::shared_ptr<Core> core, Call call) {
  const std::string cookie = text_of(call.body, "cookie");
  auto clicked = cookie.empty() ? clicked_post(*core, call) : clicked_cookie(*core, call, cookie);
  if (!clicked) co_return clicked.error();
  core->places[call.user] = clicked->channel;
  if (!clicked->action.contains("integration")) co_return action_error();
  const Trigger trigger = make_trigger(*core, call.user);
  const Json body = upstream(*core, call, *clicked, trigger);
  const Json integration = clicked->action["integration"];
  Outgoing what = json_call(text_of(integration, "url"), body);
  const Reply reply = co_await call_out(core, std::move(what));
  if (!reply.came || reply.status != 200) co_return action_error();
  const Json answer = Json::parse(reply.body, nullptr, false);
  if (!answer.is_object()) co_return action_error();
  if (answer.contains("update") && answer["update"].is_object()) {
    auto refusal = apply_update(*core, *clicked, answer["update"]);
    if (refusal) co_return std::move(*refusal);
  }
  if (!text_of(answer, "ephemeral_text").empty()) {
    Draft draft;
    draft.user = call.user;
    draft.channel = clicked->channel;
    draft.root = clicked->root;
    draft.message = text_of(answer, "ephemeral_text");
    if (!flag_of(answer, "skip_slack_parsing"))
      draft.message = links_from_slack(mentions_from_slack(draft.message));
    send_ephemeral(*core, call.user, std::move(draft));
  }
  co_return good({{"status", "OK"}, {"trigger_id", trigger.client}});
}

}  // namespace jitbot::mattermost_stand_in
