#include "adapters/chat/mattermost/groups.hpp"

#include "adapters/chat/mattermost/ids.hpp"
#include "adapters/chat/mattermost/text_in.hpp"
#include "adapters/chat/read/json_read.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace jitbot::mattermost {

namespace {

using Json = nlohmann::json;
using People = std::set<PrincipalId>;

using chat::flag_at;
using chat::member;
using chat::number_at;
using chat::text_at;

constexpr int k_page = 200;  // the most that the server gives at once
constexpr int k_most_pages = 100;

// "refused" and "not found" are the same to us: the server hides what we may not see.
Error without_channel(const RestFault& fault, const std::string& channel) {
  const bool hidden = fault.error.kind == ErrorKind::refused || fault.error.kind == ErrorKind::not_found;
  if (!hidden || fault.status == 401) return fault.error;
  return {ErrorKind::refused, "I am not in a channel " + channel + ", or there is none, so it names nobody",
          fault.error.detail};
}

// Adds a page's people; how many there were. What is no list of people is no answer at all.
Result<std::size_t> add_page(const Json* list, const char* field, const Self& self, People& members) {
  if (list == nullptr || !list->is_array()) {
    return fail(ErrorKind::unavailable, "Mattermost does not list the members", "members: no list");
  }
  for (const Json& one : *list) {
    std::string id = text_at(one, {field});
    if (is_id(id) && id != self.user) members.insert(self.principal(std::move(id)));
  }
  return list->size();
}

Error too_many(const std::string& what) {
  return {ErrorKind::refused, what + " has too many members to be a group", "members: gave up"};
}

}  // namespace

std::optional<NoGroup> why_no_group(const Json& channel) {
  const std::string type = text_at(channel, {"type"});
  const std::string name = clean_text(text_at(channel, {"name"}));
  const std::string called = name.empty() ? text_at(channel, {"id"}) : "#" + name;
  if (type == "D" || type == "G")
    return NoGroup{called + " is a conversation and no channel, so it names nobody",
                   "name a private channel in the policy"};
  if (number_at(channel, {"delete_at"}) != 0)
    return NoGroup{called + " is archived, so it names nobody",
                   "unarchive it in Mattermost, or name another channel in the policy"};
  if (flag_at(channel, {"shared"}))
    return NoGroup{called + " is shared with another server, so it names nobody",
                   "name a channel of your own server alone in the policy"};
  if (type != "P")
    return NoGroup{called + " is public: anybody could join it, so it names nobody",
                   "make it private in Mattermost, or name another channel in the policy"};
  return std::nullopt;
}

Task<Result<People>> members_of_channel(Rest& rest, std::string channel, Self self) {
  const auto info = co_await rest.get("/channels/" + channel);
  if (!info) co_return tl::make_unexpected(without_channel(info.error(), channel));
  if (text_at(*info->body, {"id"}) != channel) {
    co_return fail(ErrorKind::unavailable, "Mattermost does not describe the channel",
                   "channels: another channel, or none");
  }
  if (auto why = why_no_group(*info->body)) co_return fail(ErrorKind::refused, std::move(why->why));
  People members;
  for (int page = 0; page < k_most_pages; ++page) {
    const auto reply =
        co_await rest.get(fmt::format("/channels/{}/members?page={}&per_page={}", channel, page, k_page));
    if (!reply) co_return tl::make_unexpected(without_channel(reply.error(), channel));
    const auto listed = add_page(reply->body.get(), "user_id", self, members);
    if (!listed) co_return tl::make_unexpected(listed.error());
    if (*listed < static_cast<std::size_t>(k_page)) co_return members;
  }
  co_return tl::make_unexpected(too_many("channel " + channel));
}

Task<Result<People>> members_of_group(Rest& rest, std::string group, Self self) {
  const auto info = co_await rest.get("/groups/" + group);
  if (!info) co_return tl::make_unexpected(info.error().error);
  if (number_at(*info->body, {"delete_at"}) != 0 || text_at(*info->body, {"id"}) != group)
    co_return fail(ErrorKind::refused, "group " + group + " is deleted, so it names nobody");
  People members;
  std::size_t all = 0;
  for (int page = 0; page < k_most_pages; ++page) {
    const auto reply =
        co_await rest.get(fmt::format("/groups/{}/members?page={}&per_page={}", group, page, k_page));
    if (!reply) co_return tl::make_unexpected(reply.error().error);
    const auto listed = add_page(member(*reply->body, "members"), "id", self, members);
    if (!listed) co_return tl::make_unexpected(listed.error());
    all += *listed;
    const auto told =
        static_cast<std::size_t>(std::max<std::int64_t>(number_at(*reply->body, {"total_member_count"}), 0));
    if (*listed == static_cast<std::size_t>(k_page)) continue;
    if (told <= all) co_return members;
    co_return fail(ErrorKind::unavailable, "Mattermost does not list all members of the group",
                   fmt::format("groups/members: {} of {}", all, told));
  }
  co_return tl::make_unexpected(too_many("group " + group));
}

}  // namespace jitbot::mattermost
