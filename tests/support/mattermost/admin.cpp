#include "tests/support/mattermost/posting.hpp"
#include "tests/support/mattermost/routes.hpp"
#include "tests/support/mattermost/wire_json.hpp"

#include <algorithm>
#include <array>

// What administrators do to set a bot up: accounts, access tokens, slash commands.
namespace jitbot::mattermost_stand_in {

namespace {

bool setting(const Core& core, const char* name) {
  return flag_of(core.config["ServiceSettings"], name);
}

// A new bot writes to who made it.
void greet_owner(Core& core, const User& bot) {
  Channel direct;
  direct.id = core.new_id();
  direct.type = "D";
  direct.name = std::min(bot.id, bot.bot_owner) + "__" + std::max(bot.id, bot.bot_owner);
  direct.creator = bot.id;
  direct.members = {bot.id, bot.bot_owner};
  direct.create_at = core.stamp();
  direct.update_at = direct.create_at;
  core.channels[direct.id] = direct;
  Draft draft;
  draft.user = bot.id;
  draft.channel = direct.id;
  draft.message = "Please add me to teams and channels you want me to interact in.";
  draft.type = "add_bot_teams_channels";
  store(core, std::move(draft));
}

Answer create_bot(Core& core, const Call& call) {
  if (!core.user(call.user)->admin()) return forbidden();
  if (!setting(core, "EnableBotAccountCreation"))
    return failure(403, "api.bot.create_disabled", "Bot creation has been disabled.");
  const std::string username = text_of(call.body, "username");
  if (username.empty()) return bad_body("bot");
  if (core.user_named(username) != nullptr)
    return failure(400, "app.user.save.username_exists.app_error",
                   "An account with that username already exists.");
  User made;
  made.id = core.new_id();
  made.username = username;
  made.first_name = text_of(call.body, "display_name");
  made.email = username + "@localhost";
  made.bot = true;
  made.bot_description = text_of(call.body, "description");
  made.bot_owner = call.user;
  made.create_at = core.stamp();
  made.update_at = made.create_at;
  const User& bot = core.users[made.id] = made;
  greet_owner(core, bot);
  return good(bot_json(bot), 201);
}

User* bot_of(Core& core, const Call& call) {
  User* user = core.user(call.parts[0]);
  return user != nullptr && user->bot ? user : nullptr;
}

Answer unknown_bot() {
  return failure(404, "store.sql_bot.get.missing.app_error", "Bot does not exist.");
}

Answer list_bots(Core& core, const Call& call) {
  Json list = Json::array();
  for (const auto& [id, user] : core.users) {
    const bool shown = user.delete_at == 0 || call.asked("include_deleted") == "true";
    if (user.bot && shown) list.push_back(bot_json(user));
  }
  return good(list);
}

Answer get_bot(Core& core, const Call& call) {
  const User* bot = bot_of(core, call);
  return bot == nullptr ? unknown_bot() : good(bot_json(*bot));
}

Answer update_bot(Core& core, const Call& call) {
  User* bot = bot_of(core, call);
  if (bot == nullptr) return unknown_bot();
  if (call.body.contains("display_name")) bot->first_name = text_of(call.body, "display_name");
  if (call.body.contains("description")) bot->bot_description = text_of(call.body, "description");
  bot->update_at = core.stamp();
  return good(bot_json(*bot));
}

// The open socket of a disabled bot stays open, and deaf after it is enabled again [ws_bot_disabled_enabled].
Answer disable_bot(Core& core, const Call& call) {
  User* bot = bot_of(core, call);
  if (bot == nullptr) return unknown_bot();
  bot->update_at = core.stamp();
  bot->delete_at = bot->update_at;
  if (bot->status == "online") {
    bot->status = "offline";
    core.sockets.publish("status_change", {{"status", "offline"}, {"user_id", bot->id}}, {.user = bot->id});
  }
  core.sockets.disable(bot->id);
  return good(bot_json(*bot));
}

Answer enable_bot(Core& core, const Call& call) {
  User* bot = bot_of(core, call);
  if (bot == nullptr) return unknown_bot();
  bot->update_at = core.stamp();
  bot->delete_at = 0;
  return good(bot_json(*bot));
}

Answer create_token(Core& core, const Call& call) {
  const User* user = core.user(whom(call, 0));
  if (user == nullptr || (!core.user(call.user)->admin() && call.user != user->id)) return forbidden();
  // Of bots they are not bound to this setting.
  if (!setting(core, "EnableUserAccessTokens") && !user->bot)
    return failure(501, "app.user_access_token.disabled",
                   "Personal access tokens are disabled on this server.");
  Token made;
  made.id = core.new_id();
  made.token = core.new_id();
  made.user = user->id;
  made.description = text_of(call.body, "description");
  Json shown = token_json(made);
  shown["token"] = made.token;  // once
  core.tokens.push_back(std::move(made));
  return good(shown);
}

Answer list_tokens(Core& core, const Call& call) {
  const std::string user = whom(call, 0);
  if (!core.user(call.user)->admin() && call.user != user) return forbidden();
  Json list = Json::array();
  for (const Token& token : core.tokens) {
    if (token.user == user && !token.session) list.push_back(token_json(token));
  }
  return good(list);
}

Token* token_of(Core& core, const Call& call) {
  const auto found = std::ranges::find(core.tokens, text_of(call.body, "token_id"), &Token::id);
  return found == core.tokens.end() ? nullptr : &*found;
}

Answer set_token(Core& core, const Call& call, bool active) {
  Token* token = token_of(core, call);
  if (token == nullptr) return bad_body("token_id");
  token->active = active;
  return done();
}

Answer revoke(Core& core, const Call& call) {
  const std::string id = text_of(call.body, "token_id");
  if (token_of(core, call) == nullptr) return bad_body("token_id");
  std::erase_if(core.tokens, [&](const Token& token) { return token.id == id; });
  return done();
}

Answer disable_token(Core& core, const Call& call) {
  return set_token(core, call, false);
}

Answer enable_token(Core& core, const Call& call) {
  return set_token(core, call, true);
}

Command* command_of(Core& core, const std::string& id) {
  const auto stands = [&](const Command& command) { return command.id == id && command.delete_at == 0; };
  const auto found = std::ranges::find_if(core.commands, stands);
  return found == core.commands.end() ? nullptr : &*found;
}

Answer unknown_command() {
  return failure(404, "store.sql_command.get.missing.app_error", "Command does not exist.");
}

// Null: the trigger may be used.
std::optional<Answer> bad_trigger(const Core& core, const std::string& trigger, const std::string& self) {
  constexpr std::array k_builtin = {"join", "leave", "away", "online", "dnd", "msg", "me", "help", "logout"};
  if (trigger.empty() || trigger.size() > 128 || trigger.starts_with('/') ||
      trigger.find(' ') != std::string::npos)
    return failure(400, "model.command.is_valid.trigger.app_error", "Invalid trigger.");
  const auto same = [&](const Command& command) {
    return command.delete_at == 0 && command.id != self && text_of(command.fields, "trigger") == trigger;
  };
  if (std::ranges::find(k_builtin, trigger) == k_builtin.end() && std::ranges::none_of(core.commands, same))
    return std::nullopt;
  return failure(400, "api.command.duplicate_trigger.app_error",
                 "This trigger word is already in use. Please choose another word.");
}

Answer create_command(Core& core, const Call& call) {
  const User& caller = *core.user(call.user);
  if (!caller.admin()) return forbidden();
  if (text_of(call.body, "team_id") != core.team) return bad_body("team_id");
  if (auto refusal = bad_trigger(core, text_of(call.body, "trigger"), "")) return std::move(*refusal);
  Command made;
  made.id = core.new_id();
  made.token = core.new_id();
  made.team = core.team;
  made.creator = call.user;
  made.fields = call.body;
  made.create_at = core.stamp();
  made.update_at = made.create_at;
  core.commands.push_back(made);
  return good(command_json(made), 201);
}

Answer list_commands(Core& core, const Call& call) {
  if (!core.user(call.user)->admin()) return forbidden();
  Json list = Json::array();
  for (const Command& command : core.commands) {
    if (command.delete_at == 0) list.push_back(command_json(command));
  }
  return good(list);
}

Answer get_command(Core& core, const Call& call) {
  const Command* command = command_of(core, call.parts[0]);
  return command == nullptr ? unknown_command() : good(command_json(*command));
}

Answer update_command(Core& core, const Call& call) {
  Command* command = command_of(core, call.parts[0]);
  if (command == nullptr) return unknown_command();
  if (auto refusal = bad_trigger(core, text_of(call.body, "trigger"), command->id))
    return std::move(*refusal);
  command->fields = call.body;
  command->update_at = core.stamp();
  return good(command_json(*command));
}

Answer new_command_token(Core& core, const Call& call) {
  Command* command = command_of(core, call.parts[0]);
  if (command == nullptr) return unknown_command();
  command->token = core.new_id();
  return good({{"token", command->token}});
}

Answer delete_command(Core& core, const Call& call) {
  Command* command = command_of(core, call.parts[0]);
  if (command == nullptr) return unknown_command();
  command->delete_at = core.stamp();
  return done();
}

constexpr Access k_admin = Access::admin;
constexpr std::array k_routes = {
    Route{"POST", "/bots", create_bot},
    Route{"GET", "/bots", list_bots},
    Route{"GET", "/bots/{}", get_bot},
    Route{"PUT", "/bots/{}", update_bot, nullptr, k_admin},
    Route{"POST", "/bots/{}/disable", disable_bot, nullptr, k_admin},
    Route{"POST", "/bots/{}/enable", enable_bot, nullptr, k_admin},
    Route{"POST", "/users/{}/tokens", create_token},
    Route{"GET", "/users/{}/tokens", list_tokens},
    Route{"POST", "/users/tokens/revoke", revoke, nullptr, k_admin},
    Route{"POST", "/users/tokens/disable", disable_token, nullptr, k_admin},
    Route{"POST", "/users/tokens/enable", enable_token, nullptr, k_admin},
    Route{"POST", "/commands", create_command},
    Route{"GET", "/commands", list_commands},
    Route{"GET", "/commands/{}", get_command, nullptr, k_admin},
    Route{"PUT", "/commands/{}", update_command, nullptr, k_admin},
    Route{"PUT", "/commands/{}/regen_token", new_command_token, nullptr, k_admin},
    Route{"DELETE", "/commands/{}", delete_command, nullptr, k_admin},
};

}  // namespace

std::span<const Route> admin_routes() {
  return k_routes;
}

}  // namespace jitbot::mattermost_stand_in
