#include "tests/support/mattermost/posting.hpp"
#include "tests/support/mattermost/routes.hpp"
#include "tests/support/mattermost/wire_json.hpp"

#include <algorithm>
#include <array>

namespace jitbot::mattermost_stand_in {

namespace {

Answer unknown_channel() {
  return failure(404, "app.channel.get.existing.app_error", "Unable to find the existing channel.");
}

Answer get_channel(Core& core, const Call& call) {
  const Channel* channel = core.channel(call.parts[0]);
  if (channel == nullptr) return unknown_channel();
  return core.may_read(*channel, *core.user(call.user)) ? good(channel_json(*channel)) : forbidden();
}

// The name is the last part, whether the team came by id or by name.
Answer channel_by_name(Core& core, const Call& call) {
  const Channel* channel = core.channel_named(call.parts[1]);
  const bool there =
      channel != nullptr && (channel->delete_at == 0 || call.asked("include_deleted") == "true");
  if (there && core.may_read(*channel, *core.user(call.user))) return good(channel_json(*channel));
  return failure(404, "app.channel.get_by_name.missing.app_error", "Channel does not exist.");
}

// Public ones only, even of those that the caller is in [rest_channels_search].
Answer search(Core& core, const Call& call) {
  const std::string term = text_of(call.body, "term");
  Json found = Json::array();
  for (const auto& [id, channel] : core.channels) {
    const bool fits = channel.name.starts_with(term) || channel.display_name.starts_with(term);
    if (channel.type == "O" && fits) found.push_back(channel_json(channel));
  }
  return good(found);
}

Answer channels_of(Core& core, const Call& call) {
  std::vector<const Channel*> mine;
  for (const auto& [id, channel] : core.channels) {
    if (channel.members.contains(whom(call, 0)) && channel.delete_at == 0) mine.push_back(&channel);
  }
  const auto shown = [](const Channel* channel) {
    return channel->type == "D" ? std::string() : channel->display_name;
  };
  std::ranges::sort(mine, {}, shown);
  Json list = Json::array();
  for (const Channel* channel : mine) list.push_back(channel_json(*channel));
  return good(list);
}

Answer open_direct(Core& core, const Call& call) {
  const std::vector<std::string> ids = texts_of(call.body);
  if (ids.size() != 2 || !std::ranges::all_of(ids, is_id)) return bad_body("user_ids");
  if (core.faults.database == Database::lost_warm)
    return failure(500, "web.incoming_webhook.channel.app_error", "Couldn't find the channel.");
  if (std::ranges::find(ids, call.user) == ids.end() && !core.user(call.user)->admin()) return forbidden();
  for (const std::string& id : ids) {
    if (core.user(id) == nullptr) return bad_param("user_id");
  }
  if (const Channel* there = core.direct_channel(ids[0], ids[1])) return good(channel_json(*there), 201);
  Channel made;
  made.id = core.new_id();
  made.type = "D";
  made.name = std::min(ids[0], ids[1]) + "__" + std::max(ids[0], ids[1]);
  made.creator = call.user;
  made.members = {ids[0], ids[1]};
  made.create_at = core.stamp();
  made.update_at = made.create_at;
  const Channel& channel = core.channels[made.id] = made;
  core.sockets.publish("direct_added", {{"creator_id", ids[0]}, {"teammate_id", ids[1]}},
                       {.channel = channel.id});
  return good(channel_json(channel), 201);
}

Answer open_group(Core& core, const Call& call) {
  std::vector<std::string> ids = texts_of(call.body);
  if (!std::ranges::all_of(ids, is_id)) return bad_body("user_ids");
  std::set<std::string> members(ids.begin(), ids.end());
  members.insert(call.user);
  if (members.size() < 3 || members.size() > 8) return bad_body("user_ids");
  std::string all;
  std::set<std::string> names;
  for (const std::string& id : members) {
    const User* user = core.user(id);
    if (user == nullptr) return bad_param("user_id");
    all += id;
    names.insert(user->username);
  }
  const std::string name = sha1_hex(all);
  for (const auto& [id, there] : core.channels) {
    if (there.type == "G" && there.name == name) return good(channel_json(there), 201);
  }
  Channel made;
  made.id = core.new_id();
  made.type = "G";
  made.name = name;
  for (const std::string& each : names) made.display_name += (made.display_name.empty() ? "" : ", ") + each;
  made.members = members;
  made.create_at = core.stamp();
  made.update_at = made.create_at;
  const Channel& channel = core.channels[made.id] = made;
  core.sockets.publish("group_added", {{"teammate_ids", Json(members).dump()}}, {.channel = channel.id});
  return good(channel_json(channel), 201);
}

Answer create(Core& core, const Call& call) {
  const std::string name = text_of(call.body, "name");
  const std::string type = text_of(call.body, "type");
  if (name.empty() || (type != "O" && type != "P")) return bad_body("channel");
  if (core.channel_named(name) != nullptr)
    return failure(400, "store.sql_channel.save_channel.exists.app_error",
                   "A channel with that name already exists on the same team.");
  Channel made;
  made.id = core.new_id();
  made.type = type;
  made.team = core.team;
  made.name = name;
  made.display_name = text_of(call.body, "display_name");
  made.header = text_of(call.body, "header");
  made.creator = call.user;
  made.members = {call.user};
  made.create_at = core.stamp();
  made.update_at = made.create_at;
  const Channel& channel = core.channels[made.id] = made;
  const std::string& username = core.user(call.user)->username;
  system_post(core, call.user, channel.id, "system_join_channel", username + " joined the channel.",
              {{"username", username}});
  // To the creator alone [ev_channel_created].
  core.sockets.publish("channel_created", {{"channel_id", channel.id}, {"team_id", core.team}},
                       {.user = call.user});
  return good(channel_json(channel), 201);
}

void tell_updated(Core& core, Channel& channel) {
  channel.update_at = core.stamp();
  core.sockets.publish("channel_updated", {{"channel", channel_json(channel).dump()}},
                       {.channel = channel.id});
}

// The channel of the path, when the caller may change it.
Channel* mine(Core& core, const Call& call) {
  Channel* channel = core.channel(call.parts[0]);
  if (channel == nullptr) return nullptr;
  return channel->members.contains(call.user) || core.user(call.user)->admin() ? channel : nullptr;
}

Answer patch(Core& core, const Call& call) {
  Channel* channel = mine(core, call);
  if (channel == nullptr) return forbidden();
  const std::string old = channel->display_name;
  const std::string old_header = channel->header;
  if (call.body.contains("name")) channel->name = text_of(call.body, "name");
  if (call.body.contains("display_name")) channel->display_name = text_of(call.body, "display_name");
  if (call.body.contains("header")) channel->header = text_of(call.body, "header");
  tell_updated(core, *channel);
  const Json answer = channel_json(*channel);
  const std::string& username = core.user(call.user)->username;
  if (old_header != channel->header) {
    system_post(core, call.user, channel->id, "system_header_change",
                username + " updated the channel header to: " + channel->header,
                {{"new_header", channel->header}, {"old_header", old_header}, {"username", username}});
  }
  if (old != channel->display_name) {
    system_post(
        core, call.user, channel->id, "system_displayname_change",
        username + " updated the channel display name from: " + old + " to: " + channel->display_name,
        {{"new_displayname", channel->display_name}, {"old_displayname", old}, {"username", username}});
  }
  return good(answer);
}

Answer convert(Core& core, const Call& call) {
  Channel* channel = mine(core, call);
  if (channel == nullptr) return forbidden();
  channel->type = text_of(call.body, "privacy") == "O" ? "O" : "P";
  tell_updated(core, *channel);
  const Json answer = channel_json(*channel);
  const std::string to =
      channel->type == "O"
          ? "This channel has been converted to a Public Channel and can be joined by any team member."
          : "This channel has been converted to a Private Channel.";
  system_post(core, call.user, channel->id, "system_change_chan_privacy", to,
              {{"username", core.user(call.user)->username}});
  core.sockets.publish("channel_converted", {{"channel_id", channel->id}}, {.team = core.team});
  return good(answer);
}

Answer archive(Core& core, const Call& call) {
  Channel* channel = mine(core, call);
  if (channel == nullptr) return forbidden();
  const std::string& username = core.user(call.user)->username;
  system_post(core, call.user, channel->id, "system_channel_deleted", username + " archived the channel.",
              {{"username", username}});
  channel->delete_at = core.stamp();
  channel->update_at = channel->delete_at;
  core.sockets.publish("channel_deleted", {{"channel_id", channel->id}, {"delete_at", channel->delete_at}},
                       {.team = core.team});
  return done();
}

Answer restore(Core& core, const Call& call) {
  Channel* channel = mine(core, call);
  if (channel == nullptr) return forbidden();
  channel->delete_at = 0;
  const Json answer = channel_json(*channel);
  core.sockets.publish("channel_restored", {{"channel_id", channel->id}}, {.team = core.team});
  const std::string& username = core.user(call.user)->username;
  system_post(core, call.user, channel->id, "system_channel_restored", username + " unarchived the channel.",
              {{"username", username}});
  return good(answer);
}

constexpr std::array k_routes = {
    Route{"GET", "/channels/{}", get_channel},
    Route{"GET", "/teams/{}/channels/name/*", channel_by_name},
    Route{"GET", "/teams/name/*/channels/name/*", channel_by_name},
    Route{"POST", "/teams/{}/channels/search", search},
    Route{"GET", "/users/{}/teams/{}/channels", channels_of},
    Route{"POST", "/channels/direct", open_direct},
    Route{"POST", "/channels/group", open_group},
    Route{"POST", "/channels", create},
    Route{"PUT", "/channels/{}/patch", patch},
    Route{"PUT", "/channels/{}/privacy", convert, nullptr, Access::admin},
    Route{"DELETE", "/channels/{}", archive},
    Route{"POST", "/channels/{}/restore", restore},
};

}  // namespace

std::span<const Route> channel_routes() {
  return k_routes;
}

}  // namespace jitbot::mattermost_stand_in
