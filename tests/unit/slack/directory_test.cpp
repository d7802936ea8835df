#include "adapters/chat/slack/directory.hpp"

#include "tests/unit/slack/fixtures.hpp"

#include <catch2/catch.hpp>

using namespace jitbot;
using namespace jitbot::slack;
using Json = nlohmann::json;

namespace {

const Self k_self{"T1", "", "U0BOT", "B1"};

Json user(const Json& more = Json::object()) {
  Json json{
      {"id", "U1"},
      {"team_id", "T1"},
      {"name", "alice"},
      {"deleted", false},
      {"is_bot", false},
      {"is_restricted", false},
      {"is_ultra_restricted", false},
      {"is_app_user", false},
      {"is_email_confirmed", true},
      {"tz", "Europe/Berlin"},
      {"profile", {{"email", "Alice@example.org"}, {"display_name", "alice\u202E"}, {"real_name", "Alice"}}}};
  json.update(more);
  return json;
}

}  // namespace

TEST_CASE("a member is a member", "[slack]") {
  const Person person = read_person(user(), k_self);
  CHECK(person.id == PrincipalId{"slack:T1", "U1"});
  CHECK(person.email == "Alice@example.org");
  CHECK(person.email_confirmed);
  CHECK(person.timezone == "Europe/Berlin");
  CHECK(person.shown_name == "alice");
  CHECK(may_decide_at_all(person));
}

TEST_CASE("whoever is not surely one of ours decides nothing", "[slack]") {
  const Json more = GENERATE(Json{{"deleted", true}}, Json{{"is_bot", true}}, Json{{"is_restricted", true}},
                             Json{{"is_ultra_restricted", true}}, Json{{"is_invited_user", true}},
                             Json{{"is_stranger", true}}, Json{{"team_id", "T2"}}, Json{{"team_id", ""}},
                             Json{{"team_id", nullptr}}, Json{{"id", "USLACKBOT"}}, Json{{"id", "U0BOT"}},
                             Json{{"is_workflow_bot", true}}, Json{{"is_bot", "perhaps"}},
                             Json{{"team_id", "T2"}, {"enterprise_user", {{"enterprise_id", "E1"}}}});
  CAPTURE(more.dump());
  CHECK_FALSE(may_decide_at_all(read_person(user(more), k_self)));
}

TEST_CASE("somebody who installed the app is no bot for that", "[slack]") {
  CHECK(may_decide_at_all(read_person(user({{"is_app_user", true}}), k_self)));
}

TEST_CASE("on Enterprise Grid the organisation counts", "[slack]") {
  const Self self{"T1", "E1", "U0BOT", "B1"};
  CHECK(may_decide_at_all(
      read_person(user({{"team_id", "T2"}, {"enterprise_user", {{"enterprise_id", "E1"}}}}), self)));
  CHECK_FALSE(may_decide_at_all(
      read_person(user({{"team_id", "T2"}, {"enterprise_user", {{"enterprise_id", "E2"}}}}), self)));
  CHECK_FALSE(may_decide_at_all(read_person(user({{"team_id", "T2"}}), self)));
}

TEST_CASE("an e-mail is doubted only where Slack says so", "[slack]") {
  CHECK_FALSE(read_person(user({{"is_email_confirmed", false}}), k_self).email_confirmed);
  Json silent = user();
  silent.erase("is_email_confirmed");
  CHECK(read_person(silent, k_self).email_confirmed);
}

TEST_CASE("a recorded person of another team is an outsider", "[slack][recorded]") {
  if (!jitbot::testing::have_slack_fixtures()) return;
  const Json answer = jitbot::testing::slack_fixture("api_responses").at("users.info").at("ok_response");
  const Person stranger = read_person(answer.at("user"), k_self);
  CHECK(stranger.id.user == "W012A3CDE");
  CHECK(stranger.outsider);
  const Self home{"T012AB3C4", "", "U0BOT", "B1"};
  const Person member = read_person(answer.at("user"), home);
  CHECK(may_decide_at_all(member));
  CHECK(member.email == "spengler@ghostbusters.example.com");
}

TEST_CASE("an empty description is of nobody we know", "[slack]") {
  CHECK_FALSE(may_decide_at_all(read_person(Json::object(), k_self)));
  CHECK_FALSE(may_decide_at_all(read_person(nullptr, Self{})));
}
