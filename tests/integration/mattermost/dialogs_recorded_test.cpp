#include "tests/integration/mattermost/listener.hpp"
#include "tests/unit/net/background.hpp"

using namespace jitbot;
using namespace jitbot::mattermost_stand_in;

namespace {

// Bob clicks a button whose integration keeps the trigger id.
struct Counter {
  Counter() : bob(replay, "bob") {
    const Json action = {
        {"id", "open"},
        {"type", "button"},
        {"name", "Open"},
        {"integration", {{"url", replay.bot.url() + "/mm/action"}, {"context", {{"a", 1}}}}}};
    post = replay.server.as("jitbot")
               .say_with("#approvals", "x", {{"attachments", {{{"actions", Json::array({action})}}}}})
               .value();
    (void)bob.news();
  }

  std::string trigger() {
    REQUIRE(replay.loop.run(replay.server.as("bob").click(post, "open")).status == 200);
    return text_of(Json::parse(replay.bot.received.back().body), "trigger_id");
  }

  // The recorded request to open a dialog, with a trigger id of ours.
  Json request(const std::string& name, const std::string& trigger_id) {
    Json recorded = recording(name)["rest"];
    recorded["request"]["body"]["trigger_id"] = trigger_id;
    return recorded;
  }

  void compare_news(const Json& frames) {
    const std::vector<Json> ours = bob.news();
    INFO(Json(ours).dump());
    REQUIRE(ours.size() == frames.size());
    for (std::size_t index = 0; index < ours.size(); ++index)
      CHECK(same(replay.comparison, replay.here(frames[index]["json"]), ours[index]).empty());
  }

  Replay replay;
  Listener bob;
  std::string post;
};

}  // namespace

TEST_CASE("dialogs are opened as recorded", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Counter counter;
  const std::string trigger = counter.trigger();
  // Both calls belong to one trigger id: it may be used again.
  for (const char* name : {"dlg_open_ok", "dlg_open_same_trigger_again"}) {
    counter.replay.exchange(counter.request(name, trigger), name);
    counter.compare_news(recording(name)["bob_ws"]);
  }
}

TEST_CASE("dialogs of another shape are opened as recorded", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Counter counter;
  const auto name =
      GENERATE(as<std::string>(), "dlg_open_long_title", "dlg_open_no_elements", "dlg_open_no_url");
  counter.replay.exchange(counter.request(name, counter.trigger()), name);
  counter.compare_news(recording(name)["bob_ws"]);
}

TEST_CASE("a trigger id that is none, is old or another's opens nothing", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Counter counter;
  SECTION("none") {
    counter.replay.exchange(recording("dlg_open_bad_trigger")["rest"], "dlg_open_bad_trigger");
  }
  SECTION("old") {
    const std::string trigger = counter.trigger();
    counter.replay.clock.advance(4s);
    counter.replay.exchange(counter.request("dlg_open_expired", trigger), "dlg_open_expired");
  }
  SECTION("another's") {
    std::string text = unbase64(counter.trigger());
    text.replace(27, 26, counter.replay.server.id_of("carol"));
    counter.replay.exchange(counter.request("dlg_open_forged_user", base64(text)), "dlg_open_forged_user");
  }
  CHECK(counter.bob.news().empty());
  CHECK_FALSE(counter.replay.server.as("bob").dialog());
}

TEST_CASE("a dialog can be opened before the click is answered", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Counter counter;
  const Json recorded = recording("dlg_open_from_button_inside_handler");
  StandIn& server = counter.replay.server;
  Json open = counter.replay.here(recorded["open"]["request"]["body"]);
  int status = 0;
  counter.replay.bot.before_answer = [&](const net::ServerRequest& request) -> Task<void> {
    open["trigger_id"] = text_of(Json::parse(request.body), "trigger_id");
    status = server.as("jitbot").call("POST", "/actions/dialogs/open", open).status;
    return jitbot::testing::a_turn();
  };
  const Outcome clicked = counter.replay.loop.run(server.as("bob").click(counter.post, "open"));
  CHECK(status == recorded["open"]["response"]["status"].get<int>());
  const std::vector<Json> news = counter.bob.news();
  REQUIRE(news.size() == 1);
  const Json dialog = Json::parse(text_of(news[0]["data"], "dialog"));
  CHECK(text_of(dialog, "trigger_id") == text_of(clicked.json, "trigger_id"));
  CHECK(same(counter.replay.comparison, counter.replay.here(recorded["bob_ws"][0]["json"]), news[0]).empty());
}

TEST_CASE("submissions reach the integration, and are answered, as recorded", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  const auto name = GENERATE(as<std::string>(), "dlg_submit_ok_json", "dlg_submit_ok_empty",
                             "dlg_submit_cancel", "dlg_submit_errors", "dlg_submit_error_generic",
                             "dlg_submit_error_both", "dlg_submit_400_json", "dlg_submit_500",
                             "dlg_submit_bad_json", "dlg_submit_bad_values", "dlg_submit_forged_user",
                             "dlg_submit_no_dialog_ever", "dlg_submit_dm", "dlg_submit_foreign_channel");
  Replay replay;
  const Json recorded = recording(name);
  if (name == "dlg_submit_dm") replay.exchange("rest_dm_create");
  for (const Json& each : recorded["integration_received"]) replay.bot.answer_next(each["responded"]);
  replay.exchange(recorded["client_submit"], name);
  REQUIRE(replay.bot.received.size() == recorded["integration_received"].size());
  if (replay.bot.received.empty()) return;
  const net::ServerRequest& ours = replay.bot.received[0];
  const Json& theirs = recorded["integration_received"][0];
  CHECK(ours.path == text_of(theirs, "url"));
  for (const char* header : {"User-Agent", "Accept", "Content-Type", "Authorization"}) {
    CHECK(std::string(net::find_header(ours.headers, header).value_or("")) ==
          text_of(theirs["headers"], header));
  }
  CHECK(same(replay.comparison, replay.here(theirs["json"]), Json::parse(ours.body)).empty());
}
