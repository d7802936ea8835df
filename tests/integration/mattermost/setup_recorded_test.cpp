#include "tests/integration/mattermost/recorded.hpp"

using namespace jitbot;
using namespace jitbot::mattermost_stand_in;

TEST_CASE("a bot is set up as recorded", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Replay replay(recorded_world(Bot::not_yet));
  for (const char* name :
       {"rest_bot_create", "rest_bot_token_create", "rest_bot_token_list", "rest_users_me_bot",
        "rest_err_403_bot_adds_self_channel_other", "rest_err_403_post_public_not_in_team",
        "rest_team_member_add", "rest_err_403_post_public_in_team_not_channel", "rest_channel_member_add",
        "rest_err_403_post_not_member"})
    replay.exchange(name);
  replay.call("sysadmin", "POST", "/channels/" + replay.server.channel_id("#inc-42") + "/members",
              {{"user_id", replay.server.id_of("jitbot")}});
  for (const char* name : {"rest_channels_of_bot", "rest_logout_bot"}) {
    const Json recorded = recording(name);
    replay.exchange(recorded.contains("r") ? recorded["r"] : recorded, name);
  }
  // It cannot log out.
  CHECK(replay.send(recording("rest_users_me_bot")["request"]).status == 200);
}

TEST_CASE("a slash command is set up as recorded", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Replay replay;
  for (const char* name :
       {"rest_command_create", "rest_err_command_duplicate_trigger", "rest_err_command_builtin_trigger",
        "rest_err_command_trigger_slash", "rest_err_command_create_by_bot"})
    replay.exchange(name);
  const Json second = recording("rest_commands_list")["response"]["json"][1];
  replay.call("sysadmin", "POST", "/commands",
              replay.here(Json{{"team_id", replay.server.team_id()},
                               {"method", "G"},
                               {"trigger", text_of(second, "trigger")},
                               {"url", text_of(second, "url")}}));
  replay.exchange("rest_commands_list");
  replay.exchange("rest_command_regen_token");
}

TEST_CASE("people log in as recorded", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Replay replay;
  replay.exchange("rest_login");
  const auto answer = replay.send(recording("rest_login")["request"]);
  const auto token = net::find_header(answer.headers, "Token");
  REQUIRE(token);
  const Json mine = {{"method", "GET"},
                     {"path", "/api/v4/users/me"},
                     {"headers", {{"Authorization", "Bearer " + std::string(*token)}}}};
  CHECK(text_of(Json::parse(replay.send(mine).body), "username") == "alice");
}

TEST_CASE("the settings that clients see have what was recorded", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Replay replay;
  const Json recorded = recording("rest_config_client");
  const Json ours = Json::parse(replay.send(recorded["request"]).body);
  const Json wanted = replay.here(recorded["response"]["json"]);
  for (const auto& [key, value] : wanted.items()) {
    INFO(key);
    REQUIRE(ours.contains(key));
    CHECK(ours[key] == value);
  }
  CHECK(ours["AsymmetricSigningPublicKey"].get<std::string>().size() ==
        text_of(recording("trigger_id_signature"), "public_key").size());
}

TEST_CASE("a token that is revoked or switched off is refused as recorded", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Replay replay;
  const std::string bot = replay.server.id_of("jitbot");
  const Json made = replay.call("sysadmin", "POST", "/users/" + bot + "/tokens", {{"description", "second"}});
  Json recorded = recording("rest_err_401_token_disabled");
  recorded["request"]["headers"]["Authorization"] = "Bearer " + text_of(made, "token");
  CHECK(replay.send(recorded["request"]).status == 200);
  SECTION("switched off, and on again") {
    replay.call("sysadmin", "POST", "/users/tokens/disable", {{"token_id", text_of(made, "id")}});
    replay.exchange(recorded, "disabled");
    replay.call("sysadmin", "POST", "/users/tokens/enable", {{"token_id", text_of(made, "id")}});
    CHECK(replay.send(recorded["request"]).status == 200);
  }
  SECTION("revoked") {
    replay.call("sysadmin", "POST", "/users/tokens/revoke", {{"token_id", text_of(made, "id")}});
    replay.exchange(recorded, "revoked");
  }
  CHECK(replay.server.as("jitbot").call("GET", "/users/me").status == 200);
}

TEST_CASE("administrators read and change the settings, nobody else", "[mattermost]") {
  if (!have_recordings()) return;
  Replay replay;
  const Json config = replay.call("sysadmin", "GET", "/config");
  CHECK(flag_of(config["ServiceSettings"], "EnableBotAccountCreation"));
  CHECK(replay.server.as("jitbot").call("GET", "/config").status == 403);
  const Json change = {{"ServiceSettings", {{"EnableBotAccountCreation", false}}}};
  CHECK(replay.server.as("alice").call("PUT", "/config/patch", change).status == 403);
  replay.call("sysadmin", "PUT", "/config/patch", change);
  const Answer refused = replay.server.as("sysadmin").call("POST", "/bots", {{"username", "other"}});
  CHECK(refused.status == 403);
  CHECK(text_of(refused.json, "id") == "api.bot.create_disabled");
}
