#include "tests/integration/mattermost/recorded.hpp"
#include "tests/unit/net/background.hpp"

using namespace jitbot;
using namespace jitbot::mattermost_stand_in;

namespace {

// A server that needs no recordings, with an integration beside it.
struct House {
  House() : server(loop.executor(), clock, random), bot(loop.executor()) { REQUIRE(server.start()); }
  ~House() {
    server.stop();
    (void)loop.run_until([] { return false; }, std::chrono::milliseconds(20));
  }
  House(const House&) = delete;
  House& operator=(const House&) = delete;

  Json button(const std::string& id, const std::string& name) const {
    return {{"id", id},
            {"type", "button"},
            {"name", name},
            {"integration", {{"url", bot.url() + "/click"}, {"context", {{"sealed", "s"}}}}}};
  }
  std::string card() {
    const Json attachment = {{"title", "Waiting"},
                             {"text", "alice wants staging"},
                             {"fields", {{{"title", "For"}, {"value", "1h"}, {"short", true}}}},
                             {"footer", "7K3F"},
                             {"actions", {button("approve", "Approve"), button("deny", "Deny")}}};
    const Json props = {{"attachments", Json::array({attachment})}, {"jitbot_key", "card:7K3F"}};
    return server.as("jitbot").say_with("#approvals", "Waiting", props).value();
  }

  jitbot::testing::EventLoop loop;
  jitbot::testing::ManualClock clock;
  jitbot::testing::SeededRandom random;
  StandIn server;
  Integration bot;
};

}  // namespace

TEST_CASE("people talk, edit, react and take back", "[mattermost]") {
  House house;
  const auto said = house.server.as("alice").say("#approvals", "hello");
  REQUIRE(said);
  REQUIRE(house.server.as("alice").edit(*said, "hello all"));
  CHECK_FALSE(house.server.as("bob").edit(*said, "mine now"));
  REQUIRE(house.server.as("bob").react(*said, "white_check_mark"));
  auto message = house.server.message(*said);
  REQUIRE(message);
  CHECK(message->author == "alice");
  CHECK(message->text == "hello all");
  REQUIRE(message->reactions.size() == 1);
  CHECK(message->reactions[0].user == house.server.id_of("bob"));
  CHECK(message->reactions[0].at > message->create_at);
  REQUIRE(house.server.as("bob").unreact(*said, "white_check_mark"));
  CHECK(house.server.message(*said)->reactions.empty());
  REQUIRE(house.server.as("alice").remove(*said));
  CHECK(house.server.messages(house.server.channel_id("approvals")).empty());
  CHECK_FALSE(house.server.as("dave").say("#approvals", "I am not in here"));
}

TEST_CASE("a card is seen with its text and buttons, and clicked by either name", "[mattermost]") {
  House house;
  const std::string card = house.card();
  const auto message = house.server.message(card);
  REQUIRE(message);
  CHECK(message->all_text() == "Waiting\nWaiting\nalice wants staging\nFor: 1h\n7K3F");
  REQUIRE(message->button("Approve") != nullptr);
  CHECK(message->button("Approve") == message->button("approve"));
  CHECK(text_of(message->props, "jitbot_key") == "card:7K3F");
  const Outcome clicked = house.loop.run(house.server.as("bob").click(card, "Approve"));
  CHECK(clicked.status == 200);
  CHECK(clicked.error.empty());
  const Json told = Json::parse(house.bot.received.at(0).body);
  CHECK(text_of(told, "user_id") == house.server.id_of("bob"));
  CHECK(text_of(told["context"], "sealed") == "s");
  CHECK(house.loop.run(house.server.as("bob").click(card, "Nonsense")).error ==
        "api.post.do_action.action_id.app_error");
}

TEST_CASE("a slash command is answered to who ran it alone", "[mattermost]") {
  House house;
  const auto token = house.server.add_command("jit", house.bot.url() + "/command");
  REQUIRE(token);
  CHECK(*token == house.server.command_token("jit"));
  house.bot.answer_next({{"status", 200}, {"body", {{"text", "only you"}}}});
  CHECK(house.loop.run(house.server.as("alice").command("#approvals", "/jit request staging 1h")).status ==
        200);
  REQUIRE(house.server.as("alice").ephemerals().size() == 1);
  CHECK(house.server.as("alice").ephemerals()[0].text == "only you");
  CHECK(house.server.as("bob").ephemerals().empty());
  CHECK(house.server.callbacks().size() == 1);
  CHECK(*net::find_header(house.bot.received.at(0).headers, "Authorization") == "Token " + *token);
}

TEST_CASE("a dialog is filled in until it is taken, or cancelled", "[mattermost]") {
  House house;
  const std::string card = house.card();
  house.bot.before_answer = [&](const net::ServerRequest& request) -> Task<void> {
    if (request.path == "/click") {
      const Json body = {
          {"trigger_id", text_of(Json::parse(request.body), "trigger_id")},
          {"url", house.bot.url() + "/dialog"},
          {"dialog",
           {{"title", "Deny"},
            {"state", "sealed"},
            {"callback_id", "deny"},
            {"notify_on_cancel", true},
            {"elements", Json::array({{{"display_name", "Why"}, {"name", "why"}, {"type", "text"}}})}}}};
      CHECK(house.server.as("jitbot").call("POST", "/actions/dialogs/open", body).status == 200);
    }
    return jitbot::testing::a_turn();
  };
  REQUIRE(house.loop.run(house.server.as("bob").click(card, "Deny")).status == 200);
  CHECK_FALSE(house.server.as("alice").dialog());
  auto dialog = house.server.as("bob").dialog();
  REQUIRE(dialog);
  CHECK(dialog->title == "Deny");
  REQUIRE(dialog->elements.size() == 1);
  SECTION("errors keep it open") {
    house.bot.answer_next({{"status", 200}, {"body", {{"errors", {{"why", "Say why"}}}}}});
    CHECK(house.loop.run(house.server.as("bob").submit({{"why", ""}})).status == 200);
    REQUIRE(house.server.as("bob").dialog());
    CHECK(text_of(house.server.as("bob").dialog()->errors, "why") == "Say why");
    CHECK(house.loop.run(house.server.as("bob").submit({{"why", "too long"}})).status == 200);
    CHECK_FALSE(house.server.as("bob").dialog());
    const Json told = Json::parse(house.bot.received.back().body);
    CHECK(text_of(told, "state") == "sealed");
    CHECK(text_of(told["submission"], "why") == "too long");
    CHECK(text_of(told, "channel_id") == house.server.channel_id("approvals"));
  }
  SECTION("cancelling tells the integration") {
    CHECK(house.loop.run(house.server.as("bob").cancel()).status == 200);
    CHECK_FALSE(house.server.as("bob").dialog());
    CHECK(flag_of(Json::parse(house.bot.received.back().body), "cancelled"));
  }
  SECTION("what another relays comes under their own name") {
    const Json relayed = {{"url", house.bot.url() + "/dialog"},
                          {"state", dialog->state},
                          {"user_id", house.server.id_of("bob")},
                          {"submission", {{"why", "forged"}}}};
    CHECK(house.loop.run(house.server.as("alice").relay(relayed)).status == 200);
    CHECK(text_of(Json::parse(house.bot.received.back().body), "user_id") == house.server.id_of("alice"));
  }
}

TEST_CASE("a callback can be sent again as it was, and forged outright", "[mattermost]") {
  House house;
  const std::string card = house.card();
  REQUIRE(house.loop.run(house.server.as("bob").click(card, "approve")).status == 200);
  const Callback callback = house.server.callbacks().at(0);
  CHECK(house.loop.run(house.server.send_again(callback)).status == 200);
  REQUIRE(house.bot.received.size() == 2);
  CHECK(house.bot.received[1].body == house.bot.received[0].body);
  CHECK(house.loop.run(house.server.send_forged(house.bot.url() + "/click", {}, "{}")).status == 200);
  CHECK(house.bot.received.size() == 3);
}

TEST_CASE("an integration on an address that is not allowed is never called", "[mattermost]") {
  House house;
  const std::string card = house.card();
  const Json narrow = {{"ServiceSettings", {{"AllowedUntrustedInternalConnections", "10.0.0.0/8"}}}};
  REQUIRE(house.server.as("sysadmin").call("PUT", "/config/patch", narrow).status == 200);
  CHECK(house.loop.run(house.server.as("bob").click(card, "approve")).status == 400);
  CHECK(house.bot.received.empty());
  const Json wide = {{"ServiceSettings", {{"AllowedUntrustedInternalConnections", "127.0.0.0/8"}}}};
  REQUIRE(house.server.as("sysadmin").call("PUT", "/config/patch", wide).status == 200);
  CHECK(house.loop.run(house.server.as("bob").click(card, "approve")).status == 200);
}

TEST_CASE("guests, people of other servers and the deactivated are told apart", "[mattermost]") {
  House house;
  const auto looked = [&](const char* who) {
    return house.server.as("jitbot").call("GET", "/users/" + house.server.id_of(who)).json;
  };
  CHECK(text_of(looked("eve"), "roles") == "system_guest");
  CHECK_FALSE(text_of(looked("frank"), "remote_id").empty());
  CHECK(number_of(looked("gone"), "delete_at") > 0);
  CHECK(flag_of(looked("jitbot"), "is_bot"));
  CHECK(text_of(looked("alice")["timezone"], "manualTimezone") == "Europe/Berlin");
}

TEST_CASE("a licensed server has groups", "[mattermost]") {
  World world = small_world();
  world.groups = {{.name = "oncall", .members = {"alice", "bob"}}};
  jitbot::testing::EventLoop loop;
  jitbot::testing::ManualClock clock;
  jitbot::testing::SeededRandom random;
  StandIn server(loop.executor(), clock, random, world);
  const Json groups = server.as("jitbot").call("GET", "/groups?q=oncall").json;
  REQUIRE(groups.size() == 1);
  const std::string id = text_of(groups[0], "id");
  const Json members = server.as("jitbot").call("GET", "/groups/" + id + "/members?per_page=1&page=1").json;
  CHECK(number_of(members, "total_member_count") == 2);
  CHECK(members["members"].size() == 1);
}
