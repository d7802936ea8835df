#include "tests/unit/slack/stage.hpp"

using namespace jitbot;
using namespace jitbot::slack;
using namespace jitbot::slack::testing;
using Json = nlohmann::json;

namespace {

Script error(const std::string& code) {
  return {200, {{"ok", false}, {"error", code}}};
}

// A call of the adapter's, beside the test so that its time can be moved.
template <class T>
using Beside = jitbot::testing::Background<T>;

struct Known : Stage {
  Known() { REQUIRE(loop.run(slack->connect())); }
};

const Place k_channel{"C1", "", std::nullopt};

Inbound said(Stage& stage, const std::string& url) {
  Inbound inbound;
  inbound.key = "command:1";
  inbound.from = PrincipalId{"slack:T1", "U1"};
  inbound.at = stage.clock.now();
  inbound.reply.channel = "C1";
  inbound.reply.url = Secret(url);
  inbound.what = Said{"mine"};
  return inbound;
}

}  // namespace

TEST_CASE("a post is a form with the key in its metadata, and nothing unfurls", "[slack][api]") {
  Known stage;
  const auto posted = stage.loop.run(stage.slack->post(k_channel, answer("hello"), "card:1"));
  REQUIRE(posted);
  CHECK(*posted == MessageRef{"C1", "100.000100"});
  const auto call = stage.fake.calls_of("chat.postMessage").front();
  CHECK(call.token == "Bearer xoxb-secret");
  CHECK(Json::parse(call.fields.at("metadata")) ==
        Json{{"event_type", "jitbot"}, {"event_payload", {{"key", "card:1"}}}});
  CHECK(call.fields.at("unfurl_links") == "false");
  CHECK(call.fields.at("unfurl_media") == "false");
  CHECK_FALSE(call.fields.contains("link_names"));
}

TEST_CASE("a post that Slack did not take for its form goes out plainer", "[slack][api]") {
  Known stage;
  stage.fake.answer("chat.postMessage", error("invalid_blocks"));
  stage.fake.answer("chat.postMessage", error("msg_blocks_too_long"));
  Card card = answer("facts");
  card.quote = "what alice wrote";
  REQUIRE(stage.loop.run(stage.slack->post(k_channel, card, "k")));
  const auto calls = stage.fake.calls_of("chat.postMessage");
  REQUIRE(calls.size() == 3);
  CHECK(calls[0].fields.at("blocks").find("what alice wrote") != std::string::npos);
  CHECK(calls[1].fields.at("blocks").find("what alice wrote") == std::string::npos);
  CHECK(calls[2].fields.at("blocks") == "[]");
}

TEST_CASE("a post with an unknown outcome is not repeated, an update is", "[slack][api]") {
  Known stage;
  stage.fake.answer("chat.postMessage", {500, "oops"});
  const auto posted = stage.loop.run(stage.slack->post(k_channel, answer("x"), "k"));
  REQUIRE_FALSE(posted);
  CHECK(posted.error().kind == ErrorKind::outcome_unknown);
  CHECK(stage.fake.calls_of("chat.postMessage").size() == 1);
  stage.fake.answer("chat.update", {500, "oops"});
  stage.fake.answer("chat.update", error("internal_error"));
  Beside<Result<void>> update(stage.loop.executor(), stage.slack->update({"C1", "1.1"}, answer("x"), "k"));
  CHECK(stage.seconds_until([&] { return update.done(); }, 20) <= 20);
  CHECK(update.value().has_value());
  CHECK(stage.fake.calls_of("chat.update").size() == 3);
}

TEST_CASE("a 429 pauses its channel alone, for as long as Slack says", "[slack][api]") {
  Known stage;
  stage.fake.answer("chat.postMessage", {429, {{"ok", false}, {"error", "ratelimited"}}, "7"});
  Beside<Result<MessageRef>> slow(stage.loop.executor(), stage.slack->post(k_channel, answer("x"), "k"));
  stage.until([&] { return stage.fake.calls_of("chat.postMessage").size() == 1; });
  const Place other{"C2", "", std::nullopt};
  REQUIRE(stage.loop.run(stage.slack->post(other, answer("x"), "k")));
  CHECK_FALSE(slow.done());
  const int seconds = stage.seconds_until([&] { return slow.done(); }, 15);
  CHECK(seconds >= 6);
  CHECK(seconds <= 9);
  CHECK(slow.value().has_value());
}

TEST_CASE("a wait longer than a caller's patience is told at once", "[slack][api]") {
  Known stage;
  stage.fake.answer("chat.postMessage", {429, {{"ok", false}, {"error", "ratelimited"}}, "600"});
  const auto posted = stage.loop.run(stage.slack->post(k_channel, answer("x"), "k"));
  REQUIRE_FALSE(posted);
  CHECK(posted.error().kind == ErrorKind::rate_limited);
  const auto again = stage.loop.run(stage.slack->post(k_channel, answer("x"), "k"));
  REQUIRE_FALSE(again);
  CHECK(again.error().kind == ErrorKind::rate_limited);
  CHECK(stage.fake.calls_of("chat.postMessage").size() == 1);
}

TEST_CASE("posts to one channel are spread before Slack must say so", "[slack][api]") {
  Known stage;
  std::vector<Beside<Result<MessageRef>>> posts;
  for (int i = 0; i < 8; ++i)
    posts.emplace_back(stage.loop.executor(), stage.slack->post(k_channel, answer("x"), "k"));
  stage.until([&] { return stage.fake.calls_of("chat.postMessage").size() == 4; });
  stage.settle();
  CHECK(stage.fake.calls_of("chat.postMessage").size() == 4);
  const auto all_done = [&] {
    return std::ranges::all_of(posts, [](const auto& one) { return one.done(); });
  };
  const int seconds = stage.seconds_until(all_done, 10);
  CHECK(seconds >= 4);
  CHECK(seconds <= 6);
}

TEST_CASE("an error's detail names method, code and request, never a token", "[slack][api]") {
  Known stage;
  stage.fake.answer(
      "conversations.info",
      {200,
       {{"ok", false}, {"error", "missing_scope"}, {"needed", "channels:read"}, {"provided", "chat:write"}}});
  const auto channel = stage.loop.run(stage.slack->channel("C1"));
  REQUIRE_FALSE(channel);
  CHECK(channel.error().kind == ErrorKind::refused);
  const std::string& detail = channel.error().detail;
  for (const char* part : {"conversations.info", "missing_scope", "req-1", "needed=channels:read"}) {
    CHECK(detail.find(part) != std::string::npos);
  }
  CHECK(detail.find("secret") == std::string::npos);
  CHECK(stage.alarmed(Alarm::refused));
}

TEST_CASE("a proxy's page is no answer of Slack's", "[slack][api]") {
  Known stage;
  for (int i = 0; i < 5; ++i) stage.fake.answer("users.info", {200, "<html>log in</html>"});
  Beside<Result<Person>> person(stage.loop.executor(), stage.slack->person({"slack:T1", "U1"}));
  CHECK(stage.seconds_until([&] { return person.done(); }, 40) <= 40);
  REQUIRE_FALSE(person.value().has_value());
  CHECK(person.value().error().kind == ErrorKind::outcome_unknown);
}

TEST_CASE("nobody of another workspace is looked up here", "[slack][api]") {
  Known stage;
  const auto person = stage.loop.run(stage.slack->person({"slack:T2", "U1"}));
  REQUIRE_FALSE(person);
  CHECK(person.error().kind == ErrorKind::not_found);
  CHECK(stage.fake.calls_of("users.info").empty());
  CHECK(stage.loop.run(stage.slack->members("ldap:ops")).error().kind == ErrorKind::invalid);
}

TEST_CASE("a group's members are its user ids under our workspace", "[slack][api]") {
  Known stage;
  stage.fake.answer("usergroups.users.list", {200, {{"ok", true}, {"users", {"U1", "W2", 7, ""}}}});
  const auto members = stage.loop.run(stage.slack->members("slack:usergroup/S1"));
  REQUIRE(members);
  CHECK(*members == std::set<PrincipalId>{{"slack:T1", "U1"}, {"slack:T1", "W2"}});
}

namespace {

// As conversations.info describes a private channel that the bot is in (docs.slack.dev, conversation object).
nlohmann::json private_channel() {
  return {{"id", "C1"},
          {"name", "ops"},
          {"is_channel", true},
          {"is_group", false},
          {"is_im", false},
          {"is_mpim", false},
          {"is_private", true},
          {"is_archived", false},
          {"is_shared", false},
          {"is_ext_shared", false},
          {"is_org_shared", false},
          {"is_pending_ext_shared", false},
          {"is_member", true}};
}

Script described(nlohmann::json channel) {
  return {200, {{"ok", true}, {"channel", std::move(channel)}}};
}

}  // namespace

TEST_CASE("a private channel is a group of whoever is in it but the bot, over all pages", "[slack][api]") {
  Known stage;
  stage.fake.answer("conversations.info", described(private_channel()));
  stage.fake.answer(
      "conversations.members",
      {200,
       {{"ok", true}, {"members", {"U1", "W2", "U0BOT"}}, {"response_metadata", {{"next_cursor", "p2"}}}}});
  stage.fake.answer("conversations.members",
                    {200, {{"ok", true}, {"members", {"U3"}}, {"response_metadata", {{"next_cursor", ""}}}}});
  const auto members = stage.loop.run(stage.slack->members("slack:channel/C1"));
  REQUIRE(members);
  CHECK(*members == std::set<PrincipalId>{{"slack:T1", "U1"}, {"slack:T1", "U3"}, {"slack:T1", "W2"}});
}

TEST_CASE("a channel that anybody could be in names nobody, and is no empty group", "[slack][api]") {
  struct Case {
    nlohmann::json other;
    std::string said;
  };
  const std::vector<Case> cases = {
      {{{"is_private", false}}, "#ops is public: anybody could join it, so it names nobody"},
      {{{"is_private", nullptr}}, "#ops is public: anybody could join it, so it names nobody"},
      {{{"is_ext_shared", true}},
       "#ops is shared with another organisation, or about to be, so it names nobody"},
      {{{"is_pending_ext_shared", true}},
       "#ops is shared with another organisation, or about to be, so it names nobody"},
      {{{"is_archived", true}}, "#ops is archived, so it names nobody"},
      {{{"is_member", false}}, "I am not in #ops, so it names nobody"},
      {{{"is_mpim", true}}, "#ops is a conversation and no channel, so it names nobody"},
  };
  for (const Case& one : cases) {
    Known stage;
    auto channel = private_channel();
    channel.update(one.other);
    stage.fake.answer("conversations.info", described(std::move(channel)));
    const auto members = stage.loop.run(stage.slack->members("slack:channel/C1"));
    REQUIRE_FALSE(members);
    CHECK(members.error().message == one.said);
    CHECK(stage.fake.calls_of("conversations.members").empty());
  }
}

TEST_CASE("a channel that cannot be read to its end is an error", "[slack][api]") {
  Known stage;
  SECTION("it is not there, or not for us") {
    stage.fake.answer("conversations.info", {200, {{"ok", false}, {"error", "channel_not_found"}}});
  }
  SECTION("Slack describes another one") {
    auto other = private_channel();
    other["id"] = "C2";
    stage.fake.answer("conversations.info", described(std::move(other)));
  }
  SECTION("the members are missing") {
    stage.fake.answer("conversations.info", described(private_channel()));
    stage.fake.answer("conversations.members", {200, {{"ok", true}}});
  }
  SECTION("the second page fails") {
    stage.fake.answer("conversations.info", described(private_channel()));
    stage.fake.answer(
        "conversations.members",
        {200, {{"ok", true}, {"members", {"U1"}}, {"response_metadata", {{"next_cursor", "p2"}}}}});
    stage.fake.answer("conversations.members", {200, {{"ok", false}, {"error", "invalid_cursor"}}});
  }
  CHECK_FALSE(stage.loop.run(stage.slack->members("slack:channel/C1")).has_value());
}

TEST_CASE("who asks the same while it waits for its turn shares one answer, given after he asked",
          "[slack][api]") {
  Known stage;
  using Members = Result<std::set<PrincipalId>>;
  constexpr std::size_t k_at_once = 10;  // what Slack's limit lets through without waiting
  for (std::size_t i = 0; i < k_at_once; ++i) {
    stage.fake.answer("usergroups.users.list", {200, {{"ok", true}, {"users", {"U1"}}}});
  }
  stage.fake.answer("usergroups.users.list", {200, {{"ok", true}, {"users", {"U2"}}}});
  std::vector<Beside<Members>> questions;
  for (int i = 0; i < 30; ++i)
    questions.emplace_back(stage.loop.executor(), stage.slack->members("slack:usergroup/S1"));
  Beside<Members> another(stage.loop.executor(), stage.slack->members("slack:usergroup/S2"));
  const auto all_done = [&] {
    return another.done() && std::ranges::all_of(questions, [](const auto& one) { return one.done(); });
  };
  stage.seconds_until(all_done, 8);
  CHECK(all_done());
  const auto calls = stage.fake.calls_of("usergroups.users.list");
  CHECK(calls.size() == k_at_once + 2);
  for (std::size_t i = k_at_once; i < questions.size(); ++i) {
    const auto members = questions[i].value();
    REQUIRE(members);
    CHECK(*members == std::set<PrincipalId>{{"slack:T1", "U2"}});
  }
}

TEST_CASE("a question that is answered already is asked afresh", "[slack][api]") {
  Known stage;
  for (const char* user : {"U1", "U2"}) {
    stage.fake.answer("usergroups.users.list", {200, {{"ok", true}, {"users", {user}}}});
    const auto members = stage.loop.run(stage.slack->members("slack:usergroup/S1"));
    REQUIRE(members);
    CHECK(*members == std::set<PrincipalId>{{"slack:T1", user}});
  }
}

TEST_CASE("a channel is found by its name over several pages", "[slack][api]") {
  Known stage;
  stage.fake.answer("conversations.list",
                    {200,
                     {{"ok", true},
                      {"channels", {{{"id", "C7"}, {"name", "ops"}, {"is_archived", true}}}},
                      {"response_metadata", {{"next_cursor", "p2"}}}}});
  stage.fake.answer("conversations.list", {200,
                                           {{"ok", true},
                                            {"channels", {{{"id", "C9"}, {"name", "ops"}}}},
                                            {"response_metadata", {{"next_cursor", ""}}}}});
  stage.fake.answer(
      "conversations.info",
      {200,
       {{"ok", true},
        {"channel", {{"id", "C9"}, {"name", "ops"}, {"is_member", true}, {"is_pending_ext_shared", true}}}}});
  const auto channel = stage.loop.run(stage.slack->channel("#ops"));
  REQUIRE(channel);
  CHECK(channel->id == "C9");
  CHECK(channel->member);
  CHECK(channel->shared_outside);
  CHECK(stage.fake.calls_of("conversations.list")[1].fields.at("cursor") == "p2");
  CHECK(stage.fake.calls_of("conversations.info")[0].fields.at("channel") == "C9");
}

TEST_CASE("a message is found by its key, and only if it is ours", "[slack][api]") {
  Known stage;
  const Json metadata{{"event_type", "jitbot"}, {"event_payload", {{"key", "k"}}}};
  stage.fake.answer("conversations.history",
                    {200,
                     {{"ok", true},
                      {"messages",
                       {{{"ts", "1.1"}, {"user", "U9"}, {"bot_id", "B9"}, {"metadata", metadata}},
                        {{"ts", "1.2"}, {"user", "U0BOT"}, {"bot_id", "B0BOT"}, {"metadata", metadata}}}}}});
  const auto found = stage.loop.run(stage.slack->find(k_channel, "k", stage.clock.now()));
  REQUIRE(found);
  CHECK(*found == MessageRef{"C1", "1.2"});
  const auto missing = stage.loop.run(stage.slack->find(k_channel, "other", stage.clock.now()));
  REQUIRE(missing);
  CHECK_FALSE(missing->has_value());
}

TEST_CASE("a DM that is not possible is refused", "[slack][api]") {
  Known stage;
  stage.fake.answer("conversations.open", error("user_not_found"));
  const Place direct{"", "", PrincipalId{"slack:T1", "U9"}};
  const auto posted = stage.loop.run(stage.slack->post(direct, answer("x"), "k"));
  REQUIRE_FALSE(posted);
  CHECK(posted.error().kind == ErrorKind::refused);
}

TEST_CASE("the server's time is its Date", "[slack][api]") {
  Known stage;
  const auto time = stage.loop.run(stage.slack->server_time());
  // The fake's web server dates its answers where it does so at all.
  if (time) {
    CHECK(*time > time_from_ms(1'600'000'000'000));
  } else {
    CHECK(time.error().kind == ErrorKind::unavailable);
  }
}

TEST_CASE("an answer address is used five times, then the answer goes as an ephemeral post", "[slack][api]") {
  Known stage;
  const Inbound inbound = said(stage, stage.fake.origin() + "/respond");
  for (int i = 0; i < 6; ++i) REQUIRE(stage.loop.run(stage.slack->answer(inbound, answer("x"))));
  CHECK(stage.fake.calls_of("/respond").size() == 5);
  CHECK(stage.fake.calls_of("chat.postEphemeral").size() == 1);
  const Json body = Json::parse(stage.fake.calls_of("/respond")[0].fields.at("body"));
  CHECK(body.at("response_type") == "ephemeral");
  CHECK(body.at("replace_original") == false);
}

TEST_CASE("an answer address is not used after 30 minutes, nor on a strange host", "[slack][api]") {
  Known stage;
  Inbound old = said(stage, stage.fake.origin() + "/respond");
  old.at -= 31min;
  REQUIRE(stage.loop.run(stage.slack->answer(old, answer("x"))));
  REQUIRE(stage.loop.run(stage.slack->answer(said(stage, "http://192.0.2.1/respond"), answer("x"))));
  CHECK(stage.fake.calls_of("/respond").empty());
  CHECK(stage.fake.calls_of("chat.postEphemeral").size() == 2);
}

TEST_CASE("where neither works the answer is a DM", "[slack][api]") {
  Known stage;
  stage.fake.answer("chat.postEphemeral", error("user_not_in_channel"));
  REQUIRE(stage.loop.run(stage.slack->answer(said(stage, ""), answer("x"))));
  CHECK(stage.fake.calls_of("conversations.open")[0].fields.at("users") == "U1");
  CHECK(stage.fake.calls_of("chat.postMessage")[0].fields.at("channel") == "D1");
}

TEST_CASE("options that make no sense are refused before anything is called", "[slack][api]") {
  Stage stage;
  SlackOptions options = options_for("http://slack.example/api/");
  Slack plain(stage.loop.executor(), stage.clock, stage.random, stage.http, options);
  CHECK(stage.loop.run(plain.connect()).error().kind == ErrorKind::invalid);
  options = options_for(stage.fake.api_url());
  options.bot_token = Secret();
  Slack bare(stage.loop.executor(), stage.clock, stage.random, stage.http, options);
  CHECK(stage.loop.run(bare.connect()).error().kind == ErrorKind::invalid);
  CHECK(stage.fake.calls_of("auth.test").empty());
}

TEST_CASE("closing fails at once what waits for its turn, and lets what is on its way end", "[slack][api]") {
  Known stage;
  std::vector<std::unique_ptr<Beside<Result<MessageRef>>>> posts;
  for (int i = 0; i < 20; ++i) {
    posts.push_back(std::make_unique<Beside<Result<MessageRef>>>(
        stage.loop.executor(), stage.slack->post(k_channel, answer("x"), "k" + std::to_string(i))));
  }
  stage.settle();
  stage.slack->close();
  stage.until([&] { return std::ranges::all_of(posts, [](const auto& post) { return post->done(); }); });
  std::size_t posted = 0;
  for (const auto& post : posts) {
    if (post->value()) {
      ++posted;
    } else {
      CHECK(post->value().error().kind == ErrorKind::unavailable);
    }
  }
  CHECK(posted == stage.fake.calls_of("chat.postMessage").size());
  CHECK(posted < posts.size());
  const auto later = stage.loop.run(stage.slack->post(k_channel, answer("x"), "late"));
  REQUIRE_FALSE(later);
  CHECK(later.error().kind == ErrorKind::unavailable);
}
