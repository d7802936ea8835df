#include "tests/integration/mattermost/listener.hpp"

#include <algorithm>

using namespace jitbot;
using namespace jitbot::mattermost_stand_in;

namespace {

// What a recorded socket heard, changes of status left out: those depend on who else was there.
std::vector<Json> heard(const Json& frames) {
  std::vector<Json> events;
  for (const Json& frame : frames) {
    const bool from_server = text_of(frame, "dir") == "<" && frame.contains("json");
    if (!from_server || !frame["json"].contains("event")) continue;
    const std::string name = text_of(frame["json"], "event");
    if (name != "status_change" && name != "hello") events.push_back(frame["json"]);
  }
  return events;
}

// The bot and alice listen while what was recorded happens again.
struct Scene {
  Scene() : bot(replay, "jitbot"), alice(replay, "alice") {
    (void)bot.news();
    (void)alice.news();
  }

  void compare(Listener& listener, const Json& frames, const std::string& who) {
    const std::vector<Json> recorded = heard(frames);
    const std::vector<Json> ours = listener.news();
    INFO(who << " heard " << Json(ours).dump());
    REQUIRE(ours.size() == recorded.size());
    for (std::size_t index = 0; index < ours.size(); ++index) {
      CHECK(same(replay.comparison, replay.here(recorded[index]), ours[index]).empty());
    }
  }

  // Sends what was sent, and compares what each of the two heard.
  void play(const std::string& name) {
    INFO(name);
    const Json recorded = recording(name);
    const Json rest = recorded["rest"];
    if (rest.is_array()) {
      for (const Json& each : rest) replay.exchange(each, name);
    } else if (rest.is_object()) {
      replay.exchange(rest, name);
    }
    compare(bot, recorded["bot_ws"], "the bot");
    if (recorded.contains("alice_ws")) compare(alice, recorded["alice_ws"], "alice");
  }

  void call(const std::string& method, const std::string& path, const Json& body = {}) {
    replay.call("sysadmin", method, path, body);
    (void)bot.news();
    (void)alice.news();
  }

  Replay replay;
  Listener bot;
  Listener alice;
};

}  // namespace

TEST_CASE("posts and reactions are told as recorded", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Scene scene;
  for (const char* name :
       {"ev_posted_by_user", "ev_posted_thread_reply", "ev_post_edited", "ev_reaction_added",
        "ev_reaction_removed", "ev_post_deleted", "ev_posted_by_bot_self", "ev_ephemeral_message",
        "ev_props_forged_by_user", "ev_type_forged_by_user"})
    scene.play(name);
}

TEST_CASE("who types is told to the others", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Scene scene;
  const Json recorded = recording("ev_typing");
  scene.alice.say(recorded["alice_ws"][0]["json"]);
  (void)scene.alice.news();
  scene.compare(scene.bot, recorded["bot_ws"], "the bot");
}

TEST_CASE("a pin is told as an edit", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Scene scene;
  const Json recorded = recording("ev_pinned");
  const Json told = Json::parse(recorded["bot_ws"][0]["json"]["data"]["post"].get<std::string>());
  const auto post = scene.replay.server.as("jitbot").say("#inc-42", text_of(told, "message"));
  scene.replay.comparison.bind(text_of(told, "id"), *post);
  scene.play("ev_pinned");
}

TEST_CASE("what becomes of channels is told as recorded", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Scene scene;
  const Json added = recording("ev_user_added_bot");
  const std::string path = text_of(added["rest"]["request"], "path");
  const Json made = scene.replay.call("sysadmin", "POST", "/channels",
                                      {{"name", "inc-43"}, {"display_name", "Incident 43"}, {"type", "P"}});
  const std::string channel = text_of(made, "id");
  const std::string recorded_id = path.substr(std::string("/api/v4/channels/").size(), 26);
  scene.replay.comparison.bind(recorded_id, channel);
  for (const char* name :
       {"ev_user_added_bot", "ev_user_added_other", "ev_channel_updated", "ev_channel_renamed",
        "ev_channel_converted", "ev_user_removed_other", "ev_user_removed_bot"})
    scene.play(name);
  scene.call("POST", "/channels/" + channel + "/members", {{"user_id", scene.replay.server.id_of("jitbot")}});
  for (const char* name : {"ev_channel_deleted", "ev_post_in_archived", "ev_channel_restored"})
    scene.play(name);
}

TEST_CASE("direct and group channels are told as recorded", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Scene scene;
  scene.play("ev_direct_added");
  scene.play("ev_group_added");
}

TEST_CASE("changes of people are told as recorded", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Scene scene;
  // Of dave another session was recorded here.
  const Json spoof = recording("ev_post_username_spoof")["rest"][1]["request"];
  scene.replay.comparison.bind(text_of(spoof["headers"], "Authorization").substr(7),
                               scene.replay.server.token_of("dave"));
  for (const char* name : {"ev_user_updated", "ev_user_updated_back", "ev_post_username_spoof",
                           "ev_user_deactivated", "ev_user_reactivated"})
    scene.play(name);
}

TEST_CASE("a new channel is told to who made it alone", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Scene scene;
  Listener creator(scene.replay, "sysadmin");
  (void)creator.news();
  const Json frames = recording("ev_channel_created")["creator_ws"];
  const Json& data = frames[0]["json"]["data"];
  scene.replay.call(
      "sysadmin", "POST", "/channels",
      {{"name", data["channel_name"]}, {"display_name", data["channel_display_name"]}, {"type", "O"}});
  scene.compare(creator, frames, "who made it");
  CHECK(scene.bot.news().empty());
  CHECK(scene.alice.news().empty());
}

TEST_CASE("every event that was ever seen is one of ours", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Scene scene;
  for (const char* name :
       {"ev_posted_by_user", "ev_posted_thread_reply", "ev_post_edited", "ev_reaction_added",
        "ev_reaction_removed", "ev_post_deleted", "ev_ephemeral_message", "ev_direct_added", "ev_group_added",
        "ev_user_deactivated"}) {
    const Json rest = recording(name)["rest"];
    if (rest.is_array()) {
      for (const Json& each : rest) scene.replay.exchange(each, name);
    } else {
      scene.replay.exchange(rest, name);
    }
  }
  const std::string channel =
      text_of(scene.replay.call("sysadmin", "POST", "/channels",
                                {{"name", "x"}, {"display_name", "x"}, {"type", "P"}}),
              "id");
  for (const char* who : {"jitbot", "alice"})
    scene.call("POST", "/channels/" + channel + "/members", {{"user_id", scene.replay.server.id_of(who)}});
  scene.call("PUT", "/channels/" + channel + "/patch", {{"header", "h"}});
  scene.call("PUT", "/channels/" + channel + "/privacy", {{"privacy", "O"}});
  scene.call("DELETE", "/channels/" + channel);
  scene.call("POST", "/channels/" + channel + "/restore");
  for (const char* who : {"jitbot", "alice"})
    scene.call("DELETE", "/channels/" + channel + "/members/" + scene.replay.server.id_of(who));
  scene.alice.say({{"seq", 1},
                   {"action", "user_typing"},
                   {"data", {{"channel_id", scene.replay.server.channel_id("#inc-42")}}}});
  scene.alice.settle();
  scene.bot.settle();
  const Json seen = recording("ws_all_event_names_seen");
  const auto heard_by = [](Listener& listener, const Json& names) {
    const std::vector<std::string> ours = listener.names();
    for (const Json& name : names) {
      INFO(name.get<std::string>());
      CHECK(std::ranges::find(ours, name.get<std::string>()) != ours.end());
    }
  };
  heard_by(scene.bot, seen["bot"]);
  heard_by(scene.alice, seen["alice"]);
}
