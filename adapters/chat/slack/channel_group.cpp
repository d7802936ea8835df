#include "adapters/chat/slack/channel_group.hpp"

#include "adapters/chat/slack/json_read.hpp"
#include "adapters/chat/slack/text_in.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace jitbot::slack {

namespace {

using Json = nlohmann::json;
using Fields = std::vector<net::FormField>;
using People = std::set<PrincipalId>;

constexpr std::string_view k_prefix = "slack:channel/";
constexpr int k_most_pages = 50;  // of 1 000 members each

bool is_true(const Json& json, std::string_view flag) {
  const Json* value = member(json, flag);
  return value != nullptr && value->is_boolean() && value->get<bool>();
}

Error without_answer(const ApiFault& fault, const std::string& channel) {
  if (fault.code == "channel_not_found") {
    return {ErrorKind::refused,
            fmt::format("I am not in a channel {}, or there is none, so it names nobody", channel),
            "channel_not_found"};
  }
  return fault.error;
}

// What is no list of people is no answer at all.
Result<std::string> add_page(const Json& body, const Self& self, People& members) {
  const Json* users = member(body, "members");
  if (users == nullptr || !users->is_array()) {
    return fail(ErrorKind::unavailable, "Slack does not list the channel's members",
                "conversations.members: no members");
  }
  for (const Json& user : *users) {
    if (!user.is_string() || !is_user_id(user.get_ref<const std::string&>())) continue;
    if (user.get_ref<const std::string&>() != self.user)
      members.insert(PrincipalId{self.workspace(), user.get<std::string>()});
  }
  return text_at(body, {"response_metadata", "next_cursor"});
}

}  // namespace

std::optional<std::string> channel_of_source(std::string_view source) {
  if (!source.starts_with(k_prefix)) return std::nullopt;
  std::string id(source.substr(k_prefix.size()));
  if (!is_channel_id(id) || id.starts_with('D')) return std::nullopt;
  return id;
}

std::string source_of_channel(const std::string& channel) {
  return std::string(k_prefix) + channel;
}

std::optional<NoGroup> why_no_group(const Json& channel) {
  const std::string name = clean_text(text_at(channel, {"name"}));
  const std::string called = name.empty() ? text_at(channel, {"id"}) : "#" + name;
  // A flag in doubt counts as what forbids it.
  if (flag_at(channel, {"is_im"}) || flag_at(channel, {"is_mpim"}))
    return NoGroup{called + " is a conversation and no channel, so it names nobody",
                   "name a private channel in the policy"};
  if (flag_at(channel, {"is_archived"}))
    return NoGroup{called + " is archived, so it names nobody",
                   "unarchive it in Slack, or name another channel in the policy"};
  for (const char* shared : {"is_ext_shared", "is_pending_ext_shared"}) {
    if (flag_at(channel, {shared}))
      return NoGroup{called + " is shared with another organisation, or about to be, so it names nobody",
                     "name a channel of your own organisation alone in the policy"};
  }
  if (!is_true(channel, "is_private"))
    return NoGroup{called + " is public: anybody could join it, so it names nobody",
                   "make it private in Slack, or name another channel in the policy"};
  if (!is_true(channel, "is_member"))
    return NoGroup{"I am not in " + called + ", so it names nobody", "invite me there"};
  return std::nullopt;
}

Task<Result<People>> members_of_channel(WebApi& api, std::string channel, Self self) {
  Fields about;
  about.push_back({"channel", channel});
  auto info = co_await api.call("conversations.info", std::move(about));
  if (!info) co_return tl::make_unexpected(without_answer(info.error(), channel));
  const Json* described = member(*info->body, "channel");
  if (described == nullptr || text_at(*described, {"id"}) != channel) {
    co_return fail(ErrorKind::unavailable, "Slack does not describe the channel",
                   "conversations.info: another channel, or none");
  }
  if (auto why = why_no_group(*described)) co_return fail(ErrorKind::refused, std::move(why->why));
  People members;
  std::string cursor;
  for (int page = 0; page < k_most_pages; ++page) {
    Fields fields;
    fields.push_back({"channel", channel});
    fields.push_back({"limit", "1000"});
    if (!cursor.empty()) fields.push_back({"cursor", cursor});
    auto reply = co_await api.call("conversations.members", std::move(fields));
    if (!reply) co_return tl::make_unexpected(without_answer(reply.error(), channel));
    auto next = add_page(*reply->body, self, members);
    if (!next) co_return tl::make_unexpected(std::move(next).error());
    if (next->empty()) co_return members;
    cursor = std::move(*next);
  }
  co_return fail(ErrorKind::refused, "channel " + channel + " has too many members to be a group");
}

}  // namespace jitbot::slack
