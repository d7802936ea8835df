// Events as a real server sent them. Every member that is read is covered here.
#include "tests/unit/mattermost/decoding.hpp"
#include "tests/unit/mattermost/fixtures.hpp"

using namespace jitbot;
using namespace jitbot::mattermost;
using namespace jitbot::mattermost::testing;
using jitbot::testing::have_mattermost_fixtures;
using jitbot::testing::mattermost_fixture;
using jitbot::testing::recordings;

namespace {

// The events of that name on the bot's socket.
std::vector<Json> recorded_events(const std::string& fixture, const std::string& name) {
  std::vector<Json> found;
  const Json recorded = mattermost_fixture(fixture);
  for (const Json& frame : recorded.at("bot_ws")) {
    if (frame.contains("json") && frame.at("json").value("event", "") == name)
      found.push_back(frame.at("json"));
  }
  REQUIRE_FALSE(found.empty());
  return found;
}

Json recorded_event(const std::string& fixture, const std::string& name) {
  return recorded_events(fixture, name).front();
}

DecodedEvent decoded(const Json& event, const Self& self = k_self) {
  return decode_event(event, "conn", self, k_received);
}

}  // namespace

TEST_CASE("a recorded mention of the bot is heard", "[mattermost][recorded]") {
  if (!have_mattermost_fixtures()) return;
  const Heard heard = heard_of(decoded(recorded_event("ev_posted_by_user", "posted")));
  CHECK(heard.inbound.key == "post:1hdubkuxrp8s9gwkocaqbfmeih");
  CHECK(heard.inbound.from == who(k_alice));
  CHECK(heard.inbound.at == time_from_ms(1'795'217'810'988));
  CHECK(heard.inbound.reply.channel == k_inc_42);
  CHECK(heard.inbound.reply.thread.empty());
  CHECK(std::get<Said>(heard.inbound.what).text == "please help, cc ~approvals");
  // By REST it is the same.
  const Json post = mattermost_fixture("ev_posted_by_user").at("rest").at("response").at("json");
  CHECK(heard_of(decode_post(post, "P", k_self, k_received)).inbound.key == heard.inbound.key);
}

TEST_CASE("a recorded reply stands in its thread", "[mattermost][recorded]") {
  if (!have_mattermost_fixtures()) return;
  Json event = recorded_event("ev_posted_thread_reply", "posted");
  CHECK(ignored(decoded(event)));
  Json post = Json::parse(event["data"]["post"].get<std::string>());
  post["message"] = "@jitbot mine";
  event["data"]["post"] = post.dump();
  CHECK(heard_of(decoded(event)).inbound.reply.thread == "1hdubkuxrp8s9gwkocaqbfmeih");
}

TEST_CASE("a recorded direct message is for the bot", "[mattermost][recorded]") {
  if (!have_mattermost_fixtures()) return;
  const Heard heard = heard_of(decoded(recorded_event("ev_direct_added", "posted")));
  CHECK(std::get<Said>(heard.inbound.what).text == "hi bot, in DM");
  CHECK(heard.inbound.reply.where == ReplyTo::Where::direct);
  CHECK(heard.inbound.reply.channel == "dfueq1fuuty75jfqm7rmd7k3cc");
  CHECK(ignored(decoded(recorded_event("ev_group_added", "posted"))));
}

TEST_CASE("recorded posts that nobody says to the bot are ignored", "[mattermost][recorded]") {
  if (!have_mattermost_fixtures()) return;
  const std::string name = GENERATE("ev_posted_by_bot_self", "ev_user_added_bot", "ev_channel_renamed",
                                    "ev_props_forged_by_user", "ev_type_forged_by_user", "cmd_in_channel");
  for (Json event : recorded_events(name, "posted")) {
    CHECK(ignored(decoded(event)));
    // And even where they name us, unless their author has nothing but the wrong text against him.
    Json post = Json::parse(event["data"]["post"].get<std::string>());
    if (post["type"] == "" && !post["props"].contains("from_webhook") && post["user_id"] != k_bot) continue;
    post["message"] = "@jitbot approve 7K3F";
    event["data"]["post"] = post.dump();
    CHECK(ignored(decoded(event)));
  }
}

TEST_CASE("recorded edits and deletions command nothing", "[mattermost][recorded]") {
  if (!have_mattermost_fixtures()) return;
  CHECK(ignored(decoded(recorded_event("ev_post_edited", "post_edited"))));
  CHECK(ignored(decoded(recorded_event("ev_post_deleted", "post_deleted"))));
  CHECK(ignored(decoded(recorded_event("ev_pinned", "post_edited"))));
  const Json edited = mattermost_fixture("ev_post_edited").at("rest").at("response").at("json");
  CHECK(ignored(decode_post(edited, "P", k_self, k_received)));
  // What catching up brings: edited ones, deleted ones, and earlier wordings.
  const Json since = mattermost_fixture("rest_posts_since").at("rest").at("response").at("json");
  for (Json post : since.at("posts")) {
    post["message"] = "@jitbot mine";
    const bool changed = post["edit_at"] != 0 || post["delete_at"] != 0 || post["original_id"] != "";
    CHECK(ignored(decode_post(post, "P", k_self, k_received)) == (changed || post["user_id"] == k_bot));
  }
}

TEST_CASE("recorded reactions tell who, on what, and when", "[mattermost][recorded]") {
  if (!have_mattermost_fixtures()) return;
  const auto added = std::get<Reaction>(decoded(recorded_event("ev_reaction_added", "reaction_added")));
  CHECK(added.user == who(k_alice));
  CHECK(added.post == "1hdubkuxrp8s9gwkocaqbfmeih");
  CHECK(added.channel == k_inc_42);
  CHECK(added.emoji == "thumbsup");
  CHECK(added.added);
  CHECK(added.at == time_from_ms(1'795'217'812'534));
  const auto removed = std::get<Reaction>(decoded(recorded_event("ev_reaction_removed", "reaction_removed")));
  CHECK_FALSE(removed.added);
  CHECK(removed.at == time_from_ms(1'795'217'813'040));
  const Json add = mattermost_fixture("ev_reaction_added").at("rest").at("response").at("json");
  CHECK(std::get<Reaction>(decode_reaction(add, k_inc_42, k_self)).emoji == "thumbsup");
}

TEST_CASE("recorded changes of people and channels refresh", "[mattermost][recorded]") {
  if (!have_mattermost_fixtures()) return;
  const auto what = [](const std::string& fixture, const std::string& event) {
    return heard_of(decoded(recorded_event(fixture, event))).inbound.what;
  };
  CHECK(std::get<PersonChanged>(what("ev_user_updated", "user_updated")).who == who(k_alice));
  CHECK(std::get<PersonChanged>(what("ev_user_deactivated", "user_updated")).who ==
        who("8r5nxjzi3bdtznkxk9da561sgh"));
  const std::string inc_43 = "f6hf313qe3g1inti3zso5z5hne";
  const auto channel = [&](const std::string& fixture, const std::string& event) {
    const auto changed = std::get<ChannelChanged>(what(fixture, event));
    CHECK(changed.channel == inc_43);
    return changed.what;
  };
  CHECK(channel("ev_user_added_bot", "user_added") == "joined");
  CHECK(channel("ev_user_removed_bot", "user_removed") == "left");
  CHECK(channel("ev_channel_renamed", "channel_updated") == "renamed");
  CHECK(channel("ev_channel_updated", "channel_updated") == "renamed");
  CHECK(channel("ev_channel_converted", "channel_converted") == "converted");
  CHECK(channel("ev_channel_deleted", "channel_deleted") == "archived");
  CHECK(channel("ev_channel_restored", "channel_restored") == "unarchived");
  const std::string source = "mattermost:channel/" + inc_43;
  CHECK(std::get<GroupChanged>(what("ev_user_added_other", "user_added")).source == source);
  CHECK(std::get<GroupChanged>(what("ev_user_removed_other", "user_removed")).source == source);
}

TEST_CASE("recorded events that only clients need are ignored", "[mattermost][recorded]") {
  if (!have_mattermost_fixtures()) return;
  CHECK(ignored(decoded(recorded_event("ev_typing", "typing"))));
  CHECK(ignored(decoded(recorded_event("ev_direct_added", "direct_added"))));
  CHECK(ignored(decoded(recorded_event("ev_group_added", "group_added"))));
  CHECK(ignored(decoded(recorded_event("ev_user_deactivated", "user_activation_status_change"))));
}

TEST_CASE("every recording is read in every role without harm", "[mattermost][recorded]") {
  if (!have_mattermost_fixtures()) return;
  unsigned files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(recordings("mattermost"))) {
    if (entry.path().extension() != ".json") continue;
    ++files;
    const Json json = mattermost_fixture(entry.path().stem().string());
    CAPTURE(entry.path());
    const std::string text = json.dump();
    CHECK(ignored(decoded(json)));
    CHECK(ignored(decode_post(json, "D", k_self, k_received)));
    CHECK_FALSE(refusal(decode_click(text, trust(), k_received)).empty());
    CHECK_FALSE(refusal(decode_dialog(text, trust(), k_received)).empty());
    CHECK_FALSE(refusal(decode_command(text, text, trust(), k_received)).empty());
    if (!json.is_object() || !json.contains("bot_ws")) continue;
    for (const Json& frame : json.at("bot_ws")) {
      if (frame.contains("json")) CHECK_NOTHROW(decoded(frame.at("json")));
    }
  }
  CHECK(files >= 200);
}
