#include "tests/integration/mattermost/listener.hpp"

#include <algorithm>

using namespace jitbot;
using namespace jitbot::mattermost_stand_in;

namespace {

// The server with the recorded commands, and everybody in the team.
struct Desk {
  Desk() : bot(replay, "jitbot"), alice(replay, "alice") {
    replay.exchange("rest_command_create");
    replay.exchange("rest_command_regen_token");
    const Json second = recording("rest_commands_list")["response"]["json"][1];
    const Json made = replay.call("sysadmin", "POST", "/commands",
                                  replay.here(Json{{"team_id", replay.server.team_id()},
                                                   {"method", "G"},
                                                   {"trigger", text_of(second, "trigger")},
                                                   {"url", text_of(second, "url")}}));
    replay.comparison.bind(text_of(second, "token"), text_of(made, "token"));
    // The direct channel of alice and the bot.
    replay.exchange(recording("ev_direct_added")["rest"][0], "direct");
    fresh();
  }

  void fresh() {
    (void)bot.news();
    (void)alice.news();
  }

  static std::vector<net::FormField> sorted(std::string_view body) {
    std::vector<net::FormField> form = net::decode_form(body);
    std::ranges::sort(form, {},
                      [](const net::FormField& field) { return std::pair(field.name, field.value); });
    return form;
  }

  void compare_form(std::string_view recorded, std::string_view given) {
    const auto wanted = sorted(recorded);
    const auto ours = sorted(given);
    REQUIRE(ours.size() == wanted.size());
    for (std::size_t index = 0; index < ours.size(); ++index) {
      INFO(wanted[index].name << " " << ours[index].value);
      CHECK(ours[index].name == wanted[index].name);
      if (wanted[index].name == "trigger_id") continue;
      const bool hook = wanted[index].name == "response_url";
      const std::string value = replay.here(wanted[index].value);
      if (hook)
        replay.comparison.bind(value.substr(value.size() - 26),
                               ours[index].value.substr(ours[index].value.size() - 26));
      CHECK(ours[index].value == replay.comparison.ours(value));
    }
  }

  void compare_call(const Json& recorded, const net::ServerRequest& ours) {
    INFO(ours.path << "?" << ours.query << " " << ours.body);
    const std::string url = text_of(recorded, "url");
    const std::size_t question = std::min(url.find('?'), url.size());
    CHECK(ours.method == text_of(recorded, "method"));
    CHECK(ours.path == url.substr(0, question));
    for (const char* header : {"User-Agent", "Accept", "Content-Type", "Authorization"}) {
      INFO(header);
      CHECK(std::string(net::find_header(ours.headers, header).value_or("")) ==
            replay.comparison.ours(text_of(recorded["headers"], header)));
    }
    if (question < url.size()) compare_form(std::string_view(url).substr(question + 1), ours.query);
    compare_form(text_of(recorded, "body_raw"), ours.body);
  }

  void compare_news(Listener& listener, const Json& frames) {
    std::vector<Json> recorded;
    for (const Json& frame : frames) {
      const std::string name = text_of(frame["json"], "event");
      if (name != "status_change" && name != "channel_viewed") recorded.push_back(frame["json"]);
    }
    const std::vector<Json> ours = listener.news();
    INFO(Json(ours).dump());
    REQUIRE(ours.size() == recorded.size());
    for (std::size_t index = 0; index < ours.size(); ++index)
      CHECK(same(replay.comparison, replay.here(recorded[index]), ours[index]).empty());
  }

  void play(const std::string& name) {
    INFO(name);
    const Json recorded = recording(name);
    const std::size_t before = replay.bot.received.size();
    const bool called = recorded["integration_received"].is_object();
    if (called) replay.bot.answer_next(replay.here(recorded["integration_received"]["responded"]));
    replay.exchange(recorded["client_execute"], name);
    REQUIRE(replay.bot.received.size() - before == (called ? 1U : 0U));
    if (called) compare_call(recorded["integration_received"], replay.bot.received.back());
    compare_news(bot, recorded["bot_ws"]);
    compare_news(alice, recorded["alice_ws"]);
  }

  Replay replay;
  Listener bot;
  Listener alice;
};

}  // namespace

TEST_CASE("slash commands reach the integration, and are answered, as recorded", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  const auto name = GENERATE(
      as<std::string>(), "cmd_ephemeral_json", "cmd_plain_text", "cmd_json_as_text_plain", "cmd_in_channel",
      "cmd_in_channel_username_override", "cmd_attachments", "cmd_channel_id_other", "cmd_extra_responses",
      "cmd_goto_location", "cmd_props", "cmd_type_custom", "cmd_slack_parsing", "cmd_skip_slack_parsing",
      "cmd_empty_json_object", "cmd_empty_body", "cmd_empty_body_json", "cmd_bad_json", "cmd_status_204",
      "cmd_status_401", "cmd_status_500", "cmd_big_body", "cmd_mentions", "cmd_whitespace_unicode",
      "cmd_in_dm", "cmd_in_dm_in_channel", "cmd_get_method", "cmd_user_not_in_channel_public",
      "cmd_unknown_command", "cmd_in_dm_without_team", "cmd_archived_or_foreign_channel");
  Desk desk;
  desk.play(name);
}

TEST_CASE("a command in a thread is answered in it", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Desk desk;
  const Json recorded = recording("cmd_in_thread");
  const auto root = desk.replay.server.as("alice").say("#inc-42", "the root");
  desk.replay.comparison.bind(text_of(recorded["client_execute"]["request"]["body"], "root_id"), *root);
  desk.fresh();
  desk.play("cmd_in_thread");
}

TEST_CASE("an answer into a channel that the user is not in is not posted", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Desk desk;
  const Json recorded = recording("cmd_channel_id_forbidden");
  const Json made = desk.replay.call("sysadmin", "POST", "/channels",
                                     {{"name", "elsewhere"}, {"display_name", "E"}, {"type", "P"}});
  const Json& answer = recorded["integration_received"]["responded"]["body"];
  desk.replay.comparison.bind(text_of(answer, "channel_id"), text_of(made, "id"));
  desk.fresh();
  desk.replay.bot.answer_next(desk.replay.comparison.ours(recorded["integration_received"]["responded"]));
  desk.replay.exchange(recorded["client_execute"], "cmd_channel_id_forbidden");
}

TEST_CASE("a redirect is followed without the form", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Desk desk;
  const Json recorded = recording("cmd_redirect_302");
  for (const Json& each : recorded["integration_received"])
    desk.replay.bot.answer_next(desk.replay.here(each["responded"]));
  desk.replay.exchange(recorded["client_execute"], "cmd_redirect_302");
  REQUIRE(desk.replay.bot.received.size() == 2);
  CHECK(desk.replay.bot.received[1].method == text_of(recorded["integration_received"][1], "method"));
  CHECK(desk.replay.bot.received[1].path == text_of(recorded["integration_received"][1], "url"));
  CHECK(desk.replay.bot.received[1].body.empty());
}

TEST_CASE("an integration that cannot be reached is told as recorded", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Replay replay;
  REQUIRE(replay.server.add_command("jit", "http://127.0.0.1:9/nothing"));
  replay.exchange(recording("cmd_connection_refused")["client_execute"], "cmd_connection_refused");
}

TEST_CASE("delayed answers can be given five times", "[mattermost][recorded]") {
  if (!have_recordings()) return;
  Desk desk;
  desk.play("cmd_for_delayed");
  for (const char* name : {"cmd_delayed_1_ephemeral", "cmd_delayed_2_in_channel", "cmd_delayed_3_plain",
                           "cmd_delayed_4_attachments", "cmd_delayed_5_bad_json", "cmd_delayed_6_fifth",
                           "cmd_delayed_7_sixth"}) {
    INFO(name);
    const Json recorded = recording(name);
    desk.replay.exchange(recorded["post_to_response_url"], name);
    desk.compare_news(desk.bot, recorded["bot_ws"]);
    desk.compare_news(desk.alice, recorded["alice_ws"]);
  }
  desk.replay.exchange("cmd_delayed_unknown_hook");
}

TEST_CASE("delayed answers can be given for half an hour", "[mattermost]") {
  if (!have_recordings()) return;
  Desk desk;
  desk.play("cmd_for_delayed");
  desk.replay.clock.advance(30min + 1s);
  const auto late = desk.replay.send(recording("cmd_delayed_1_ephemeral")["post_to_response_url"]["request"]);
  CHECK(late.status == 404);
}
