#include "adapters/chat/sandbox/directory.hpp"

#include "adapters/chat/sandbox/ids.hpp"
#include "adapters/chat/sandbox/wire_json.hpp"

#include <algorithm>

namespace jitbot::sandbox::directory {

using Json = nlohmann::json;

namespace {

auto no_person(const std::string& who) {
  return fail(ErrorKind::not_found, "there is no person " + who);
}
auto no_channel(const std::string& which) {
  return fail(ErrorKind::not_found, "there is no channel " + which);
}
auto no_group(const std::string& which) {
  return fail(ErrorKind::not_found, "there is no user group " + which);
}

Result<void> changed(Core& core, const Person& person) {
  Json event = {{"type", "user_change"},
                {"user", user_json(core.workspace.world, person, Detail::full)},
                {"cache_ts", seconds_of(core.clock.now())}};
  send_event(core, std::move(event));
  core.workspace.changes.touch();
  return {};
}

// Private channels have events of their own.
std::string type_for(const Channel& channel, const std::string& what) {
  return (channel.is_private ? "group_" : "channel_") + what;
}

Json ids_missing_in(const std::vector<std::string>& of, const std::vector<std::string>& in) {
  Json out = Json::array();
  for (const std::string& id : of) {
    if (std::ranges::find(in, id) == in.end()) out.push_back(id);
  }
  return out;
}

}  // namespace

Result<void> add_person(Core& core, Person person) {
  World& world = core.workspace.world;
  if (world.find_person(person.id) != nullptr || world.find_person(person.name) != nullptr) {
    return fail(ErrorKind::conflict, "there is a person " + person.name + " already");
  }
  world.people.push_back(std::move(person));
  send_event(core, {{"type", "team_join"}, {"user", user_json(world, world.people.back(), Detail::full)}});
  core.workspace.changes.touch();
  return {};
}

Result<void> set_active(Core& core, const std::string& user, Change change) {
  Person* person = core.workspace.world.find_person(user);
  if (person == nullptr) return no_person(user);
  person->deactivated = change == Change::deactivate;
  return changed(core, *person);
}

Result<void> set_email(Core& core, const std::string& user, NewEmail email) {
  Person* person = core.workspace.world.find_person(user);
  if (person == nullptr) return no_person(user);
  person->email = std::move(email.email);
  return changed(core, *person);
}

Result<void> set_kind(Core& core, const std::string& user, PersonKind kind) {
  Person* person = core.workspace.world.find_person(user);
  if (person == nullptr) return no_person(user);
  person->kind = kind;
  return changed(core, *person);
}

Result<void> set_group_members(Core& core, const std::string& which, std::vector<std::string> members) {
  World& world = core.workspace.world;
  UserGroup* group = world.find_group(which);
  if (group == nullptr) return no_group(which);
  std::vector<std::string> ids;
  for (const std::string& member : members) {
    const Person* person = world.find_person(member);
    if (person == nullptr) return no_person(member);
    ids.push_back(person->id);
  }
  const Json added = ids_missing_in(ids, group->members);
  const Json removed = ids_missing_in(group->members, ids);
  const long long before = group->updated;
  group->members = std::move(ids);
  group->updated = seconds_of(core.clock.now());
  send_event(core, {{"type", "subteam_members_changed"},
                    {"subteam_id", group->id},
                    {"team_id", world.team_id},
                    {"date_previous_update", before},
                    {"date_update", group->updated},
                    {"added_users", added},
                    {"added_users_count", std::to_string(added.size())},
                    {"removed_users", removed},
                    {"removed_users_count", std::to_string(removed.size())}});
  send_event(core, {{"type", "subteam_updated"}, {"subteam", group_json(world, *group, Detail::full)}});
  core.workspace.changes.touch();
  return {};
}

Result<void> set_group_enabled(Core& core, const std::string& which, Switch enabled) {
  UserGroup* group = core.workspace.world.find_group(which);
  if (group == nullptr) return no_group(which);
  group->disabled = enabled == Switch::off;
  group->updated = seconds_of(core.clock.now());
  send_event(core, {{"type", "subteam_updated"},
                    {"subteam", group_json(core.workspace.world, *group, Detail::full)}});
  core.workspace.changes.touch();
  return {};
}

Result<void> set_membership(Core& core, const std::string& which, const std::string& who, Membership change) {
  World& world = core.workspace.world;
  Channel* channel = world.find_channel(which);
  if (channel == nullptr) return no_channel(which);
  const Person* person = world.find_person(who);
  const bool bot = who == world.bot.user_id || who == world.bot.name;
  if (person == nullptr && !bot) return no_person(who);
  const std::string id = bot ? world.bot.user_id : person->id;
  if (change == Membership::join) {
    channel->members.insert(id);
  } else {
    channel->members.erase(id);
  }
  send_event(core, {{"type", change == Membership::join ? "member_joined_channel" : "member_left_channel"},
                    {"user", id},
                    {"channel", channel->id},
                    {"channel_type", channel->is_private ? "G" : "C"},
                    {"team", person == nullptr ? world.team_id : world.team_of(*person)}});
  core.workspace.changes.touch();
  return {};
}

Result<void> archive(Core& core, const std::string& which, Switch archived) {
  Channel* channel = core.workspace.world.find_channel(which);
  if (channel == nullptr) return no_channel(which);
  channel->is_archived = archived == Switch::on;
  // Here `channel` is a string; in a rename it is an object.
  send_event(core, {{"type", type_for(*channel, archived == Switch::on ? "archive" : "unarchive")},
                    {"channel", channel->id},
                    {"user", "U0ERIN001"}});
  core.workspace.changes.touch();
  return {};
}

Result<void> rename(Core& core, const std::string& which, NewName name) {
  World& world = core.workspace.world;
  Channel* channel = world.find_channel(which);
  if (channel == nullptr || channel->is_dm()) return no_channel(which);
  if (world.find_channel(name.name) != nullptr) return fail(ErrorKind::conflict, "name_taken");
  channel->previous_names.push_back(channel->name);
  channel->name = std::move(name.name);
  send_event(core, {{"type", type_for(*channel, "rename")},
                    {"channel",
                     {{"id", channel->id},
                      {"is_channel", true},
                      {"is_mpim", false},
                      {"name", channel->name},
                      {"name_normalized", channel->name},
                      {"created", 1'700'000'000}}}});
  core.workspace.changes.touch();
  return {};
}

// Slack tells of it in the channel alone: apps get no event.
Result<void> make_private(Core& core, const std::string& which, Switch is_private) {
  Channel* channel = core.workspace.world.find_channel(which);
  if (channel == nullptr || channel->is_dm()) return no_channel(which);
  channel->is_private = is_private == Switch::on;
  core.workspace.changes.touch();
  return {};
}

Result<void> share(Core& core, const std::string& which, Switch shared) {
  Channel* channel = core.workspace.world.find_channel(which);
  if (channel == nullptr || channel->is_dm()) return no_channel(which);
  channel->is_ext_shared = shared == Switch::on;
  send_event(core, {{"type", shared == Switch::on ? "channel_shared" : "channel_unshared"},
                    {"connected_team_id", "T0VENDOR1"},
                    {"channel", channel->id}});
  core.workspace.changes.touch();
  return {};
}

}  // namespace jitbot::sandbox::directory
