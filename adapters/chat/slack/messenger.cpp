#include "adapters/chat/slack/messenger.hpp"

#include "adapters/chat/slack/json_read.hpp"
#include "adapters/chat/slack/render.hpp"
#include "adapters/chat/slack/text_in.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>

namespace jitbot::slack {

namespace {

using Json = nlohmann::json;
using Fields = std::vector<net::FormField>;

constexpr unsigned k_most_pages = 50;
constexpr Millis k_clock_slack = 120s;  // our clock against Slack's, when looking for what we posted

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void put_message(Fields& fields, const Json& message) {
  fields.push_back({"text", text_at(message, {"text"})});
  if (const Json* blocks = member(message, "blocks")) fields.push_back({"blocks", dump(*blocks)});
}

// A DM that is not possible will not be, however often it is tried.
Error dm_error(Error error) {
  switch (error.kind) {
    case ErrorKind::not_found:
    case ErrorKind::invalid:
      error.kind = ErrorKind::refused;
      break;
    case ErrorKind::refused:
    case ErrorKind::conflict:
    case ErrorKind::rate_limited:
    case ErrorKind::unavailable:
    case ErrorKind::outcome_unknown:
    case ErrorKind::internal:
      break;
  }
  return error;
}

std::string slack_ts(Time time) {
  const auto ms = std::max<std::int64_t>(to_ms(time), 0);
  return fmt::format("{}.{:06}", ms / 1000, ms % 1000 * 1000);
}

ChannelInfo channel_info(const Json& channel) {
  ChannelInfo info;
  info.id = text_at(channel, {"id"});
  info.name = text_at(channel, {"name"});
  info.shared_outside = flag_at(channel, {"is_ext_shared"}) || flag_at(channel, {"is_pending_ext_shared"});
  info.archived = flag_at(channel, {"is_archived"});
  const Json* in = member(channel, "is_member");
  info.member = in != nullptr && in->is_boolean() && in->get<bool>();
  info.is_private =
      flag_at(channel, {"is_private"}) || flag_at(channel, {"is_im"}) || flag_at(channel, {"is_mpim"});
  return info;
}

}  // namespace

Task<Result<std::string>> Messenger::direct_channel(PrincipalId who) {
  if (who.workspace != self_.workspace() || !is_user_id(who.user)) {
    co_return fail(ErrorKind::refused, "that person is not in this workspace",
                   "no DM with " + to_string(who));
  }
  if (const auto known = direct_channels_.find(who.user); known != direct_channels_.end())
    co_return known->second;
  Fields fields;
  fields.push_back({"users", who.user});
  auto reply = co_await api_.call("conversations.open", std::move(fields));
  if (!reply) co_return tl::make_unexpected(dm_error(std::move(reply).error().error));
  std::string channel = text_at(*reply->body, {"channel", "id"});
  if (channel.empty())
    co_return fail(ErrorKind::refused, "no direct message is possible", "conversations.open: no id");
  direct_channels_[who.user] = channel;
  co_return channel;
}

Task<Result<std::string>> Messenger::channel_of(Place place) {
  if (place.direct) co_return co_await direct_channel(*place.direct);
  if (place.channel.empty())
    co_return fail(ErrorKind::invalid, "there is no channel to post to", "empty place");
  co_return place.channel;
}

Task<ApiResult<ApiReply>> Messenger::send(std::string method, Fields fields, Card card) {
  ApiResult<ApiReply> reply;
  for (const Dress dress : std::array{Dress::full, Dress::bare, Dress::text}) {
    Fields all = fields;
    put_message(all, render_message(card, dress, clock_.now()));
    reply = co_await api_.call(method, std::move(all));
    if (reply || !is_block_problem(reply.error().code)) break;
  }
  co_return reply;
}

Task<Result<MessageRef>> Messenger::post(Place place, Card card, std::string key) {
  auto channel = co_await channel_of(place);
  if (!channel) co_return tl::make_unexpected(std::move(channel).error());
  Fields fields;
  fields.push_back({"channel", *channel});
  if (!place.thread.empty()) fields.push_back({"thread_ts", place.thread});
  fields.push_back({"unfurl_links", "false"});
  fields.push_back({"unfurl_media", "false"});
  fields.push_back({"metadata", dump(render_metadata(key))});
  auto reply = co_await send("chat.postMessage", std::move(fields), std::move(card));
  if (!reply) {
    Error error = std::move(reply).error().error;
    if (!place.direct) co_return tl::make_unexpected(std::move(error));
    direct_channels_.erase(place.direct->user);
    co_return tl::make_unexpected(dm_error(std::move(error)));
  }
  MessageRef message{text_at(*reply->body, {"channel"}), text_at(*reply->body, {"ts"})};
  if (message.channel.empty()) message.channel = *channel;
  if (message.id.empty()) {
    co_return fail(ErrorKind::outcome_unknown, "Slack did not name the message", "chat.postMessage: no ts");
  }
  co_return message;
}

Task<Result<void>> Messenger::update(MessageRef message, Card card, std::string key) {
  Fields fields;
  fields.push_back({"channel", message.channel});
  fields.push_back({"ts", message.id});
  fields.push_back({"metadata", dump(render_metadata(key))});
  auto reply = co_await send("chat.update", std::move(fields), std::move(card));
  if (!reply) co_return tl::make_unexpected(std::move(reply).error().error);
  co_return Result<void>{};
}

std::optional<MessageRef> Messenger::ours_with(const Json& messages, const std::string& channel,
                                               const std::string& key) const {
  if (!messages.is_array()) return std::nullopt;
  for (const Json& message : messages) {
    // Any app can write such metadata: the message must be ours.
    const bool ours = (!self_.bot.empty() && text_at(message, {"bot_id"}) == self_.bot) ||
                      (!self_.user.empty() && text_at(message, {"user"}) == self_.user);
    const bool same = text_at(message, {"metadata", "event_type"}) == k_event_type &&
                      text_at(message, {"metadata", "event_payload", "key"}) == key;
    if (ours && same) return MessageRef{channel, text_at(message, {"ts"})};
  }
  return std::nullopt;
}

Task<Result<std::optional<MessageRef>>> Messenger::find(Place place, std::string key, Time since) {
  auto channel = co_await channel_of(place);
  if (!channel) co_return tl::make_unexpected(std::move(channel).error());
  const std::string method = place.thread.empty() ? "conversations.history" : "conversations.replies";
  std::string cursor;
  for (unsigned page = 0; page < k_most_pages; ++page) {
    Fields fields;
    fields.push_back({"channel", *channel});
    if (!place.thread.empty()) fields.push_back({"ts", place.thread});
    fields.push_back({"oldest", slack_ts(since - k_clock_slack)});
    fields.push_back({"inclusive", "true"});
    fields.push_back({"include_all_metadata", "true"});
    fields.push_back({"limit", "200"});
    if (!cursor.empty()) fields.push_back({"cursor", cursor});
    auto reply = co_await api_.call(method, std::move(fields));
    if (!reply) co_return tl::make_unexpected(std::move(reply).error().error);
    if (const Json* messages = member(*reply->body, "messages")) {
      auto found = ours_with(*messages, *channel, key);
      if (found) co_return found;
    }
    cursor = text_at(*reply->body, {"response_metadata", "next_cursor"});
    if (cursor.empty()) co_return std::optional<MessageRef>{};
  }
  co_return fail(ErrorKind::unavailable, "there are too many messages to look through", method + ": gave up");
}

Task<Result<void>> Messenger::post_privately(std::string channel, std::string thread, std::string user,
                                             Card card) {
  Fields fields;
  fields.push_back({"channel", channel});
  fields.push_back({"user", user});
  if (!thread.empty()) fields.push_back({"thread_ts", thread});
  auto reply = co_await send("chat.postEphemeral", std::move(fields), std::move(card));
  if (!reply) co_return tl::make_unexpected(std::move(reply).error().error);
  co_return Result<void>{};
}

Task<Result<OpenView>> Messenger::open_form(std::string trigger, std::shared_ptr<const Json> view) {
  Fields fields;
  fields.push_back({"trigger_id", trigger});
  fields.push_back({"view", dump(*view)});
  auto reply = co_await api_.call("views.open", std::move(fields));
  if (!reply) co_return tl::make_unexpected(std::move(reply).error().error);
  OpenView open{text_at(*reply->body, {"view", "id"}), text_at(*reply->body, {"view", "hash"})};
  co_return open;
}

Task<Result<std::string>> Messenger::update_form(OpenView form, std::shared_ptr<const Json> view) {
  Fields fields;
  fields.push_back({"view_id", form.id});
  if (!form.hash.empty()) fields.push_back({"hash", form.hash});
  fields.push_back({"view", dump(*view)});
  auto reply = co_await api_.call("views.update", std::move(fields));
  if (!reply) co_return tl::make_unexpected(std::move(reply).error().error);
  co_return text_at(*reply->body, {"view", "hash"});
}

Task<Result<void>> Messenger::publish_home(std::string user, std::shared_ptr<const Json> view) {
  Fields fields;
  fields.push_back({"user_id", std::move(user)});
  fields.push_back({"view", dump(*view)});
  auto reply = co_await api_.call("views.publish", std::move(fields));
  if (!reply) co_return tl::make_unexpected(std::move(reply).error().error);
  co_return Result<void>{};
}

Task<Result<std::string>> Messenger::id_of_name(std::string name) {
  std::string archived;
  std::string cursor;
  for (unsigned page = 0; page < k_most_pages; ++page) {
    Fields fields;
    fields.push_back({"types", "public_channel,private_channel"});
    fields.push_back({"limit", "200"});
    if (!cursor.empty()) fields.push_back({"cursor", cursor});
    auto reply = co_await api_.call("conversations.list", std::move(fields));
    if (!reply) co_return tl::make_unexpected(std::move(reply).error().error);
    const Json* channels = member(*reply->body, "channels");
    if (channels != nullptr && channels->is_array()) {
      for (const Json& channel : *channels) {
        if (text_at(channel, {"name"}) != name) continue;
        std::string id = text_at(channel, {"id"});
        if (!flag_at(channel, {"is_archived"})) co_return id;
        archived = std::move(id);
      }
    }
    cursor = text_at(*reply->body, {"response_metadata", "next_cursor"});
    if (cursor.empty()) break;
  }
  if (!archived.empty()) co_return archived;
  co_return fail(ErrorKind::not_found, "there is no channel #" + name + " that I can see",
                 "conversations.list");
}

Task<Result<ChannelInfo>> Messenger::channel(std::string name_or_id) {
  std::string id = name_or_id;
  if (!is_channel_id(name_or_id)) {
    std::string name = name_or_id.starts_with('#') ? name_or_id.substr(1) : name_or_id;
    auto found = co_await id_of_name(std::move(name));
    if (!found) co_return tl::make_unexpected(std::move(found).error());
    id = std::move(*found);
  }
  Fields fields;
  fields.push_back({"channel", id});
  auto reply = co_await api_.call("conversations.info", std::move(fields));
  if (!reply) co_return tl::make_unexpected(std::move(reply).error().error);
  const Json* channel = member(*reply->body, "channel");
  if (channel == nullptr || text_at(*channel, {"id"}).empty()) {
    co_return fail(ErrorKind::not_found, "Slack does not describe the channel",
                   "conversations.info: no channel");
  }
  co_return channel_info(*channel);
}

}  // namespace jitbot::slack
