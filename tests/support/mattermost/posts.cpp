#include "tests/support/mattermost/attachments.hpp"
#include "tests/support/mattermost/posting.hpp"
#include "tests/support/mattermost/routes.hpp"
#include "tests/support/mattermost/wire_json.hpp"

#include <algorithm>
#include <array>

// Posts and reactions, as they are written.
namespace jitbot::mattermost_stand_in {

namespace {

constexpr Millis k_pending_life = 30s;

bool may_post(const Channel& channel, const User& user) {
  return channel.members.contains(user.id) || user.admin() || user.roles.contains("system_post_all");
}

// The value of a pending post is not bound to its user: whoever sends it gets the first one's post
// [rest_post_pending_id_other_user].
std::optional<Answer> repeated(Core& core, const std::string& pending) {
  const auto found = core.pending_posts.find(pending);
  if (pending.empty() || found == core.pending_posts.end()) return std::nullopt;
  if (core.clock.steady() - found->second.second > k_pending_life) return std::nullopt;
  const Post* post = core.post(found->second.first);
  return post == nullptr ? std::nullopt : std::optional(good(post_json(*post, {.metadata = false}), 201));
}

std::optional<Answer> misplaced(Core& core, const Draft& draft) {
  const Channel* channel = core.channel(draft.channel);
  if (channel == nullptr || !may_post(*channel, *core.user(draft.user))) return forbidden();
  const bool known_type = draft.type.empty() || draft.type.starts_with("custom_");
  if (!known_type) return bad_param("post.type");
  if (channel->delete_at != 0)
    return failure(400, "api.post.create_post.can_not_post_to_deleted.error",
                   "Can not post to deleted channel.");
  const Post* root = draft.root.empty() ? nullptr : core.post(draft.root);
  if (!draft.root.empty() && (root == nullptr || root->delete_at != 0 || root->channel != draft.channel))
    return failure(400, "api.post.create_post.root_id.app_error", "Invalid RootId parameter.");
  return invalid(core, draft);
}

Answer create(Core& core, const Call& call) {
  if (!call.body.is_object()) return bad_body("post");
  if (core.faults.database == Database::lost_warm) return bad_param("post.channel_id");
  Draft draft;
  draft.user = call.user;
  draft.channel = text_of(call.body, "channel_id");
  draft.root = text_of(call.body, "root_id");
  draft.message = text_of(call.body, "message");
  draft.type = text_of(call.body, "type");
  draft.pending = text_of(call.body, "pending_post_id");
  if (call.body.contains("props") && call.body["props"].is_object()) draft.props = call.body["props"];
  if (auto first = repeated(core, draft.pending)) return std::move(*first);
  if (auto refusal = misplaced(core, draft)) return std::move(*refusal);
  const std::string pending = draft.pending;
  const Post& post = store(core, std::move(draft));
  if (!pending.empty()) core.pending_posts[pending] = {post.id, core.clock.steady()};
  const bool webhook = text_of(post.props, "from_webhook") == "true";
  if (!core.user(call.user)->bot && !webhook) {
    core.sockets.publish("channel_viewed", {{"channel_id", post.channel}}, {.user = call.user});
  }
  const int replies = post.root.empty() ? 0 : replies_to(core, post);
  return good(post_json(post, {.replies = replies, .pending = true}), 201);
}

// The post of the path, when it is the caller's own and stands.
Post* own(Core& core, const Call& call) {
  Post* post = core.post(call.parts[0]);
  const bool gone = post == nullptr || post->delete_at != 0;
  return gone || post->user != call.user ? nullptr : post;
}

// Props of the body replace all; without any the old stay [rest_post_patch, act_rest_patch_strip_buttons].
Answer write_over(Core& core, const Call& call, const std::string& otherwise) {
  if (!call.body.is_object()) return bad_body("post");
  Post* post = own(core, call);
  if (post == nullptr || core.faults.database == Database::lost_warm) return forbidden();
  Draft draft;
  draft.message = call.body.contains("message") ? text_of(call.body, "message") : otherwise;
  draft.props = post->props;
  if (call.body.contains("props")) {
    if (loses_integrations(post->props, call.body["props"])) return no_answer();
    draft.props = kept_props(core, call.body["props"]);
  }
  if (auto refusal = invalid(core, draft)) return std::move(*refusal);
  rewrite(core, *post, std::move(draft.message), std::move(draft.props));
  return good(post_json(*post, {.replies = replies_to(core, *post)}));
}

Answer patch(Core& core, const Call& call) {
  const Post* post = core.post(call.parts[0]);
  return write_over(core, call, post == nullptr ? "" : post->message);
}

Answer update(Core& core, const Call& call) {
  if (text_of(call.body, "id") != call.parts[0]) return bad_param("id");
  return write_over(core, call, "");
}

Answer pin(Core& core, const Call& call) {
  Post* post = core.post(call.parts[0]);
  if (post == nullptr || !core.member(post->channel, call.user)) return forbidden();
  post->pinned = true;
  post->update_at = core.stamp();
  tell_edited(core, *post);
  return done();
}

Answer remove(Core& core, const Call& call) {
  Post* post = core.post(call.parts[0]);
  if (post == nullptr || post->delete_at != 0) return forbidden();
  if (post->user != call.user && !core.user(call.user)->admin()) return forbidden();
  const Json told = post_json(*post);  // with the old text [ev_post_deleted]
  post->delete_at = core.stamp();
  post->update_at = post->delete_at;
  post->message.clear();
  post->props = {{"deleteBy", call.user}};
  post->reactions.clear();
  core.sockets.publish("post_deleted", {{"post", told.dump()}}, {.channel = post->channel});
  return done();
}

Answer ephemeral(Core& core, const Call& call) {
  const Json post = call.body.is_object() && call.body.contains("post") ? call.body["post"] : Json();
  if (!post.is_object() || core.channel(text_of(post, "channel_id")) == nullptr) return bad_body("body");
  Draft draft;
  draft.user = call.user;
  draft.channel = text_of(post, "channel_id");
  draft.root = text_of(post, "root_id");
  draft.message = text_of(post, "message");
  if (post.contains("props")) draft.props = post["props"];
  // 201 also for who is offline or not there: that it arrived is never confirmed.
  send_ephemeral(core, text_of(call.body, "user_id"), std::move(draft));
  return good(post_json(core.ephemerals.back().post), 201);
}

Answer react(Core& core, const Call& call) {
  if (text_of(call.body, "user_id") != call.user)
    return failure(403, "api.reaction.save_reaction.user_id.app_error",
                   "You cannot save reaction for the other user.");
  Post* post = core.post(text_of(call.body, "post_id"));
  if (post == nullptr || post->delete_at != 0 || !core.member(post->channel, call.user)) return forbidden();
  Reaction made;
  made.user = call.user;
  made.post = post->id;
  made.emoji = text_of(call.body, "emoji_name");
  made.at = core.stamp();
  const Json* claimed = call.body.contains("create_at") ? &call.body["create_at"] : nullptr;
  const bool claims = claimed != nullptr && claimed->is_number_integer() && *claimed != 0;
  made.created = claims ? claimed->get<std::int64_t>() : made.at;
  post->update_at = made.at;
  // The answer and the event tell what was sent [rest_reaction_add, ev_reaction_added]; what is kept is one
  // row a person and emoji, with the first create_at and the last update_at, whether it was taken back
  // meanwhile or not (server source, sqlstore/reaction_store.go: ON CONFLICT … DO UPDATE SET UpdateAt).
  Reaction kept = made;
  kept.created = post->first_reactions.try_emplace({made.user, made.emoji}, made.created).first->second;
  std::erase_if(post->reactions,
                [&](const Reaction& there) { return there.user == made.user && there.emoji == made.emoji; });
  post->reactions.push_back(std::move(kept));
  core.sockets.publish("reaction_added", {{"reaction", reaction_json(made).dump()}},
                       {.channel = post->channel});
  return good(reaction_json(made));
}

Answer take_back(Core& core, const Call& call) {
  if (whom(call, 0) != call.user) return forbidden();
  Post* post = core.post(call.parts[1]);
  if (post == nullptr || !core.member(post->channel, call.user)) return forbidden();
  const auto is_it = [&](const Reaction& there) {
    return there.user == call.user && there.emoji == call.parts[2];
  };
  if (std::erase_if(post->reactions, is_it) == 0) return done();
  post->update_at = core.stamp();
  Reaction gone;
  gone.user = call.user;
  gone.post = post->id;
  gone.emoji = call.parts[2];
  Json told = reaction_json(gone);
  told["update_at"] = post->update_at;
  core.sockets.publish("reaction_removed", {{"reaction", told.dump()}}, {.channel = post->channel});
  return done();
}

constexpr std::array k_routes = {
    Route{"POST", "/posts", create},
    Route{"POST", "/posts/ephemeral", ephemeral, nullptr, Access::admin},
    Route{"PUT", "/posts/{}/patch", patch},
    Route{"PUT", "/posts/{}", update},
    Route{"POST", "/posts/{}/pin", pin},
    Route{"DELETE", "/posts/{}", remove},
    Route{"POST", "/reactions", react},
    Route{"DELETE", "/users/{}/posts/{}/reactions/*", take_back},
};

}  // namespace

std::span<const Route> post_routes() {
  return k_routes;
}

}  // namespace jitbot::mattermost_stand_in
