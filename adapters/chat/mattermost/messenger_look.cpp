#include "adapters/chat/mattermost/channel_id.hpp"
#include "adapters/chat/mattermost/ids.hpp"
#include "adapters/chat/mattermost/messenger.hpp"
#include "adapters/chat/read/json_read.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace jitbot::mattermost {

namespace {

using Json = nlohmann::json;

using chat::flag_at;
using chat::number_at;
using chat::text_at;

ChannelInfo channel_info(const Json& channel) {
  ChannelInfo info;
  info.id = platform_channel(text_at(channel, {"id"}));
  info.name = text_at(channel, {"name"});
  info.shared_outside = flag_at(channel, {"shared"});
  info.archived = number_at(channel, {"delete_at"}) != 0;
  info.is_private = text_at(channel, {"type"}) != "O";
  return info;
}

}  // namespace

Task<Result<std::shared_ptr<const Json>>> Messenger::describe_channel(std::string name_or_id) {
  std::string bare = bare_channel(name_or_id);
  std::string path = "/channels/" + bare;
  if (!is_id(bare)) {
    const std::string name = bare.starts_with('#') ? bare.substr(1) : bare;
    if (!is_channel_name(name)) {
      co_return fail(ErrorKind::not_found, "there is no channel " + name_or_id, "no channel name");
    }
    path = "/teams/" + self_.team + "/channels/name/" + name + "?include_deleted=true";
  }
  const auto reply = co_await rest_.get(std::move(path));
  if (!reply) {
    Error error = reply.error().error;
    // One that is private, and that we are not in, is refused: to us it is not there.
    if (error.kind == ErrorKind::refused) error.kind = ErrorKind::not_found;
    if (error.kind == ErrorKind::not_found)
      error.message = "there is no channel " + name_or_id + " that I can see";
    co_return tl::make_unexpected(std::move(error));
  }
  if (!is_id(text_at(*reply->body, {"id"}))) {
    co_return fail(ErrorKind::not_found, "Mattermost does not describe the channel", "channels: no id");
  }
  co_return reply->body;
}

Task<Result<bool>> Messenger::is_member(std::string channel) {
  const auto reply = co_await rest_.get("/channels/" + channel + "/members/" + self_.user);
  if (reply) co_return true;
  const ErrorKind kind = reply.error().error.kind;
  if (kind == ErrorKind::not_found || kind == ErrorKind::refused) co_return false;
  co_return tl::make_unexpected(reply.error().error);
}

Task<Result<ChannelInfo>> Messenger::channel(std::string name_or_id) {
  auto described = co_await describe_channel(std::move(name_or_id));
  if (!described) co_return tl::make_unexpected(std::move(described).error());
  ChannelInfo info = channel_info(**described);
  auto member = co_await is_member(bare_channel(info.id));
  if (!member) co_return tl::make_unexpected(std::move(member).error());
  info.member = *member;
  co_return info;
}

Task<Result<std::shared_ptr<const Json>>> Messenger::message(std::string id) {
  if (!is_id(id)) co_return fail(ErrorKind::not_found, "there is no such message", "no post id");
  const auto reply = co_await rest_.get("/posts/" + id);
  if (!reply) co_return tl::make_unexpected(reply.error().error);
  if (text_at(*reply->body, {"id"}) != id)
    co_return fail(ErrorKind::unavailable, "Mattermost does not show the message", "posts: another id");
  co_return reply->body;
}

Task<Result<std::vector<Reacted>>> Messenger::reactions(std::string post) {
  if (!is_id(post)) co_return fail(ErrorKind::not_found, "there is no such message", "no post id");
  const auto reply = co_await rest_.get("/posts/" + post + "/reactions");
  if (!reply) co_return tl::make_unexpected(reply.error().error);
  std::vector<Reacted> reactions;
  if (reply->body->is_null()) co_return reactions;
  if (!reply->body->is_array())
    co_return fail(ErrorKind::unavailable, "Mattermost does not list the reactions", "reactions: no list");
  for (const Json& reaction : *reply->body) {
    // One that was taken back and put there again keeps when it was made first, which is also what whoever
    // reacts may claim; when it was put there last, the server alone says. Older ones know no such time.
    const auto stamped = number_at(reaction, {"update_at"});
    const auto at = stamped != 0 ? stamped : number_at(reaction, {"create_at"});
    Reacted one{text_at(reaction, {"user_id"}), text_at(reaction, {"emoji_name"}), time_from_ms(at)};
    const bool there = number_at(reaction, {"delete_at"}) == 0 && text_at(reaction, {"post_id"}) == post;
    if (there && is_id(one.user)) reactions.push_back(std::move(one));
  }
  co_return reactions;
}

Task<Result<void>> Messenger::put_props(std::string post, Json props) {
  auto body = std::make_shared<const Json>(Json{{"props", std::move(props)}});
  const auto reply = co_await rest_.put("/posts/" + post + "/patch", std::move(body));
  if (!reply) co_return tl::make_unexpected(reply.error().error);
  co_return Result<void>{};
}

Task<Result<void>> Messenger::open_dialog(std::shared_ptr<const Json> body, Millis patience) {
  RestCall call;
  call.method = "POST";
  call.path = "/actions/dialogs/open";
  call.body = std::move(body);
  call.repeat = Repeat::never;
  call.patience = patience;
  call.as = As::nobody;  // the trigger id in it is the credential
  const auto reply = co_await rest_.call(std::move(call));
  if (!reply) co_return tl::make_unexpected(reply.error().error);
  co_return Result<void>{};
}

}  // namespace jitbot::mattermost
