#include "adapters/chat/mattermost/catch_up.hpp"
#include "adapters/chat/mattermost/directory.hpp"
#include "adapters/chat/mattermost/frames.hpp"
#include "adapters/chat/mattermost/groups.hpp"
#include "adapters/chat/mattermost/messenger.hpp"
#include "adapters/chat/mattermost/stream.hpp"
#include "tests/unit/mattermost/wire_fixtures.hpp"
#include "tests/unit/mattermost/wire_stage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

using namespace jitbot;
using namespace jitbot::mattermost;
using namespace jitbot::mattermost::testing;
using Json = nlohmann::json;

namespace {

const Self k_self{"s1", k_bot, "jitbot", k_team};

Script replay(const Json& exchange) {
  const Json& response = exchange.at("response");
  Script script;
  script.status = response.at("status").get<int>();
  script.body = response.contains("json") ? response.at("json") : response.at("text");
  for (const auto& [name, value] : response.at("headers").items()) {
    const bool framing = name == "content-length" || name == "transfer-encoding" || name == "x-request-id";
    if (value.is_string() && !framing) script.headers.push_back({name, value.get<std::string>()});
  }
  return script;
}

RestAnswer answer_of(const Json& exchange) {
  const Script script = replay(exchange);
  return {script.status, script.headers,
          script.body.is_string() ? script.body.get<std::string>() : script.body.dump()};
}

std::string route_of(const Json& exchange) {
  auto path = exchange.at("request").at("path").get<std::string>();
  if (path.starts_with("/api/v4")) path = path.substr(7);
  return exchange.at("request").at("method").get<std::string>() + " " + path;
}

// Answers as recorded, whatever is asked in whatever order.
struct ReplayStage : WireStage {
  explicit ReplayStage(std::initializer_list<const char*> names) {
    for (const char* name : names) {
      for (const Json& exchange : exchanges(name)) server.always(route_of(exchange), replay(exchange));
    }
  }
};

struct Meant {
  const char* recording;
  ErrorKind kind;
};

}  // namespace

TEST_CASE("recorded refusals are of the kind that they mean", "[mattermost][wire][recorded]") {
  if (!have_mattermost_fixtures()) return;
  const auto meant = GENERATE(
      Meant{"rest_err_400_bad_json", ErrorKind::invalid}, Meant{"rest_err_400_bad_root", ErrorKind::refused},
      Meant{"rest_err_400_message_too_long", ErrorKind::invalid},
      Meant{"rest_err_400_props_too_long", ErrorKind::invalid},
      Meant{"rest_err_400_user_id_bad", ErrorKind::invalid},
      Meant{"rest_err_401_bad_token", ErrorKind::refused}, Meant{"rest_err_401_no_token", ErrorKind::refused},
      Meant{"rest_err_401_token_disabled", ErrorKind::refused},
      Meant{"rest_err_403_post_not_member", ErrorKind::refused},
      Meant{"rest_err_403_private_channel_outsider", ErrorKind::refused},
      Meant{"rest_err_patch_deleted_post", ErrorKind::refused},
      Meant{"rest_err_404_channel_by_name", ErrorKind::not_found},
      Meant{"rest_err_404_channel_member", ErrorKind::not_found},
      Meant{"rest_err_404_post_get", ErrorKind::not_found}, Meant{"rest_err_404_route", ErrorKind::not_found},
      Meant{"rest_err_404_user_id", ErrorKind::not_found},
      Meant{"rest_groups_unlicensed", ErrorKind::refused},
      Meant{"rest_groups_by_user_unlicensed", ErrorKind::refused},
      Meant{"dlg_open_expired", ErrorKind::refused}, Meant{"dlg_open_bad_trigger", ErrorKind::invalid});
  INFO(meant.recording);
  const Json exchange = exchanges(meant.recording).front();
  const auto judged = judge("test", answer_of(exchange));
  REQUIRE_FALSE(judged);
  CHECK(judged.error().error.kind == meant.kind);
  CHECK(judged.error().status == exchange.at("response").at("status"));
  CHECK(exchange.at("response").at("json").at("id") == judged.error().id);
  const auto message = exchange.at("response").at("json").at("message").get<std::string>();
  CHECK(judged.error().error.detail.find(message) == std::string::npos);
}

TEST_CASE("what a recorded server without its database refuses is in doubt", "[mattermost][wire][recorded]") {
  if (!have_mattermost_fixtures()) return;
  const std::string name =
      GENERATE(as<std::string>{}, "rest_err_500_db_down", "rest_err_500_db_down_warm_session");
  const Json all = mattermost_fixture(name);
  for (const char* part : {"get_posts", "create_post", "user_by_name", "post_patch", "dm"}) {
    if (!all.contains(part)) continue;
    INFO(name << " " << part);
    const auto judged = judge("test", answer_of(all.at(part)));
    REQUIRE_FALSE(judged);
    CHECK((doubtful(judged.error()) || judged.error().error.kind == ErrorKind::outcome_unknown));
  }
}

TEST_CASE("a post that failed in the recorded outage goes out when it is over",
          "[mattermost][wire][recorded]") {
  if (!have_mattermost_fixtures()) return;
  const std::string name =
      GENERATE(as<std::string>{}, "rest_err_500_db_down", "rest_err_500_db_down_warm_session");
  const Json outage = mattermost_fixture(name);
  WireStage stage;
  stage.server.next("POST /posts", replay(outage.at("create_post")));
  stage.server.next("GET /system/ping", replay(outage.at("ping")));
  stage.server.next("POST /posts",
                    replay(exchanges("rest_post_retry_same_pending_id_after_failure").front()));
  RestCall call;
  call.method = "POST";
  call.path = "/posts";
  call.body = body_of(outage.at("create_post").at("request").at("body"));
  call.repeat = Repeat::unsent;
  const auto reply = stage.finish(stage.rest.call(std::move(call)));
  REQUIRE(reply);
  CHECK(reply->body->at("message") == "db is back");
}

TEST_CASE("a well server's recorded word lets a refusal count", "[mattermost][wire][recorded]") {
  if (!have_mattermost_fixtures()) return;
  WireStage stage;
  for (const Json& exchange : exchanges("rest_system_ping")) {
    stage.server.always("GET /system/ping", replay(exchange));
  }
  stage.server.always("GET /users/me", replay(exchanges("rest_err_401_bad_token").front()));
  const auto reply = stage.finish(stage.rest.get("/users/me"));
  REQUIRE_FALSE(reply);
  CHECK(reply.error().error.kind == ErrorKind::refused);
}

TEST_CASE("the recorded rate limit says how long to wait", "[mattermost][wire][recorded]") {
  if (!have_mattermost_fixtures()) return;
  const auto judged = judge("test", answer_of(mattermost_fixture("rest_rate_limit").at("limited_example")));
  REQUIRE_FALSE(judged);
  CHECK(judged.error().error.kind == ErrorKind::rate_limited);
  CHECK(judged.error().retry_after == Millis{1s});
}

TEST_CASE("a message that is still under way is not taken for failed", "[mattermost][wire][recorded]") {
  if (!have_mattermost_fixtures()) return;
  const auto all = exchanges("rest_post_pending_id_concurrent");
  REQUIRE(all.size() == 3);
  CHECK(judge("test", answer_of(all[0])));
  for (std::size_t i = 1; i < 3; ++i) {
    const auto judged = judge("test", answer_of(all[i]));
    REQUIRE_FALSE(judged);
    CHECK(judged.error().error.kind == ErrorKind::outcome_unknown);
  }
}

TEST_CASE("all recorded frames are events, hellos and answers", "[mattermost][wire][recorded]") {
  if (!have_mattermost_fixtures()) return;
  for (const char* name :
       {"ws_auth_header_session", "ws_auth_challenge_session", "wsrel_resume_future_seq",
        "wsrel_resume_unknown_connection", "wsrel_resume_replay", "ws_request_unauthenticated"}) {
    for (const Json& sent : frames_in(mattermost_fixture(name).at("frames"))) {
      INFO(name << " " << sent.dump());
      const Frame frame = read_frame(sent.dump());
      if (sent.value("event", "") == "hello") {
        REQUIRE(std::holds_alternative<Hello>(frame));
        CHECK(std::get<Hello>(frame).connection_id == sent.at("data").value("connection_id", ""));
        CHECK(sent.at("data").at("server_version") == std::get<Hello>(frame).server_version);
      } else if (sent.contains("event")) {
        REQUIRE(std::holds_alternative<Event>(frame));
        CHECK(sent.at("event") == std::get<Event>(frame).name);
        CHECK(std::get<Event>(frame).seq == sent.at("seq"));
        CHECK(*std::get<Event>(frame).body == sent);
      } else if (sent.contains("seq_reply")) {
        CHECK(std::holds_alternative<Reply>(frame));
      }
    }
  }
}

TEST_CASE("the recorded answers of deaf sockets are refusals", "[mattermost][wire][recorded]") {
  if (!have_mattermost_fixtures()) return;
  const std::string name = GENERATE(as<std::string>{}, "ws_bot_disabled_enabled", "ws_token_revoked");
  int refusals = 0;
  for (const Json& sent : frames_in(mattermost_fixture(name).at("bot_ws"))) {
    const Frame frame = read_frame(sent.dump());
    const auto* reply = std::get_if<Reply>(&frame);
    if (reply == nullptr) continue;
    ++refusals;
    CHECK_FALSE(reply->ok);
    CHECK(reply->status == 401);
    CHECK(reply->to == sent.at("seq_reply"));
    CHECK(reply->id.find("token=") == std::string::npos);
  }
  CHECK(refusals >= 1);
}

namespace {

// What becomes of a connection's recorded frames.
struct Read {
  int lost = 0;
  int next = 0;
  int known = 0;
  int gaps = 0;
  int answers = 0;
};
Read read_all(Stream& stream, const Json& frames) {
  Read read;
  for (const Json& sent : frames_in(frames)) {
    const Frame frame = read_frame(sent.dump());
    if (const auto* hello = std::get_if<Hello>(&frame)) {
      if (stream.on_hello(*hello) == Stream::Greeting::lost) ++read.lost;
    } else if (const auto* reply = std::get_if<Reply>(&frame)) {
      if (reply->ok) ++read.answers;
    } else if (const auto* event = std::get_if<Event>(&frame)) {
      const auto step = stream.on_event(event->seq);
      if (step == Stream::Step::next) ++read.next;
      if (step == Stream::Step::known) ++read.known;
      if (step == Stream::Step::gap) ++read.gaps;
    }
  }
  return read;
}

}  // namespace

TEST_CASE("a recorded resume goes on without a gap", "[mattermost][wire][recorded]") {
  if (!have_mattermost_fixtures()) return;
  const Json resumed = mattermost_fixture("wsrel_resume_ok");
  Stream stream;
  const Read first = read_all(stream, resumed.at("first"));
  CHECK(first.lost == 1);
  CHECK(stream.query().ends_with("&sequence_number=3"));
  const Read second = read_all(stream, resumed.at("second"));
  CHECK(second.lost == 0);
  CHECK(second.gaps == 0);
  CHECK(second.known == 0);
  CHECK(second.next == 5);
}

TEST_CASE("a recorded resume that asks for what was never sent is one loss", "[mattermost][wire][recorded]") {
  if (!have_mattermost_fixtures()) return;
  Stream stream;
  stream.on_hello({"somebodyelse", "", 0});
  const Read read = read_all(stream, mattermost_fixture("wsrel_resume_future_seq").at("frames"));
  CHECK(read.lost == 1);  // of two hellos
  CHECK(read.gaps == 0);
  CHECK(read.next == 5);
}

TEST_CASE("the recorded answer to a ping comes after what was missed, and says which it was",
          "[mattermost][wire][recorded]") {
  if (!have_mattermost_fixtures()) return;
  const Json recorded = mattermost_fixture("wsrel_ping_barrier");
  for (const Json& run : recorded.at("runs")) {
    INFO(run.at("kind"));
    Stream stream;
    stream.on_hello({"before", "", run.at("last_seq").get<std::int64_t>()});
    const Read read = read_all(stream, run.at("frames"));
    CHECK(read.answers == 1);
    CHECK(read.gaps == 0);
    CHECK(read.lost == (run.at("kind") == "unknown connection id" ? 1 : 0));
  }
}

TEST_CASE("what the recorded server lists as changed is handed over without what was deleted",
          "[mattermost][wire][recorded]") {
  if (!have_mattermost_fixtures()) return;
  ReplayStage stage{"rest_channels_of_bot"};
  const Json since = exchanges("rest_posts_since").front();
  const Json list = since.at("response").at("json");
  stage.server.otherwise = [](const Call&) {
    return Script{200, {{"order", Json::array()}, {"posts", Json::object()}}};
  };
  stage.server.always("GET /channels/" + k_channel + "/posts", replay(since));
  CatchUp catch_up(stage.rest, time_from_ms(1'795'218'306'985));
  catch_up.know_team(k_team);
  std::vector<std::string> handed;
  const auto take = [](std::vector<std::string>* to, CatchUp::Json event) -> Task<Result<void>> {
    const Json post = Json::parse(event->at("data").at("post").get<std::string>());
    to->push_back(event->at("event").get<std::string>() + " " + post.at("id").get<std::string>());
    co_return Result<void>{};
  };
  REQUIRE(stage.finish(
      catch_up.run([&handed, take](CatchUp::Json event) { return take(&handed, std::move(event)); })));
  int there = 0;
  for (const Json& post : list.at("posts")) there += post.at("delete_at") == 0 ? 1 : 0;
  CHECK(there >= 1);
  CHECK(static_cast<int>(handed.size()) == there);
  for (const std::string& one : handed) {
    const Json& post = list.at("posts").at(one.substr(one.find(' ') + 1));
    CHECK(one.starts_with(post.at("edit_at") == 0 ? "posted " : "post_edited "));
  }
}

TEST_CASE("people are as the recorded server describes them", "[mattermost][wire][recorded]") {
  if (!have_mattermost_fixtures()) return;
  ReplayStage stage{"rest_user_by_id", "rest_user_by_email", "rest_err_404_user_id", "rest_team_member_one"};
  const auto bobs = stage.finish(is_in_team(stage.rest, k_team, k_bob));
  REQUIRE(bobs);
  CHECK(*bobs);
  Json membership = exchanges("rest_team_member_one").front().at("response").at("json");
  membership["user_id"] = k_alice;
  stage.server.always("GET /teams/" + k_team + "/members/" + k_alice, {200, membership});
  PeopleOfMattermost people(stage.rest);
  people.know(k_self);
  const auto alice = stage.finish(people.person(k_self.principal(k_alice)));
  REQUIRE(alice);
  CHECK(alice->email == "alice@example.com");
  CHECK(alice->shown_name == "alice");
  CHECK(may_decide_at_all(*alice));
  CHECK(stage.finish(people.person(k_self.principal("abcdefghijklmnopqrstuvwxyz"))).error().kind ==
        ErrorKind::not_found);
  stage.server.always("GET /users/email/alice%40example.com",
                      replay(exchanges("rest_user_by_email").front()));
  CHECK(stage.finish(people.by_email("alice@example.com"))->id.user == k_alice);

  const Person bot = read_person(exchanges("rest_users_me_bot").front().at("response").at("json"), Self{});
  CHECK(bot.bot);
  const auto listed = exchanges("rest_users_in_channel").front().at("response").at("json");
  for (const Json& user : listed) {
    CHECK(may_decide_at_all(read_person(user, k_self)) == (user.at("id") != k_bot));
  }
}

TEST_CASE("a deactivated person is known by the recorded event's user", "[mattermost][wire][recorded]") {
  if (!have_mattermost_fixtures()) return;
  int seen = 0;
  const Json events = mattermost_fixture("ev_user_deactivated");
  for (const char* side : {"bot_ws", "alice_ws"}) {
    if (!events.contains(side)) continue;
    for (const Json& sent : frames_in(events.at(side))) {
      if (sent.value("event", "") != "user_updated") continue;
      ++seen;
      CHECK(read_person(sent.at("data").at("user"), k_self).deactivated);
    }
  }
  CHECK(seen >= 1);
}

TEST_CASE("the recorded private channel is a group without the bot", "[mattermost][wire][recorded]") {
  if (!have_mattermost_fixtures()) return;
  ReplayStage stage{"rest_channel_by_id", "rest_channel_members"};
  PeopleOfMattermost people(stage.rest);
  people.know(k_self);
  const auto members = stage.finish(people.members("mattermost:channel/" + k_channel));
  REQUIRE(members);
  const auto listed = exchanges("rest_channel_members").front().at("response").at("json");
  CHECK(members->size() == listed.size() - 1);
  CHECK(members->contains(k_self.principal(k_alice)));
}

TEST_CASE("channels, reactions, names and direct messages are read as recorded",
          "[mattermost][wire][recorded]") {
  if (!have_mattermost_fixtures()) return;
  ReplayStage stage{"rest_channel_by_id", "rest_reaction_list", "rest_users_by_ids",
                    "rest_users_by_usernames", "rest_dm_create"};
  stage.server.always("GET /teams/" + k_team + "/channels/name/inc-42",
                      replay(exchanges("rest_channel_by_name").front()));
  stage.server.always("GET /channels/" + k_channel + "/members/" + k_bot,
                      replay(exchanges("rest_channel_member_one").front()));
  NameBook names(stage.clock, stage.rest);
  Messenger messenger(stage.clock, stage.random, stage.rest, names);
  messenger.know(k_self);

  const auto channel = stage.finish(messenger.channel("#inc-42"));
  REQUIRE(channel);
  CHECK(channel->id == "mattermost:" + k_channel);
  CHECK(channel->name == "inc-42");
  CHECK(channel->is_private);
  CHECK(channel->member);
  CHECK_FALSE(channel->archived);
  CHECK_FALSE(channel->shared_outside);

  const auto reactions = stage.finish(messenger.reactions(k_post));
  REQUIRE(reactions);
  REQUIRE(reactions->size() == 1);
  CHECK(reactions->front().user == k_bot);
  CHECK(reactions->front().emoji == "white_check_mark");
  CHECK(to_ms(reactions->front().at) == 1795217639364);

  CHECK(stage.finish(names.users({k_alice, k_bob})) == Names{{k_alice, "alice"}, {k_bob, "bob"}});
  const auto ids = stage.finish(names.ids_of({"alice", "bob"}));
  REQUIRE(ids);
  CHECK(ids->at("alice") == k_alice);

  const Json direct = exchanges("rest_dm_create").front();
  const auto other = direct.at("request").at("body").at(1).get<std::string>();
  const auto opened = stage.finish(messenger.direct_channel(k_self.principal(other)));
  REQUIRE(opened);
  CHECK(direct.at("response").at("json").at("id") == *opened);
}

TEST_CASE("answer addresses answer as recorded", "[mattermost][wire][recorded]") {
  if (!have_mattermost_fixtures()) return;
  WireStage stage;
  const auto respond = [&stage](const std::string& name) {
    const Json exchange = exchanges(name).front();
    const auto path = exchange.at("request").at("path").get<std::string>();
    stage.server.next("POST " + path, replay(exchange));
    return stage.run(stage.rest.respond(Secret(stage.server.url() + path), body_of({{"text", "x"}})));
  };
  CHECK(respond("cmd_delayed_1_ephemeral"));
  CHECK(respond("cmd_delayed_6_fifth"));
  CHECK(respond("cmd_delayed_7_sixth").error().kind == ErrorKind::not_found);
  CHECK(respond("cmd_delayed_unknown_hook").error().kind == ErrorKind::not_found);
  CHECK(respond("cmd_delayed_5_bad_json").error().kind == ErrorKind::invalid);
}
