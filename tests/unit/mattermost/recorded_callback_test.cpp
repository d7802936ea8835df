// Callbacks as a real server made them, and what it takes from us. Every member that is read is covered here.
#include "adapters/chat/mattermost/dialog.hpp"
#include "adapters/chat/mattermost/digest.hpp"
#include "adapters/chat/mattermost/render.hpp"
#include "adapters/chat/mattermost/trigger.hpp"
#include "tests/unit/mattermost/decoding.hpp"
#include "tests/unit/mattermost/fixtures.hpp"

using namespace jitbot;
using namespace jitbot::mattermost;
using namespace jitbot::mattermost::testing;
using jitbot::testing::have_mattermost_fixtures;
using jitbot::testing::mattermost_fixture;

namespace {

Json received_by_bot(const std::string& fixture) {
  const Json recorded = mattermost_fixture(fixture).at("integration_received");
  return recorded.is_array() ? recorded.at(0) : recorded;
}

// A recorded callback with a seal of ours in place of what the recording carried.
Json sealed_click(const std::string& fixture) {
  Json body = received_by_bot(fixture).at("json");
  ClickSeal click = click_seal();
  click.channel = body.at("channel_id").get<std::string>();
  body["context"]["sealed"] = seal(click, k_seal_key);
  return body;
}

Json sealed_dialog(const std::string& fixture, const std::string& user = k_bob) {
  Json body = received_by_bot(fixture).at("json");
  FormSeal form = form_seal();
  form.user = user;
  body["state"] = seal(form, k_seal_key);
  return body;
}

DecodedCallback recorded_command(const std::string& fixture) {
  const Json recorded = received_by_bot(fixture);
  return decode_command(recorded.at("headers").at("Authorization").get<std::string>(),
                        recorded.at("body_raw").get<std::string>(), trust(), k_received);
}

}  // namespace

TEST_CASE("a recorded command is heard, with the people whom the server names", "[mattermost][recorded]") {
  if (!have_mattermost_fixtures()) return;
  const Heard heard = heard_of(recorded_command("cmd_ephemeral_json"));
  const Json form = received_by_bot("cmd_ephemeral_json").at("form");
  CHECK(heard.inbound.from == who(k_alice));
  CHECK(heard.inbound.reply.channel == k_inc_42);
  CHECK(heard.inbound.reply.url.reveal() == form.at("response_url").get<std::string>());
  CHECK(heard.trigger == form.at("trigger_id").get<std::string>());
  REQUIRE(read_trigger(heard.trigger));
  CHECK(heard.inbound.key == "command:" + sha256_hex(read_trigger(heard.trigger)->signed_text));
  CHECK(std::get<Said>(heard.inbound.what).text ==
        "request db:prod 30m \"INC-42 fix " + mention(k_bob) + "\"");
  CHECK(heard.names.empty());
}

TEST_CASE("recorded mentions in a command are read, unknown ones are left to be looked up",
          "[mattermost][recorded]") {
  if (!have_mattermost_fixtures()) return;
  const Heard heard = heard_of(recorded_command("cmd_mentions"));
  CHECK(std::get<Said>(heard.inbound.what).text ==
        "approve R-1 " + mention(k_bob) + " " + mention(k_carol) + ". @nosuch ~approvals ~inc-42");
  CHECK(heard.names == std::vector<std::string>{"nosuch"});
}

TEST_CASE("a recorded command keeps quotes, lines and signs as they were typed", "[mattermost][recorded]") {
  if (!have_mattermost_fixtures()) return;
  CHECK(said_in(recorded_command("cmd_whitespace_unicode")) ==
        "  request  “db:prod”\n30m \"two  spaces\" ünï €&=+%20");
}

TEST_CASE("a recorded command in a direct conversation is answered there", "[mattermost][recorded]") {
  if (!have_mattermost_fixtures()) return;
  const Heard heard = heard_of(recorded_command("cmd_in_dm"));
  CHECK(heard.inbound.reply.where == ReplyTo::Where::direct);
  CHECK(heard.inbound.reply.channel == "dfueq1fuuty75jfqm7rmd7k3cc");
}

TEST_CASE("a recorded click that carries our seal is heard", "[mattermost][recorded]") {
  if (!have_mattermost_fixtures()) return;
  const Heard heard =
      heard_of(decode_click(sealed_click("act_click_empty_json").dump(), trust(), k_received));
  CHECK(heard.inbound.from == who(k_bob));
  CHECK(heard.inbound.reply.channel == k_approvals);
  CHECK(heard.inbound.reply.message == k_post);
  CHECK(heard.inbound.reply.where == ReplyTo::Where::channel);
  CHECK(heard.trigger == mattermost_fixture("trigger_id_signature").at("trigger_id").get<std::string>());
  const Heard direct = heard_of(decode_click(sealed_click("act_click_in_dm").dump(), trust(), k_received));
  CHECK(direct.inbound.reply.where == ReplyTo::Where::direct);
  CHECK(direct.inbound.reply.message == "3f3yzaogzifz8pia537rtneydc");
}

TEST_CASE("the recorded button of somebody else is refused", "[mattermost][recorded]") {
  if (!have_mattermost_fixtures()) return;
  const std::string name =
      GENERATE("act_forged_button_by_alice", "act_click_empty_json", "act_select_static_forged");
  const DecodedCallback decoded = decode_click(received_by_bot(name).at("json").dump(), trust(), k_received);
  CHECK(refusal(decoded) == "forged");
  CHECK(std::get<Refused>(decoded).who == who(k_bob));
}

TEST_CASE("the recorded signature of a trigger is verified", "[mattermost][recorded]") {
  if (!have_mattermost_fixtures()) return;
  const Json recorded = mattermost_fixture("trigger_id_signature");
  const std::string key = recorded.at("public_key").get<std::string>();
  const std::string trigger = recorded.at("trigger_id").get<std::string>();
  const Time at = time_from_ms(recorded.at("decoded").at("timestamp_ms").get<std::int64_t>());
  const auto read = read_trigger(trigger);
  REQUIRE(read);
  CHECK(read->user == recorded.at("decoded").at("user_id").get<std::string>());
  CHECK(read->signed_text == recorded.at("signed_text").get<std::string>());
  CHECK(check_trigger(trigger, key, k_bob, at + 1s) == at);
  CHECK_FALSE(check_trigger(trigger, key, k_alice, at + 1s));
  Trust strict = trust();
  strict.signing_key = key;
  Json click = sealed_click("act_click_empty_json");
  ClickSeal fresh = click_seal();
  fresh.expires = at + 1h;
  click["context"]["sealed"] = seal(fresh, k_seal_key);
  CHECK(heard_of(decode_click(click.dump(), strict, at + 1s)).inbound.at == at);
}

TEST_CASE("a recorded submission with our state is heard", "[mattermost][recorded]") {
  if (!have_mattermost_fixtures()) return;
  const Heard heard =
      heard_of(decode_dialog(sealed_dialog("dlg_submit_ok_json").dump(), trust(), k_received));
  const auto& values = std::get<Submitted>(heard.inbound.what).values;
  CHECK(values.at("target") == "db:prod");
  CHECK(values.at("reason") == "INC-42 fix");
  CHECK(values.at("approver") == k_carol);
  CHECK(values.count("urgent") == 0);
  CHECK(heard.fields.size() == 7);
  const Heard strange =
      heard_of(decode_dialog(sealed_dialog("dlg_submit_bad_values").dump(), trust(), k_received));
  CHECK(std::get<Submitted>(strange.inbound.what).values ==
        std::map<std::string, std::string>{{"duration", "999h"}, {"urgent", "yes"}});
  const DecodedCallback cancelled =
      decode_dialog(sealed_dialog("dlg_submit_cancel").dump(), trust(), k_received);
  CHECK(std::holds_alternative<Cancelled>(cancelled));
}

TEST_CASE("recorded submissions that nobody was asked for are refused", "[mattermost][recorded]") {
  if (!have_mattermost_fixtures()) return;
  const std::string name =
      GENERATE("dlg_submit_forged_user", "dlg_submit_no_dialog_ever", "dlg_submit_ok_json");
  const Json body = received_by_bot(name).at("json");
  CHECK(refusal(decode_dialog(body.dump(), trust(), k_received)) == "forged");
  CHECK(refusal(decode_click(body.dump(), trust(), k_received)) == "relayed");
  // The state of bob's dialog, relayed by carol.
  CHECK(refusal(decode_dialog(sealed_dialog("dlg_submit_no_dialog_ever").dump(), trust(), k_received)) ==
        "another_user");
}

TEST_CASE("errors are told as the recorded server takes them", "[mattermost][recorded]") {
  if (!have_mattermost_fixtures()) return;
  const Json taken = mattermost_fixture("dlg_submit_errors").at("client_submit").at("response").at("json");
  CHECK(dialog_answer({{"reason", "Must name an incident"}, {"target", "Unknown target"}},
                      {"reason", "target"}, "/jit") == taken);
}

TEST_CASE("a post of ours has only members that the recorded server knows", "[mattermost][recorded]") {
  if (!have_mattermost_fixtures()) return;
  const Json recorded = mattermost_fixture("act_post_create").at("rest");
  const Json& known = recorded.at("request").at("body").at("props").at("attachments").at(0);
  Card card = answer("fact");
  card.headline = "Waiting";
  card.footer = {plain("small")};
  card.buttons = {{"Approve", button(), ButtonStyle::normal}};
  Dress dress;
  dress.key = "k";
  dress.now = k_received;
  dress.clicks = Clicks{"http://127.0.0.1:9099/mm/action", k_seal_key, k_approvals, k_received};
  const Json ours = render_post(card, dress).at("props").at("attachments").at(0);
  for (const auto& [name, value] : ours.items()) CHECK(known.contains(name));
  for (const auto& [name, value] : ours.at("actions").at(0).items())
    CHECK(known.at("actions").at(0).contains(name));
  // What the server adds to an attachment is within our count of it.
  Json props = recorded.at("request").at("body").at("props");
  for (Json& action : props["attachments"][0]["actions"]) action.erase("integration");
  CHECK(size_of_props(props) >= recorded.at("response").at("json").at("props").dump().size());
}

TEST_CASE("a dialog of ours has only members that the recorded server knows", "[mattermost][recorded]") {
  if (!have_mattermost_fixtures()) return;
  const Json known = mattermost_fixture("dlg_open_ok").at("rest").at("request").at("body");
  Json members = Json::object();
  for (const Json& element : known.at("dialog").at("elements")) members.update(element);
  Field reason;
  reason.name = "reason";
  reason.label = "Reason";
  reason.hint = "why";
  reason.initial = "x";
  reason.min_length = 1;
  Field person = reason;
  person.kind = Field::Kind::person;
  Field role = reason;
  role.kind = Field::Kind::choice;
  role.choices = {{"a", "a"}};
  Form form;
  form.fields = {reason, person, role};
  const Json ours = open_dialog(form, Opening{"t", "u", "s"}, Dress{});
  for (const auto& [name, value] : ours.items()) CHECK(known.contains(name));
  for (const auto& [name, value] : ours.at("dialog").items()) CHECK(known.at("dialog").contains(name));
  for (const Json& element : ours.at("dialog").at("elements")) {
    for (const auto& [name, value] : element.items()) CHECK(members.contains(name));
  }
}
