#include "tests/scenario/mattermost_people.hpp"

// What anybody on the server, or on the way to our port, could try.
namespace jitbot::scenario {

namespace {

struct Besieged {
  Besieged() : stage(on_mattermost()) {
    stage.start();
    id = id_in(alice.commands("request staging 1h INC-7 look at queue"));
    REQUIRE(!id.empty());
    stage.until([&] { return mattermost_card(stage, id).has_value(); });
  }

  bool pending() { return stage.request(id)->state == RequestState::pending; }
  Json refusal(const std::string& what) { return stage.audit_detail(what, "callback.refused"); }
  // Where the server sends clicks to.
  std::string action_url() {
    const auto outcome = stage.begin(bob.client().click(mattermost_card(stage, id)->id, "Approve"));
    stage.until([&] { return outcome->has_value(); }, 30s);
    return last().url;
  }
  const mm::Callback& last() { return stage.mattermost->callbacks().back(); }
  mm::Outcome posts(const std::string& url, const std::string& body, net::Headers headers) {
    const auto outcome = stage.begin(stage.mattermost->send_forged(url, std::move(headers), body));
    stage.until([&] { return outcome->has_value(); }, 30s);
    stage.settle();
    return **outcome;
  }

  // Alice posts a button of her own, and carol, who may approve, presses it.
  void lures(const std::string& url, const Json& context) {
    const Json button{{"id", "yes"},
                      {"type", "button"},
                      {"name", "Yes"},
                      {"integration", {{"url", url}, {"context", context}}}};
    const Json attachment{{"text", "free pizza"}, {"actions", Json::array({button})}};
    const auto post =
        alice.client().say_with(k_staging, "who is hungry?", {{"attachments", Json::array({attachment})}});
    REQUIRE(post.has_value());
    const auto outcome = stage.begin(carol.client().click(*post, "Yes"));
    stage.until([&] { return outcome->has_value(); }, 30s);
    stage.settle();
  }

  Stage stage;
  Member alice{stage, "alice"};
  Member bob{stage, "bob"};
  Member carol{stage, "carol"};
  std::string id;
};

const net::Headers k_json{{"content-type", "application/json"}};

}  // namespace

TEST_CASE("a button that somebody posted himself and another pressed decides nothing") {
  Besieged town;
  const std::string url = town.action_url();
  town.lures(url, {{"sealed", "AAAA"}, {"request", town.id}, {"act", "approve"}});
  CHECK(town.pending());
  CHECK(town.refusal("button")["why"] == "forged");
}

TEST_CASE("a context that was read from the server's database counts on our own post alone") {
  Besieged town;
  const std::string url = town.action_url();
  town.lures(url, Json::parse(town.last().body)["context"]);
  CHECK(town.pending());
  CHECK(town.refusal("button")["why"] == "not_our_post");
}

TEST_CASE("whoever reaches the port cannot press for another, and not twice") {
  Besieged town;
  const std::string url = town.action_url();  // bob, who may not approve
  const Json pressed = Json::parse(town.last().body);
  SECTION("as somebody else") {
    Json forged = pressed;
    forged["user_id"] = town.stage.mattermost->id_of("carol");
    (void)town.posts(url, forged.dump(), k_json);
    CHECK(town.refusal("button")["why"] == "trigger_forged");
  }
  SECTION("the same once more") {
    (void)town.posts(url, pressed.dump(), k_json);
    CHECK(town.refusal("button")["why"] == "replayed");
  }
  SECTION("long ago") {
    town.stage.advance(6min);
    (void)town.posts(url, pressed.dump(), k_json);
    CHECK(town.refusal("button")["why"] == "trigger_stale");
  }
  SECTION("from another channel") {
    Json elsewhere = pressed;
    elsewhere["channel_id"] = town.stage.mattermost->channel_id("prod-approvals");
    (void)town.posts(url, elsewhere.dump(), k_json);
    CHECK(town.refusal("button")["why"] == "elsewhere");
  }
  SECTION("nonsense") {
    (void)town.posts(url, "{", k_json);
    CHECK(town.refusal("button")["why"] == "malformed");
  }
  CHECK(town.pending());
}

TEST_CASE("a dialog that anybody may relay counts with a state of ours, for whom it was opened, and once") {
  Besieged town;
  (void)town.carol.presses("Deny…", town.id);
  town.stage.until([&] { return town.carol.sees_dialog(); }, 10s);
  const auto dialog = *town.carol.client().dialog();
  Json relayed{{"url", dialog.url},
               {"callback_id", dialog.callback},
               {"state", dialog.state},
               {"submission", {{"reason", "because I say so"}}}};
  const auto relay = [&](Member& who) {
    const auto outcome = town.stage.begin(who.client().relay(relayed));
    town.stage.until([&] { return outcome->has_value(); }, 30s);
    town.stage.settle();
  };
  SECTION("by another user") {
    relay(town.alice);
    CHECK(town.refusal("dialog")["why"] == "another_user");
    CHECK(town.pending());
  }
  SECTION("with a state of one's own") {
    relayed["state"] = "AAAA";
    relay(town.carol);
    CHECK(town.refusal("dialog")["why"] == "forged");
    CHECK(town.pending());
  }
  SECTION("to where buttons go") {
    relayed["url"] = town.action_url();
    relay(town.carol);
    CHECK(town.refusal("button")["why"] == "relayed");
    CHECK(town.pending());
  }
  SECTION("too late") {
    town.stage.advance(16min);
    relay(town.carol);
    CHECK(town.refusal("dialog")["why"] == "expired");
    CHECK(town.pending());
  }
  SECTION("twice") {
    CHECK(town.carol.submits({{"reason", "because I say so"}}).empty());
    CHECK_FALSE(town.pending());
    relay(town.carol);
    CHECK(town.refusal("dialog")["why"] == "replayed");
  }
}

TEST_CASE("whoever takes a name that became free is somebody else") {
  Besieged town;
  mm::StandIn& server = *town.stage.mattermost;
  const auto rename = [&](const std::string& who, const std::string& name) {
    const mm::Answer answer =
        server.as_admin("PUT", "/users/" + server.id_of(who) + "/patch", {{"username", name}});
    REQUIRE(answer.status == 200);
  };
  rename("carol", "caroline");
  rename("bob", "carol");
  Member impostor{town.stage, "carol"};
  const std::string answer = impostor.presses("Approve", town.id);
  CAPTURE(answer);
  CHECK_FALSE(answer.empty());
  CHECK(town.pending());
  Member renamed{town.stage, "caroline"};
  (void)renamed.presses("Approve", town.id);
  CHECK_FALSE(town.pending());
}

TEST_CASE("a message that claims to be another's, the bot's or a hook's is its author's") {
  Besieged town;
  const Json claim = GENERATE(as<Json>{}, Json{{"override_username", "carol"}, {"from_webhook", "true"}},
                              Json{{"override_username", "jitbot"}, {"from_bot", "true"}});
  for (const std::string& place : {std::string("@jitbot"), k_staging}) {
    const std::string words = (place == k_staging ? "@jitbot " : "") + ("approve " + town.id);
    REQUIRE(town.bob.client().say_with(place, words, claim).has_value());
    town.stage.happens([] { return false; }, 5s);
    CHECK(town.pending());
    CHECK(town.stage.votes(town.id).empty());
  }
}

TEST_CASE("a slash command without the server's token is nobody's") {
  Besieged town;
  std::string url = town.action_url();
  url.replace(url.rfind("/action"), std::string::npos, "/command");
  const std::string form = "user_id=" + town.stage.mattermost->id_of("carol") +
                           "&channel_id=" + town.stage.mattermost->channel_id("staging-approvals") +
                           "&trigger_id=x&text=approve+" + town.id + "&token=guessed";
  const auto outcome = town.posts(url, form, {{"content-type", "application/x-www-form-urlencoded"}});
  CHECK(outcome.status == 401);
  CHECK(town.refusal("command")["why"] == "unauthenticated");
  CHECK(town.posts(url, "{}", k_json).status == 415);
  CHECK(town.refusal("command")["why"] == "malformed");
  CHECK(town.pending());
}

TEST_CASE("where callers are named, nobody else is heard, whatever he sends") {
  StageOptions options = on_mattermost();
  options.mattermost->callers = "10.9.9.9, 10.8.0.0/16";
  Stage stage(std::move(options));
  stage.start();
  Member alice{stage, "alice"};
  const auto outcome = stage.begin(alice.client().command("#town-square", "/jit request play 30m"));
  stage.until([&] { return outcome->has_value(); }, 30s);
  stage.settle();
  CHECK((*outcome)->status != 200);
  CHECK(stage.audit_detail("call", "callback.refused")["why"] == "not_from_the_server");
  CHECK(stage.target("play-db").calls().empty());
}

TEST_CASE("callers that are named are heard") {
  StageOptions options = on_mattermost();
  options.mattermost->callers = "127.0.0.0/8";
  Stage stage(std::move(options));
  stage.start();
  Member alice{stage, "alice"};
  CHECK_FALSE(id_in(alice.commands("request play 30m")).empty());
}

}  // namespace jitbot::scenario
