#include "adapters/chat/mattermost/directory.hpp"
#include "adapters/chat/mattermost/groups.hpp"
#include "tests/unit/mattermost/wire_stage.hpp"

#include <fmt/format.h>

using namespace jitbot;
using namespace jitbot::mattermost;
using namespace jitbot::mattermost::testing;
using Json = nlohmann::json;

namespace {

const Self k_self{"s1", k_bot, "jitbot", k_team};
const std::string k_group = "qsmhane1ji8d9p8cark7j9u8ew";

Json user(const std::string& id) {
  return {{"id", id},       {"username", "alice"},    {"email", "Alice@example.com"},
          {"delete_at", 0}, {"roles", "system_user"}, {"timezone", {{"useAutomaticTimezone", "true"}}}};
}

Json with(Json json, const std::string& name, Json value) {
  json[name] = std::move(value);
  return json;
}

PrincipalId principal(const std::string& id) {
  return {"mattermost:s1", id};
}

struct DirectoryStage : WireStage {
  DirectoryStage() : people(rest) { people.know(k_self); }
  void describe(const Json& channel) { server.always("GET /channels/" + k_channel, {200, channel}); }
  Result<std::set<PrincipalId>> members(const std::string& group) { return finish(people.members(group)); }

  PeopleOfMattermost people;
};

const Json k_private{
    {"id", k_channel}, {"type", "P"}, {"name", "inc-42"}, {"delete_at", 0}, {"shared", nullptr}};

}  // namespace

TEST_CASE("an ordinary member is nothing else", "[mattermost][wire][directory]") {
  const Person person = read_person(user(k_alice), k_self);
  CHECK(person.id == principal(k_alice));
  CHECK(person.email == "Alice@example.com");
  CHECK(person.email_confirmed);
  CHECK_FALSE(person.deactivated);
  CHECK_FALSE(person.bot);
  CHECK_FALSE(person.guest);
  CHECK_FALSE(person.outsider);
  CHECK(person.shown_name == "alice");
  CHECK(may_decide_at_all(person));
}

TEST_CASE("who decides nothing is told by the user object", "[mattermost][wire][directory]") {
  const Json one = GENERATE(
      with(user(k_alice), "delete_at", 1795217638240), with(user(k_alice), "delete_at", "yes"),
      with(user(k_alice), "is_bot", true), with(user(k_alice), "is_bot", "perhaps"), user(k_bot),
      with(user(k_alice), "roles", "system_guest"), with(user(k_alice), "roles", "system_user system_guest"),
      with(user(k_alice), "roles", ""), with(user(k_alice), "roles", "not_system_user"),
      with(user(k_alice), "remote_id", "abc"), with(user(k_alice), "remote_id", 5));
  INFO(one.dump());
  CHECK_FALSE(may_decide_at_all(read_person(one, k_self)));
}

TEST_CASE("what an administrator is besides does not matter", "[mattermost][wire][directory]") {
  CHECK(may_decide_at_all(read_person(with(user(k_alice), "roles", "system_admin system_user"), k_self)));
  CHECK(may_decide_at_all(read_person(with(user(k_alice), "remote_id", ""), k_self)));
  CHECK(may_decide_at_all(read_person(with(user(k_alice), "remote_id", nullptr), k_self)));
}

TEST_CASE("an e-mail is doubted only where the server says so", "[mattermost][wire][directory]") {
  CHECK_FALSE(read_person(with(user(k_alice), "email_verified", false), k_self).email_confirmed);
  CHECK(read_person(with(user(k_alice), "email_verified", true), k_self).email_confirmed);
}

TEST_CASE("the time zone is the chosen one", "[mattermost][wire][directory]") {
  Json one = user(k_alice);
  one["timezone"] = {{"automaticTimezone", "Europe/Berlin"},
                     {"manualTimezone", "Asia/Tokyo"},
                     {"useAutomaticTimezone", "true"}};
  CHECK(read_person(one, k_self).timezone == "Europe/Berlin");
  one["timezone"]["useAutomaticTimezone"] = "false";
  CHECK(read_person(one, k_self).timezone == "Asia/Tokyo");
}

TEST_CASE("a person is asked by id, and must be that person", "[mattermost][wire][directory]") {
  DirectoryStage stage;
  stage.server.always("GET /teams/" + k_team + "/members/" + k_alice,
                      {200, {{"team_id", k_team}, {"user_id", k_alice}, {"delete_at", 0}}});
  stage.server.next("GET /users/" + k_alice, {200, user(k_alice)});
  const auto alice = stage.finish(stage.people.person(principal(k_alice)));
  REQUIRE(alice);
  CHECK(alice->id.user == k_alice);
  stage.server.next("GET /users/" + k_alice, {200, user(k_bob)});
  CHECK(stage.finish(stage.people.person(principal(k_alice))).error().kind == ErrorKind::unavailable);
  stage.server.next("GET /users/" + k_alice, refusal(404, "app.user.missing_account.const"));
  CHECK(stage.finish(stage.people.person(principal(k_alice))).error().kind == ErrorKind::not_found);
  const auto before = stage.server.calls();
  for (const PrincipalId& id :
       {PrincipalId{"mattermost:s2", k_alice}, principal("../teams"), principal("")}) {
    CHECK(stage.finish(stage.people.person(id)).error().kind == ErrorKind::not_found);
  }
  CHECK(stage.server.calls() == before);
}

TEST_CASE("an e-mail finds whoever has it here", "[mattermost][wire][directory]") {
  DirectoryStage stage;
  const std::string route = "GET /users/email/alice%40example.com";
  stage.server.next(route, {200, user(k_alice)});
  REQUIRE(stage.finish(stage.people.by_email("alice@example.com")));
  stage.server.next(route, {200, with(user(k_alice), "remote_id", "abc")});
  CHECK(stage.finish(stage.people.by_email("alice@example.com")).error().kind == ErrorKind::not_found);
  stage.server.next(route, {200, with(user(k_alice), "email", "bob@example.com")});
  CHECK(stage.finish(stage.people.by_email("alice@example.com")).error().kind == ErrorKind::not_found);
}

TEST_CASE("a private channel's members are a group, page by page and without the bot",
          "[mattermost][wire][directory]") {
  DirectoryStage stage;
  stage.describe(k_private);
  Json page = Json::array();
  for (int i = 0; i < 200; ++i) page.push_back({{"user_id", fmt::format("u{:025}", i)}});
  const std::string route = "GET /channels/" + k_channel + "/members";
  stage.server.next(route + "?page=0&per_page=200", {200, page});
  stage.server.next(route + "?page=1&per_page=200",
                    {200, Json::array({{{"user_id", k_alice}}, {{"user_id", k_bot}}})});
  const auto members = stage.members("mattermost:channel/" + k_channel);
  REQUIRE(members);
  CHECK(members->size() == 201);
  CHECK(members->contains(principal(k_alice)));
  CHECK_FALSE(members->contains(principal(k_bot)));
}

TEST_CASE("what is not surely a private channel of ours names nobody", "[mattermost][wire][directory]") {
  const Json channel = GENERATE(with(k_private, "type", "O"), with(k_private, "type", "D"),
                                with(k_private, "type", "G"), with(k_private, "type", nullptr),
                                with(k_private, "delete_at", 5), with(k_private, "shared", true));
  DirectoryStage stage;
  stage.describe(channel);
  CHECK(why_no_group(channel));
  const auto members = stage.members("mattermost:channel/" + k_channel);
  REQUIRE_FALSE(members);
  CHECK(members.error().kind == ErrorKind::refused);
  CHECK(members.error().message.find("names nobody") != std::string::npos);
  CHECK(stage.server.calls() == 1);
}

TEST_CASE("a channel that we are not in names nobody, and one that cannot be asked is an error",
          "[mattermost][wire][directory]") {
  DirectoryStage stage;
  stage.server.always("GET /channels/" + k_channel, refusal(403, "api.context.permissions.app_error"));
  const auto hidden = stage.members("mattermost:channel/" + k_channel);
  REQUIRE_FALSE(hidden);
  CHECK(hidden.error().kind == ErrorKind::refused);
  CHECK(hidden.error().message.find("I am not in") != std::string::npos);
  stage.describe(k_private);
  stage.server.always("GET /channels/" + k_channel + "/members", {200, {{"members", 5}}});
  CHECK(stage.members("mattermost:channel/" + k_channel).error().kind == ErrorKind::unavailable);
}

TEST_CASE("a group's members are all that the server counts", "[mattermost][wire][directory]") {
  DirectoryStage stage;
  stage.server.always("GET /groups/" + k_group, {200, {{"id", k_group}, {"delete_at", 0}}});
  const std::string route = "GET /groups/" + k_group + "/members";
  stage.server.next(
      route, {200, {{"members", Json::array({user(k_alice), user(k_bob)})}, {"total_member_count", 2}}});
  const auto members = stage.members("mattermost:group/" + k_group);
  REQUIRE(members);
  CHECK(*members == std::set<PrincipalId>{principal(k_alice), principal(k_bob)});
  stage.server.next(route, {200, {{"members", Json::array({user(k_alice)})}, {"total_member_count", 2}}});
  CHECK(stage.members("mattermost:group/" + k_group).error().kind == ErrorKind::unavailable);
}

TEST_CASE("a deleted group, and a server without groups, name nobody", "[mattermost][wire][directory]") {
  DirectoryStage stage;
  stage.server.next("GET /groups/" + k_group, {200, {{"id", k_group}, {"delete_at", 4}}});
  CHECK(stage.members("mattermost:group/" + k_group).error().kind == ErrorKind::refused);
  stage.server.next("GET /groups/" + k_group, refusal(501, "api.ldap_groups.license_error"));
  const auto unlicensed = stage.members("mattermost:group/" + k_group);
  CHECK(unlicensed.error().kind == ErrorKind::refused);
  CHECK(unlicensed.error().message == "this Mattermost server has no groups");
}

TEST_CASE("other groups are none of Mattermost's", "[mattermost][wire][directory]") {
  DirectoryStage stage;
  for (const char* group : {"slack:usergroup/S1", "mattermost:channel/", "mattermost:channel/../x", "sre"}) {
    CHECK(stage.members(group).error().kind == ErrorKind::invalid);
  }
  CHECK(stage.server.calls() == 0);
}
