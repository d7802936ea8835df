#include "adapters/net/url.hpp"
#include "tests/support/mattermost/routes.hpp"
#include "tests/support/mattermost/wire_json.hpp"

#include <algorithm>
#include <array>

namespace jitbot::mattermost_stand_in {

namespace {

Answer unknown_user() {
  return failure(404, "app.user.missing_account.const", "Unable to find the user.");
}

Answer bad_user_id() {
  return failure(400, "api.context.invalid_url_param.app_error",
                 "Invalid or missing user_id parameter in request URL.");
}

Eyes eyes_of(const Core& core, const Call& call, const User& user) {
  const User* caller = core.user(call.user);
  return call.user == user.id || (caller != nullptr && caller->admin()) ? Eyes::own : Eyes::others;
}

Answer get_user(Core& core, const Call& call) {
  const std::string id = whom(call, 0);
  if (!is_id(id)) return bad_user_id();
  const User* user = core.user(id);
  return user == nullptr ? unknown_user() : good(user_json(*user, eyes_of(core, call, *user)));
}

Answer by_username(Core& core, const Call& call) {
  const User* user = core.user_named(net::percent_decode(call.parts[0]).value_or(""));
  if (user != nullptr) return good(user_json(*user, eyes_of(core, call, *user)));
  return failure(404, "app.user.get_by_username.app_error",
                 "Unable to find an existing account matching your username for this team. This team may "
                 "require an invite from the team owner to join.");
}

Answer by_email(Core& core, const Call& call) {
  const std::string email = net::percent_decode(call.parts[0]).value_or("");
  for (const auto& [id, user] : core.users) {
    if (user.email == email) return good(user_json(user, eyes_of(core, call, user)));
  }
  return failure(404, "app.user.missing_account.const", "Unable to find the user.");
}

Answer by_ids(Core& core, const Call& call) {
  if (!call.body.is_array()) return bad_body("user_ids");
  Json found = Json::array();
  for (const std::string& id : texts_of(call.body)) {
    const User* user = core.user(id);
    if (user != nullptr) found.push_back(user_json(*user));
  }
  return good(found);
}

Answer by_usernames(Core& core, const Call& call) {
  if (!call.body.is_array()) return bad_body("usernames");
  Json found = Json::array();
  for (const std::string& name : texts_of(call.body)) {
    const User* user = core.user_named(name);
    if (user != nullptr) found.push_back(user_json(*user));
  }
  return good(found);
}

// Sorted by username, as the server pages them.
std::vector<const User*> chosen(const Core& core, const Call& call) {
  const std::string channel = call.asked("in_channel");
  const std::string team = call.asked("in_team");
  const std::string group = call.asked("in_group");
  std::vector<const User*> found;
  for (const auto& [id, user] : core.users) {
    if (!channel.empty() && !core.member(channel, id)) continue;
    if (!team.empty() && !core.team_members.contains(id)) continue;
    const auto holds = [&](const Group& each) { return each.id == group && each.members.contains(id); };
    if (!group.empty() && std::ranges::none_of(core.groups, holds)) continue;
    if (call.asked("active") == "true" && user.delete_at != 0) continue;
    found.push_back(&user);
  }
  std::ranges::sort(found, {}, &User::username);
  return found;
}

Answer list_users(Core& core, const Call& call) {
  const std::string channel = call.asked("in_channel");
  if (!channel.empty()) {
    const Channel* there = core.channel(channel);
    if (there == nullptr || !core.may_read(*there, *core.user(call.user))) return forbidden();
  }
  const auto per_page = static_cast<std::size_t>(std::min(200, call.asked_number("per_page", 60)));
  const std::size_t first = static_cast<std::size_t>(call.asked_number("page", 0)) * per_page;
  const std::vector<const User*> all = chosen(core, call);
  Json page = Json::array();
  for (std::size_t index = first; index < all.size() && index < first + per_page; ++index) {
    page.push_back(user_json(*all[index]));
  }
  return good(page);
}

Json status_json(const User& user) {
  return {{"user_id", user.id},
          {"status", user.status},
          {"manual", false},
          {"last_activity_at", user.update_at},
          {"dnd_end_time", 0}};
}

Answer get_status(Core& core, const Call& call) {
  const User* user = core.user(whom(call, 0));
  return user == nullptr ? unknown_user() : good(status_json(*user));
}

Answer statuses(Core& core, const Call& call) {
  Json found = Json::array();
  for (const std::string& id : texts_of(call.body)) {
    const User* user = core.user(id);
    if (user != nullptr) found.push_back(status_json(*user));
  }
  return good(found);
}

void tell_updated(Core& core, const User& user) {
  core.sockets.publish("user_updated", {{"user", user_json(user)}}, {});
}

Answer patch_user(Core& core, const Call& call) {
  User* user = core.user(whom(call, 0));
  if (user == nullptr) return unknown_user();
  if (call.user != user->id && !core.user(call.user)->admin()) return forbidden();
  const std::string name = text_of(call.body, "username");
  const User* holder = name.empty() ? nullptr : core.user_named(name);
  if (holder != nullptr && holder != user)
    return failure(400, "app.user.save.username_exists.app_error",
                   "An account with that username already exists.");
  if (!name.empty()) user->username = name;
  if (call.body.contains("email")) user->email = text_of(call.body, "email");
  if (call.body.contains("first_name")) user->first_name = text_of(call.body, "first_name");
  if (call.body.contains("timezone")) user->timezone = text_of(call.body["timezone"], "manualTimezone");
  user->update_at = core.stamp();
  tell_updated(core, *user);
  return good(user_json(*user, Eyes::own));
}

Answer set_active(Core& core, const Call& call) {
  User* user = core.user(whom(call, 0));
  if (user == nullptr) return unknown_user();
  user->update_at = core.stamp();
  user->delete_at = flag_of(call.body, "active") ? 0 : user->update_at;
  if (user->delete_at != 0) core.sockets.disable(user->id);
  tell_updated(core, *user);
  core.sockets.publish("user_activation_status_change", Json::object(), {});
  return done();
}

Answer set_roles(Core& core, const Call& call) {
  User* user = core.user(whom(call, 0));
  if (user == nullptr) return unknown_user();
  user->roles.clear();
  std::string word;
  for (const char c : text_of(call.body, "roles") + " ") {
    if (c != ' ') word += c;
    if (c == ' ' && !word.empty()) user->roles.insert(std::exchange(word, {}));
  }
  user->update_at = core.stamp();
  tell_updated(core, *user);
  return done();
}

Answer login(Core& core, const Call& call) {
  const User* user = core.user_named(text_of(call.body, "login_id"));
  if (user == nullptr || user->bot || user->delete_at != 0 ||
      user->password != text_of(call.body, "password"))
    return failure(401, "api.user.login.invalid_credentials_email_username",
                   "Enter a valid email or username and/or password.");
  Token session;
  session.id = core.new_id();
  session.token = core.new_id();
  session.user = user->id;
  session.session = true;
  Answer answer = good(user_json(*user, Eyes::own));
  answer.headers.push_back({"Token", session.token});
  core.tokens.push_back(std::move(session));
  return answer;
}

Answer logout(Core& core, const Call& call) {
  // An access token cannot log out: it keeps working [rest_logout_bot].
  std::erase_if(core.tokens, [&](const Token& token) { return token.session && token.token == call.token; });
  Answer answer = done();
  answer.headers.push_back({"Set-Cookie", "MMAUTHTOKEN=; Path=/; Max-Age=0; HttpOnly"});
  return answer;
}

constexpr std::array k_routes = {
    Route{"POST", "/users/ids", by_ids},
    Route{"POST", "/users/usernames", by_usernames},
    Route{"POST", "/users/status/ids", statuses},
    Route{"POST", "/users/login", login, nullptr, Access::anyone},
    Route{"POST", "/users/logout", logout},
    Route{"GET", "/users", list_users},
    Route{"GET", "/users/{}", get_user},
    Route{"GET", "/users/username/*", by_username},
    Route{"GET", "/users/email/*", by_email},
    Route{"GET", "/users/{}/status", get_status},
    Route{"PUT", "/users/{}/patch", patch_user},
    Route{"PUT", "/users/{}/active", set_active, nullptr, Access::admin},
    Route{"PUT", "/users/{}/roles", set_roles, nullptr, Access::admin},
};

}  // namespace

std::span<const Route> user_routes() {
  return k_routes;
}

}  // namespace jitbot::mattermost_stand_in
