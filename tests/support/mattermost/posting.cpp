#include "tests/support/mattermost/posting.hpp"

#include "tests/support/mattermost/attachments.hpp"
#include "tests/support/mattermost/wire_json.hpp"

#include <algorithm>

namespace jitbot::mattermost_stand_in {

namespace {

constexpr std::size_t k_max_message = 16383;

std::size_t runes(std::string_view text) {
  const auto starts = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
  return static_cast<std::size_t>(std::ranges::count_if(text, starts));
}

bool in_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

bool names(const std::string& message, const std::string& username) {
  const std::string at = "@" + username;
  for (std::size_t from = message.find(at); from != std::string::npos; from = message.find(at, from + 1)) {
    const std::size_t end = from + at.size();
    const bool ends = end >= message.size() || !in_name(message[end]) ||
                      (message[end] == '.' && (end + 1 >= message.size() || !in_name(message[end + 1])));
    if (ends && (from == 0 || !in_name(message[from - 1]))) return true;
  }
  return false;
}

bool names_all(const std::string& message) {
  return names(message, "all") || names(message, "channel") || names(message, "here");
}

Json mentioned(const Core& core, const Channel& channel, const Post& post) {
  Json ids = Json::array();
  if (post.type == "system_add_to_channel") ids.push_back(post.props["addedUserId"]);
  if (post.type.starts_with("system_")) return ids;
  const bool webhook = text_of(post.props, "from_webhook") == "true";
  for (const std::string& id : channel.members) {
    if (id == post.user && !webhook) continue;
    const User* user = core.user(id);
    if (user == nullptr) continue;
    const bool meant = channel.type == "D" || names(post.message, user->username) || names_all(post.message);
    if (meant) ids.push_back(id);
  }
  return ids;
}

std::string sender_of(const Post& post, const User* author, const Channel& channel) {
  if (post.type.starts_with("system_")) return "System";
  const std::string other = text_of(post.props, "override_username");
  const bool overridden = text_of(post.props, "from_webhook") == "true" && !other.empty();
  if (overridden && channel.type != "D") return other;
  return author == nullptr ? "" : "@" + author->username;
}

// `~name` of public channels, as the server notes them in the props.
Json channel_mentions(Core& core, const std::string& message) {
  Json found = Json::object();
  for (std::size_t at = message.find('~'); at != std::string::npos; at = message.find('~', at + 1)) {
    std::size_t end = at + 1;
    while (end < message.size() && in_name(message[end]) && message[end] != '.') ++end;
    const std::string name = message.substr(at + 1, end - at - 1);
    const Channel* channel = core.channel_named(name);
    if (channel == nullptr || channel->type != "O") continue;
    found[name] = {{"display_name", channel->display_name}, {"team_name", core.team_json["name"]}};
  }
  return found;
}

}  // namespace

std::optional<Answer> invalid(const Core& core, const Draft& draft) {
  if (runes(draft.message) > k_max_message)
    return failure(400, "model.post.is_valid.msg.app_error", "Invalid message.");
  if (runes(draft.props.dump()) > core.options.max_props)
    return failure(400, "model.post.is_valid.props.app_error", "Invalid props.");
  return std::nullopt;
}

Post& store(Core& core, Draft draft) {
  Channel& channel = *core.channel(draft.channel);
  const User* author = std::as_const(core).user(draft.user);
  Post made;
  made.id = core.new_id();
  made.user = draft.user;
  made.channel = draft.channel;
  made.root = std::move(draft.root);
  made.message = std::move(draft.message);
  made.type = std::move(draft.type);
  made.pending = std::move(draft.pending);
  made.props = kept_props(core, std::move(draft.props));
  if (author != nullptr && author->bot) made.props["from_bot"] = "true";
  Json mentions = channel_mentions(core, made.message);
  if (!mentions.empty()) made.props["channel_mentions"] = std::move(mentions);
  made.create_at = core.stamp();
  made.update_at = made.create_at;
  channel.last_post_at = made.create_at;
  core.posts.push_back(std::move(made));
  Post& post = core.posts.back();
  const std::string sender = sender_of(post, author, channel);
  const PostView view{.replies = post.root.empty() ? 0 : replies_to(core, post), .pending = true};
  Json data = {{"channel_display_name", channel.type == "D" ? sender : channel.display_name},
               {"channel_name", channel.name},
               {"channel_type", channel.type},
               {"post", post_json(post, view).dump()},
               {"sender_name", sender},
               {"set_online", true},
               {"team_id", channel.team}};
  const Json meant = mentioned(core, channel, post);
  if (!meant.empty()) data["mentions"] = meant.dump();
  core.sockets.publish("posted", std::move(data), {.channel = channel.id});
  return post;
}

void system_post(Core& core, const std::string& user, const std::string& channel, const std::string& type,
                 const std::string& message, Json props) {
  Draft draft;
  draft.user = user;
  draft.channel = channel;
  draft.type = type;
  draft.message = message;
  draft.props = std::move(props);
  store(core, std::move(draft));
}

void send_ephemeral(Core& core, const std::string& to, Draft draft) {
  Post post;
  post.id = core.new_id();
  post.user = draft.user;
  post.channel = draft.channel;
  post.root = draft.root;
  post.message = std::move(draft.message);
  post.type = "system_ephemeral";
  post.create_at = core.stamp();
  Json props = kept_props(core, std::move(draft.props));
  post.props = with_cookies(core, std::move(props), post.id, post.channel);
  core.ephemerals.push_back({to, post});
  core.sockets.publish("ephemeral_message", {{"post", post_json(post).dump()}},
                       {.user = to, .channel = post.channel});
}

void rewrite(Core& core, Post& post, std::string message, Json props) {
  Post old;
  old.id = core.new_id();
  old.user = post.user;
  old.channel = post.channel;
  old.root = post.root;
  old.original = post.id;
  old.create_at = post.create_at;
  old.update_at = core.stamp();
  old.delete_at = old.update_at;
  post.update_at = old.update_at;
  // Other props alone are no edit (server source, app/post.go: message, files or attachments).
  const auto attachments = [](const Json& of) { return of.value("attachments", Json::array()); };
  if (post.message != message || attachments(post.props) != attachments(props)) post.edit_at = old.update_at;
  post.message = std::move(message);
  post.props = std::move(props);
  core.posts.push_back(std::move(old));
  tell_edited(core, post);
}

void tell_edited(Core& core, const Post& post) {
  const Json told = post_json(post, {.replies = replies_to(core, post)});
  core.sockets.publish("post_edited", {{"post", told.dump()}}, {.channel = post.channel});
}

}  // namespace jitbot::mattermost_stand_in
