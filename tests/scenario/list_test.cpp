#include "tests/scenario/harness.hpp"

// Lists and the catalog: who is shown what, that they are bounded, and what looking costs at Slack.
namespace jitbot::scenario {

namespace {

const std::string k_secret = "INC-7 the vault leaks";

void replace(std::string& text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
}

void shows_nothing(const std::string& text) {
  for (const char* part : {"vault", "alice", "staging", "prod", "JIT-"}) {
    INFO(text);
    CHECK_FALSE(contains(text, part));
  }
}

}  // namespace

TEST_CASE("active shows each person what is his, what he looks after, or everything") {
  Stage stage;
  stage.start();
  const std::string id = stage.active_staging();
  for (Someone* who : {&stage.alice, &stage.dave, &stage.erin, &stage.bob}) {
    INFO(who->name());
    const std::string text = who->says("active");
    CHECK(contains(text, "@alice · *staging : viewer* · until "));
    CHECK(contains(text, id));
    CHECK_FALSE(contains(text, "staging-db"));
  }
  CHECK(contains(stage.alice.says("active prod"), "nobody has prod now"));
  Someone gina = stage.person("gina");
  CHECK(contains(gina.says("active"), "nobody whose access you may see has any now"));
}

TEST_CASE("who shows owners everything, and others who has it and whom they would have to ask") {
  StageOptions options;
  replace(options.policy, "owners: [dave@example.com]\n    default_role: viewer",
          "owners: [erin@example.com]\n    default_role: viewer");
  replace(options.config, "members: [erin@example.com]}", "members: [carol@example.com]}");
  replace(options.config, "auditors: {members: [bob@example.com]}",
          "auditors: {members: [carol@example.com]}");
  Stage stage(std::move(options));
  stage.start();
  const std::string id = stage.active_staging();
  const std::string waits = stage.erin.requests("staging 1h " + k_secret);
  const std::string owner = stage.erin.says("who staging");
  CHECK(contains(owner, "@alice · *staging : viewer* · until "));
  CHECK(contains(owner, id));
  CHECK(contains(owner, "@erin waits for *staging : viewer* · " + waits));
  CHECK(contains(owner, "*viewer* · rule staging · needs approvers (1 of group:approvers"));
  const std::string other = stage.bob.says("who staging");
  CHECK(contains(other, "@alice · *staging : viewer* · until "));
  CHECK(contains(other, "*viewer* · rule staging · needs approvers"));
  for (const std::string& hidden : {id, waits, std::string("vault"), std::string("waits for")})
    CHECK_FALSE(contains(other, hidden));
  CHECK(contains(stage.bob.says("active staging"), "@alice · *staging : viewer* · until "));
  CHECK_FALSE(contains(stage.bob.says("active staging"), id));
}

TEST_CASE("what does not exist and what is not for him are answered alike") {
  StageOptions options;
  replace(options.policy, "match: {resource: prod}\n    requesters: [group:engineering]",
          "match: {resource: prod}\n    requesters: [bob@example.com]");
  Stage stage(std::move(options));
  stage.start();
  const std::string id = stage.bob.requests("prod 1h " + k_secret);
  for (const std::string command : {"who ", "active ", "history "}) {
    std::string refused = stage.alice.says(command + "prod");
    std::string unknown = stage.alice.says(command + "porx");
    INFO(refused);
    CHECK(contains(refused, "I know no resource \"prod\" for you"));
    replace(unknown, "porx", "prod");
    CHECK(refused == unknown);
  }
  CHECK_FALSE(contains(stage.alice.says("resources"), "prod"));
  CHECK(contains(stage.alice.says("request prdo 1h"), "I know no resource \"prdo\" for you"));
  CHECK_FALSE(contains(stage.alice.says("request prdo 1h"), "did you mean prod"));
  CHECK(contains(stage.alice.says("request stagin 1h"), "did you mean staging?"));
  CHECK_FALSE(id.empty());
}

TEST_CASE("while the directory is down lists say that there may be more, and name nothing that hangs on it") {
  Stage stage;
  stage.start();
  const std::string id = stage.active_staging();
  stage.advance(2min);
  stage.scene().forgets(Scene::Unknown::people_and_groups);
  for (const char* words : {"active", "who staging", "history", "history staging", "resources"}) {
    INFO(words);
    const std::string text = stage.dave.says(words);
    INFO(text);
    const auto said = text.find(stage.scene().trouble());
    CHECK(said != std::string::npos);
    CHECK(text.find(stage.scene().trouble(), said + 1) == std::string::npos);
    CHECK_FALSE(contains(text, "no rule"));
    CHECK_FALSE(contains(text, id));
  }
  const std::string mine = stage.alice.says("active");
  CHECK(contains(mine, id));
}

TEST_CASE("who is deactivated is shown nothing more") {
  Stage stage;
  stage.start();
  const std::string id = stage.active_staging();
  stage.scene().deactivates("dave");
  for (const char* words : {"active", "who staging", "history", "resources"}) {
    INFO(words);
    CHECK_FALSE(contains(stage.dave.says(words), id));
  }
}

TEST_CASE("guests are shown no list and no catalog") {
  StageOptions options;
  replace(options.config, "auditors: {members: [bob@example.com]}",
          "auditors: {members: [bob@example.com, gina@partner.example]}");
  Stage stage(std::move(options));
  stage.start();
  stage.active_staging();
  Someone gina = stage.person("gina");
  const auto calls = stage.scene().group_lookups();
  for (const char* words : {"active", "active playground", "who playground", "history", "resources"}) {
    INFO(words);
    shows_nothing(gina.says(words));
  }
  CHECK(contains(gina.says("explain staging"), "Guests cannot ask for access"));
  CHECK(contains(gina.says("explain nothing"), "Guests cannot ask for access"));
  CHECK(contains(gina.says("request nothing 1h"), "Guests cannot ask for access"));
  CHECK(gina.says("who staging") != "");
  CHECK_FALSE(contains(gina.says("who staging"), "@alice"));
  CHECK(stage.scene().group_lookups() == calls);
}

TEST_CASE("history tells what was decided to those who may see it, newest first, without words") {
  Stage stage;
  stage.start();
  const std::string denied = stage.alice.requests("staging 1h " + k_secret);
  CHECK(contains(stage.alice.says("history"), "nothing that you may see was decided"));
  stage.carol.denies(denied, "not now");
  stage.advance(1min);
  const std::string given = stage.active_staging("30m");
  stage.until_ended(given, 1h);
  for (Someone* who : {&stage.alice, &stage.dave, &stage.erin, &stage.bob, &stage.carol}) {
    INFO(who->name());
    const std::string text = who->says("history");
    INFO(text);
    const auto newer = text.find(given);
    const auto older = text.find(denied);
    REQUIRE(newer != std::string::npos);
    REQUIRE(older != std::string::npos);
    CHECK(newer < older);
    CHECK(contains(text, "⛔ Denied · " + denied + " · @alice · *staging : viewer* · by @carol"));
    CHECK(contains(text, "⚪ Ended · " + given));
    CHECK_FALSE(contains(text, "vault"));
  }
  CHECK(contains(stage.alice.says("history staging --since 7d"), given));
  CHECK(contains(stage.alice.says("history --since 1m"), "nothing that you may see was decided since "));
  CHECK(contains(stage.bob.says("history @alice"), given));
  CHECK(contains(stage.bob.says("history prod"), "nothing that you may see was decided"));
}

TEST_CASE("resources lists what the person may ask for, found by a word") {
  Stage stage;
  stage.start();
  const std::string all = stage.alice.says("resources");
  for (const char* part : {"play", "prod", "staging", "strict", "viewer", "approved without asking"})
    CHECK(contains(all, part));
  const std::string found = stage.alice.says("resources STAG");
  CHECK(contains(found, "staging"));
  CHECK_FALSE(contains(found, "strict"));
  CHECK(contains(stage.alice.says("resources zebra"), "none of the 4 that you may ask for has \"zebra\""));
}

TEST_CASE("a catalog of thousands is listed bounded and searched") {
  StageOptions options;
  std::string many;
  for (int i = 0; i < 4800; ++i) {
    many += "  res-" + std::to_string(10000 + i) + ": {roles: {user: {connector: play-db, grants: {}}}}\n";
  }
  replace(options.policy, "rules:\n", many + "rules:\n");
  replace(options.policy, "match: {resource: [play, strict]}", "match: {role: user}");
  Stage stage(std::move(options));
  stage.start();
  const std::string all = stage.alice.says("resources");
  CHECK(contains(all, "and 4784 more; type a word to narrow it"));
  CHECK(all.size() < 8000);
  CHECK(contains(stage.alice.says("resources res-12345"), "res-12345"));
  CHECK(contains(stage.alice.says("request res-1234x 1h"), "did you mean res-1234"));
}

TEST_CASE("explain says what asking would come to") {
  Stage stage;
  stage.start();
  const std::string fits = stage.alice.says("explain prod 1h");
  CHECK(contains(fits, "needs owners (1 of group:approvers) and security (1 of group:security)"));
  CHECK(contains(fits, "needs a reason of at least 10 characters: name the incident"));
  CHECK(contains(fits, "rule staging does not fit: it is for staging, not prod"));
  CHECK(contains(stage.alice.says("explain staging 9h"), "rule staging allows at most 2h, not 9h"));
  CHECK(contains(stage.alice.says("explain staging:amdin"),
                 "staging has no role \"amdin\"; it has admin, viewer; did you mean staging:admin?"));
  CHECK(contains(stage.alice.says("explain stagin"), "did you mean staging?"));
  CHECK(stage.alice.dms_with("staging") == 0);
  CHECK(stage.messages(k_staging).empty());
}

TEST_CASE("explain and who name the people who could agree now, and nobody who decides nothing") {
  Stage stage;
  stage.start();
  // gina is a guest and dan is deactivated: the rule names both.
  for (const char* words : {"explain staging", "who staging", "request staging 1h --dry-run INC-7"}) {
    const std::string text = stage.alice.says(words);
    INFO(words << ": " << text);
    CHECK(contains(text, "approvers: @carol, @dave"));
    CHECK_FALSE(contains(text, "@gina"));
    CHECK_FALSE(contains(text, "@dan"));
  }
  CHECK(contains(stage.alice.says("explain staging"), "rule staging is the first that fits staging:viewer"));
  CHECK_FALSE(contains(stage.carol.says("explain staging"), "@carol"));
  const std::string owners = stage.alice.says("who prod");
  CHECK(contains(owners, "now by rule production: owners: @carol, @dave"));
  CHECK(contains(owners, "now by rule production: security: @bob, @erin"));
}

TEST_CASE("looking again at who could agree asks nobody again", "[slack]") {
  Stage stage;
  stage.start();
  stage.alice.says("who prod");
  const int people = stage.slack_calls("users.info");
  const int emails = stage.slack_calls("users.lookupByEmail");
  stage.bob.says("who prod");
  CHECK(stage.slack_calls("users.info") <= people + 1);  // who bob is
  CHECK(stage.slack_calls("users.lookupByEmail") == emails);
}

TEST_CASE("who could agree is said to be unknown while the directory cannot tell") {
  Stage stage;
  stage.start();
  stage.scene().forgets(Scene::Unknown::groups);
  for (const char* words : {"explain prod", "who prod"}) {
    const std::string text = stage.alice.says(words);
    INFO(words << ": " << text);
    CHECK(contains(text, "owners: who could agree now is not known"));
    CHECK((contains(text, "security: @bob, @erin") ||
           contains(text, "security: who could agree now is not known")));
  }
}

TEST_CASE("explain names the nearest rule where none fits") {
  StageOptions options;
  replace(options.policy, "match: {resource: prod}\n    requesters: [group:engineering]",
          "match: {resource: prod}\n    requesters: [group:security]");
  Stage stage(std::move(options));
  stage.start();
  const std::string text = stage.alice.says("explain prod");
  CHECK(contains(text, "you may not ask for prod:viewer; rule production lets group:security ask"));
  CHECK(contains(text, "rule production does not fit: only group:security may ask by it"));
  CHECK(contains(stage.alice.says("request prod 1h " + k_secret), "you may not ask for prod:viewer"));
}

TEST_CASE("looking again and again asks Slack for a group once a minute at most") {
  StageOptions options;
  replace(options.policy, "match: {resource: staging}\n    requesters: [group:engineering]",
          "match: {resource: staging}\n    requesters: [group:approvers, group:engineering]");
  Stage stage(std::move(options));
  stage.start();
  stage.active_staging();
  stage.advance(2min);
  const auto before = stage.scene().group_lookups();
  stage.alice.says("resources");
  CHECK(stage.scene().group_lookups() == before);  // the rules name her group by its members
  for (const char* words :
       {"active", "active staging", "who staging", "history", "explain staging", "who nowhere"})
    stage.dave.says(words);
  CHECK(stage.scene().group_lookups() <= before + 1);
}

}  // namespace jitbot::scenario
