#include "tests/support/recordings.hpp"
#include "tests/unit/sandbox/harness.hpp"

#include <fmt/format.h>

#include <fstream>

using namespace jitbot;
using namespace jitbot::sandbox;
using namespace jitbot::sandbox::testing;

namespace {

// Traffic recorded by Slack's SDKs; nothing where the folder is missing.
std::optional<Json> recorded(const std::string& name) {
  std::ifstream file(jitbot::testing::recordings("slack") / (name + ".json"));
  if (!file) return std::nullopt;
  return Json::parse(file);
}

// Every member that Slack's recording has and ours lacks or gives another type.
void compare(const Json& theirs, const Json& ours, const std::string& where,
             std::vector<std::string>& lacking) {
  if (theirs.is_object()) {
    for (const auto& [key, value] : theirs.items()) {
      const std::string place = fmt::format("{}/{}", where, key);
      if (!ours.is_object() || !ours.contains(key)) {
        lacking.push_back(place);
      } else {
        compare(value, ours[key], place, lacking);
      }
    }
    return;
  }
  if (theirs.is_array()) {
    if (!ours.is_array()) {
      lacking.push_back(where);
    } else if (!theirs.empty() && !ours.empty()) {
      compare(theirs[0], ours[0], where + "/0", lacking);
    }
    return;
  }
  const bool same =
      theirs.type() == ours.type() || (theirs.is_number() && ours.is_number()) || ours.is_null();
  if (!same) lacking.push_back(where + " (type)");
}

void check_against(const std::string& name, const Json& ours) {
  const auto theirs = recorded(name);
  if (!theirs) {
    WARN("skipped: no recording " << name << " (set JITBOT_FIXTURES)");
    return;
  }
  std::vector<std::string> lacking;
  compare(*theirs, ours, "", lacking);
  CAPTURE(name, ours.dump());
  CHECK(lacking == std::vector<std::string>{});
}

}  // namespace

TEST_CASE("what the sandbox sends has every member of Slack's recorded traffic") {
  Harness h;
  const auto socket = h.connect();
  check_against("sm_hello", socket->of_type("hello").front());

  CommandInput command;
  command.user = "alice";
  command.channel = "#general";
  h.start(h.sandbox.run_command(command));
  check_against("sm_env_slash_commands", h.envelope(socket, "slash_commands"));

  ShortcutInput shortcut;
  shortcut.user = "alice";
  h.start(h.sandbox.shortcut(shortcut));
  check_against("sm_env_interactive_global_shortcut", h.envelope(socket, "interactive"));

  SayInput said;
  said.user = "alice";
  said.channel = "#general";
  said.text = "@jit";
  REQUIRE(h.sandbox.say(said).has_value());
  check_against("sm_env_events_api_app_mention", h.envelope(socket, "events_api"));

  const Json posted = h.call(
      "chat.postMessage",
      {{"channel", "C0GENERAL"}, {"text", "card"}, {"blocks", Json::array({button_block("approve", "v")})}});
  ClickInput click;
  click.user = "alice";
  click.channel = "#general";
  click.ts = posted["ts"].get<std::string>();
  click.action_id = "approve";
  h.start(h.sandbox.click(click));
  check_against("sm_env_interactive_block_actions", h.envelope(socket, "interactive", 1));

  Json home = {{"type", "home"}, {"blocks", Json::array({text_block("x"), button_block("clear", "v")})}};
  home["blocks"][1]["elements"][0]["style"] = "danger";
  home["blocks"][1]["elements"][0]["confirm"] = {{"title", {{"type", "plain_text"}, {"text", "Clear"}}},
                                                 {"text", {{"type", "plain_text"}, {"text", "Sure?"}}},
                                                 {"confirm", {{"type", "plain_text"}, {"text", "Yes"}}},
                                                 {"deny", {{"type", "plain_text"}, {"text", "No"}}}};
  const Json published = h.call("views.publish", {{"user_id", "U0ALICE01"}, {"view", home}});
  ClickInput on_home;
  on_home.user = "alice";
  on_home.view = published["view"]["id"].get<std::string>();
  on_home.action_id = "clear";
  h.start(h.sandbox.click(on_home));
  check_against("ia_block_actions_modal_view", h.envelope(socket, "interactive", 2)["payload"]);

  REQUIRE(h.sandbox.open_home("alice", HomeTab::home).has_value());
  Json opened = h.envelope(socket, "events_api", 1)["payload"];
  auto theirs = recorded("ev_app_home_opened");
  if (theirs) opened["event"]["view"]["blocks"] = (*theirs)["event"]["view"]["blocks"];  // each app's own
  check_against("ev_app_home_opened", opened);

  h.sandbox.disconnect(DisconnectReason::refresh_requested);
  check_against("sm_disconnect_refresh_requested", h.envelope(socket, "disconnect"));
}

TEST_CASE("directory events have the members of Slack's recordings") {
  Harness h;
  const auto socket = h.connect();
  REQUIRE(h.sandbox.set_group_members("approvers", {"carol", "erin"}).has_value());
  check_against("ev_inner_subteam_members_changed", h.envelope(socket, "events_api")["payload"]["event"]);
  REQUIRE(h.sandbox.rename_channel("#general", "lobby").has_value());
  check_against("ev_inner_channel_rename", h.envelope(socket, "events_api", 2)["payload"]["event"]);
  h.sandbox.revoke_tokens();
  Json revoked = h.envelope(socket, "events_api", 3)["payload"];
  revoked["enterprise_id"] = "E1";  // recorded on an Enterprise Grid; ours is a single workspace
  check_against("ev_tokens_revoked", revoked);
}
