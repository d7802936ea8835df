#include "tests/support/mattermost/wire_json.hpp"

#include "tests/support/mattermost/attachments.hpp"

#include <algorithm>

namespace jitbot::mattermost_stand_in {

namespace {

std::string joined(const std::set<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : " ") + word;
  return all;
}

Json channel_notify_props() {
  return {{"desktop", "default"},
          {"email", "default"},
          {"ignore_channel_mentions", "default"},
          {"mark_unread", "all"},
          {"push", "default"}};
}

}  // namespace

Json user_json(const User& user, Eyes eyes) {
  const bool automatic = user.timezone.empty();
  Json json = {{"id", user.id},
               {"create_at", user.create_at},
               {"update_at", user.update_at},
               {"delete_at", user.delete_at},
               {"username", user.username},
               {"auth_data", ""},
               {"auth_service", ""},
               {"email", user.email},
               {"nickname", ""},
               {"first_name", user.first_name},
               {"last_name", user.last_name},
               {"position", user.position},
               {"roles", joined(user.roles)},
               {"locale", "en"},
               {"timezone",
                {{"automaticTimezone", ""},
                 {"manualTimezone", user.timezone},
                 {"useAutomaticTimezone", automatic ? "true" : "false"}}},
               {"disable_welcome_email", false}};
  if (user.bot) json["is_bot"] = true;
  if (user.bot) json["bot_description"] = user.bot_description;
  if (!user.remote_id.empty()) json["remote_id"] = user.remote_id;
  if (eyes == Eyes::others) return json;
  json["last_password_update"] = user.create_at;
  json["notify_props"] = {{"channel", "true"},       {"comments", "never"}, {"desktop", "mention"},
                          {"desktop_sound", "true"}, {"email", "true"},     {"first_name", "false"},
                          {"mention_keys", ""},      {"push", "mention"},   {"push_status", "away"}};
  return json;
}

Json channel_json(const Channel& channel) {
  Json json = {{"id", channel.id},
               {"create_at", channel.create_at},
               {"update_at", channel.update_at},
               {"delete_at", channel.delete_at},
               {"team_id", channel.team},
               {"type", channel.type},
               {"display_name", channel.type == "D" ? "" : channel.display_name},
               {"name", channel.name},
               {"header", channel.header},
               {"purpose", ""},
               {"last_post_at", channel.last_post_at},
               {"total_msg_count", 0},
               {"extra_update_at", 0},
               {"creator_id", channel.creator},
               {"scheme_id", nullptr},
               {"props", nullptr},
               {"group_constrained", nullptr},
               {"shared", nullptr},
               {"total_msg_count_root", 0},
               {"policy_id", nullptr}};
  if (channel.type == "D") json["shared"] = false;
  return json;
}

Json channel_member_json(const Core& core, const Channel& channel, const std::string& user) {
  const User* who = core.user(user);
  const bool guest = who != nullptr && who->guest();
  const bool admin = channel.creator == user && !channel.direct();
  std::string roles = guest ? "channel_guest" : "channel_user";
  if (admin) roles += " channel_admin";
  return {{"channel_id", channel.id},
          {"user_id", user},
          {"roles", roles},
          {"last_viewed_at", 0},
          {"msg_count", 0},
          {"mention_count", 0},
          {"mention_count_root", 0},
          {"msg_count_root", 0},
          {"notify_props", channel_notify_props()},
          {"last_update_at", channel.create_at},
          {"scheme_guest", guest},
          {"scheme_user", !guest},
          {"scheme_admin", admin},
          {"explicit_roles", ""}};
}

Json team_member_json(const Core& core, const std::string& user) {
  const User* who = core.user(user);
  const bool guest = who != nullptr && who->guest();
  return {{"team_id", core.team},  {"user_id", user},       {"roles", guest ? "team_guest" : "team_user"},
          {"delete_at", 0},        {"scheme_guest", guest}, {"scheme_user", !guest},
          {"scheme_admin", false}, {"explicit_roles", ""}};
}

Json bot_json(const User& user) {
  return {{"user_id", user.id},
          {"username", user.username},
          {"display_name", user.first_name},
          {"description", user.bot_description},
          {"owner_id", user.bot_owner},
          {"create_at", user.create_at},
          {"update_at", user.update_at},
          {"delete_at", user.delete_at}};
}

Json token_json(const Token& token) {
  return {{"id", token.id},
          {"user_id", token.user},
          {"description", token.description},
          {"is_active", token.active}};
}

Json command_json(const Command& command) {
  Json json = {{"id", command.id},
               {"token", command.token},
               {"create_at", command.create_at},
               {"update_at", command.update_at},
               {"delete_at", command.delete_at},
               {"creator_id", command.creator},
               {"team_id", command.team},
               {"plugin_id", ""},
               {"auto_complete", flag_of(command.fields, "auto_complete")}};
  for (const char* field : {"trigger", "method", "username", "icon_url", "auto_complete_desc",
                            "auto_complete_hint", "display_name", "description", "url"}) {
    json[field] = text_of(command.fields, field);
  }
  if (command.fields.contains("autocomplete_data"))
    json["autocomplete_data"] = command.fields["autocomplete_data"];
  return json;
}

Json reaction_json(const Reaction& reaction) {
  return {{"user_id", reaction.user},
          {"post_id", reaction.post},
          {"emoji_name", reaction.emoji},
          {"create_at", reaction.created},
          {"update_at", reaction.at},
          {"delete_at", 0},
          {"remote_id", ""}};
}

Json post_json(const Post& post, const PostView& view) {
  Json json = {{"id", post.id},
               {"create_at", post.create_at},
               {"update_at", post.update_at},
               {"edit_at", post.edit_at},
               {"delete_at", post.delete_at},
               {"is_pinned", post.pinned},
               {"user_id", post.user},
               {"channel_id", post.channel},
               {"root_id", post.root},
               {"parent_id", post.type == "system_ephemeral" ? "" : post.root},
               {"original_id", post.original},
               {"message", post.message},
               {"type", post.type},
               {"props", without_integrations(post.props)},
               {"hashtags", ""},
               {"pending_post_id", view.pending ? post.pending : ""},
               {"reply_count", view.replies},
               {"last_reply_at", 0},
               {"participants", nullptr}};
  if (!post.reactions.empty()) json["has_reactions"] = true;
  if (!view.metadata) return json;
  Json metadata = Json::object();
  const bool attached = post.props.contains("attachments") && !post.props["attachments"].empty();
  if (attached) metadata["embeds"] = Json::array({{{"type", "message_attachment"}}});
  if (!post.reactions.empty()) {
    metadata["reactions"] = Json::array();
    for (const Reaction& reaction : post.reactions) metadata["reactions"].push_back(reaction_json(reaction));
  }
  json["metadata"] = std::move(metadata);
  return json;
}

int replies_to(const Core& core, const Post& post) {
  const std::string& root = post.root.empty() ? post.id : post.root;
  const auto answers = [&](const Post& other) { return other.root == root && other.delete_at == 0; };
  return static_cast<int>(std::ranges::count_if(core.posts, answers));
}

}  // namespace jitbot::mattermost_stand_in
