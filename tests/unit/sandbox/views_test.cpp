#include "tests/unit/sandbox/harness.hpp"

using namespace jitbot;
using namespace jitbot::sandbox;
using namespace jitbot::sandbox::testing;

namespace {

Json plain(const std::string& text) {
  return {{"type", "plain_text"}, {"text", text}};
}
Json option(const std::string& value) {
  return {{"text", plain(value)}, {"value", value}};
}
Json options(std::initializer_list<std::string> values) {
  Json list = Json::array();
  for (const std::string& value : values) list.push_back(option(value));
  return list;
}
Json input(const std::string& block_id, Json element) {
  return {
      {"type", "input"}, {"block_id", block_id}, {"label", plain(block_id)}, {"element", std::move(element)}};
}
Json lookup(const std::string& action_id) {
  return {{"type", "external_select"}, {"action_id", action_id}, {"min_query_length", 0}};
}

// A form as an app would ask for access with: what is looked up tells the app, the rest waits for the end.
Json access_form() {
  Json resource = input("resource", lookup("pick"));
  resource["dispatch_action"] = true;
  return {
      {"type", "modal"},
      {"callback_id", "access"},
      {"title", plain("Request access")},
      {"submit", plain("Ask")},
      {"blocks", Json::array({resource,
                              input("role", {{"type", "static_select"},
                                             {"action_id", "role"},
                                             {"options", options({"viewer", "admin"})}}),
                              input("reason", {{"type", "plain_text_input"}, {"action_id", "reason"}})})}};
}

// Uses the shortcut as alice, and answers its trigger with the view.
Json open_form(Harness& h, const std::shared_ptr<Socket>& socket, const Json& view) {
  ShortcutInput shortcut;
  shortcut.user = "alice";
  const std::size_t before = socket->of_type("interactive").size();
  const auto used = h.start(h.sandbox.shortcut(shortcut));
  const Json envelope = h.envelope(socket, "interactive", before);
  h.ack(socket, envelope);
  h.until([&] { return used->has_value(); });
  const Json opened =
      h.call("views.open", {{"trigger_id", envelope["payload"]["trigger_id"]}, {"view", view}});
  INFO(opened.dump());
  REQUIRE(opened["ok"] == true);
  return opened["view"];
}

SuggestInput typing(const std::string& text, const std::string& block_id = "resource") {
  SuggestInput input;
  input.user = "alice";
  input.block_id = block_id;
  input.text = text;
  return input;
}

// What alice sees when the app answers with this.
Suggestions look_up(Harness& h, const std::shared_ptr<Socket>& socket, SuggestInput input,
                    const Json& answer) {
  const std::size_t before = socket->of_type("interactive").size();
  const auto seen = h.start(h.sandbox.suggest(std::move(input)));
  h.ack(socket, h.envelope(socket, "interactive", before), answer);
  h.until([&] { return seen->has_value(); });
  return **seen;
}

ClickInput choose(const std::string& view, const std::string& block_id, Json chosen) {
  ClickInput input;
  input.user = "alice";
  input.view = view;
  input.block_id = block_id;
  input.chosen = std::move(chosen);
  return input;
}

}  // namespace

TEST_CASE("typing into a looked-up menu asks the app, and its acknowledgement is what is offered") {
  Harness h;
  const auto socket = h.connect();
  const Json view = open_form(h, socket, access_form());
  const auto seen = h.start(h.sandbox.suggest(typing("stag")));
  const Json envelope = h.envelope(socket, "interactive", 1);
  CHECK(envelope["accepts_response_payload"] == true);
  const Json& payload = envelope["payload"];
  CHECK(payload["type"] == "block_suggestion");
  CHECK(payload["user"]["id"] == "U0ALICE01");
  CHECK(payload["block_id"] == "resource");
  CHECK(payload["action_id"] == "pick");
  CHECK(payload["value"] == "stag");
  CHECK(payload["container"] == Json({{"type", "view"}, {"view_id", view["id"]}}));
  CHECK(payload["view"]["callback_id"] == "access");
  CHECK_FALSE(payload.contains("trigger_id"));
  h.ack(socket, envelope, {{"options", options({"staging-db", "staging-web"})}});
  h.until([&] { return seen->has_value(); });
  REQUIRE((*seen)->ok());
  CHECK((*seen)->options.size() == 2);
  CHECK((*seen)->options[1]["value"] == "staging-web");
  CHECK((*seen)->option_groups.is_null());
}

TEST_CASE("what was offered can be chosen: the app hears of it with all that the form holds") {
  Harness h;
  const auto socket = h.connect();
  const auto view = open_form(h, socket, access_form())["id"].get<std::string>();
  CHECK(h.wait(h.sandbox.click(choose(view, "resource", "staging-db"))).error == "no_such_option");
  REQUIRE(look_up(h, socket, typing(""), {{"options", options({"staging-db"})}}).ok());
  ClickInput chosen = choose(view, "resource", "staging-db");
  chosen.values = {{"reason", "INC-7"}};
  const auto outcome = h.start(h.sandbox.click(chosen));
  const Json envelope = h.envelope(socket, "interactive", 2);
  CHECK(envelope["accepts_response_payload"] == false);
  const Json& payload = envelope["payload"];
  CHECK(payload["type"] == "block_actions");
  CHECK(payload["container"]["type"] == "view");
  CHECK(payload["actions"][0]["type"] == "external_select");
  CHECK(payload["actions"][0]["selected_option"]["value"] == "staging-db");
  const Json& values = payload["view"]["state"]["values"];
  CHECK(values["resource"]["pick"]["selected_option"]["value"] == "staging-db");
  CHECK(values["reason"]["reason"]["value"] == "INC-7");
  CHECK(values["role"]["role"]["selected_option"].is_null());
  CHECK_FALSE(payload.contains("response_url"));
  CHECK_FALSE(payload.contains("channel"));
  h.ack(socket, envelope);
  h.until([&] { return outcome->has_value(); });
  CHECK((*outcome)->ok());
}

TEST_CASE("a looked-up choice stays in the form through another search and is submitted") {
  Harness h;
  const auto socket = h.connect();
  const auto view = open_form(h, socket, access_form())["id"].get<std::string>();
  REQUIRE(look_up(h, socket, typing("st"), {{"options", options({"staging-db"})}}).ok());
  h.start(h.sandbox.click(choose(view, "resource", "staging-db")));
  h.envelope(socket, "interactive", 2);
  REQUIRE(look_up(h, socket, typing("x"), {{"options", Json::array()}}).options.empty());
  SubmitInput submit;
  submit.user = "alice";
  submit.values = {{"resource", "staging-db"}, {"role", "viewer"}, {"reason", "INC-7"}};
  h.start(h.sandbox.submit(submit));
  const Json values = h.envelope(socket, "interactive", 4)["payload"]["view"]["state"]["values"];
  CHECK(values["resource"]["pick"]["selected_option"] == option("staging-db"));
  submit.values = {{"resource", "prod-db"}};
  CHECK(h.wait(h.sandbox.submit(submit)).error == "no_such_option");
}

TEST_CASE("the search does not carry what the form holds now, only what the app gave it") {
  Harness h;
  const auto socket = h.connect();
  Json form = access_form();
  form["blocks"][1]["element"]["initial_option"] = option("admin");
  const auto view = open_form(h, socket, form)["id"].get<std::string>();
  REQUIRE(h.wait(h.sandbox.click(choose(view, "role", "viewer"))).ok());
  h.start(h.sandbox.suggest(typing("s")));
  const Json asked = h.envelope(socket, "interactive", 1)["payload"]["view"]["state"]["values"];
  CHECK(asked["role"]["role"]["selected_option"]["value"] == "admin");
}

TEST_CASE("an input that does not dispatch takes the choice and tells nobody") {
  Harness h;
  const auto socket = h.connect();
  const auto view = open_form(h, socket, access_form())["id"].get<std::string>();
  const Outcome outcome = h.wait(h.sandbox.click(choose(view, "role", "admin")));
  CHECK(outcome.ok());
  CHECK(outcome.envelope_id.empty());
  CHECK(socket->of_type("interactive").size() == 1);
  CHECK(h.sandbox.open_views("alice").front().values["role"]["role"]["selected_option"]["value"] == "admin");
}

TEST_CASE("Slack's client asks only from min_query_length on, three where nothing is said") {
  Harness h;
  const auto socket = h.connect();
  Json form = access_form();
  form["blocks"][0]["element"].erase("min_query_length");
  open_form(h, socket, form);
  CHECK(h.wait(h.sandbox.suggest(typing("st"))).error == "query_too_short");
  CHECK(socket->of_type("interactive").size() == 1);
  CHECK(look_up(h, socket, typing("sta"), {{"options", Json::array()}}).ok());
}

TEST_CASE("a search without an answer in three seconds could not be loaded") {
  Harness h;
  CHECK(h.wait(h.sandbox.suggest(typing("x"))).error == "view_not_open");
  const auto socket = h.connect();
  open_form(h, socket, access_form());
  const auto seen = h.start(h.sandbox.suggest(typing("x")));
  const Json late = h.envelope(socket, "interactive", 1);
  h.clock.advance(3s);
  h.until([&] { return seen->has_value(); });
  CHECK((*seen)->error == "operation_timeout");
  h.ack(socket, late, {{"options", options({"x"})}});
  h.until([&] { return h.sandbox.envelopes().back().late; });
  const std::string view = h.sandbox.open_views("alice").front().id;
  CHECK(h.wait(h.sandbox.click(choose(view, "resource", "x"))).error == "no_such_option");
  h.sandbox.drop_connections();
  h.settle();
  CHECK(h.wait(h.sandbox.suggest(typing("x"))).error == "dispatch_failed");
}

TEST_CASE("an answer that Slack cannot show is no answer") {
  Json too_many = Json::array();
  for (int i = 0; i < 101; ++i) too_many.push_back(option(std::to_string(i)));
  const Json group = {{"label", plain("Databases")}, {"options", options({"db"})}};
  const Json answer =
      GENERATE_COPY(Json(nullptr), Json::object(), Json({{"options", too_many}}), Json({{"options", "x"}}),
                    Json({{"options", Json::array({option(std::string(76, 'x'))})}}),
                    Json({{"options", options({"a"})}, {"option_groups", Json::array({group})}}),
                    Json({{"option_groups", Json::array({{{"options", options({"a"})}}})}}));
  CAPTURE(answer.dump());
  Harness h;
  const auto socket = h.connect();
  open_form(h, socket, access_form());
  const Suggestions seen = look_up(h, socket, typing("x"), answer);
  CHECK(seen.error == "invalid_options");
  CHECK(seen.options.empty());
}

TEST_CASE("options come in groups, too, and each of them can be chosen") {
  Harness h;
  const auto socket = h.connect();
  const auto view = open_form(h, socket, access_form())["id"].get<std::string>();
  const Json groups = Json::array({{{"label", plain("Databases")}, {"options", options({"db-1", "db-2"})}},
                                   {{"label", plain("Web")}, {"options", options({"web"})}}});
  const Suggestions seen = look_up(h, socket, typing(""), {{"option_groups", groups}});
  REQUIRE(seen.ok());
  CHECK(seen.options.size() == 3);
  CHECK(seen.option_groups == groups);
  h.start(h.sandbox.click(choose(view, "resource", "web")));
  const Json action = h.envelope(socket, "interactive", 2)["payload"]["actions"][0];
  CHECK(action["selected_option"]["value"] == "web");
}

TEST_CASE("a preset of a looked-up menu is held and can be submitted as it is") {
  Harness h;
  const auto socket = h.connect();
  Json form = access_form();
  form["blocks"][0]["element"]["initial_option"] = option("staging-db");
  open_form(h, socket, form);
  SubmitInput submit;
  submit.user = "alice";
  submit.values = {{"resource", "staging-db"}, {"role", "viewer"}, {"reason", "INC-7"}};
  h.start(h.sandbox.submit(submit));
  const Json values = h.envelope(socket, "interactive", 1)["payload"]["view"]["state"]["values"];
  CHECK(values["resource"]["pick"]["selected_option"]["value"] == "staging-db");
}

TEST_CASE("text and people tell the app where their input says so") {
  Harness h;
  const auto socket = h.connect();
  Json form = access_form();
  Json who = input("who", {{"type", "users_select"}, {"action_id", "who"}});
  who["dispatch_action"] = true;
  form["blocks"].push_back(who);
  form["blocks"][2]["dispatch_action"] = true;
  const auto view = open_form(h, socket, form)["id"].get<std::string>();
  h.start(h.sandbox.click(choose(view, "reason", "INC-7")));
  Json action = h.envelope(socket, "interactive", 1)["payload"]["actions"][0];
  CHECK(action["type"] == "plain_text_input");
  CHECK(action["value"] == "INC-7");
  h.start(h.sandbox.click(choose(view, "who", "U0BOB0001")));
  const Json payload = h.envelope(socket, "interactive", 2)["payload"];
  CHECK(payload["actions"][0]["selected_user"] == "U0BOB0001");
  CHECK(payload["view"]["state"]["values"]["reason"]["reason"]["value"] == "INC-7");
}

TEST_CASE("an updated form keeps what was filled in where ids and options still fit") {
  Harness h;
  const auto socket = h.connect();
  const Json view = open_form(h, socket, access_form());
  const auto id = view["id"].get<std::string>();
  ClickInput role = choose(id, "role", "admin");
  role.values = {{"reason", "INC-7"}};
  REQUIRE(h.wait(h.sandbox.click(role)).ok());
  const auto role_now = [&] {
    return h.sandbox.open_views("alice").front().values["role"]["role"]["selected_option"];
  };
  Json next = access_form();
  const Json same = h.call("views.update", {{"view_id", id}, {"hash", view["hash"]}, {"view", next}});
  REQUIRE(same["ok"] == true);
  CHECK(role_now()["value"] == "admin");
  CHECK(h.call("views.update", {{"view_id", id}, {"hash", view["hash"]}, {"view", next}})["error"] ==
        "hash_conflict");
  next["blocks"][1]["element"]["options"] = options({"viewer", "editor"});
  REQUIRE(h.call("views.update", {{"view_id", id}, {"view", next}})["ok"] == true);
  CHECK(role_now().is_null());
  CHECK(h.sandbox.open_views("alice").front().values["reason"]["reason"]["value"] == "INC-7");
}

TEST_CASE("a menu in a message looks its options up, too") {
  Harness h;
  const auto socket = h.connect();
  const Json blocks = Json::array(
      {{{"type", "actions"}, {"block_id", "acts"}, {"elements", Json::array({lookup("to_whom")})}}});
  const Json posted =
      h.call("chat.postMessage", {{"channel", "C0STAGING"}, {"text", "who"}, {"blocks", blocks}});
  REQUIRE(posted["ok"] == true);
  SuggestInput ask = typing("c", "acts");
  ask.channel = "#staging-approvals";
  ask.ts = posted["ts"].get<std::string>();
  REQUIRE(look_up(h, socket, ask, {{"options", options({"carol"})}}).ok());
  const Json payload = h.envelope(socket, "interactive")["payload"];
  CHECK(payload["container"]["message_ts"] == posted["ts"]);
  CHECK(payload["channel"]["id"] == "C0STAGING");
  ClickInput chosen;
  chosen.user = "alice";
  chosen.channel = "#staging-approvals";
  chosen.ts = posted["ts"].get<std::string>();
  chosen.action_id = "to_whom";
  chosen.chosen = "carol";
  h.start(h.sandbox.click(chosen));
  const Json pressed = h.envelope(socket, "interactive", 1)["payload"];
  CHECK(pressed["actions"][0]["selected_option"]["value"] == "carol");
  CHECK(pressed["state"]["values"]["acts"]["to_whom"]["selected_option"]["value"] == "carol");
  chosen.chosen = "dave";
  CHECK(h.wait(h.sandbox.click(chosen)).error == "no_such_option");
}

TEST_CASE("opening Home tells the app, with the view once there is one") {
  Harness h;
  const auto socket = h.connect();
  REQUIRE(h.sandbox.open_home("alice", HomeTab::home).has_value());
  Json event = h.envelope(socket, "events_api")["payload"]["event"];
  CHECK(event["type"] == "app_home_opened");
  CHECK(event["tab"] == "home");
  CHECK(event["user"] == "U0ALICE01");
  CHECK(event["channel"].get<std::string>().starts_with("D"));
  CHECK_FALSE(event.contains("view"));
  h.ack(socket, h.envelope(socket, "events_api"));
  const Json home = {{"type", "home"}, {"blocks", Json::array({button_block("ask", "v")})}};
  const Json published = h.call("views.publish", {{"user_id", "U0ALICE01"}, {"view", home}});
  REQUIRE(published["ok"] == true);
  REQUIRE(h.sandbox.open_home("alice", HomeTab::home).has_value());
  event = h.envelope(socket, "events_api", 1)["payload"]["event"];
  CHECK(event["view"]["id"] == published["view"]["id"]);
  CHECK(event["view"]["hash"] == published["view"]["hash"]);
}

TEST_CASE("a button on Home opens a modal") {
  Harness h;
  const auto socket = h.connect();
  const Json home = {{"type", "home"}, {"blocks", Json::array({button_block("ask", "v")})}};
  const Json published = h.call("views.publish", {{"user_id", "U0ALICE01"}, {"view", home}});
  ClickInput press;
  press.user = "alice";
  press.view = published["view"]["id"].get<std::string>();
  press.action_id = "ask";
  h.start(h.sandbox.click(press));
  const Json payload = h.envelope(socket, "interactive")["payload"];
  CHECK(payload["container"] == Json({{"type", "view"}, {"view_id", published["view"]["id"]}}));
  CHECK(payload["view"]["type"] == "home");
  CHECK(payload["actions"][0]["value"] == "v");
  REQUIRE(h.call("views.open", {{"trigger_id", payload["trigger_id"]}, {"view", access_form()}})["ok"] ==
          true);
  CHECK(h.sandbox.open_views("alice").size() == 1);
  press.user = "bob";
  CHECK(h.wait(h.sandbox.click(press)).error == "view_not_open");
}

TEST_CASE("without its Home tab an app can publish nothing there") {
  SandboxOptions options;
  options.home_tab = Switch::off;
  Harness h(options);
  const Json home = {{"type", "home"}, {"blocks", Json::array()}};
  CHECK(h.call("views.publish", {{"user_id", "U0ALICE01"}, {"view", home}})["error"] == "not_enabled");
  CHECK(h.sandbox.open_home("alice", HomeTab::home).error().message == "not_enabled");
  CHECK(h.sandbox.open_home("alice", HomeTab::messages).has_value());
}

TEST_CASE("in a thread a mention reaches the app and a command does not") {
  Harness h;
  const auto socket = h.connect();
  const Json root = h.call("chat.postMessage", {{"channel", "C0STAGING"}, {"text", "card"}});
  const Json reply =
      h.call("chat.postMessage", {{"channel", "C0STAGING"}, {"text", "step"}, {"thread_ts", root["ts"]}});
  SayInput said;
  said.user = "carol";
  said.channel = "#staging-approvals";
  said.thread_ts = reply["ts"].get<std::string>();  // a reply's thread is its root's
  said.text = "@jit mine";
  const auto ts = h.sandbox.say(said);
  REQUIRE(ts.has_value());
  const Json event = h.envelope(socket, "events_api")["payload"]["event"];
  CHECK(event["type"] == "app_mention");
  CHECK(event["thread_ts"] == root["ts"]);
  CHECK(event["ts"] == *ts);
  CHECK(event["parent_user_id"] == "U0JITBOT1");
  CHECK(h.sandbox.thread("#staging-approvals", root["ts"].get<std::string>()).size() == 3);
  const Json history = h.call("conversations.history", {{"channel", "C0STAGING"}});
  CHECK(history["messages"][0]["reply_count"] == 2);
  CHECK(history["messages"][0]["reply_users"] == Json({"U0JITBOT1", "U0CAROL01"}));
  CommandInput command;
  command.user = "carol";
  command.channel = "#staging-approvals";
  command.thread_ts = said.thread_ts;
  CHECK(h.wait(h.sandbox.run_command(command)).error == "not_in_threads");
  CHECK(socket->of_type("slash_commands").empty());
}
