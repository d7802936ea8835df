#include "tests/support/mattermost/posting.hpp"
#include "tests/support/mattermost/routes.hpp"
#include "tests/support/mattermost/wire_json.hpp"

#include <algorithm>
#include <array>

// Who is in the team and in its channels.
namespace jitbot::mattermost_stand_in {

namespace {

Answer no_member() {
  return failure(404, "app.channel.get_member.missing.app_error",
                 "No channel member found for that user ID and channel ID.");
}

// The channel of the path, when the caller may look into it.
const Channel* readable(Core& core, const Call& call) {
  const Channel* channel = core.channel(call.parts[0]);
  if (channel == nullptr || !core.may_read(*channel, *core.user(call.user))) return nullptr;
  return channel;
}

Answer team_by_name(Core& core, const Call& call) {
  if (text_of(core.team_json, "name") != call.parts[0])
    return failure(404, "app.team.get_by_name.missing.app_error", "Unable to find the existing team.");
  const bool in = core.team_members.contains(call.user) || core.user(call.user)->admin();
  return in ? good(core.team_json) : forbidden();
}

Answer get_team(Core& core, const Call& call) {
  if (call.parts[0] != core.team)
    return failure(404, "app.team.get.find.app_error", "Unable to find the existing team.");
  const bool in = core.team_members.contains(call.user) || core.user(call.user)->admin();
  return in ? good(core.team_json) : forbidden();
}

Answer teams(Core& core, const Call& call) {
  const std::string user = call.parts.empty() ? call.user : whom(call, 0);
  Json list = Json::array();
  const bool all = call.parts.empty() && core.user(user)->admin() && !core.team.empty();
  if (all || core.team_members.contains(user)) list.push_back(core.team_json);
  return good(list);
}

Answer team_member(Core& core, const Call& call) {
  const std::string user = whom(call, 1);
  if (core.team_members.contains(user)) return good(team_member_json(core, user));
  return failure(404, "app.team.get_member.missing.app_error",
                 "No team member found for that user ID and team ID.");
}

Answer team_members(Core& core, const Call& call) {
  if (!core.team_members.contains(call.user) && !core.user(call.user)->admin()) return forbidden();
  const auto per_page = static_cast<std::size_t>(std::min(200, call.asked_number("per_page", 60)));
  const std::size_t first = static_cast<std::size_t>(call.asked_number("page", 0)) * per_page;
  Json page = Json::array();
  std::size_t index = 0;
  for (const std::string& user : core.team_members) {
    if (index >= first && index < first + per_page) page.push_back(team_member_json(core, user));
    ++index;
  }
  return good(page);
}

Answer add_to_team(Core& core, const Call& call) {
  const std::string user = text_of(call.body, "user_id");
  if (core.user(user) == nullptr) return bad_body("user_id");
  if (call.user != user && !core.user(call.user)->admin()) return forbidden();
  const bool fresh = core.team_members.insert(user).second;
  for (auto& [id, channel] : core.channels) {
    if (channel.name == "town-square" || channel.name == "off-topic") channel.members.insert(user);
  }
  if (fresh) {
    core.sockets.publish("added_to_team", {{"team_id", core.team}, {"user_id", user}}, {.user = user});
  }
  return good(team_member_json(core, user), 201);
}

Answer members(Core& core, const Call& call) {
  const Channel* channel = readable(core, call);
  if (channel == nullptr) return forbidden();
  const auto per_page = static_cast<std::size_t>(std::min(200, call.asked_number("per_page", 60)));
  const std::size_t first = static_cast<std::size_t>(call.asked_number("page", 0)) * per_page;
  Json page = Json::array();
  std::size_t index = 0;
  for (const std::string& user : channel->members) {
    if (index >= first && index < first + per_page) page.push_back(channel_member_json(core, *channel, user));
    ++index;
  }
  return good(page);
}

Answer member(Core& core, const Call& call) {
  const Channel* channel = readable(core, call);
  if (channel == nullptr) return forbidden();
  const std::string user = whom(call, 1);
  return channel->members.contains(user) ? good(channel_member_json(core, *channel, user)) : no_member();
}

Answer members_by_ids(Core& core, const Call& call) {
  const Channel* channel = readable(core, call);
  if (channel == nullptr) return forbidden();
  Json found = Json::array();
  for (const std::string& user : texts_of(call.body)) {
    if (channel->members.contains(user)) found.push_back(channel_member_json(core, *channel, user));
  }
  return good(found);
}

Answer add_member(Core& core, const Call& call) {
  Channel* channel = core.channel(call.parts[0]);
  const std::string id = text_of(call.body, "user_id");
  const User* user = core.user(id);
  if (channel == nullptr || user == nullptr || channel->direct()) return bad_body("user_id");
  const User& caller = *core.user(call.user);
  const bool joins = id == caller.id && channel->type == "O";
  const bool may = caller.admin() || channel->members.contains(caller.id) || joins;
  if (!may || !core.team_members.contains(id)) return forbidden();
  if (!channel->members.insert(id).second) return good(channel_member_json(core, *channel, id), 201);
  core.sockets.publish("user_added", {{"team_id", core.team}, {"user_id", id}}, {.channel = channel->id});
  if (id == caller.id) {
    system_post(core, id, channel->id, "system_join_channel", user->username + " joined the channel.",
                {{"username", user->username}});
  } else {
    system_post(core, caller.id, channel->id, "system_add_to_channel",
                user->username + " added to the channel by " + caller.username + ".",
                {{"addedUserId", id},
                 {"addedUsername", user->username},
                 {"userId", caller.id},
                 {"username", caller.username}});
  }
  return good(channel_member_json(core, *channel, id), 201);
}

Answer remove_member(Core& core, const Call& call) {
  Channel* channel = core.channel(call.parts[0]);
  const std::string id = whom(call, 1);
  if (channel == nullptr) return forbidden();
  const User& caller = *core.user(call.user);
  if (id != caller.id && !caller.admin() && !channel->members.contains(caller.id)) return forbidden();
  if (channel->members.erase(id) == 0) return no_member();
  // Who is removed is told in another shape than who stays [ev_user_removed_*].
  core.sockets.publish("user_removed", {{"remover_id", caller.id}, {"user_id", id}},
                       {.channel = channel->id});
  core.sockets.publish("user_removed", {{"channel_id", channel->id}, {"remover_id", caller.id}},
                       {.user = id});
  const std::string& username = core.user(id)->username;
  system_post(core, caller.id, channel->id, "system_remove_from_channel",
              "@" + username + " removed from the channel.",
              {{"removedUserId", id}, {"removedUsername", username}});
  return done();
}

constexpr std::array k_routes = {
    Route{"GET", "/teams", teams},
    Route{"GET", "/teams/name/*", team_by_name},
    Route{"GET", "/teams/{}", get_team},
    Route{"GET", "/users/{}/teams", teams},
    Route{"GET", "/teams/{}/members", team_members},
    Route{"POST", "/teams/{}/members", add_to_team},
    Route{"GET", "/teams/{}/members/{}", team_member},
    Route{"GET", "/channels/{}/members", members},
    Route{"POST", "/channels/{}/members", add_member},
    Route{"POST", "/channels/{}/members/ids", members_by_ids},
    Route{"GET", "/channels/{}/members/{}", member},
    Route{"DELETE", "/channels/{}/members/{}", remove_member},
};

}  // namespace

std::span<const Route> member_routes() {
  return k_routes;
}

}  // namespace jitbot::mattermost_stand_in
