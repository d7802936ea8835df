#include "adapters/chat/sandbox/web_api.hpp"
#include "adapters/chat/sandbox/wire_json.hpp"

// users.* and usergroups.*
namespace jitbot::sandbox {

using Json = nlohmann::json;

namespace {

Detail email_detail(const Core& core) {
  return has_scope(core, "users:read.email") ? Detail::full : Detail::without_email;
}

// People of another company are visible while they share a channel with the bot.
bool visible(const World& world, const Person& person) {
  if (person.kind != PersonKind::stranger) return true;
  for (const Channel& channel : world.channels) {
    if (channel.members.contains(person.id) && channel.members.contains(world.bot.user_id)) return true;
  }
  return false;
}

Json users_info(Core& core, const Args& args) {
  if (!args.has("user")) return missing_argument("user");
  const World& world = core.workspace.world;
  const std::string id = args.text("user");
  if (id == world.bot.user_id) return {{"ok", true}, {"user", bot_user_json(world)}};
  if (id == "USLACKBOT") {
    // Slackbot has is_bot=false, as the real one.
    return {{"ok", true},
            {"user",
             {{"id", id},
              {"team_id", world.team_id},
              {"name", "slackbot"},
              {"deleted", false},
              {"is_bot", false},
              {"is_app_user", false},
              {"profile", {{"real_name", "Slackbot"}}}}}};
  }
  const Person* person = world.find_person(id);
  if (person == nullptr || person->id != id) return api_error("user_not_found");
  if (!visible(world, *person)) return api_error("user_not_visible");
  return {{"ok", true}, {"user", user_json(world, *person, email_detail(core))}};
}

Json users_list(Core& core, const Args& args) {
  const World& world = core.workspace.world;
  Json all = Json::array({bot_user_json(world)});
  for (const Person& person : world.people) {
    if (person.kind != PersonKind::stranger) all.push_back(user_json(world, person, email_detail(core)));
  }
  const auto page = paginate(args, all.size(), 200);
  if (!page) return api_error("invalid_cursor");
  Json members = Json::array();
  for (std::size_t i = page->begin; i < page->end; ++i) members.push_back(all[i]);
  return {{"ok", true},
          {"members", std::move(members)},
          {"cache_ts", 1'700'000'000},
          {"response_metadata", {{"next_cursor", page->next_cursor}}}};
}

Json lookup_by_email(Core& core, const Args& args) {
  if (!args.has("email")) return missing_argument("email");
  const World& world = core.workspace.world;
  for (const Person& person : world.people) {
    const bool ours = person.kind != PersonKind::stranger && !person.deactivated;
    if (ours && !person.email.empty() && person.email == args.text("email")) {
      return {{"ok", true}, {"user", user_json(world, person, Detail::full)}};
    }
  }
  return api_error("users_not_found");
}

// docs.slack.dev/reference/methods/bots.info
Json bots_info(Core& core, const Args& args) {
  const World& world = core.workspace.world;
  if (args.text("bot") != world.bot.bot_id) return api_error("bot_not_found");
  return {{"ok", true},
          {"bot",
           {{"id", world.bot.bot_id},
            {"deleted", false},
            {"name", world.bot.name},
            {"updated", 1'700'000'000},
            {"app_id", core.options.app_id},
            {"user_id", world.bot.user_id}}}};
}

Json groups_list(Core& core, const Args& args) {
  const World& world = core.workspace.world;
  Json groups = Json::array();
  for (const UserGroup& group : world.groups) {
    if (group.disabled && !args.flag("include_disabled")) continue;
    groups.push_back(
        group_json(world, group, args.flag("include_users") ? Detail::full : Detail::without_email));
  }
  return {{"ok", true}, {"usergroups", std::move(groups)}};
}

Json group_users(Core& core, const Args& args) {
  if (!args.has("usergroup")) return missing_argument("usergroup");
  const std::string id = args.text("usergroup");
  const UserGroup* group = core.workspace.world.find_group(id);
  if (group == nullptr || group->id != id) return api_error("no_such_subteam");
  if (group->disabled && !args.flag("include_disabled")) return api_error("no_such_subteam");
  return {{"ok", true}, {"users", group->members}};
}

}  // namespace

std::vector<MethodRule> directory_methods() {
  return {{"users.info", Tier::t4, {"users:read"}, users_info},
          {"bots.info", Tier::t3, {"users:read"}, bots_info},
          {"users.list", Tier::t2, {"users:read"}, users_list},
          {"users.lookupByEmail", Tier::t3, {"users:read.email"}, lookup_by_email},
          {"usergroups.list", Tier::t2, {"usergroups:read"}, groups_list},
          {"usergroups.users.list", Tier::t2, {"usergroups:read"}, group_users}};
}

}  // namespace jitbot::sandbox
