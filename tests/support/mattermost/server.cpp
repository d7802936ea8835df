#include "tests/support/mattermost/routes.hpp"
#include "tests/support/mattermost/wire_json.hpp"

#include <algorithm>
#include <array>

// The server about itself: settings, health, licence.
namespace jitbot::mattermost_stand_in {

namespace {

Answer ping(Core& core, const Call& call) {
  Json health = {{"AndroidLatestVersion", ""},
                 {"AndroidMinVersion", ""},
                 {"DesktopLatestVersion", ""},
                 {"DesktopMinVersion", ""},
                 {"IosLatestVersion", ""},
                 {"IosMinVersion", ""},
                 {"status", "OK"}};
  if (call.asked("get_server_status") != "true") return good(health);
  const bool well = core.faults.database == Database::well;
  const std::string word = well ? "OK" : "UNHEALTHY";
  health["database_status"] = word;
  health["filestore_status"] = "OK";
  health["status"] = word;
  Answer answer = good(health, well ? 200 : 500);
  answer.headers = {{"database_status", word}, {"filestore_status", "OK"}, {"status", word}};
  return answer;
}

std::string flag_text(const Json& settings, const char* name) {
  return flag_of(settings, name) ? "true" : "false";
}

Answer client_config(Core& core, const Call&) {
  const Json& service = core.config["ServiceSettings"];
  Json config = {{"Version", core.options.version},
                 {"BuildNumber", "local"},
                 {"SiteURL", text_of(service, "SiteURL")},
                 {"EnableCommands", flag_text(service, "EnableCommands")},
                 {"EnablePostUsernameOverride", flag_text(service, "EnablePostUsernameOverride")},
                 {"EnableUserAccessTokens", flag_text(service, "EnableUserAccessTokens")},
                 {"EnableBotAccountCreation", flag_text(service, "EnableBotAccountCreation")},
                 {"WebsocketURL", ""},
                 {"MaxPostSize", "16383"},
                 {"PostEditTimeLimit", std::to_string(number_of(service, "PostEditTimeLimit"))},
                 {"EnableReliableWebSockets", "true"},
                 {"DiagnosticId", core.options.server_id},
                 {"TelemetryId", core.options.server_id}};
  // Shown to whoever is logged in, where they are set.
  for (const auto& [section, name] :
       {std::pair("PrivacySettings", "ShowEmailAddress"),
        std::pair("EmailSettings", "RequireEmailVerification"), std::pair("TeamSettings", "EnableOpenServer"),
        std::pair("TeamSettings", "EnableUserCreation")}) {
    const Json settings = core.config.value(section, Json::object());
    if (settings.contains(name)) config[name] = flag_text(settings, name);
  }
  if (core.options.publishes_signing_key) config["AsymmetricSigningPublicKey"] = core.signer.public_key();
  return good(config);
}

Answer get_config(Core& core, const Call&) {
  return good(core.config);
}

Answer set_config(Core& core, const Call& call) {
  if (!call.body.is_object()) return bad_body("config");
  core.config.merge_patch(call.body);
  core.sockets.publish("config_changed", {{"config", client_config(core, call).json}}, {});
  return good(core.config);
}

Answer no_licence() {
  return failure(501, "api.ldap_groups.license_error", "your license does not support ldap groups");
}

Json group_json(const Group& group) {
  return {{"id", group.id},         {"name", group.name},      {"display_name", group.name},
          {"description", ""},      {"source", "custom"},      {"remote_id", nullptr},
          {"create_at", 0},         {"update_at", 0},          {"delete_at", 0},
          {"has_syncables", false}, {"allow_reference", true}, {"member_count", group.members.size()}};
}

Answer list_groups(Core& core, const Call& call) {
  if (core.groups.empty()) return no_licence();
  Json list = Json::array();
  for (const Group& group : core.groups) {
    if (group.name.find(call.asked("q")) != std::string::npos) list.push_back(group_json(group));
  }
  return good(list);
}

Answer groups_of(Core& core, const Call& call) {
  const std::string user = whom(call, 0);
  if (user != call.user && !core.user(call.user)->admin()) return forbidden();
  if (core.groups.empty()) return no_licence();
  Json list = Json::array();
  for (const Group& group : core.groups) {
    if (group.members.contains(user)) list.push_back(group_json(group));
  }
  return good(list);
}

const Group* group_of(const Core& core, const Call& call) {
  const auto found = std::ranges::find(core.groups, call.parts[0], &Group::id);
  return found == core.groups.end() ? nullptr : &*found;
}

Answer get_group(Core& core, const Call& call) {
  if (core.groups.empty()) return no_licence();
  const Group* group = group_of(core, call);
  return group == nullptr ? failure(404, "app.group.no_rows", "no matching group found")
                          : good(group_json(*group));
}

Answer group_members(Core& core, const Call& call) {
  if (core.groups.empty()) return no_licence();
  const Group* group = group_of(core, call);
  if (group == nullptr) return failure(404, "app.group.no_rows", "no matching group found");
  const auto per_page = static_cast<std::size_t>(std::clamp(call.asked_number("per_page", 60), 1, 200));
  const std::size_t first = static_cast<std::size_t>(call.asked_number("page", 0)) * per_page;
  Json page = Json::array();
  std::size_t index = 0;
  for (const std::string& id : group->members) {
    if (index >= first && index < first + per_page) page.push_back(user_json(*core.user(id)));
    ++index;
  }
  return good({{"members", page}, {"total_member_count", group->members.size()}});
}

constexpr std::array k_routes = {
    Route{"GET", "/system/ping", ping, nullptr, Access::anyone},
    Route{"GET", "/config/client", client_config, nullptr, Access::anyone},
    Route{"GET", "/config", get_config, nullptr, Access::admin},
    Route{"PUT", "/config", set_config, nullptr, Access::admin},
    Route{"PUT", "/config/patch", set_config, nullptr, Access::admin},
    Route{"GET", "/groups", list_groups},
    Route{"GET", "/users/{}/groups", groups_of},
    Route{"GET", "/groups/{}", get_group},
    Route{"GET", "/groups/{}/members", group_members},
};

}  // namespace

std::span<const Route> server_routes() {
  return k_routes;
}

}  // namespace jitbot::mattermost_stand_in
