#include "tests/unit/slack/decoding.hpp"
#include "tests/unit/slack/fixtures.hpp"

using namespace jitbot;
using namespace jitbot::slack;
using namespace jitbot::slack::testing;
using jitbot::testing::have_slack_fixtures;
using jitbot::testing::recordings;
using jitbot::testing::slack_fixture;

namespace {

constexpr const char* k_button = "7K3F|1a2b3c4d5e6f|approve";

EnvelopeType type_of(const Json& payload) {
  if (payload.contains("command")) return EnvelopeType::slash_commands;
  return payload.contains("event") || payload.value("type", "") == "event_callback"
             ? EnvelopeType::events_api
             : EnvelopeType::interactive;
}

Heard click_in(const std::string& name, const Self& self) {
  Json payload = slack_fixture(name);
  payload["actions"][0]["value"] = k_button;
  return only(decode_payload(EnvelopeType::interactive, payload, self));
}

Envelope envelope_in(const std::string& name) {
  const Frame frame = read_frame(slack_fixture(name).dump());
  const auto* envelope = std::get_if<Envelope>(&frame);
  REQUIRE(envelope != nullptr);
  return *envelope;
}

}  // namespace

TEST_CASE("a recorded hello tells connections, lifetime and app", "[slack][recorded]") {
  if (!have_slack_fixtures()) return;
  const Frame frame = read_frame(slack_fixture("sm_hello").dump());
  const auto* hello = std::get_if<Hello>(&frame);
  REQUIRE(hello != nullptr);
  CHECK(hello->num_connections == 2);
  CHECK(hello->lifetime_s == 18060);
  CHECK(hello->app_id == "A111");
}

TEST_CASE("recorded disconnects tell their reasons", "[slack][recorded]") {
  if (!have_slack_fixtures()) return;
  const auto [name, reason] = GENERATE(table<std::string, DisconnectReason>({
      {"sm_disconnect_warning", DisconnectReason::warning},
      {"sm_disconnect_refresh_requested", DisconnectReason::refresh_requested},
      {"sm_disconnect_too_many_websockets", DisconnectReason::too_many_websockets},
      {"sm_disconnect_link_disabled", DisconnectReason::link_disabled},
  }));
  const Frame frame = read_frame(slack_fixture(name).dump());
  const auto* disconnect = std::get_if<Disconnect>(&frame);
  REQUIRE(disconnect != nullptr);
  CHECK(disconnect->reason == reason);
}

TEST_CASE("a recorded slash command is what its person said", "[slack][recorded]") {
  if (!have_slack_fixtures()) return;
  const Envelope envelope = envelope_in("sm_env_slash_commands");
  CHECK(envelope.id == "1d3c79ab-0ffb-41f3-a080-d19e85f53649");
  CHECK(envelope.accepts_response);
  const Heard heard = only(decode(envelope, k_self, k_received));
  CHECK(heard.inbound.key == "command:111.222.xxx");
  CHECK(heard.inbound.from == PrincipalId{"slack:T111", "U111"});
  CHECK(heard.inbound.at == k_received);
  CHECK(heard.inbound.reply.channel == "C111");
  CHECK(heard.inbound.reply.url.reveal() == "https://hooks.slack.com/commands/T111/111/xxx");
  CHECK(heard.trigger == "111.222.xxx");
  CHECK(std::get<Said>(heard.inbound.what).text.empty());
}

TEST_CASE("a recorded click names person, button and message", "[slack][recorded]") {
  if (!have_slack_fixtures()) return;
  Json frame = slack_fixture("sm_env_interactive_block_actions");
  frame["payload"]["actions"][0]["value"] = k_button;
  const Frame read = read_frame(frame.dump());
  const auto* envelope = std::get_if<Envelope>(&read);
  REQUIRE(envelope != nullptr);
  CHECK_FALSE(envelope->accepts_response);
  const Heard heard = only(decode(*envelope, k_self, k_received));
  CHECK(heard.inbound.key == "click:1605853645.582706/U111/a/1605853634.000400");
  CHECK(heard.inbound.at == time_from_ms(1605853645582));
  CHECK(heard.inbound.reply.channel == "C111");
  CHECK(heard.inbound.reply.message == "1605853634.000400");
  CHECK(heard.inbound.reply.where == ReplyTo::Where::channel);
  const auto& button = std::get<Clicked>(heard.inbound.what).button;
  CHECK(button.request.value == "7K3F");
  CHECK(button.digest_prefix == "1a2b3c4d5e6f");
  CHECK(button.act == Act::approve);
}

TEST_CASE("a recorded click on a button that is not ours is ignored", "[slack][recorded]") {
  if (!have_slack_fixtures()) return;
  const std::string name = GENERATE("ia_block_actions_message_button", "ia_block_actions_enterprise",
                                    "ia_block_actions_ephemeral_state", "ia_block_actions_modal_view");
  CHECK(ignored(decode_payload(EnvelopeType::interactive, slack_fixture(name))));
}

TEST_CASE("clicks on ephemeral messages, in threads and from an organisation are understood",
          "[slack][recorded]") {
  if (!have_slack_fixtures()) return;
  const Heard alone = click_in("ia_block_actions_ephemeral_state", k_self);
  CHECK(alone.inbound.reply.message.empty());  // nobody can edit what one person alone sees
  CHECK_FALSE(alone.inbound.reply.channel.empty());
  CHECK(click_in("ia_block_actions_ephemeral_thread", k_self).inbound.reply.thread == "1693616242.466609");
  const Heard org = click_in("ia_block_actions_enterprise", k_self);  // "team" is null there
  CHECK(org.inbound.from == PrincipalId{"slack:T111", "W111"});
  CHECK(org.inbound.reply.channel == "C111");
}

TEST_CASE("a stranger's click is passed on as his own, under our workspace", "[slack][recorded]") {
  if (!have_slack_fixtures()) return;
  const Self self{"T9TK3CUKW", "", "UAJ2RU415", "BAH5CA16Z"};
  const Heard heard = click_in("ia_block_actions_SYNTHETIC_slack_connect_stranger", self);
  CHECK(heard.inbound.from == PrincipalId{"slack:T9TK3CUKW", "U0EXTERNAL"});
  CHECK(heard.inbound.reply.channel == "C0SHARED");
}

TEST_CASE("a recorded mention is what follows the bot's name", "[slack][recorded]") {
  if (!have_slack_fixtures()) return;
  const Self first{"T111", "", "U111", "B1"};
  const Heard bare = only(decode(envelope_in("sm_env_events_api_app_mention"), first, k_received));
  CHECK(bare.inbound.key == "event:Ev111");
  CHECK(bare.inbound.from.user == "U222");
  CHECK(std::get<Said>(bare.inbound.what).text.empty());
  const Self second{"T111", "", "U222", "B1"};
  const Heard hey = only(decode(envelope_in("sm_env_events_api_retry"), second, k_received));
  CHECK(hey.inbound.key == "event:Ev01ERKCFKK9");
  CHECK(hey.inbound.at == time_from_ms(1605853844000));
  CHECK(std::get<Said>(hey.inbound.what).text == "hey");
  CHECK(hey.trigger.empty());
}

TEST_CASE("recorded forms of others, shortcuts of others and closed views are ignored", "[slack][recorded]") {
  if (!have_slack_fixtures()) return;
  const std::string name = GENERATE("ia_view_submission_inputs", "ia_view_submission_response_url_enabled",
                                    "ia_view_closed", "ia_message_shortcut");
  CHECK(ignored(decode_payload(EnvelopeType::interactive, slack_fixture(name))));
  CHECK(ignored(decode(envelope_in("sm_env_interactive_global_shortcut"), k_self, k_received)));
}

TEST_CASE("recorded changes of people, groups and channels refresh", "[slack][recorded]") {
  if (!have_slack_fixtures()) return;
  const auto decoded = [](const Json& payload, const Self& self) {
    return only(decode_payload(EnvelopeType::events_api, payload, self)).inbound;
  };
  Json changed = slack_fixture("ev_user_change_shape");
  changed["event"]["user"]["id"] = "U9";
  changed["event_id"] = "Ev9";
  CHECK(std::get<PersonChanged>(decoded(changed, k_self).what).who == PrincipalId{"slack:T111", "U9"});
  const Json members = event(slack_fixture("ev_inner_subteam_members_changed"));
  CHECK(std::get<GroupChanged>(decoded(members, k_self).what).source == "slack:usergroup/S0614TZR7");
  const Json renamed = event(slack_fixture("ev_inner_channel_rename"));
  CHECK(std::get<ChannelChanged>(decoded(renamed, k_self).what).channel == "C02ELGNBH");
  CHECK(std::get<ChannelChanged>(decoded(renamed, k_self).what).what == "renamed");
  const Json joined = event(slack_fixture("ev_inner_member_joined_channel"));
  CHECK(std::get<GroupChanged>(decoded(joined, k_self).what).source ==
        "slack:channel/" + joined.at("event").at("channel").get<std::string>());
  const Self us{"T111", "", "W06GH7XHN", "B1"};
  CHECK(std::get<ChannelChanged>(decoded(joined, us).what).what == "joined");
}

TEST_CASE("recorded messages of bots and payloads without event are ignored", "[slack][recorded]") {
  if (!have_slack_fixtures()) return;
  const std::string name = GENERATE("ev_shared_channel_message", "ev_app_rate_limited");
  CHECK(ignored(decode_payload(EnvelopeType::events_api, slack_fixture(name))));
}

TEST_CASE("a recorded opening of Home tells whose", "[slack][recorded]") {
  if (!have_slack_fixtures()) return;
  const Decoded opened = decode_payload(EnvelopeType::events_api, slack_fixture("ev_app_home_opened"));
  CHECK(std::get<HomeOpened>(opened).who == PrincipalId{"slack:T111", "U12345678"});
}

TEST_CASE("a recorded click in a view has no channel to answer in", "[slack][recorded]") {
  if (!have_slack_fixtures()) return;
  Json click = slack_fixture("ia_block_actions_modal_view");  // of a Home, its name notwithstanding
  click["actions"][0]["value"] = "7K3F||done";
  const Heard heard = only(decode_payload(EnvelopeType::interactive, click));
  CHECK(from_home(heard.inbound.reply));
  CHECK(heard.trigger == "123123.123123.abcabc");
}

TEST_CASE("the end of our tokens is noticed, that of others is not", "[slack][recorded]") {
  if (!have_slack_fixtures()) return;
  const Decoded gone = decode_payload(EnvelopeType::events_api, slack_fixture("ev_app_uninstalled"));
  CHECK(std::holds_alternative<TokensLost>(gone));
  Json revoked = slack_fixture("ev_tokens_revoked");
  CHECK(ignored(decode_payload(EnvelopeType::events_api, revoked)));
  revoked["event"]["tokens"]["bot"].push_back("U0BOT");
  CHECK(std::holds_alternative<TokensLost>(decode_payload(EnvelopeType::events_api, revoked)));
}

TEST_CASE("every recording is read in every role without harm", "[slack][recorded]") {
  if (!have_slack_fixtures()) return;
  unsigned files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(recordings("slack"))) {
    if (entry.path().extension() != ".json") continue;
    ++files;
    const Json json = slack_fixture(entry.path().stem().string());
    CAPTURE(entry.path());
    CHECK_NOTHROW(read_frame(json.dump()));
    for (const auto type :
         {EnvelopeType::slash_commands, EnvelopeType::interactive, EnvelopeType::events_api}) {
      CHECK_NOTHROW(decode_payload(type, json));
      if (json.is_object() && json.contains("payload")) CHECK_NOTHROW(decode_payload(type, json["payload"]));
    }
    if (json.is_object()) CHECK_NOTHROW(decode_payload(type_of(json), json));
  }
  CHECK(files >= 40);
}
