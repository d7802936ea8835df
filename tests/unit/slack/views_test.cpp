#include "adapters/chat/slack/modal.hpp"
#include "tests/unit/slack/stage.hpp"

using namespace jitbot;
using namespace jitbot::slack;
using namespace jitbot::slack::testing;
using Json = nlohmann::json;

// Forms and Home at the adapter: what is asked of the Inbox, and what goes to Slack.
namespace {

Field field(const std::string& name, Field::Kind kind) {
  Field field;
  field.name = name;
  field.label = name;
  field.kind = kind;
  return field;
}

Form form_with(const std::string& chosen) {
  Form form;
  form.title = "Request access";
  form.submit = "Ask";
  Field resource = field("resource", Field::Kind::search);
  resource.change = Field::Change::reshapes;
  resource.initial = chosen;
  if (!chosen.empty()) resource.choices = {{chosen, chosen}};
  form.fields = {resource, field("reason", Field::Kind::paragraph)};
  return form;
}

Json envelope(const std::string& id, Json payload, const std::string& type = "interactive") {
  const bool answers = payload.value("type", "") == "block_suggestion" ||
                       payload.value("type", "") == "view_submission" || type == "slash_commands";
  return {{"envelope_id", id},
          {"type", type},
          {"accepts_response_payload", answers},
          {"payload", std::move(payload)}};
}

Json view(const std::string& hash) {
  Json view = render_modal(form_with(""), ReplyTo{}, time_from_ms(1'772'330'400'000));
  view["id"] = "V1";
  view["hash"] = hash;
  view["state"] = {{"values", {{"field:reason", {{"value", {{"value", "because"}}}}}}}};
  return view;
}

Json choice(const std::string& value, const std::string& hash) {
  return {{"type", "block_actions"},
          {"user", {{"id", "U1"}}},
          {"container", {{"type", "view"}, {"view_id", "V1"}}},
          {"view", view(hash)},
          {"actions",
           {{{"type", "external_select"},
             {"action_id", "value"},
             {"block_id", "field:resource"},
             {"action_ts", "1.1"},
             {"selected_option", {{"value", value}}}}}}};
}

Json submission() {
  return {
      {"type", "view_submission"}, {"user", {{"id", "U1"}}}, {"trigger_id", "1.2.z"}, {"view", view("h0")}};
}

Json suggestion(const std::string& typed) {
  return {{"type", "block_suggestion"},   {"user", {{"id", "U1"}}}, {"view", view("h0")},
          {"block_id", "field:resource"}, {"action_id", "value"},   {"value", typed}};
}

Json home_opened(const std::string& id, const std::string& user = "U1", const std::string& tab = "home") {
  return envelope(
      id,
      {{"type", "event_callback"},
       {"event_id", "Ev" + id},
       {"event",
        {{"type", "app_home_opened"}, {"user", user}, {"channel", "D1"}, {"tab", tab}, {"event_ts", "1.1"}}}},
      "events_api");
}

std::shared_ptr<Link> live_link(Stage& stage) {
  stage.start();
  stage.live(1);
  return stage.fake.links()[0];
}

std::size_t calls(const Stage& stage, const std::string& method) {
  return stage.fake.calls_of(method).size();
}

Script updated(const std::string& hash) {
  return {200, {{"ok", true}, {"view", {{"id", "V1"}, {"hash", hash}}}}};
}

}  // namespace

TEST_CASE("what a search offers travels in the acknowledgement", "[slack][views]") {
  Stage stage(1);
  const auto link = live_link(stage);
  stage.inbox.choices = {{"staging — Staging cluster", "staging"}, {"too long", std::string(80, 'v')}};
  stage.fake.say(link, envelope("1", suggestion("st\u202Eag")));
  stage.until([&] { return !link->ack_of("1").is_null(); });
  CHECK(stage.inbox.asked == std::vector<std::string>{"U1 resource stag"});
  const Json options = link->ack_of("1").at("payload").at("options");
  REQUIRE(options.size() == 1);
  CHECK(options[0].at("value") == "staging");
  CHECK(options[0].at("text").at("text") == "staging — Staging cluster");
  CHECK(stage.inbox.accepted.empty());
}

TEST_CASE("a chosen resource reshapes the form that is open, with all that it holds", "[slack][views]") {
  Stage stage(1);
  const auto link = live_link(stage);
  stage.inbox.shape = [](const Submitted& so_far) { return form_with(so_far.values.at("resource")); };
  stage.fake.answer("views.update", updated("h1"));
  stage.fake.say(link, envelope("1", choice("staging", "h0")));
  stage.until([&] { return calls(stage, "views.update") == 1; });
  CHECK(link->ack_of("1").at("envelope_id") == "1");
  REQUIRE(stage.inbox.reshaped.size() == 1);
  CHECK(stage.inbox.reshaped[0].values ==
        std::map<std::string, std::string>{{"reason", "because"}, {"resource", "staging"}});
  const auto call = stage.fake.calls_of("views.update")[0];
  CHECK(call.fields.at("view_id") == "V1");
  CHECK(call.fields.at("hash") == "h0");
  const Json shown = Json::parse(call.fields.at("view"));
  CHECK(shown.at("blocks")[0].at("element").at("initial_option").at("value") == "staging");
}

TEST_CASE("choices in quick succession end in the shape of the last", "[slack][views]") {
  Stage stage(1);
  const auto link = live_link(stage);
  const std::shared_ptr<Timer> gate = stage.clock.make_timer();
  stage.inbox.before_shape = [gate](const Submitted& so_far) -> Task<void> {
    if (so_far.values.at("resource") == "first") co_await gate->wait(1h);
  };
  stage.inbox.shape = [](const Submitted& so_far) { return form_with(so_far.values.at("resource")); };
  SECTION("the earlier one is left out where it was not shown yet") {
    stage.fake.say(link, envelope("1", choice("first", "h0")));
    stage.until([&] { return stage.inbox.reshaped.size() == 1; });
    stage.fake.say(link, envelope("2", choice("second", "h0")));
    stage.until([&] { return !link->ack_of("2").is_null(); });
    gate->poke();
    stage.until([&] { return calls(stage, "views.update") == 1; });
    stage.settle();
    REQUIRE(calls(stage, "views.update") == 1);
    CHECK(stage.fake.calls_of("views.update")[0].fields.at("view").find("second") != std::string::npos);
  }
  SECTION("the later one is made on top of what was shown, not of what was clicked on") {
    gate->poke();
    stage.fake.answer("views.update", updated("h1"));
    stage.fake.say(link, envelope("1", choice("first", "h0")));
    stage.until([&] { return calls(stage, "views.update") == 1; });
    stage.settle();
    stage.fake.say(link, envelope("2", choice("second", "h0")));
    stage.until([&] { return calls(stage, "views.update") == 2; });
    CHECK(stage.fake.calls_of("views.update")[1].fields.at("hash") == "h1");
  }
}

TEST_CASE("a reshape that Slack does not take loses nothing and is not tried again", "[slack][views]") {
  Stage stage(1);
  const auto link = live_link(stage);
  stage.inbox.shape = [](const Submitted& so_far) { return form_with(so_far.values.at("resource")); };
  stage.fake.answer("views.update", {200, {{"ok", false}, {"error", "hash_conflict"}}});
  stage.fake.say(link, envelope("1", choice("staging", "h0")));
  stage.until([&] { return calls(stage, "views.update") == 1; });
  stage.advance(30s);
  CHECK(calls(stage, "views.update") == 1);
  stage.fake.say(link, envelope("2", choice("prod", "h1")));
  stage.until([&] { return calls(stage, "views.update") == 2; });
  CHECK(stage.fake.calls_of("views.update")[1].fields.at("hash") == "h1");
}

TEST_CASE("a form that opens with a resource takes its shape at once", "[slack][views]") {
  Stage stage(1);
  const auto link = live_link(stage);
  stage.inbox.form = [](const Inbound&) { return form_with("staging"); };
  stage.inbox.shape = [](const Submitted& so_far) { return form_with(so_far.values.at("resource")); };
  stage.fake.answer("views.open", updated("h7"));
  const Json command{
      {"user_id", "U1"}, {"trigger_id", "t1"}, {"text", "request staging"}, {"channel_id", "C1"}};
  stage.fake.say(link, envelope("1", command, "slash_commands"));
  stage.until([&] { return calls(stage, "views.update") == 1; });
  CHECK(stage.fake.calls_of("views.update")[0].fields.at("hash") == "h7");
  CHECK(stage.inbox.accepted.empty());
}

TEST_CASE("words that could open a form are words where none can open", "[slack][views]") {
  Stage stage(1);
  const auto link = live_link(stage);
  stage.inbox.form = [](const Inbound&) { return form_with("staging"); };
  const Json message{{"type", "event_callback"},
                     {"event_id", "Ev1"},
                     {"event",
                      {{"type", "message"},
                       {"channel_type", "im"},
                       {"channel", "D1"},
                       {"user", "U1"},
                       {"text", "request staging"},
                       {"ts", "1.1"}}}};
  stage.fake.say(link, envelope("1", message, "events_api"));
  stage.until([&] { return stage.inbox.accepted.size() == 1; });
  CHECK(calls(stage, "views.open") == 0);
}

TEST_CASE("Home is published when it is opened, and leaves no trace", "[slack][views]") {
  Stage stage(1);
  const auto link = live_link(stage);
  stage.inbox.page.top.facts = {plain("hello")};
  stage.fake.say(link, home_opened("1"));
  stage.until([&] { return calls(stage, "views.publish") == 1; });
  stage.until([&] { return !link->ack_of("1").is_null(); });
  const auto call = stage.fake.calls_of("views.publish")[0];
  CHECK(call.fields.at("user_id") == "U1");
  CHECK(Json::parse(call.fields.at("view")).at("type") == "home");
  CHECK(stage.inbox.accepted.empty());
  stage.fake.say(link, home_opened("2", "U1", "messages"));
  stage.until([&] { return !link->ack_of("2").is_null(); });
  stage.settle();
  CHECK(stage.inbox.homes["U1"] == 1);
}

TEST_CASE("a Home is published anew when it looks different, once in a few seconds", "[slack][views]") {
  Stage stage(1);
  const auto link = live_link(stage);
  stage.inbox.page.top.facts = {plain("one")};
  stage.fake.say(link, home_opened("1"));
  stage.until([&] { return calls(stage, "views.publish") == 1; });
  stage.settle();
  const auto something_changes = [&] {
    (void)stage.loop.run(stage.slack->update({"C1", "1.1"}, answer("changed"), "card/1"));
    stage.settle();
  };
  stage.advance(4s);
  something_changes();
  CHECK(calls(stage, "views.publish") == 1);  // it would look the same
  stage.inbox.page.top.facts = {plain("two")};
  something_changes();
  stage.until([&] { return calls(stage, "views.publish") == 2; });
  stage.settle();
  for (const char* words : {"three", "four", "five"}) {
    stage.inbox.page.top.facts = {plain(words)};
    something_changes();
  }
  CHECK(calls(stage, "views.publish") == 2);
  stage.advance(3s);
  stage.until([&] { return calls(stage, "views.publish") == 3; });
  CHECK(stage.fake.calls_of("views.publish")[2].fields.at("view").find("five") != std::string::npos);
}

TEST_CASE("only Homes that were opened lately are kept, and not too many", "[slack][views]") {
  Stage stage(1);
  const auto link = live_link(stage);
  for (int i = 0; i < 25; ++i) {
    stage.fake.say(link, home_opened(std::to_string(i), "U" + std::to_string(i)));
    stage.until([&] { return stage.inbox.homes["U" + std::to_string(i)] == 1; });
    stage.settle();
  }
  stage.advance(5s);
  (void)stage.loop.run(stage.slack->update({"C1", "1.1"}, answer("changed"), "card/1"));
  stage.until([&] { return stage.inbox.homes["U24"] == 2; });
  stage.settle();
  CHECK(stage.inbox.homes["U0"] == 1);
  stage.advance(11min);
  (void)stage.loop.run(stage.slack->update({"C1", "1.1"}, answer("changed"), "card/1"));
  stage.settle();
  CHECK(stage.inbox.homes["U24"] == 2);
}

TEST_CASE("a click on Home shows Home anew", "[slack][views]") {
  Stage stage(1);
  const auto link = live_link(stage);
  stage.fake.say(link, home_opened("1"));
  stage.until([&] { return stage.inbox.homes["U1"] == 1; });
  stage.settle();
  stage.advance(4s);
  stage.fake.say(link, envelope("2", {{"type", "block_actions"},
                                      {"user", {{"id", "U1"}}},
                                      {"container", {{"type", "view"}, {"view_id", "V9"}}},
                                      {"view", {{"id", "V9"}, {"type", "home"}}},
                                      {"trigger_id", "t1"},
                                      {"actions",
                                       {{{"type", "button"},
                                         {"action_id", "done:0"},
                                         {"action_ts", "2.2"},
                                         {"value", "7K3F||done"}}}}}));
  stage.until([&] { return stage.inbox.homes["U1"] == 2; });
  REQUIRE(stage.inbox.accepted.size() == 1);
  const Inbound& click = stage.inbox.accepted[0];
  CHECK(click.reply.channel.empty());
  CHECK(click.reply.where == ReplyTo::Where::direct);
  CHECK(std::get<Clicked>(click.what).button.act == Act::done);
}

TEST_CASE("while a form is looked at, other envelopes are acknowledged, and nothing of it is taken before",
          "[slack]") {
  Stage stage(1);
  const auto link = live_link(stage);
  const std::shared_ptr<Timer> gate = stage.clock.make_timer();
  stage.inbox.before_check = [gate](const Inbound&) -> Task<void> { co_await gate->wait(1h); };
  stage.inbox.problems = {{"reason", "too short"}};
  stage.fake.say(link, envelope("1", submission()));
  stage.fake.say(link, envelope("2", suggestion("st")));
  stage.until([&] { return !link->ack_of("2").is_null(); });
  CHECK(link->ack_of("1").is_null());
  CHECK(stage.inbox.accepted.empty());
  gate->poke();
  stage.until([&] { return !link->ack_of("1").is_null(); });
  CHECK(link->ack_of("1").at("payload").at("response_action") == "errors");
  CHECK(link->ack_of("1").at("payload").at("errors").contains("field:reason"));
  CHECK(stage.inbox.accepted.empty());
}
