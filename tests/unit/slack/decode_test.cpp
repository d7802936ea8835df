#include "adapters/chat/slack/modal.hpp"
#include "tests/unit/slack/decoding.hpp"

#include <array>
#include <random>

using namespace jitbot;
using namespace jitbot::slack;
using namespace jitbot::slack::testing;

namespace {

constexpr const char* k_button = "7K3F|1a2b3c4d5e6f|deny";

Json command(const std::string& text) {
  return {{"team_id", "T111"},
          {"channel_id", "C1"},
          {"user_id", "U1"},
          {"command", "/jit"},
          {"text", text},
          {"trigger_id", "1.2.x"},
          {"response_url", "https://hooks.slack.com/commands/1"},
          {"user_name", "mallory"},
          {"is_enterprise_install", "false"}};
}

Json click(Json actions) {
  return {{"type", "block_actions"},
          {"user", {{"id", "U1"}, {"team_id", "T111"}}},
          {"container", {{"type", "message"}, {"message_ts", "10.000100"}, {"channel_id", "D1"}}},
          {"channel", {{"id", "D1"}}},
          {"trigger_id", "1.2.y"},
          {"response_url", "https://hooks.slack.com/actions/1"},
          {"actions", std::move(actions)}};
}

Json button(const std::string& value, const std::string& action_id = "deny:0") {
  return {{"type", "button"},
          {"action_id", action_id},
          {"block_id", "b"},
          {"value", value},
          {"action_ts", "11.000200"}};
}

Json message(Json more) {
  Json inner{{"type", "message"}, {"channel_type", "im"}, {"channel", "D1"},        {"user", "U1"},
             {"text", "mine"},    {"ts", "12.000300"},    {"event_ts", "12.000300"}};
  inner.update(more);
  return event(std::move(inner));
}

}  // namespace

TEST_CASE("a command's text is cleaned and its mentions are kept", "[slack]") {
  const Heard heard = only(decode_payload(EnvelopeType::slash_commands,
                                          command("request prod --for <@U2|bob> 1h a &lt; b\u202E")));
  CHECK(std::get<Said>(heard.inbound.what).text == "request prod --for " + std::string(k_mention_open) +
                                                       "U2" + std::string(k_mention_close) + " 1h a < b");
}

TEST_CASE("the same thing said twice has the same key, another thing another", "[slack]") {
  const auto key = [](EnvelopeType type, const Json& payload) {
    return only(decode_payload(type, payload)).inbound.key;
  };
  CHECK(key(EnvelopeType::slash_commands, command("a")) == "command:1.2.x");
  CHECK(key(EnvelopeType::interactive, click(Json::array({button(k_button)}))) ==
        "click:11.000200/U1/deny:0/10.000100");
  CHECK(key(EnvelopeType::events_api, message(Json::object())) == "event:Ev1");
  Json again = message(Json::object());
  again["event_id"] = "Ev2";
  CHECK(key(EnvelopeType::events_api, again) == "event:Ev2");
  again.erase("event_id");
  CHECK(key(EnvelopeType::events_api, again) == "event:message/D1/12.000300");
}

TEST_CASE("a direct message is said to us, what bots and edits say is not", "[slack]") {
  const Heard heard = only(decode_payload(EnvelopeType::events_api, message({{"thread_ts", "9.1"}})));
  CHECK(std::get<Said>(heard.inbound.what).text == "mine");
  CHECK(heard.inbound.reply.where == ReplyTo::Where::direct);
  CHECK(heard.inbound.reply.thread == "9.1");
  CHECK(heard.inbound.at == time_from_ms(12'000));
  for (const Json& more :
       {Json{{"bot_id", "B9"}}, Json{{"subtype", "message_changed"}}, Json{{"user", "U0BOT"}},
        Json{{"channel_type", "channel"}}, Json{{"user", nullptr}}, Json{{"hidden", true}},
        Json{{"edited", {{"ts", "13.0"}}}}}) {
    CAPTURE(more.dump());
    CHECK(ignored(decode_payload(EnvelopeType::events_api, message(more))));
  }
}

TEST_CASE("several buttons in one payload are several clicks", "[slack]") {
  const Decoded decoded = decode_payload(
      EnvelopeType::interactive,
      click(Json::array({button(k_button, "a"), button("https://link"), button(k_button, "b")})));
  const auto& heard = std::get<std::vector<Heard>>(decoded);
  REQUIRE(heard.size() == 2);
  CHECK(heard[0].inbound.key != heard[1].inbound.key);
  CHECK(heard[0].inbound.reply.where == ReplyTo::Where::direct);
}

TEST_CASE("a forged or foreign button value is no click", "[slack]") {
  const std::string value =
      GENERATE("", "7K3F", "7K3F||approve", "7K3F|xyz|approve", "7K3F|1a2b3c4d|grant",
               "7k3f|1a2b3c4d5e6f|approve", "JIT-7K3F|1a2b3c4d5e6f|approve", "7K3F|1a2b3c4d5e6f|approve|x");
  CAPTURE(value);
  CHECK(ignored(decode_payload(EnvelopeType::interactive, click(Json::array({button(value)})))));
}

TEST_CASE("a submitted form brings its kind, its request, its values and where it was opened", "[slack]") {
  Form form;
  form.kind = FormKind::deny;
  form.about = ButtonValue{RequestId{"7K3F"}, "1a2b3c4d5e6f", Act::deny};
  ReplyTo origin;
  origin.channel = "C1";
  origin.message = "10.1";
  origin.url = Secret("https://hooks.slack.com/actions/secret");
  Field reason;
  reason.name = "reason";
  reason.label = "Why";
  form.fields.push_back(reason);
  Json view = render_modal(form, origin, k_received);
  CHECK(view.dump().find("hooks.slack.com") == std::string::npos);
  view["id"] = "V1";
  view["hash"] = "15.abc";
  view["state"]["values"] = {
      {"field:reason", {{"value", {{"type", "plain_text_input"}, {"value", "no\u202E <!channel>"}}}}},
      {"field:ticket", {{"value", {{"type", "plain_text_input"}, {"value", nullptr}}}}},
      {"field:resource", {{"value", {{"type", "static_select"}, {"selected_option", {{"value", "db"}}}}}}},
      {"stray", {{"x", {{"value", "y"}}}}}};
  const Json payload{
      {"type", "view_submission"}, {"user", {{"id", "U1"}}}, {"trigger_id", "1.2.z"}, {"view", view}};
  const Heard heard = only(decode_payload(EnvelopeType::interactive, payload));
  CHECK(heard.inbound.key == "view:V1/15.abc");
  CHECK(heard.inbound.reply.channel == "C1");
  CHECK(heard.inbound.reply.message == "10.1");
  CHECK(heard.input_blocks == std::vector<std::string>{"field:reason"});
  const auto& submitted = std::get<Submitted>(heard.inbound.what);
  CHECK(submitted.form == FormKind::deny);
  CHECK(submitted.about == form.about);
  CHECK(submitted.values ==
        std::map<std::string, std::string>{{"reason", "no <!channel>"}, {"resource", "db"}});
}

TEST_CASE("our shortcut opens what the bare command opens", "[slack]") {
  const Json payload{{"type", "shortcut"},
                     {"callback_id", "request_access"},
                     {"trigger_id", "t"},
                     {"user", {{"id", "U1"}}},
                     {"action_ts", "11.5"}};
  const Heard heard = only(decode_payload(EnvelopeType::interactive, payload));
  CHECK(heard.trigger == "t");
  CHECK(std::get<Said>(heard.inbound.what).text.empty());
}

namespace {

Json open_form(const std::string& callback = "jitbot:request") {
  return {{"id", "V1"},
          {"type", "modal"},
          {"callback_id", callback},
          {"hash", "h0"},
          {"private_metadata", R"({"channel":"C1","direct":false})"},
          {"state",
           {{"values",
             {{"field:resource", {{"value", {{"selected_option", {{"value", "before"}}}}}}},
              {"field:role", {{"value:00ff", {{"selected_option", {{"value", "admin"}}}}}}},
              {"field:for_user", {{"value", {{"selected_user", "U2"}}}}},
              {"field:reason", {{"value", {{"value", "INC-7"}}}}},
              {"other", {{"value", {{"value", "x"}}}}}}}}}};
}

Json chosen(const std::string& block, Json element) {
  element["block_id"] = block;
  element["action_ts"] = "1.1";
  return {{"type", "block_actions"},
          {"user", {{"id", "U1"}}},
          {"view", open_form()},
          {"actions", Json::array({element})}};
}

}  // namespace

TEST_CASE("what is typed into a search of ours asks for options, anything else for none", "[slack]") {
  Json payload{{"type", "block_suggestion"},
               {"user", {{"id", "U1"}}},
               {"view", open_form()},
               {"block_id", "field:resource"},
               {"value", "pr\u202Eod"}};
  const auto wanted = std::get<WantsOptions>(decode_payload(EnvelopeType::interactive, payload));
  CHECK(wanted.who == PrincipalId{"slack:T111", "U1"});
  CHECK(wanted.field == "resource");
  CHECK(wanted.typed == "prod");
  for (const Json& other : {Json{{"block_id", "elsewhere"}}, Json{{"user", {{"id", "nobody"}}}},
                            Json{{"view", nullptr}}, Json{{"view", {{"callback_id", "other"}}}}}) {
    Json strange = payload;
    strange.update(other);
    CHECK(std::get<WantsOptions>(decode_payload(EnvelopeType::interactive, strange)).field.empty());
  }
}

TEST_CASE("a choice in an open form brings everything the form holds", "[slack]") {
  const Json payload =
      chosen("field:resource", {{"type", "external_select"}, {"selected_option", {{"value", "staging"}}}});
  const auto changed = std::get<FormChanged>(decode_payload(EnvelopeType::interactive, payload));
  CHECK(changed.who == PrincipalId{"slack:T111", "U1"});
  CHECK(changed.view == "V1");
  CHECK(changed.hash == "h0");
  CHECK(changed.origin.channel == "C1");
  CHECK(changed.so_far.form == FormKind::request);
  CHECK(changed.so_far.values ==
        std::map<std::string, std::string>{
            {"resource", "staging"}, {"role", "admin"}, {"for_user", "U2"}, {"reason", "INC-7"}});
  CHECK(ignored(decode_payload(EnvelopeType::interactive, chosen("elsewhere", {{"type", "button"}}))));
  Json other = payload;
  other["view"]["callback_id"] = "another app's";
  CHECK(ignored(decode_payload(EnvelopeType::interactive, other)));
  other = payload;
  other["actions"] = "none";
  CHECK(ignored(decode_payload(EnvelopeType::interactive, other)));
}

TEST_CASE("a button on Home is answered in the direct conversation", "[slack]") {
  const Json payload{
      {"type", "block_actions"},
      {"user", {{"id", "U1"}}},
      {"container", {{"type", "view"}, {"view_id", "V9"}}},
      {"view", {{"id", "V9"}, {"type", "home"}}},
      {"trigger_id", "t"},
      {"actions",
       {{{"type", "button"}, {"action_id", "request:0"}, {"action_ts", "2.2"}, {"value", "||request"}}}}};
  const Heard heard = only(decode_payload(EnvelopeType::interactive, payload));
  CHECK(heard.trigger == "t");
  CHECK(std::get<Clicked>(heard.inbound.what).button.act == Act::request);
  CHECK(heard.inbound.reply.where == ReplyTo::Where::direct);
  CHECK(heard.inbound.reply.channel.empty());
  CHECK(heard.inbound.reply.message.empty());
  CHECK(from_home(heard.inbound.reply));
}

TEST_CASE("opening Home is heard, opening the messages is not", "[slack]") {
  const Json home = event({{"type", "app_home_opened"}, {"user", "U1"}, {"tab", "home"}, {"channel", "D1"}});
  CHECK(std::get<HomeOpened>(decode_payload(EnvelopeType::events_api, home)).who ==
        PrincipalId{"slack:T111", "U1"});
  for (const Json& inner : {Json{{"type", "app_home_opened"}, {"user", "U1"}, {"tab", "messages"}},
                            Json{{"type", "app_home_opened"}, {"tab", "home"}}}) {
    CHECK(ignored(decode_payload(EnvelopeType::events_api, event(inner))));
  }
}

TEST_CASE("frames that are no frames are told apart", "[slack]") {
  const std::string text =
      GENERATE("", "null", "[]", "{}", "{\"type\":7}", "{\"type\":\"surprise\"}", "{\"type\":\"events_api\"}",
               "{\"type\":\"events_api\",\"envelope_id\":3}");
  CAPTURE(text);
  CHECK(std::holds_alternative<UnknownFrame>(read_frame(text)));
}

TEST_CASE("a frame with broken characters is mended, not lost", "[slack]") {
  const std::string half =
      R"({"type":"slash_commands","envelope_id":"e","payload":{"user_id":"U1","trigger_id":"t",)"
      R"("text":"a \ud83d b \ude00 \ud83d\ude00 \\ud83d )"
      "\xC3\x28"
      R"( "}})";
  const Frame frame = read_frame(half);
  const auto* envelope = std::get_if<Envelope>(&frame);
  REQUIRE(envelope != nullptr);
  const Heard heard = only(decode(*envelope, k_self, k_received));
  CHECK(std::get<Said>(heard.inbound.what).text == "a \uFFFD b \uFFFD \U0001F600 \\ud83d \uFFFD( ");
}

TEST_CASE("an envelope without a payload object is still one to acknowledge", "[slack]") {
  const Frame frame = read_frame(R"({"type":"events_api","envelope_id":"e","payload":"x"})");
  const auto* envelope = std::get_if<Envelope>(&frame);
  REQUIRE(envelope != nullptr);
  CHECK(ignored(decode(*envelope, k_self, k_received)));
}

TEST_CASE("decoding survives any damage to a payload", "[slack]") {
  std::mt19937 random(7);
  const std::array<Json, 7> junk{nullptr, 7, -1.5, "x", Json::array({1, "2"}), Json::object(), true};
  const std::array<std::pair<EnvelopeType, Json>, 3> sound{
      {{EnvelopeType::slash_commands, command("mine")},
       {EnvelopeType::interactive, click(Json::array({button(k_button)}))},
       {EnvelopeType::events_api, message(Json::object())}}};
  for (const auto& [type, payload] : sound) {
    const Json flat = payload.flatten();
    for (int round = 0; round < 300; ++round) {
      Json damaged = payload;
      for (int hits = 0; hits < 3; ++hits) {
        auto at = flat.begin();
        std::advance(at, static_cast<std::ptrdiff_t>(random() % flat.size()));
        Json::json_pointer where(at.key());
        if (random() % 3 == 0) where = where.parent_pointer();
        if (damaged.contains(where)) damaged[where] = junk[random() % junk.size()];
      }
      if (!damaged.is_object()) continue;
      CHECK_NOTHROW(decode_payload(type, damaged));
    }
  }
}
