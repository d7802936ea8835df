#include "adapters/chat/mattermost/directory.hpp"
#include "adapters/chat/mattermost/groups.hpp"
#include "adapters/chat/mattermost/ids.hpp"
#include "tests/unit/mattermost/wire_stage.hpp"

#include <fmt/format.h>

// Who is of the team that we serve, and teams as groups.
using namespace jitbot;
using namespace jitbot::mattermost;
using namespace jitbot::mattermost::testing;
using Json = nlohmann::json;

namespace {

const Self k_self{"s1", k_bot, "jitbot", k_team};
const std::string k_other_team = "7yq5rmnk3tfajbpzfz6oe4k1hw";
const Json k_open{{"id", k_team}, {"name", "ops"}, {"delete_at", 0}, {"allow_open_invite", false}};

PrincipalId principal(const std::string& id) {
  return {"mattermost:s1", id};
}

Json member_of(const std::string& team, const std::string& user, std::int64_t left = 0) {
  return {{"team_id", team}, {"user_id", user}, {"delete_at", left}};
}

struct TeamStage : WireStage {
  TeamStage() : people(rest) {
    people.know(k_self);
    server.always("GET /users/" + k_alice,
                  {200, {{"id", k_alice}, {"email", "alice@example.com"}, {"roles", "system_user"}}});
  }
  void membership(Script reply) {
    server.always("GET /teams/" + k_team + "/members/" + k_alice, std::move(reply));
  }
  void policy_names(std::vector<std::string> sources) {
    people.know_groups([sources = std::move(sources)] { return sources; });
  }
  Result<Person> alice() { return finish(people.person(principal(k_alice))); }
  Result<std::set<PrincipalId>> members(const std::string& team) {
    return finish(people.members("mattermost:team/" + team));
  }

  PeopleOfMattermost people;
};

}  // namespace

TEST_CASE("who is on the server and not in our team is an outsider", "[mattermost][wire][team]") {
  TeamStage stage;
  SECTION("in the team") {
    stage.membership({200, member_of(k_team, k_alice)});
    REQUIRE(stage.alice());
    CHECK_FALSE(stage.alice()->outsider);
  }
  SECTION("never in it") {
    stage.membership(refusal(404, "app.team.get_member.missing.app_error"));
    REQUIRE(stage.alice());
    CHECK(stage.alice()->outsider);
    CHECK_FALSE(may_decide_at_all(*stage.alice()));
  }
  SECTION("not shown to us") {
    stage.membership(refusal(403, "api.context.permissions.app_error"));
    CHECK(stage.alice()->outsider);
  }
  SECTION("out of it") {
    stage.membership({200, member_of(k_team, k_alice, 1795217638240)});
    CHECK(stage.alice()->outsider);
  }
  SECTION("somebody else's membership proves nothing") {
    stage.membership({200, member_of(k_team, k_bob)});
    CHECK(stage.alice().error().kind == ErrorKind::unavailable);
  }
}

TEST_CASE("a group that the policy names makes whoever is in it one of us", "[mattermost][wire][team]") {
  TeamStage stage;
  stage.membership(refusal(404, "app.team.get_member.missing.app_error"));
  stage.policy_names({"slack:usergroup/S1", "mattermost:channel/" + k_channel});
  const std::string channel = "GET /channels/" + k_channel;
  SECTION("he is in it") {
    stage.server.always(channel, {200, {{"id", k_channel}, {"type", "P"}, {"name", "sre"}}});
    stage.server.always(channel + "/members", {200, Json::array({{{"user_id", k_alice}}})});
    REQUIRE(stage.alice());
    CHECK_FALSE(stage.alice()->outsider);
  }
  SECTION("he is not") {
    stage.server.always(channel, {200, {{"id", k_channel}, {"type", "P"}, {"name", "sre"}}});
    stage.server.always(channel + "/members", {200, Json::array({{{"user_id", k_bob}}})});
    CHECK(stage.alice()->outsider);
  }
  SECTION("it names nobody") {
    stage.server.always(channel, {200, {{"id", k_channel}, {"type", "O"}, {"name", "sre"}}});
    CHECK(stage.alice()->outsider);
  }
  SECTION("nobody can tell") {
    stage.server.always(channel, {200, {{"id", k_channel}, {"type", "P"}, {"name", "sre"}}});
    stage.server.always(channel + "/members", {200, {{"members", 5}}});
    CHECK(stage.alice().error().kind == ErrorKind::unavailable);
  }
}

TEST_CASE("a team's members are a group, page by page, without the bot and who has left",
          "[mattermost][wire][team]") {
  TeamStage stage;
  const std::string route = "GET /teams/" + k_team + "/members";
  stage.server.always("GET /teams/" + k_team, {200, k_open});
  stage.server.always("GET /teams/name/ops", {200, k_open});
  Json page = Json::array();
  for (int i = 0; i < 200; ++i) page.push_back(member_of(k_team, fmt::format("u{:025}", i)));
  stage.server.always(route + "?page=0&per_page=200", {200, page});
  stage.server.always(route + "?page=1&per_page=200",
                      {200, Json::array({member_of(k_team, k_alice), member_of(k_team, k_bot),
                                         member_of(k_team, k_bob, 1795217638240)})});
  for (const std::string& team : {k_team, std::string("ops")}) {
    const auto members = stage.members(team);
    REQUIRE(members);
    CHECK(members->size() == 201);
    CHECK(members->contains(principal(k_alice)));
    CHECK_FALSE(members->contains(principal(k_bob)));
    CHECK_FALSE(members->contains(principal(k_bot)));
  }
}

TEST_CASE("a team that anybody may join, that is archived or hidden, names nobody",
          "[mattermost][wire][team]") {
  TeamStage stage;
  Json team = k_open;
  SECTION("open to all") {
    team["allow_open_invite"] = true;
    stage.server.always("GET /teams/name/ops", {200, team});
    CHECK(stage.members("ops").error().message ==
          "team ops lets anybody of the server in, so it names nobody");
  }
  SECTION("archived") {
    team["delete_at"] = 5;
    stage.server.always("GET /teams/name/ops", {200, team});
    CHECK(stage.members("ops").error().kind == ErrorKind::refused);
  }
  SECTION("hidden") {
    stage.server.always("GET /teams/name/ops", refusal(403, "api.context.permissions.app_error"));
    CHECK(stage.members("ops").error().kind == ErrorKind::refused);
  }
  SECTION("another one") {
    team["name"] = "dev";
    team["id"] = k_other_team;
    stage.server.always("GET /teams/name/ops", {200, team});
    CHECK(stage.members("ops").error().kind == ErrorKind::unavailable);
  }
}

TEST_CASE("teams are named by id or as addresses have them", "[mattermost][wire][team]") {
  for (const std::string& name : {std::string("ops"), std::string("ops-2"), k_team}) {
    const auto source = parse_source("mattermost:team/" + name);
    REQUIRE(source);
    CHECK(source->kind == Source::Kind::team);
    CHECK(to_string(*source) == "mattermost:team/" + name);
  }
  for (const char* name : {"", "x", "Ops", "../users", "a b", "-ops", "ops-", "ops/members"})
    CHECK_FALSE(parse_source(std::string("mattermost:team/") + name));
}
