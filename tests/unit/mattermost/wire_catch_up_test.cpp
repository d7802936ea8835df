#include "adapters/chat/mattermost/catch_up.hpp"
#include "tests/unit/mattermost/wire_stage.hpp"

#include <fmt/format.h>

using namespace jitbot;
using namespace jitbot::mattermost;
using namespace jitbot::mattermost::testing;
using Json = nlohmann::json;

namespace {

constexpr std::int64_t k_from = 1'795'218'300'000;
const std::string k_channels = "GET /users/me/teams/" + k_team + "/channels";
const std::string k_posts = "GET /channels/" + k_channel + "/posts";

Json post(const std::string& id, std::int64_t created, std::int64_t updated = 0) {
  return {{"id", id},
          {"create_at", created},
          {"update_at", updated == 0 ? created : updated},
          {"edit_at", 0},
          {"delete_at", 0},
          {"user_id", k_alice},
          {"channel_id", k_channel},
          {"original_id", ""},
          {"message", "words of " + id}};
}

// Newest first, as the server lists them.
Json list(const std::vector<Json>& posts) {
  Json body{{"order", Json::array()}, {"posts", Json::object()}};
  for (const Json& one : posts) {
    body["order"].push_back(one.at("id"));
    body["posts"][one.at("id").get<std::string>()] = one;
  }
  return body;
}

struct CatchUpStage : WireStage {
  CatchUpStage() : catch_up(rest, time_from_ms(k_from)) {
    catch_up.know_team(k_team);
    has_channel(k_from);
  }

  void has_channel(std::int64_t last_post_at) {
    server.always(k_channels, {200, Json::array({{{"id", k_channel},
                                                  {"type", "P"},
                                                  {"name", "inc-42"},
                                                  {"team_id", k_team},
                                                  {"delete_at", 0},
                                                  {"last_post_at", last_post_at}}})});
  }
  static Task<Result<void>> take(CatchUpStage* self, CatchUp::Json event) {
    if (self->down) co_return fail(ErrorKind::unavailable, "the store is down", "test");
    const Json told = Json::parse(event->at("data").at("post").get<std::string>());
    self->handed.push_back(event->at("event").get<std::string>() + " " + told.at("id").get<std::string>());
    self->last = *event;
    co_return Result<void>{};
  }
  Result<void> go() {
    return finish(catch_up.run([this](CatchUp::Json event) { return take(this, std::move(event)); }));
  }
  std::string asked_since() const { return server.calls_of(k_posts).back().query; }

  CatchUp catch_up;
  bool down = false;
  std::vector<std::string> handed;
  Json last;
};

Json live_event(const Json& told) {
  return {{"event", "posted"}, {"data", {{"post", told.dump()}}}, {"seq", 1}};
}

}  // namespace

TEST_CASE("what changed since is handed over oldest first, as the event that was missed",
          "[mattermost][wire][catch_up]") {
  CatchUpStage stage;
  stage.server.next(k_posts, {200, list({post("p2", k_from + 2000), post("p1", k_from + 1000)})});
  REQUIRE(stage.go());
  CHECK(stage.handed == std::vector<std::string>{"posted p1", "posted p2"});
  CHECK(stage.asked_since() == fmt::format("since={}", k_from - 60'000));
  CHECK(stage.last.at("data").at("channel_type") == "P");
  CHECK(stage.last.at("data").at("channel_name") == "inc-42");
  CHECK(stage.last.at("data").at("team_id") == k_team);
  CHECK(stage.last.at("broadcast").at("channel_id") == k_channel);
}

TEST_CASE("what the socket told is not handed over again, its later state is",
          "[mattermost][wire][catch_up]") {
  CatchUpStage stage;
  stage.catch_up.note(live_event(post("p1", k_from + 1000)));
  stage.catch_up.note(live_event(post("p2", k_from + 2000)));
  CHECK(stage.catch_up.knows(live_event(post("p1", k_from + 1000))));
  CHECK_FALSE(stage.catch_up.knows(live_event(post("p1", k_from + 1000, k_from + 5000))));
  stage.server.always(k_posts,
                      {200, list({post("p2", k_from + 2000), post("p1", k_from + 1000, k_from + 90'000)})});
  REQUIRE(stage.go());
  CHECK(stage.handed == std::vector<std::string>{"posted p1"});
  CHECK(stage.asked_since() == fmt::format("since={}", k_from + 2000 - 60'000));
  REQUIRE(stage.go());
  CHECK(stage.handed.size() == 1);
  CHECK(stage.asked_since() == fmt::format("since={}", k_from + 30'000));
}

TEST_CASE("an edited message and an old one that changed are no new words", "[mattermost][wire][catch_up]") {
  CatchUpStage stage;
  Json edited = post("p1", k_from + 1000, k_from + 3000);
  edited["edit_at"] = k_from + 3000;
  const Json old = post("p0", k_from - 500'000, k_from + 2000);  // somebody reacted
  stage.server.next(k_posts, {200, list({edited, old})});
  REQUIRE(stage.go());
  CHECK(stage.handed == std::vector<std::string>{"post_edited p0", "post_edited p1"});
}

TEST_CASE("deleted messages and the history of edits are left out", "[mattermost][wire][catch_up]") {
  CatchUpStage stage;
  Json deleted = post("p1", k_from + 1000);
  deleted["delete_at"] = k_from + 1500;
  Json history = post("p2", k_from + 2000);
  history["original_id"] = "p3";
  history["delete_at"] = k_from + 2500;
  stage.server.next(k_posts, {200, list({history, deleted})});
  REQUIRE(stage.go());
  CHECK(stage.handed.empty());
}

TEST_CASE("a list that says nothing though there is something is compared", "[mattermost][wire][catch_up]") {
  CatchUpStage stage;
  stage.has_channel(k_from + 1000);
  stage.server.next(k_posts, {200, list({})});
  stage.server.next(k_posts, {200, list({post("p1", k_from + 1000), post("old", k_from - 100'000)})});
  REQUIRE(stage.go());
  CHECK(stage.handed == std::vector<std::string>{"posted p1"});
  CHECK(stage.asked_since() == "page=0&per_page=200");
}

TEST_CASE("a list that is full is compared page by page", "[mattermost][wire][catch_up]") {
  CatchUpStage stage;
  constexpr int k_all = 1203;
  std::vector<Json> all;
  for (int i = k_all; i > 0; --i) all.push_back(post(fmt::format("p{:04}", i), k_from + i));
  stage.server.next(k_posts, {200, list(std::vector<Json>(all.begin(), all.begin() + 1000))});
  for (int page = 0; page < 7; ++page) {
    const auto first = all.begin() + page * 200;
    const auto last = all.begin() + std::min(page * 200 + 200, k_all);
    stage.server.next(k_posts + fmt::format("?page={}&per_page=200", page),
                      {200, list(std::vector<Json>(first, last))});
  }
  REQUIRE(stage.go());
  CHECK(stage.handed.size() == k_all);
  CHECK(stage.handed.front() == "posted p0001");
  CHECK(stage.handed.back() == "posted p1203");
}

TEST_CASE("what was not taken is handed over the next time", "[mattermost][wire][catch_up]") {
  CatchUpStage stage;
  stage.server.always(k_posts, {200, list({post("p1", k_from + 1000)})});
  stage.down = true;
  const auto failed = stage.go();
  REQUIRE_FALSE(failed);
  CHECK(failed.error().message == "the store is down");
  stage.down = false;
  REQUIRE(stage.go());
  CHECK(stage.handed == std::vector<std::string>{"posted p1"});
}

TEST_CASE("a channel that was left meanwhile does not stop the others", "[mattermost][wire][catch_up]") {
  CatchUpStage stage;
  const std::string gone = "8ig5y1m8qin95e1q7596tcqkoe";
  stage.server.always(k_channels, {200, Json::array({{{"id", gone}, {"type", "O"}, {"delete_at", 0}},
                                                     {{"id", k_channel}, {"type", "D"}, {"delete_at", 0}}})});
  stage.server.always("GET /channels/" + gone + "/posts", refusal(403, "api.context.permissions.app_error"));
  stage.server.next(k_posts, {200, list({post("p1", k_from + 1000)})});
  REQUIRE(stage.go());
  CHECK(stage.handed == std::vector<std::string>{"posted p1"});
  CHECK(stage.last.at("data").at("channel_type") == "D");
}

TEST_CASE("a server that does not answer leaves the mark where it was", "[mattermost][wire][catch_up]") {
  CatchUpStage stage;
  stage.server.always(k_posts, {500, "oops"});
  CHECK_FALSE(stage.go());
  stage.server.always(k_posts, {200, list({post("p1", k_from + 1000)})});
  REQUIRE(stage.go());
  CHECK(stage.asked_since() == fmt::format("since={}", k_from - 60'000));
}

TEST_CASE("what was looked up completely need not be looked up in a new channel",
          "[mattermost][wire][catch_up]") {
  Seen seen(time_from_ms(1000));
  CHECK(seen.heard_until("c1") == 1000);
  seen.note({"p1", "c1", 5000});
  CHECK(seen.heard_until("c1") == 5000);
  CHECK(seen.heard_until("c2") == 1000);
  seen.all_heard(seen.newest());
  CHECK(seen.heard_until("c2") == 5000);
  seen.note({"p1", "c1", 4000});
  CHECK(seen.knows({"p1", "c1", 5000}));
  CHECK_FALSE(seen.knows({"p1", "c1", 5001}));
}

TEST_CASE("events that tell of no message are never known", "[mattermost][wire][catch_up]") {
  CatchUpStage stage;
  const Json event{{"event", "user_updated"}, {"data", {{"user", {{"id", k_alice}}}}}, {"seq", 4}};
  stage.catch_up.note(event);
  CHECK_FALSE(stage.catch_up.knows(event));
  CHECK_FALSE(stage.catch_up.knows(Json{{"event", "posted"}, {"data", {{"post", "{"}}}}));
}
