// Everything about a callback but its sealed value and its token can be chosen by somebody: each test of an
// attack names the way in that it closes.
#include "adapters/chat/mattermost/digest.hpp"
#include "adapters/net/url.hpp"
#include "tests/unit/mattermost/decoding.hpp"

#include <map>

using namespace jitbot;
using namespace jitbot::mattermost;
using namespace jitbot::mattermost::testing;

namespace {

constexpr const char* k_header = "Token r35o6h6uftdwfmjudp3qjokh6h";
const std::string k_signing_key =
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAECGY0Q1vSJ5BVNvwcCljJMPaE5kYmVY/msFm1j5KRWgnoz/"
    "XIaDUgAtQ2OW2tGhDuc7ElNw0dbDhFTPESc0l63Q==";
// Signed with its private key: bob, at k_received.
const std::string k_signed_trigger =
    "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXo6ZnA3MWE2enphZnljam1xYTQ1aWFieGphMXc6MTc3MjMzMDQwMDAwMDpNRVVDSUNyRz"
    "RqcDJrcWZDQURMVS9tSnp0UEorb0RtMmVISlAwUmZnZFVjK3l3T0ZBaUVBbkc5WUs3S0V3SzhVOGZFbjNGL3RQUy92WksrbG9qR2J3"
    "TlBHUS9TZXVEVT0=";

std::string form(std::map<std::string, std::string> more = {}) {
  std::map<std::string, std::string> values{{"token", k_command_token},
                                            {"user_id", k_alice},
                                            {"user_name", "mallory"},
                                            {"channel_id", k_inc_42},
                                            {"channel_name", "inc-42"},
                                            {"command", "/jit"},
                                            {"text", "request prod --for @bob 1h"},
                                            {"trigger_id", "a trigger"},
                                            {"response_url", "http://chat.example.com/hooks/commands/x"}};
  for (const auto& [name, value] : more) values[name] = value;
  std::string body;
  for (const auto& [name, value] : values) body += name + "=" + net::percent_encode(value) + "&";
  return body;
}

DecodedCallback command(const std::string& body, const char* header = k_header) {
  return decode_command(header, body, trust(), k_received);
}

Json click(Json more = Json::object()) {
  Json body{{"user_id", k_bob},
            {"user_name", "mallory"},
            {"channel_id", k_approvals},
            {"channel_name", "approvals"},
            {"team_id", k_team},
            {"post_id", k_post},
            {"trigger_id", "a trigger"},
            {"type", "button"},
            {"context", {{"sealed", seal(click_seal(), k_seal_key)}}}};
  body.update(more);
  return body;
}

DecodedCallback clicked(const Json& body) {
  return decode_click(body.dump(), trust(), k_received);
}

Json submission(Json more = Json::object()) {
  Json body{{"type", "dialog_submission"},
            {"callback_id", "jitbot"},
            {"state", seal(form_seal(), k_seal_key)},
            {"user_id", k_bob},
            {"channel_id", k_inc_42},
            {"team_id", k_team},
            {"submission", {{"reason", "use the\u202E replica"}, {"role", ""}}},
            {"cancelled", false}};
  body.update(more);
  return body;
}

DecodedCallback submitted(const Json& body) {
  return decode_dialog(body.dump(), trust(), k_received);
}

}  // namespace

TEST_CASE("a slash command is heard with its words, its answer address and its trigger", "[mattermost]") {
  const Heard heard = heard_of(command(form()));
  CHECK(heard.inbound.key == "command:" + sha256_hex("a trigger"));
  CHECK(heard.inbound.from == who(k_alice));
  CHECK(heard.inbound.at == k_received);
  CHECK(heard.inbound.reply.channel == k_inc_42);
  CHECK(heard.inbound.reply.where == ReplyTo::Where::channel);
  CHECK(heard.inbound.reply.url.reveal() == "http://chat.example.com/hooks/commands/x");
  CHECK(heard.inbound.reply.message.empty());
  CHECK(std::get<Said>(heard.inbound.what).text == "request prod --for @bob 1h");
  CHECK(heard.names == std::vector<std::string>{"bob"});
  CHECK(heard.trigger == "a trigger");
}

TEST_CASE("a slash command tells what it is called on this server", "[mattermost]") {
  CHECK(heard_of(command(form())).command == "/jit");
  CHECK(heard_of(command(form({{"command", "/Access"}}))).command == "/access");
  for (const char* strange : {"", "/", "jit", "/two words", "/tick`", "/@all", "/\xFF"}) {
    CAPTURE(strange);
    CHECK(heard_of(command(form({{"command", strange}}))).command.empty());
  }
}

TEST_CASE("a command with bytes that are no text can be kept all the same", "[mattermost]") {
  const Heard heard = heard_of(command(form({{"response_url", "http://x/\xF9\xFF"}, {"text", "mine \xFF"}})));
  const auto kept = inbound_from_json(Json::parse(to_json(heard.inbound).dump()));
  REQUIRE(kept);
  CHECK(std::get<Said>(kept->what).text == "mine \uFFFD");
}

TEST_CASE("whom the server names in a command need not be looked up", "[mattermost]") {
  const Heard heard = heard_of(command(form({{"user_mentions", "bob"}, {"user_mentions_ids", k_bob}})));
  CHECK(std::get<Said>(heard.inbound.what).text == "request prod --for " + mention(k_bob) + " 1h");
  CHECK(heard.names.empty());
  // Names without as many ids tell nothing.
  const Heard half = heard_of(command(form({{"user_mentions", "bob"}})));
  CHECK(half.names == std::vector<std::string>{"bob"});
}

TEST_CASE("a command in our own direct conversation is answered there", "[mattermost]") {
  const auto where = [](const std::string& name) {
    return heard_of(command(form({{"channel_name", name}}))).inbound.reply.where;
  };
  CHECK(where(k_alice + "__" + k_bot) == ReplyTo::Where::direct);
  CHECK(where(k_bot + "__" + k_alice) == ReplyTo::Where::direct);
  CHECK(where(k_alice + "__" + k_bob) == ReplyTo::Where::channel);
}

TEST_CASE("a command without the command's token is refused", "[mattermost]") {
  CHECK(refusal(command(form(), "Token another")) == "unauthenticated");
  CHECK(refusal(command(form({{"token", "another"}}))) == "unauthenticated");
  CHECK(refusal(command(form({{"token", ""}}), "")) == "unauthenticated");
  CHECK(refusal(command(form({{"token", ""}}), "Bearer r35o6h6uftdwfmjudp3qjokh6h")) == "unauthenticated");
  CHECK(refusal(command(form({{"token", ""}}))).empty());  // the header is enough
  CHECK(refusal(command(form(), "")).empty());             // and so is the form
  Trust open = trust();
  open.command_token = Secret();
  CHECK(refusal(decode_command("Token ", form({{"token", ""}}), open, k_received)) == "unauthenticated");
}

TEST_CASE("a command of nobody, from nowhere or without trigger is refused", "[mattermost]") {
  for (const char* missing : {"user_id", "channel_id", "trigger_id"}) {
    CHECK(refusal(command(form({{missing, ""}}))) == "malformed");
  }
  CHECK(refusal(command("")) == "malformed");
  CHECK(refusal(command("", "")) == "unauthenticated");
}

TEST_CASE("a click on a button of ours is heard", "[mattermost]") {
  const Heard heard = heard_of(clicked(click()));
  CHECK(heard.inbound.key == "click:" + sha256_hex("a trigger"));
  CHECK(heard.inbound.from == who(k_bob));
  CHECK(heard.inbound.reply.channel == k_approvals);
  CHECK(heard.inbound.reply.message == k_post);
  CHECK(heard.inbound.reply.where == ReplyTo::Where::channel);
  CHECK(std::get<Clicked>(heard.inbound.what).button == button());
  CHECK(heard.message_key == "card:7K3F:1");
  CHECK(heard.trigger == "a trigger");
}

TEST_CASE("somebody's own message with a button to us decides nothing", "[mattermost]") {
  const Json context =
      GENERATE(Json{{"act", "approve"}, {"sig", "guessed"}}, Json{{"sealed", "7K3F|1a2b|approve"}},
               Json{{"sealed", {{"a", 1}}}}, Json::object(), Json(nullptr));
  CHECK(refusal(clicked(click({{"context", context}}))) == "forged");
}

TEST_CASE("a button of ours that was copied into another channel is refused", "[mattermost]") {
  CHECK(refusal(clicked(click({{"channel_id", k_inc_42}}))) == "elsewhere");
}

TEST_CASE("a dialog's state is no button, and a button no dialog's state", "[mattermost]") {
  CHECK(refusal(clicked(click({{"context", {{"sealed", seal(form_seal(), k_seal_key)}}}}))) == "forged");
  CHECK(refusal(submitted(submission({{"state", seal(click_seal(), k_seal_key)}}))) == "forged");
}

TEST_CASE("an old button is refused as old", "[mattermost]") {
  CHECK(refusal(decode_click(click().dump(), trust(), k_received + 2h)) == "expired");
}

TEST_CASE("a submission relayed to where clicks go is refused", "[mattermost]") {
  Json relayed = click({{"type", "dialog_submission"}});
  CHECK(refusal(clicked(relayed)) == "relayed");
  CHECK(refusal(clicked(submission())) == "relayed");
}

TEST_CASE("a click sent where dialogs go is refused", "[mattermost]") {
  CHECK(refusal(submitted(click())) == "malformed");
}

TEST_CASE("a click without a whole sender, place or trigger is refused", "[mattermost]") {
  for (const char* missing : {"user_id", "channel_id", "post_id", "trigger_id"}) {
    CHECK(refusal(clicked(click({{missing, ""}}))) == "malformed");
  }
  for (const char* body : {"", "{", "[]", "null", "\xFF"})
    CHECK(refusal(decode_click(body, trust(), k_received)) == "malformed");
}

TEST_CASE("what a menu says was chosen is not read", "[mattermost]") {
  Json chosen = click({{"type", "select"}});
  chosen["context"]["selected_option"] = "999h";
  CHECK(std::get<Clicked>(heard_of(clicked(chosen)).inbound.what).button == button());
}

TEST_CASE("the same click that comes again has the same key", "[mattermost]") {
  CHECK(heard_of(clicked(click())).inbound.key == heard_of(clicked(click())).inbound.key);
  CHECK(heard_of(clicked(click())).inbound.key !=
        heard_of(clicked(click({{"trigger_id", "b"}}))).inbound.key);
}

TEST_CASE("where the server signs triggers, who clicked and when is proven", "[mattermost]") {
  Trust strict = trust();
  strict.signing_key = k_signing_key;
  const auto at = [&strict](const Json& body, Time received) {
    return decode_click(body.dump(), strict, received);
  };
  const Json signed_click = click({{"trigger_id", k_signed_trigger}});
  CHECK(heard_of(at(signed_click, k_received + 10s)).inbound.at == k_received);
  CHECK(refusal(at(click(), k_received)) == "trigger_forged");
  CHECK(refusal(at(click({{"trigger_id", k_signed_trigger}, {"user_id", k_alice}}), k_received)) ==
        "trigger_forged");
  CHECK(refusal(at(signed_click, k_received + 20min)) == "trigger_stale");
  const std::string typed = form({{"trigger_id", k_signed_trigger}, {"user_id", k_bob}});
  CHECK(heard_of(decode_command(k_header, typed, strict, k_received + 10s)).inbound.at == k_received);
  CHECK(refusal(decode_command(k_header, form(), strict, k_received)) == "trigger_forged");
}

TEST_CASE("a filled-in form is heard as what it was opened for", "[mattermost]") {
  const Heard heard = heard_of(submitted(submission()));
  CHECK(heard.inbound.key == "dialog:n0nce");
  CHECK(heard.inbound.from == who(k_bob));
  CHECK(heard.inbound.reply.channel == k_approvals);  // where it was opened, whatever the submission says
  CHECK(heard.inbound.reply.message == k_post);
  const auto& form = std::get<Submitted>(heard.inbound.what);
  CHECK(form.form == FormKind::deny);
  CHECK(form.about == button(Act::deny));
  CHECK(form.values == std::map<std::string, std::string>{{"reason", "use the replica"}});
  CHECK(heard.fields == std::vector<std::string>{"reason", "role"});
}

TEST_CASE("a dialog relayed with a state that we did not make is refused", "[mattermost]") {
  const Json state = GENERATE(Json("never opened"), Json(""), Json(5), Json(nullptr));
  CHECK(refusal(submitted(submission({{"state", state}}))) == "forged");
}

TEST_CASE("a dialog that was opened for somebody else is refused", "[mattermost]") {
  const DecodedCallback decoded = submitted(submission({{"user_id", k_carol}}));
  CHECK(refusal(decoded) == "another_user");
  CHECK(std::get<Refused>(decoded).who == who(k_carol));
}

TEST_CASE("an old dialog is refused as old", "[mattermost]") {
  CHECK(refusal(decode_dialog(submission().dump(), trust(), k_received + 2h)) == "expired");
}

TEST_CASE("a dialog that was closed says nothing", "[mattermost]") {
  CHECK(std::holds_alternative<Cancelled>(
      submitted(submission({{"cancelled", true}, {"submission", Json::object()}}))));
}

TEST_CASE("values of other types than text are left out, and still are fields", "[mattermost]") {
  const Heard heard = heard_of(submitted(submission(
      {{"submission", {{"duration", 5}, {"reason", {{"a", 1}}}, {"urgent", true}, {"role", "viewer"}}}})));
  CHECK(std::get<Submitted>(heard.inbound.what).values ==
        std::map<std::string, std::string>{{"role", "viewer"}});
  CHECK(heard.fields.size() == 4);
  CHECK(refusal(submitted(submission({{"submission", "all"}}))) == "malformed");
}

TEST_CASE("a refusal tells whom and what it names, for the audit", "[mattermost]") {
  const DecodedCallback decoded = clicked(click({{"channel_id", k_inc_42}}));
  const auto& refused = std::get<Refused>(decoded);
  CHECK(refused.who == who(k_bob));
  CHECK(refused.channel == k_inc_42);
  CHECK(refused.post == k_post);
}
