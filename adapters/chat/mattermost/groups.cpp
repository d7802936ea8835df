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
bool is_hidden(const RestFault& fault) {
  return fault.error.kind == ErrorKind::not_found ||
         (fault.error.kind == ErrorKind::refused && fault.status != 401);
}

Error without_channel(const RestFault& fault, const std::string& channel) {
  if (!is_hidden(fault)) return fault.error;
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
    if (number_at(one, {"delete_at"}) != 0) continue;
    if (is_id(id) && id != self.user) members.insert(self.principal(std::move(id)));
  }
  return list->size();
}

Error without_team(const RestFault& fault, const std::string& team) {
  if (!is_hidden(fault)) return fault.error;
  return {ErrorKind::refused, "I am not in a team " + team + ", or there is none, so it names nobody",
          fault.error.detail};
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

std::optional<NoGroup> why_no_team(const Json& team) {
  const std::string name = clean_text(text_at(team, {"name"}));
  if (number_at(team, {"delete_at"}) != 0)
    return NoGroup{"team " + name + " is archived, so it names nobody",
                   "unarchive it in Mattermost, or name another team in the policy"};
  if (flag_at(team, {"allow_open_invite"}))
    return NoGroup{"team " + name + " lets anybody of the server in, so it names nobody",
                   "switch that off in the team's settings, or name a private channel in the policy"};
  return std::nullopt;
}

// Pages as those of channels, which were captured (rest_channel_members.json).
Task<Result<People>> members_of_team(Rest& rest, std::string id_or_name, Self self) {
  std::string path = "/teams/name/" + id_or_name;
  if (is_id(id_or_name)) path = "/teams/" + id_or_name;
  const auto info = co_await rest.get(std::move(path));
  if (!info) co_return tl::make_unexpected(without_team(info.error(), id_or_name));
  const std::string team = text_at(*info->body, {"id"});
  if (!is_id(team) || (id_or_name != team && id_or_name != text_at(*info->body, {"name"})))
    co_return fail(ErrorKind::unavailable, "Mattermost does not describe the team",
                   "teams: another, or none");
  if (auto why = why_no_team(*info->body)) co_return fail(ErrorKind::refused, std::move(why->why));
  People members;
  for (int page = 0; page < k_most_pages; ++page) {
    const auto reply =
        co_await rest.get(fmt::format("/teams/{}/members?page={}&per_page={}", team, page, k_page));
    if (!reply) co_return tl::make_unexpected(without_team(reply.error(), id_or_name));
    const auto listed = add_page(reply->body.get(), "user_id", self, members);
    if (!listed) co_return tl::make_unexpected(listed.error());
    if (*listed < static_cast<std::size_t>(k_page)) co_return members;
  }
  co_return tl::make_unexpected(too_many("team " + id_or_name));
}

Task<Result<bool>> is_in_team(Rest& rest, std::string team, std::string user) {
  const auto reply = co_await rest.get("/teams/" + team + "/members/" + user);
  if (!reply && is_hidden(reply.error())) co_return false;
  if (!reply) co_return tl::make_unexpected(reply.error().error);
  if (text_at(*reply->body, {"user_id"}) != user || text_at(*reply->body, {"team_id"}) != team)
    co_return fail(ErrorKind::unavailable, "Mattermost does not say who is in the team",
                   "teams: somebody else");
  co_return number_at(*reply->body, {"delete_at"}) == 0;
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
