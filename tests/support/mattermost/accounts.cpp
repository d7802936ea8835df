#include "tests/support/mattermost/routes.hpp"
#include "tests/support/mattermost/wire_json.hpp"

#include <array>

// What an administrator makes for people: accounts and a team. No capture has these calls; they answer as the
// public API reference says (POST /users, PUT /users/{id}/password, POST /users/{id}/demote, POST /teams), in
// the shapes that the captures show of users and teams.
namespace jitbot::mattermost_stand_in {

namespace {

constexpr std::size_t k_shortest_password = 5;

Answer create_user(Core& core, const Call& call) {
  if (!core.user(call.user)->admin()) return forbidden();
  const std::string username = text_of(call.body, "username");
  const std::string email = text_of(call.body, "email");
  if (username.empty() || email.find('@') == std::string::npos) return bad_body("user");
  if (text_of(call.body, "password").size() < k_shortest_password)
    return failure(400, "model.user.is_valid.pwd.app_error",
                   "Your password must contain at least 5 characters.");
  if (core.user_named(username) != nullptr)
    return failure(400, "app.user.save.username_exists.app_error",
                   "An account with that username already exists.");
  for (const auto& [id, other] : core.users) {
    if (other.email == email)
      return failure(400, "app.user.save.email_exists.app_error",
                     "An account with that email already exists.");
  }
  User made;
  made.id = core.new_id();
  made.username = username;
  made.email = email;
  made.first_name = text_of(call.body, "first_name");
  made.last_name = text_of(call.body, "last_name");
  made.position = text_of(call.body, "position");
  made.password = text_of(call.body, "password");
  made.create_at = core.stamp();
  made.update_at = made.create_at;
  const User& user = core.users[made.id] = made;
  return good(user_json(user, Eyes::own), 201);
}

Answer set_password(Core& core, const Call& call) {
  User* user = core.user(whom(call, 0));
  if (user == nullptr) return failure(404, "app.user.missing_account.const", "Unable to find the user.");
  const std::string fresh = text_of(call.body, "new_password");
  if (!core.user(call.user)->admin()) return forbidden();
  if (fresh.size() < k_shortest_password) return bad_body("new_password");
  user->password = fresh;
  user->update_at = core.stamp();
  return done();
}

Answer demote(Core& core, const Call& call) {
  if (!core.options.guests)
    return failure(501, "api.team.demote_user_to_guest.license.error",
                   "Your license does not support guest accounts");
  User* user = core.user(whom(call, 0));
  if (user == nullptr) return failure(404, "app.user.missing_account.const", "Unable to find the user.");
  user->roles = {"system_guest"};
  user->update_at = core.stamp();
  core.sockets.publish("user_updated", {{"user", user_json(*user)}}, {});
  return done();
}

// Who makes a team is in it.
Answer create_team(Core& core, const Call& call) {
  const std::string name = text_of(call.body, "name");
  const std::string type = text_of(call.body, "type");
  if (name.empty() || (type != "O" && type != "I")) return bad_body("team");
  if (!core.team.empty())
    return failure(400, "app.team.save.existing.app_error", "A team with that name already exists.");
  World world;
  world.team = name;
  world.team_display_name = text_of(call.body, "display_name");
  core.make_team(world);
  core.team_json["type"] = type;
  core.add_common_channels();
  core.team_members.insert(call.user);
  for (auto& [id, channel] : core.channels) {
    if (channel.team == core.team) channel.members.insert(call.user);
  }
  return good(core.team_json, 201);
}

constexpr std::array k_routes = {
    Route{"POST", "/users", create_user},
    Route{"PUT", "/users/{}/password", set_password},
    Route{"POST", "/users/{}/demote", demote, nullptr, Access::admin},
    Route{"POST", "/teams", create_team},
};

}  // namespace

std::span<const Route> account_routes() {
  return k_routes;
}

}  // namespace jitbot::mattermost_stand_in
