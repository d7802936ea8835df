#include "tests/scenario/harness.hpp"

// Who somebody is, whose account it is, and how much one may ask for.
namespace jitbot::scenario {

TEST_CASE("another account with a bound e-mail asks and decides nothing, and alarms") {
  Stage stage;
  stage.start();
  const std::string id = stage.active_staging();  // binds alice and carol
  stage.scene().hires("alice2", "alice@example.com");
  stage.scene().hires("carol2", "carol@example.com");
  Someone twin = stage.person("alice2");
  CHECK(contains(twin.says("request staging 1h INC-8 it is me"), "do not match what I know"));
  CHECK(stage.told_admins("Identity conflict") == 1);
  CHECK(contains(stage.channel_text(k_admins), "alice@example.com"));

  const std::string waiting = stage.bob.requests("staging 1h INC-9 look too");
  stage.scene().approvers_are({"carol2", "carol"});
  Someone other = stage.person("carol2");
  CHECK_FALSE(other.says("approve " + waiting).empty());
  CHECK(stage.request(waiting)->state == RequestState::pending);
  CHECK(stage.votes(waiting).empty());
  CHECK(stage.told_admins("Identity conflict") == 2);
  CHECK(stage.audited(to_string(twin.id()), "principal.conflict"));
  CHECK(stage.is_active(id));
}

TEST_CASE("an account whose e-mail changed asks and decides nothing, and alarms") {
  Stage stage;
  stage.start();
  const std::string id = stage.active_staging();
  const std::string waiting = stage.bob.requests("staging 1h INC-9 look too");
  stage.scene().changes_email("carol", "erin@example.com");
  stage.carol.approves(waiting);
  CHECK(stage.request(waiting)->state == RequestState::pending);
  CHECK(contains(stage.carol.told().back(), "do not match what I know"));
  stage.scene().changes_email("alice", "alicia@example.com");
  CHECK(contains(stage.alice.says("request play 10m"), "no account"));
  CHECK(contains(stage.alice.says("request prod 1h INC-42 slow checkout"), "do not match what I know"));
  CHECK(stage.told_admins("Identity conflict") == 2);
  CHECK(stage.audited(to_string(stage.carol.id()), "principal.conflict"));
  CHECK(stage.is_active(id));
}

TEST_CASE("an account that somebody else uses is taken until the access is at rest") {
  Stage stage;
  stage.start();
  stage.scene().hires("alicia", "alice@corp.example");
  Someone alicia = stage.person("alicia");
  const std::string id = stage.alice.requests("staging 30m INC-7 look");
  CHECK(
      contains(alicia.says("request staging 30m INC-8 me too"), "The account alice at staging-db is in use"));
  stage.carol.approves(id);
  stage.until_active(id);
  CHECK(contains(alicia.says("request staging 30m INC-8 me too"), "is in use by somebody else"));
  stage.until_ended(id, 31min);
  CHECK(contains(alicia.says("request staging 30m INC-8 me too"), "is in use by somebody else"));
  stage.advance(2min);  // proven absent once more, and at rest
  const std::string later = alicia.requests("staging 30m INC-8 me too");
  CHECK(stage.cards(later) == 1);
  CHECK(stage.audited("staging", "request.refused"));
}

TEST_CASE("who has as many waiting requests as the limit allows is refused the next") {
  Stage stage;
  stage.start();
  const std::string first = stage.alice.requests("staging 1h INC-7 look");
  stage.alice.requests("staging:admin 1h INC-7 look");
  stage.alice.requests("prod 1h INC-42 slow checkout");
  CHECK(contains(stage.alice.says("request play 1h"), "You have 3 requests waiting, which is the limit"));
  CHECK(stage.target("play-db").calls().empty());
  stage.alice.presses("cancel", first);
  stage.until_active(stage.alice.requests("play 1h"));
}

TEST_CASE("requests that break the rule are refused in words, and leave no card") {
  Stage stage;
  stage.start();
  CHECK(contains(stage.alice.says("request stagging 1h INC-7"), "staging"));
  CHECK(contains(stage.alice.says("request staging:amdin 1h INC-7"), "it has"));
  CHECK(contains(stage.alice.says("request staging 9h INC-7 look"), "2h"));
  CHECK(contains(stage.alice.says("request prod 1h please let me in"), "name the incident"));
  CHECK(contains(stage.person("gina").says("request play 1h"), "Guests cannot ask"));
  CHECK(contains(stage.dave.says("request play 1h"), "no account"));
  CHECK(stage.channel_text(k_staging).empty());
  CHECK(stage.channel_text(k_prod).empty());
  CHECK(stage.target("play-db").calls().empty());
  CHECK(stage.audited("play", "request.refused"));
}

}  // namespace jitbot::scenario
