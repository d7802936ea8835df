#include "tests/scenario/harness.hpp"

// Asking for another, until a point of time, and trying out what would come of it. People's zone is
// Europe/Berlin, an hour ahead of UTC; it is 03:00 there when a stage starts.
namespace jitbot::scenario {

namespace {

constexpr Time k_three{Millis{1'772'334'000'000}};  // 2026-03-01T03:00:00Z, 04:00 in Berlin

void replace(std::string& text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
}

bool anything_asked(Stage& stage) {
  return stage.get<bool>(
      [](Tx& tx) -> Result<bool> { return !tx.pending_requests().empty() || !tx.live_grants().empty(); });
}

}  // namespace

TEST_CASE(
    "asked for another: he is told at once, gets it by votes of others, and both see what becomes of it") {
  Stage stage;
  stage.start();
  const std::string id = stage.dave.requests("staging 1h for @bob because INC-7");
  CHECK(contains(stage.dave.told().back(), "staging:viewer for @bob for 1h"));
  CHECK(contains(stage.requester_card(id, "bob"), "@dave asked for @bob: *staging : viewer*"));
  CHECK(contains(stage.requester_card(id, "dave"), "@dave asked for @bob: *staging : viewer*"));
  CHECK(contains(stage.card(id), "@dave asks for @bob: *staging : viewer*"));
  CHECK(stage.audit_detail(id, "request.asked")["for"] == to_string(stage.bob.id()));
  // Dave is an approver, but not of what he asked for.
  CHECK(contains(stage.dave.approves(id), "nobody decides about a request of his own"));
  CHECK(contains(stage.bob.says("approve " + id), "You cannot decide this"));
  stage.carol.approves(id);
  stage.until_active(id);
  CHECK(stage.grant(id)->beneficiary == stage.bob.id());
  CHECK(stage.target("staging-db").has("bob role=staging_ro"));
  CHECK(contains(stage.bob.dm("you can use"), "staging : viewer"));
  CHECK(stage.dave.dms_with("@bob is told when it can be used") +
            stage.dave.dms_with("it can be used until") >
        0);
  SECTION("the beneficiary gives it back") {
    stage.bob.says("done " + id);
    stage.until_ended(id);
    CHECK(stage.dave.dms_with("removed and confirmed absent") > 0);
  }
  SECTION("the asker ends it, but cannot prolong it") {
    CHECK(contains(stage.dave.says("extend " + id + " 10m"), "@bob has it, and can prolong it"));
    stage.dave.says("done " + id);
    stage.until_ended(id);
    CHECK(stage.bob.dms_with("removed and confirmed absent") > 0);
  }
  SECTION("the beneficiary prolongs it") {
    const std::string extension = stage.bob.extends(id, "30m");
    CHECK(stage.request(extension)->asked.asker == stage.bob.id());
  }
}

TEST_CASE("what is asked for another can be cancelled by both, and is asked once") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("staging 1h --for @bob INC-7");
  CHECK(contains(stage.bob.says("request staging 1h"), "@alice asked for @bob"));  // the card it already has
  CHECK(
      contains(stage.erin.says("request staging 2h for @bob"), "@alice asked for @bob"));  // she administers
  CHECK(contains(stage.carol.says("request staging:admin 1h for @bob"), "asked: staging:admin for @bob"));
  CHECK(stage.cards(id) == 1);
  Someone& who = GENERATE(0, 1) == 0 ? stage.alice : stage.bob;
  CHECK(contains(who.says("cancel " + id), id + " is cancelled"));
  CHECK(stage.alice.dms_with("Cancelled · " + id) > 0);
  CHECK(stage.bob.dms_with("Cancelled · " + id) > 0);
}

TEST_CASE("somebody who may not see another's request learns no more than that it waits") {
  Stage stage;
  stage.start();
  const std::string id = stage.bob.requests("staging 1h INC-7 the vault leaks");
  const std::string answer = stage.alice.says("request staging 1h for @bob");
  CHECK(contains(answer, "@bob waits for staging:viewer already"));
  CHECK_FALSE(contains(answer, id));
  CHECK_FALSE(contains(answer, "vault"));
}

TEST_CASE("a rule that needs nobody grants to others only where it says so") {
  StageOptions options;
  const bool allowed = GENERATE(false, true);
  if (allowed) replace(options.policy, "    approval: auto\n", "    approval: auto\n    for_others: auto\n");
  Stage stage(std::move(options));
  stage.start();
  if (!allowed) {
    CHECK(
        contains(stage.alice.says("request play 30m for @bob"),
                 "Rule self-service grants at once, and only to whoever asks himself; @bob can ask for it"));
    CHECK_FALSE(anything_asked(stage));
    CHECK(contains(stage.alice.says("request play 30m for @alice"), "is granted by rule self-service"));
    return;
  }
  const std::string id = stage.alice.requests("play 30m for @bob");
  CHECK(contains(stage.alice.told().back(), "@bob is told when it works"));
  stage.until_active(id);
  CHECK(stage.target("play-db").has("bobby role=play"));
  CHECK(contains(stage.bob.dm("you can use"), "play : user"));
}

TEST_CASE("nobody asks for those who may have nothing here, and the refusal names them") {
  Stage stage;
  stage.start();
  CHECK(contains(stage.alice.says("request staging 1h for @gina"), "@gina is a guest"));
  CHECK(contains(stage.alice.says("request staging 1h for @deploybot"), "@deploybot is a bot"));
  CHECK(contains(stage.alice.says("request staging 1h for @dan"), "@dan is deactivated"));
  CHECK(contains(stage.alice.says("request staging 1h for @sam"), "@sam belongs to another organisation"));
  Someone gina = stage.person("gina");
  CHECK(contains(gina.says("request staging 1h for @alice"), "Guests cannot ask for access"));
  CHECK_FALSE(anything_asked(stage));
  CHECK(stage.messages(k_staging).empty());
}

TEST_CASE("the limit of waiting requests is the beneficiary's, and the asker's of what he asked") {
  StageOptions options;
  replace(options.config, "pending_per_person: 3", "pending_per_person: 1");
  Stage stage(std::move(options));
  stage.start();
  stage.bob.requests("staging 1h");
  CHECK(contains(stage.alice.says("request staging:admin 1h for @bob"),
                 "@bob has 1 requests waiting, which is the limit. One of them must be decided"));
  stage.alice.requests("staging 1h for @carol");
  CHECK(contains(stage.alice.says("request staging 1h for @erin"), "You have 1 requests waiting"));
}

TEST_CASE("until is read in the asker's zone, and is where access ends") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("staging until 4:00 because INC-7");
  CHECK(contains(stage.alice.told().back(), "until 03:00 UTC"));
  CHECK(stage.request(id)->asked.until == k_three);
  stage.advance(20min);
  stage.carol.approves(id);
  stage.until_active(id);
  CHECK(stage.grant(id)->end() == k_three);
  CHECK(contains(stage.card(id), "Active until 03:00 UTC"));
  stage.until_ended(id, 45min);
  CHECK(stage.grant(id)->end_wanted_at == k_three);
  CHECK(contains(stage.alice.says("request staging until 2026-02-28 18:00"),
                 "\"2026-02-28 18:00\" has passed already"));
  CHECK(contains(stage.alice.says("request staging until 18:00"), "rule staging allows at most 2h, not"));
}

TEST_CASE("a request whose end by the clock passes undecided times out") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("staging until 4:00");
  stage.advance(61min);
  CHECK(stage.request(id)->state == RequestState::timed_out);
}

TEST_CASE("where the asker's zone is not known, it is the configuration's") {
  StageOptions options;
  options.world.find_person("alice")->tz = "Mars/Olympus";
  options.config = "timezone: America/New_York\n" + options.config;
  Stage stage(std::move(options));
  stage.start();
  const std::string id = stage.alice.requests("staging until 10pm");  // it is 21:00 there
  CHECK(stage.request(id)->asked.until == k_three);
}

TEST_CASE("a ticket is shown, and stands for one in the reason") {
  Stage stage;
  stage.start();
  CHECK(contains(stage.alice.says("request prod 1h look at slow queries"), "name the incident"));
  const std::string id = stage.alice.requests("prod 1h --ticket INC-42 look at slow queries");
  CHECK(stage.request(id)->asked.ticket == "INC-42");
  CHECK(contains(stage.card(id, k_prod), "ticket: INC-42"));
  CHECK(stage.audit_detail(id, "request.asked")["ticket"] == "INC-42");
}

TEST_CASE("a dry run says what would happen, and leaves nothing") {
  Stage stage;
  stage.start();
  const std::size_t dms = stage.alice.dms().size();
  const std::string fits = stage.alice.says("request staging 1h --dry-run INC-7");
  CHECK(contains(fits, "This would be asked: staging : viewer for 1h"));
  CHECK(contains(fits, "rule *staging*: needs approvers"));
  CHECK(contains(fits, "approvers: @carol, @dave"));
  CHECK(contains(fits, "as `alice`"));
  CHECK(contains(fits, "would end, if it was approved now, 03:00 UTC"));
  CHECK(contains(fits, "a dry run: nothing was asked, and nobody was told"));
  CHECK(contains(stage.dave.says("request staging 1h --dry-run"), "approvers: @carol"));
  CHECK(contains(stage.alice.says("ensure staging 5h --dry-run"), "rule staging allows at most 2h, not 5h"));
  CHECK(contains(stage.alice.says("request play 1h --dry-run"), "approved without asking"));
  const std::string for_bob = stage.alice.says("request play 1h for @bob --dry-run");
  CHECK(contains(for_bob, "This would be refused: play : user"));
  CHECK(contains(for_bob, "@bob can ask for it"));
  CHECK(contains(stage.alice.says("request staging 30m --at 4:00 --dry-run"),
                 "starts 03:00 UTC, ends 03:30 UTC"));
  Someone gina = stage.person("gina");
  CHECK_FALSE(contains(gina.says("request staging 1h --dry-run"), "rule"));
  CHECK_FALSE(anything_asked(stage));
  CHECK(stage.messages(k_staging).empty());
  CHECK(stage.alice.dms().size() == dms);
  for (const char* subject : {"staging", "staging:viewer", "play", "play:user"})
    CHECK(stage.events(subject).empty());
}

TEST_CASE("a mention of the bot in a thread understands what the command does") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("staging 1h INC-7");
  const auto card = stage.card_message(id);
  REQUIRE(card.has_value());
  CHECK(contains(stage.bob.mentions("request staging until 4:00 for @erin because INC-8", *card),
                 "asked: staging:viewer for @erin until 03:00 UTC"));
  CHECK(contains(stage.bob.mentions("request staging:amdin 1h", *card), "did you mean staging:admin?"));
  CHECK(contains(stage.carol.mentions("approve " + id, *card), id));
  stage.until_active(id);
}

TEST_CASE("help explains every option of a request") {
  Stage stage;
  stage.start();
  const std::string help = stage.alice.says("help request");
  for (const char* option : {"--role", "--for @user", "--until", "--at", "--ticket", "--dry-run"})
    CHECK(contains(help, option));
  CHECK(contains(stage.alice.says("request --help"), "--dry-run"));
  CHECK(contains(stage.alice.says("help times"), "tomorrow 9:00"));
}

}  // namespace jitbot::scenario
