#include "tests/integration/mattermost/listener.hpp"
#include "tests/unit/net/background.hpp"

#include <algorithm>

using namespace jitbot;
using namespace jitbot::mattermost_stand_in;

namespace {

// The approvals channel with a post like the recorded one, whose buttons point to our integration.
struct Board {
  explicit Board(const std::string& recorded_post = {}) {
    const Json created = recording("act_post_create")["rest"];
    replay.exchange(Json{{"request", replay.here(created["request"])}, {"response", created["response"]}},
                    "act_post_create");
    post = replay.server.messages(replay.server.channel_id("#approvals")).back().id;
    if (!recorded_post.empty()) replay.comparison.bind(recorded_post, post);
  }

  // The post a recorded click was about is this one.
  void stand_for(const Json& click) {
    const std::string path = text_of(click["request"], "path");
    const std::string id = path.substr(std::string("/api/v4/posts/").size(), 26);
    if (replay.comparison.ours(id) == id) replay.comparison.bind(id, post);
  }

  void play(const std::string& name) {
    INFO(name);
    const Json recorded = recording(name);
    stand_for(recorded["client_click"]);
    const std::size_t before = replay.bot.received.size();
    for (const Json& each : recorded["integration_received"])
      replay.bot.answer_next(replay.here(each["responded"]));
    replay.exchange(recorded["client_click"], name);
    REQUIRE(replay.bot.received.size() - before == recorded["integration_received"].size());
    for (std::size_t index = before; index < replay.bot.received.size(); ++index) {
      compare_call(recorded["integration_received"][index - before], replay.bot.received[index]);
    }
  }

  void compare_call(const Json& recorded, const net::ServerRequest& ours) {
    INFO(ours.body);
    CHECK(ours.method == text_of(recorded, "method"));
    CHECK(ours.path == text_of(recorded, "url"));
    for (const char* header : {"User-Agent", "Accept", "Content-Type", "Authorization"}) {
      INFO(header);
      CHECK(std::string(net::find_header(ours.headers, header).value_or("")) ==
            replay.comparison.ours(text_of(recorded["headers"], header)));
    }
    CHECK(same(replay.comparison, replay.here(recorded["json"]), Json::parse(ours.body)).empty());
  }

  Replay replay;
  std::string post;
};

}  // namespace

TEST_CASE("a post with buttons shows nobody what they carry", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Board board;
  for (const char* name : {"act_post_get_by_admin", "act_post_get_by_bot", "act_post_get_by_user"})
    board.replay.exchange(name);
}

TEST_CASE("clicks reach the integration, and are answered, as recorded", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  const auto name =
      GENERATE(as<std::string>(), "act_click_empty_json", "act_click_by_bot", "act_click_error_form",
               "act_click_ephemeral", "act_select_static", "act_select_static_forged", "act_select_users",
               "act_click_auto_id", "act_click_204", "act_click_403", "act_click_500", "act_click_bad_json",
               "act_click_empty_body", "act_click_unknown_action", "act_click_underscore_id",
               "act_click_unreachable", "act_click_reserved_ip");
  Board board;
  Listener bob(board.replay, "bob");
  (void)bob.news();
  board.play(name);
  const std::vector<Json> ours = bob.news();
  const Json recorded = recording(name)["bob_ws"];
  INFO(Json(ours).dump());
  REQUIRE(ours.size() == recorded.size());
  for (std::size_t index = 0; index < ours.size(); ++index)
    CHECK(same(board.replay.comparison, recorded[index]["json"], ours[index]).empty());
}

TEST_CASE("a click whose answer updates the post does to it what was recorded", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Board board;
  board.play("act_click_update_message_only");
  board.replay.exchange("act_after_update_message_only");
  board.play("act_click_update_with_new_actions");
  board.replay.exchange("act_after_update_new_actions");
  board.play("act_click_stale_action");
  board.play("act_click_update_empty_props");
  board.replay.exchange("act_after_update_empty_props");
  board.play("act_click_after_buttons_removed");
}

TEST_CASE("an update changes the text, the props, and nothing else", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  SECTION("whatever it says of the channel, the author, the type and the thread") {
    Replay replay;
    const Json recorded = recording("act_update_other_fields");
    const Json sent = recorded["bot_ws"][0]["json"]["data"]["post"];
    const Json context = recorded["integration_received"][0]["json"]["context"];
    const Json props = {
        {"attachments",
         {{{"text", "x"},
           {"actions",
            {{{"id", "approve"},
              {"type", "button"},
              {"name", "Approve"},
              {"integration", {{"url", replay.bot.url() + "/mm/action"}, {"context", context}}}}}}}}}};
    const auto post = replay.server.as("jitbot").say_with("#approvals", "Approval needed R-2", props);
    REQUIRE(post);
    replay.comparison.bind(text_of(Json::parse(sent.get<std::string>()), "id"), *post);
    replay.bot.answer_next(recorded["integration_received"][0]["responded"]);
    replay.exchange(recorded["client_click"], "click");
    replay.exchange("act_after_update_other_fields");
  }
  SECTION("and a missing text is an empty one") {
    Board board;
    const Json recorded = recording("act_click_update_without_message");
    board.stand_for(recorded["client_click"]);
    board.replay.bot.answer_next(recorded["integration_received"][0]["responded"]);
    board.replay.exchange(recorded["client_click"], "click");
    const auto after = board.replay.server.message(board.post);
    REQUIRE(after);
    CHECK(after->text == text_of(recorded["after"]["response"]["json"], "message"));
    CHECK(after->buttons.empty());
  }
}

TEST_CASE("a patch by REST replaces all props", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Board board;
  const Json recorded = recording("act_rest_patch_strip_buttons");
  board.stand_for(recorded["patch"]);
  board.replay.exchange(recorded["patch"], "patch");
  board.replay.exchange(recorded["after"], "after");
}

TEST_CASE("writing back what was shown crashes the server", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Board board;
  net::HttpRequest request;
  request.method = "PUT";
  request.url = board.replay.server.url() + "/api/v4/posts/" + board.post + "/patch";
  request.headers = {{"Authorization", "Bearer " + board.replay.server.token_of("jitbot")}};
  request.body = Json{{"props", board.replay.server.message(board.post)->props}}.dump();
  const auto response = board.replay.loop.run(board.replay.http.send(std::move(request)));
  REQUIRE_FALSE(response);
  CHECK(response.error().kind == ErrorKind::outcome_unknown);
  // And the buttons work as before.
  CHECK(board.replay.loop.run(board.replay.server.as("bob").click(board.post, "Approve")).status == 200);
}

TEST_CASE("the answer to a click is written after what was patched meanwhile", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Board board;
  const Json recorded = recording("act_rest_patch_then_reply_update");
  board.stand_for(recorded["click"]);
  StandIn& server = board.replay.server;
  const std::string post = board.post;
  const std::string reply = text_of(recorded["after"]["response"]["json"], "message");
  board.replay.bot.answer_next(
      {{"status", 200}, {"body", {{"update", {{"message", reply}, {"props", Json::object()}}}}}});
  board.replay.bot.before_answer = [&server, post](const net::ServerRequest&) -> Task<void> {
    const Answer patched =
        server.as("jitbot").call("PUT", "/posts/" + post + "/patch", {{"message", "by REST"}});
    CHECK(patched.status == 200);
    return jitbot::testing::a_turn();
  };
  board.replay.exchange(recorded["click"], "click");
  board.replay.exchange(recorded["after"], "after");
}

TEST_CASE("who is not in the channel cannot click, nor on what is not there", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Board board;
  board.play("act_click_outsider");
  board.replay.call("sysadmin", "POST", "/teams/" + board.replay.server.team_id() + "/members",
                    {{"user_id", board.replay.server.id_of("dave")}});
  board.play("act_click_team_member_not_in_public_channel");
  board.replay.exchange(recording("act_click_unknown_post")["client_click"], "act_click_unknown_post");
  REQUIRE(board.replay.server.as("jitbot").remove(board.post));
  board.play("act_click_deleted_post");
}

TEST_CASE("a click in a direct channel has no team", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Replay replay;
  const Json recorded = recording("act_click_in_dm");
  const Json context = recorded["integration_received"][0]["json"]["context"];
  const Json action = {{"id", "approve"},
                       {"type", "button"},
                       {"name", "Approve"},
                       {"integration", {{"url", replay.bot.url() + "/mm/action"}, {"context", context}}}};
  const auto post = replay.server.as("jitbot").say_with(
      "@bob", "x", {{"attachments", {{{"actions", Json::array({action})}}}}});
  REQUIRE(post);
  const Json& received = recorded["integration_received"][0]["json"];
  replay.comparison.bind(text_of(received, "post_id"), *post);
  replay.comparison.bind(text_of(received, "channel_id"), replay.server.dm_id("bob", "jitbot"));
  replay.exchange(recorded["client_click"], "act_click_in_dm");
  CHECK(same(replay.comparison, received, Json::parse(replay.bot.received.at(0).body)).empty());
}

TEST_CASE("clicks at once are all told, and none twice", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Board board;
  const Json recorded = recording("act_concurrent_clicks");
  board.stand_for(recorded["clicks"][0]);
  for (const Json& click : recorded["clicks"]) board.replay.exchange(click, "click");
  CHECK(board.replay.bot.received.size() == recorded["integration_received"].size());
}

TEST_CASE("anybody can make a button that calls the integration with another's click",
          "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Replay replay;
  const Json recorded = recording("act_forged_button_by_alice");
  const Json& received = recorded["integration_received"][0]["json"];
  const Json action = {
      {"id", "approve"},
      {"type", "button"},
      {"name", "Approve"},
      {"integration", {{"url", replay.bot.url() + "/mm/action"}, {"context", received["context"]}}}};
  const auto post = replay.server.as("alice").say_with(
      "#approvals", "click me", {{"attachments", {{{"actions", Json::array({action})}}}}});
  REQUIRE(post);
  replay.comparison.bind(text_of(received, "post_id"), *post);
  replay.exchange(recorded["client_click"], "act_forged_button_by_alice");
  CHECK(same(replay.comparison, received, Json::parse(replay.bot.received.at(0).body)).empty());
}

TEST_CASE("an ephemeral button's cookie is the channel's, not its reader's", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Replay replay;
  const Json shown_then = recording("act_ephemeral_post_with_cookie")["post"];
  const Json received = recording("act_ephemeral_click_with_cookie")["integration_received"][0]["json"];
  const Json action = {
      {"id", "confirm1"},
      {"type", "button"},
      {"name", "Confirm"},
      {"integration", {{"url", replay.bot.url() + "/mm/action"}, {"context", received["context"]}}}};
  REQUIRE(replay.server.add_command("jitbot", replay.bot.url() + "/mm/command"));
  replay.bot.answer_next({{"status", 200},
                          {"body",
                           {{"text", text_of(shown_then, "message")},
                            {"attachments", {{{"text", "confirm"}, {"actions", Json::array({action})}}}}}}});
  CHECK(replay.loop.run(replay.server.as("bob").command("#inc-42", "/jitbot x")).status == 200);
  const std::vector<Message> seen = replay.server.as("bob").ephemerals();
  REQUIRE(seen.size() == 1);
  REQUIRE(seen[0].buttons.size() == 1);
  const std::string cookie = seen[0].buttons[0].cookie;
  replay.comparison.bind(text_of(shown_then, "id"), seen[0].id);
  const auto play = [&](const std::string& name, const std::string& with) {
    Json recorded = recording(name);
    if (!with.empty()) recorded["client_click"]["request"]["body"]["cookie"] = with;
    const Json& calls = recorded["integration_received"];
    for (const Json& each : calls) replay.bot.answer_next(each["responded"]);
    const std::size_t before = replay.bot.received.size();
    replay.exchange(recorded["client_click"], name);
    REQUIRE(replay.bot.received.size() - before == calls.size());
    if (calls.empty()) return;
    CHECK(same(replay.comparison, calls[0]["json"], Json::parse(replay.bot.received.back().body)).empty());
  };
  play("act_ephemeral_click_no_cookie", "");
  play("act_ephemeral_click_tampered_cookie", cookie + "A");
  play("act_ephemeral_click_with_update", cookie);
  play("act_ephemeral_click_by_other_user", cookie);
}

TEST_CASE("a trigger id is signed by the key that the server shows", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Board board;
  REQUIRE(board.replay.loop.run(board.replay.server.as("bob").click(board.post, "Approve")).status == 200);
  const Json call = Json::parse(board.replay.bot.received.at(0).body);
  const std::string ours = unbase64(text_of(call, "trigger_id"));
  const std::string recorded = unbase64(text_of(recording("trigger_id_signature"), "trigger_id"));
  CHECK(std::ranges::count(ours, ':') == std::ranges::count(recorded, ':'));
  CHECK(ours.substr(27, 26) == board.replay.server.id_of("bob"));
  const std::string signature = unbase64(ours.substr(ours.rfind(':') + 1));
  CHECK(signature.starts_with("\x30"));  // a DER sequence
  CHECK(signature.size() >= 68);
}
