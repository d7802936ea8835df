#include "tests/integration/mattermost/recorded.hpp"
#include "tests/unit/net/background.hpp"

using namespace jitbot;
using namespace jitbot::mattermost_stand_in;

namespace {

Json expanded(Json recorded, const char* field, const std::string& by) {
  Json& body = recorded["request"]["body"];
  if (std::string(field) == "blob") {
    body["props"]["blob"] = by;
  } else {
    body["message"] = by;
  }
  return recorded;
}

}  // namespace

TEST_CASE("people and places are told as recorded", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Replay replay;
  for (const char* name : {"rest_user_by_id",
                           "rest_user_by_username",
                           "rest_user_by_email",
                           "rest_users_by_ids",
                           "rest_users_by_usernames",
                           "rest_users_in_channel",
                           "rest_team_by_name",
                           "rest_teams_of_bot",
                           "rest_team_member_one",
                           "rest_channel_by_id",
                           "rest_channel_by_name",
                           "rest_channel_by_teamname_and_name",
                           "rest_channel_member_one",
                           "rest_channel_members_by_ids",
                           "rest_channels_search",
                           "rest_err_404_channel_by_name",
                           "rest_err_404_channel_member",
                           "rest_err_404_user_id",
                           "rest_err_404_user_username",
                           "rest_err_400_user_id_bad",
                           "rest_err_403_private_channel_outsider",
                           "rest_err_404_route",
                           "rest_err_404_posts_ids_route_missing_in_this_version",
                           "rest_head_405",
                           "rest_groups_unlicensed",
                           "rest_groups_by_user_unlicensed",
                           "rest_system_ping",
                           "rest_err_401_bad_token",
                           "rest_err_401_no_token"}) {
    SECTION(name) {
      Json recorded = recording(name);
      // Who looked in from outside had another session then.
      if (std::string(name) == "rest_err_403_private_channel_outsider")
        recorded["request"]["headers"]["Authorization"] = "Bearer " + replay.server.token_of("dave");
      replay.exchange(recorded, name);
    }
  }
  SECTION("the first of the channel's members") {
    replay.exchange("rest_channel_members");
  }
}

TEST_CASE("posts are made, changed and read as recorded", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Replay replay;
  REQUIRE(replay.server.as("alice").say("#inc-42", "before"));
  for (const char* name : {"rest_post_create",
                           "rest_post_create_pending_id",
                           "rest_post_create_pending_id_repeat",
                           "rest_post_thread_reply",
                           "rest_err_400_bad_json",
                           "rest_err_400_bad_root",
                           "rest_err_404_post_get",
                           "rest_post_patch",
                           "rest_err_403_patch_other_post",
                           "rest_post_update_put",
                           "rest_post_get",
                           "rest_posts_channel_page",
                           "rest_thread_get",
                           "rest_reaction_add",
                           "rest_reaction_list",
                           "rest_err_403_reaction_for_other",
                           "rest_reaction_delete",
                           "rest_posts_since_future",
                           "rest_post_delete",
                           "rest_err_404_post_deleted_get",
                           "rest_err_patch_deleted_post",
                           "rest_post_create_empty_message"}) {
    Json recorded = recording(name);
    // The future of then is the past of now.
    if (std::string(name) == "rest_posts_since_future") {
      const std::string path = text_of(recorded["request"], "path");
      const std::string later = std::to_string(to_ms(replay.clock.now()) + 100'000);
      recorded["request"]["path"] = path.substr(0, path.find('=') + 1) + later;
    }
    replay.exchange(recorded, name);
  }
}

TEST_CASE("what is too long is refused as recorded", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Replay replay;
  const std::string long_text(16384, 'x');
  replay.exchange(expanded(recording("rest_err_400_message_too_long"), "message", long_text), "message");
  const std::string huge(1200UL * 1024, 'x');
  Json large = recording("rest_body_too_large");
  large["request"]["body"] = {{"channel_id", replay.server.channel_id("#inc-42")}};
  replay.exchange(expanded(large, "message", huge), "body");
  replay.exchange(expanded(recording("rest_err_400_props_too_long"), "blob", std::string(800'001, 'y')),
                  "props");
}

TEST_CASE("a pending post id counts for thirty seconds, whoever sends it", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Replay replay;
  const Json both = recording("rest_post_pending_id_other_user");
  replay.exchange(both[0], "the first");
  replay.exchange(both[1], "another user's");
  replay.clock.advance(31s);
  replay.exchange("rest_post_pending_id_after_31s");
}

TEST_CASE("of creations at once with one pending post id the first alone is made", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Replay replay;
  const Json three = recording("rest_post_pending_id_concurrent");
  replay.server.be_slow(100ms);
  net::HttpRequest request;
  request.method = "POST";
  request.url = replay.server.url() + "/api/v4/posts";
  request.headers = {{"Authorization", text_of(three[0]["request"]["headers"], "Authorization")}};
  request.body = three[0]["request"]["body"].dump();
  jitbot::testing::Background<Result<net::HttpResponse>> first(replay.loop.executor(),
                                                               replay.http.send(request));
  replay.until([&] { return replay.clock.until_next() == 100ms; });
  const auto second = replay.loop.run(replay.http.send(request));
  REQUIRE(second);
  CHECK(second->status == three[1]["response"]["status"].get<int>());
  CHECK(same(replay.comparison, three[1]["response"]["json"], Json::parse(second->body)).empty());
  replay.clock.advance(100ms);
  replay.until([&] { return first.done(); });
  REQUIRE(first.value());
  CHECK(first.value()->status == three[0]["response"]["status"].get<int>());
}

TEST_CASE("direct and group channels are opened as recorded", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Replay replay;
  for (const char* name : {"rest_dm_create", "rest_dm_create_again", "rest_dm_post", "rest_gm_create"})
    replay.exchange(name);
  for (const Json& each : recording("rest_dm_to_deactivated")) replay.exchange(each, "to who is deactivated");
}

TEST_CASE("catching up tells edits, deletions and reactions as recorded", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Replay replay;
  const std::int64_t before = to_ms(replay.clock.now());
  replay.clock.advance(1s);
  const auto edited = replay.server.as("alice").say("#inc-42", "since 1");
  const auto gone = replay.server.as("alice").say("#inc-42", "since 2");
  REQUIRE(replay.server.as("alice").edit(*edited, "since 1 edited"));
  REQUIRE(replay.server.as("alice").remove(*gone));
  REQUIRE(replay.server.as("bob").react(*edited, "eyes"));
  Json recorded = recording("rest_posts_since")["rest"];
  const std::string path = text_of(recorded["request"], "path");
  recorded["request"]["path"] = path.substr(0, path.find('=') + 1) + std::to_string(before);
  replay.exchange(recorded, "since");
  replay.exchange("rest_reactions_bulk");
  // Nothing came after the newest that stands.
  replay.exchange(recording("rest_posts_after")["rest"], "after");
}

TEST_CASE("what only administrators may say to one alone is as recorded", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Replay replay;
  replay.exchange("rest_ephemeral_by_bot");
  replay.exchange("rest_ephemeral_by_admin");
  Json foreign = recording("rest_post_all_into_foreign_private");
  const Json made = replay.call("sysadmin", "POST", "/channels",
                                {{"name", "elsewhere"}, {"display_name", "E"}, {"type", "P"}});
  replay.comparison.bind(text_of(foreign["request"]["body"], "channel_id"), text_of(made, "id"));
  replay.exchange("rest_bot_role_post_all");
  replay.exchange("rest_ephemeral_by_bot_post_all");
  replay.exchange(foreign, "rest_post_all_into_foreign_private");
  replay.call("sysadmin", "PUT", "/users/" + replay.server.id_of("jitbot") + "/roles",
              {{"roles", "system_user system_admin"}});
  replay.exchange("rest_ephemeral_by_bot_admin");
  replay.exchange("rest_ephemeral_to_nonmember");
}

TEST_CASE("a lost database looks as recorded", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Replay replay;
  SECTION("with sessions that are not known") {
    const Json all = recording("rest_err_500_db_down");
    replay.server.lose_database(Database::lost_cold);
    for (const char* part : {"get_posts", "create_post", "user_by_name", "ping"})
      replay.exchange(all[part], part);
  }
  SECTION("with sessions that are") {
    const Json all = recording("rest_err_500_db_down_warm_session");
    replay.exchange("rest_users_me_bot");
    replay.server.lose_database(Database::lost_warm);
    for (const char* part : {"get_posts", "create_post", "user_by_name", "post_patch", "ping", "dm"})
      replay.exchange(all[part], part);
    replay.server.restore_database();
    replay.exchange("rest_post_retry_same_pending_id_after_failure");
  }
}

TEST_CASE("too many calls are refused as recorded", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Replay replay;
  const Json recorded = recording("rest_rate_limit");
  replay.server.limit_rate({.per_second = 5, .burst = 10});
  std::vector<int> statuses;
  net::HttpResponse last;
  for (int call = 0; call < 19; ++call) {
    last = replay.send(recorded["limited_example"]["request"]);
    statuses.push_back(last.status);
  }
  Json expected = recorded["statuses"];
  expected.erase(expected.size() - 1);  // the last came after a pause
  CHECK(Json(statuses) == expected);
  const Json& limited = recorded["limited_example"]["response"];
  CHECK(last.body == limited["text"].get<std::string>());
  for (const char* header : {"retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "content-type"})
    CHECK(std::string(net::find_header(last.headers, header).value_or("")) ==
          text_of(limited["headers"], header));
  replay.clock.advance(1s);
  CHECK(replay.send(recorded["limited_example"]["request"]).status == 200);
}
