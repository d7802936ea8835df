#include "tests/scenario/harness.hpp"

#include <algorithm>

// Who is shown what, what looking costs at Slack, and what is said while Slack cannot tell who somebody is.
namespace jitbot::scenario {

namespace {

using Unknown = Scene::Unknown;

const std::string k_secret = "INC-7 the vault leaks";

void replace(std::string& text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
}

// Everybody who is no member is named as voter, administrator and auditor, in every way there is.
StageOptions naming_strangers() {
  StageOptions options;
  // By their ids where those are known before the platform is there.
  const bool on_slack = approvers_source().starts_with("slack:");
  const std::string ids =
      R"(, "slack:U0GINA001", "slack:U0SID0001", "slack:U0DAN0001", "slack:U0SAM0001", "slack:U0DEPLOY1")";
  replace(options.policy, "gina@partner.example, dan@example.com]}]",
          "gina@partner.example, sid@partner.example, dan@example.com, sam@vendor.example" +
              (on_slack ? ids : std::string()) + "]}]");
  const std::string admins = on_slack ? R"("slack:U0SID0001", "slack:U0SAM0001")" : "sid@partner.example";
  replace(options.config, "members: [erin@example.com]",
          "members: [erin@example.com, gina@partner.example, " + admins + "]");
  replace(options.config, "auditors: {members: [bob@example.com]}",
          "auditors: {members: [bob@example.com, sid@partner.example, sam@vendor.example, dan@example.com]}");
  auto* group = options.world.find_group("approvers");
  for (const char* name : {"gina", "sid", "dan", "sam", "deploybot"})
    group->members.push_back(options.world.find_person(name)->id);
  return options;
}

// Of a vote; where it is typed, not even that there is something to vote on.
bool is_refusal(const std::string& answer) {
  return contains(answer, "not an approver") || contains(answer, "I know no request");
}

void shows_nothing(const std::string& text) {
  CHECK_FALSE(contains(text, "vault"));
  CHECK_FALSE(contains(text, "staging-db"));
  CHECK_FALSE(contains(text, "alice"));
  CHECK_FALSE(contains(text, "request.asked"));
}

// Everything that somebody was privately told, or reads in the bot's direct messages.
std::string read_by(Stage& stage, const Someone& who) {
  std::string all = stage.channel_text("@" + who.name());
  for (const std::string& text : who.told()) all += text + "\n";
  return all;
}

}  // namespace

TEST_CASE("guests are shown no request, whatever a policy names them as") {
  Stage stage(naming_strangers());
  stage.start();
  const std::string id = stage.alice.requests("staging 1h " + k_secret);
  const auto [name, channel] =
      GENERATE(table<std::string, std::string>({{"gina", "#general"}, {"sid", "#vendor-bridge"}}));
  INFO(name);
  Someone guest = stage.person(name);
  const auto calls = stage.scene().group_lookups();
  CHECK(contains(guest.says("show " + id, channel), "I know no request " + id));
  CHECK(contains(guest.says("pending", channel), "nothing waits for your decision"));
  CHECK(contains(guest.says("mine", channel), "you have nothing"));
  CHECK(contains(guest.says("debt", channel), "for administrators and auditors"));
  shows_nothing(read_by(stage, guest));
  CHECK(stage.audited(id, "request.show_refused"));
  CHECK(stage.scene().group_lookups() == calls);  // nor does he use up what deciding needs
}

TEST_CASE("people of another workspace and bots are shown no request", "[slack]") {
  Stage stage(naming_strangers());
  stage.start();
  const std::string id = stage.alice.requests("staging 1h " + k_secret);
  const auto [name, channel] =
      GENERATE(table<std::string, std::string>({{"sam", "#vendor-bridge"}, {"deploybot", "#general"}}));
  INFO(name);
  Someone stranger = stage.person(name);
  for (const std::string& words : {"show " + id, std::string("pending"), std::string("mine")}) {
    sandbox::SayInput input;
    input.user = name;
    input.channel = channel;
    input.text = "@jit " + words;
    REQUIRE(stage.sandbox->say(input).has_value());
    stage.advance(5s);
  }
  shows_nothing(read_by(stage, stranger));
  shows_nothing(stage.channel_text(channel));
  CHECK(contains(read_by(stage, stranger), "I know no request " + id));
  CHECK(contains(read_by(stage, stranger), "nothing waits for your decision"));
  CHECK(stage.audited(id, "request.show_refused"));
}

TEST_CASE("what somebody asked to see before he was deactivated is not shown after it", "[slack]") {
  StageOptions options = naming_strangers();
  options.world.find_person("dan")->deactivated = false;
  Stage stage(std::move(options));
  stage.start();
  Someone dan = stage.person("dan");
  const std::string id = stage.alice.requests("staging 1h " + k_secret);
  CHECK(contains(dan.says("show " + id), "vault"));
  stage.stop();
  const auto told = dan.told().size();
  for (const std::string& words : {"show " + id, std::string("pending"), std::string("mine")}) {
    sandbox::SayInput input;
    input.user = "dan";
    input.channel = "@dan";
    input.text = words;
    REQUIRE(stage.sandbox->say(input).has_value());
  }
  REQUIRE(stage.sandbox->deactivate("dan").has_value());
  stage.settle();
  stage.start();
  for (const std::string& event : stage.sandbox->event_ids())
    REQUIRE(stage.sandbox->redeliver(event, 1, "http_timeout").has_value());
  stage.advance(30s);
  shows_nothing(stage.channel_text("@dan"));
  CHECK(dan.told().size() == told);
  CHECK(stage.audited(id, "request.show_refused"));
}

TEST_CASE("another account with a bound e-mail is shown nothing") {
  Stage stage;
  stage.start();
  stage.active_staging();  // binds carol
  const std::string id = stage.alice.requests("prod 1h " + k_secret);
  stage.scene().hires("carol2", "carol@example.com");
  stage.scene().approvers_are({"carol", "carol2"});
  Someone other = stage.person("carol2");
  CHECK(contains(other.says("show " + id), "do not match what I know"));
  CHECK(contains(other.says("pending"), "do not match what I know"));
  CHECK(contains(other.says("mine"), "you have nothing"));
  shows_nothing(read_by(stage, other));
  CHECK(contains(stage.carol.says("show " + id), "vault"));
}

TEST_CASE("looking asks for a group once a minute, deciding each time") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("prod 1h " + k_secret);
  const auto calls = [&, before = stage.scene().group_lookups()] {
    return stage.scene().group_lookups() - before;
  };
  const Time first = stage.now();
  CHECK(contains(stage.dave.says("show " + id), "vault"));
  CHECK(calls() == 1);
  CHECK(contains(stage.dave.says("show " + id), "vault"));
  CHECK(contains(stage.dave.says("pending"), id));
  CHECK(contains(stage.carol.says("pending"), id));
  CHECK(calls() == 1);
  REQUIRE(stage.now() - first < 60s);

  stage.scene().approvers_are({"dave"});
  stage.until([&] { return calls() == 2; }, 5s);             // whether it can still be approved
  CHECK(contains(stage.carol.says("show " + id), "vault"));  // as it was less than a minute ago
  CHECK(calls() == 2);
  CHECK(is_refusal(stage.carol.approves(id)));
  CHECK(calls() == 3);
  CHECK(stage.votes(id).empty());
  CHECK(is_refusal(stage.carol.approves(id)));
  CHECK(calls() == 4);
  stage.dave.approves(id);
  CHECK(calls() == 5);
  CHECK(stage.votes(id).size() == 1);

  stage.advance(first + 61s - stage.now());
  CHECK(contains(stage.carol.says("show " + id), "I know no request"));
  CHECK(calls() == 6);
  CHECK(contains(stage.carol.says("pending"), "nothing waits"));
  CHECK(calls() == 6);
}

TEST_CASE("while a group cannot be read, who is in it is shown nothing and told so, and may try again") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("staging 1h " + k_secret);
  stage.scene().forgets(Unknown::groups);
  const std::string shown = stage.carol.says("show " + id);
  CHECK(contains(shown, "I cannot check now"));
  CHECK(contains(shown, "ry again"));
  CHECK(stage.carol.says("show JIT-ZZZZ") == shown);  // nor that there is one
  const std::string waiting = stage.carol.says("pending");
  CHECK(contains(waiting, "I cannot check now"));
  CHECK_FALSE(contains(waiting, id));
  shows_nothing(read_by(stage, stage.carol));
  CHECK(contains(stage.alice.says("show " + id), "vault"));  // her own
  CHECK(contains(stage.erin.says("show " + id), "vault"));   // an administrator by name
  CHECK(contains(stage.person("gina").says("show " + id), "I know no request"));

  stage.scene().remembers();  // a failure is not remembered
  CHECK(contains(stage.carol.says("show " + id), "vault"));
  CHECK(contains(stage.carol.says("pending"), id));
}

TEST_CASE("what could not be checked is missing from a list, and the list says so") {
  Stage stage;
  stage.start();
  const std::string hidden = stage.alice.requests("staging 1h " + k_secret);
  const std::string plain = stage.alice.requests("prod 1h INC-42 slow checkout");
  stage.scene().forgets(Unknown::groups);
  const std::string waiting = stage.erin.says("pending");  // of the security step by name
  CHECK(contains(waiting, plain));
  CHECK_FALSE(contains(waiting, hidden));
  CHECK(contains(waiting, "I cannot check now"));
  stage.scene().remembers();
  CHECK_FALSE(contains(stage.erin.says("pending"), "cannot check"));
}

TEST_CASE("who may see a request but is none of its approvers is told so when he types a vote") {
  StageOptions options;
  sandbox::Person engineer;  // of the company, on whatever platform
  engineer.id = "U0ALICIA1";
  engineer.name = "alicia";
  engineer.email = "alicia@example.com";
  options.world.find_channel("general")->members.insert(engineer.id);
  options.world.people.push_back(engineer);
  Stage stage(std::move(options));
  stage.start();
  const std::string id = stage.alice.requests("staging 1h " + k_secret);
  const auto name = GENERATE(as<std::string>{}, "erin", "bob");  // administers; audits
  INFO(name);
  Someone reader = stage.person(name);
  CHECK(contains(reader.says("approve " + id), "You are not an approver of " + id));
  CHECK(contains(reader.says("deny " + id + " no"), "You are not an approver of " + id));
  CHECK(contains(reader.says("withdraw " + id), "You have no vote on " + id));
  CHECK(contains(reader.says("approve " + id + ".2"), "is not what is asked now"));

  Someone alicia = stage.person("alicia");
  const auto calls = stage.scene().group_lookups();
  for (const std::string& words :
       {"approve " + id, "deny " + id + " no", "withdraw " + id, "approve " + id + ".2"})
    CHECK(contains(alicia.says(words), "I know no request " + id));
  CHECK(stage.scene().group_lookups() <= calls + 4);  // the step's group, as for anybody
  shows_nothing(read_by(stage, alicia));
  CHECK(stage.votes(id).empty());
  stage.carol.approves(id);
  stage.until_active(id);
}

TEST_CASE("show tells what happened in sentences, and nobody did what the rule did") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("play 30m");
  stage.until_active(id);
  stage.alice.says("extend " + id + " 30m");
  const std::string text = stage.alice.says("show " + id);
  INFO(text);
  CHECK(contains(text, "approved by rule self-service"));
  CHECK(contains(text, "granted, ends at the latest"));
  CHECK(contains(text, "can be used until"));
  CHECK(contains(text, "prolonged by 30m"));
  CHECK(contains(text, "approved by rule; ends"));
  CHECK_FALSE(contains(text, "by jitbot"));
  CHECK_FALSE(contains(text, "grant."));
  CHECK_FALSE(contains(text, "request."));
}

TEST_CASE("a vote that cannot be checked decides nothing and says how to go on") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("staging 1h " + k_secret);
  stage.scene().forgets(Unknown::groups);
  const auto before = stage.carol.told().size();
  stage.carol.starts_pressing("approve", id);
  stage.until([&] { return stage.carol.told().size() > before; }, 1min);
  CHECK(contains(stage.carol.told().back(), "I cannot check now whether you may decide this"));
  CHECK(contains(stage.carol.told().back(), "Nothing was decided; try again"));
  CHECK(contains(stage.carol.says("deny " + id + " no"), "Nothing was decided; try again"));
  CHECK(stage.votes(id).empty());
  CHECK(stage.request(id)->state == RequestState::pending);
  CHECK(stage.target("staging-db").calls().empty());
  CHECK(stage.audited(id, "request.vote_refused"));

  stage.scene().remembers();
  stage.carol.approves(id);
  stage.until_active(id);
}

TEST_CASE(
    "administrators by a group that cannot be read are told so, and nothing is shown, ended or given up") {
  StageOptions options;
  replace(options.config, "members: [erin@example.com]", "members: [\"group:approvers\"]");
  replace(options.config, "auditors: {members: [bob@example.com]}", "auditors: {members: []}");
  Stage stage(std::move(options));
  stage.start();
  const std::string id = stage.alice.requests("play 30m");
  stage.until_active(id);
  stage.target("play-db").removing = Manner::failing;
  stage.alice.says("done " + id);
  stage.until([&] { return stage.told_admins("Overdue") == 1; }, 3min);
  const std::string number = std::to_string(stage.entitlement_of(id)->id.value);
  CHECK(contains(stage.carol.says("debt"), "ally"));

  stage.scene().forgets(Unknown::groups);
  for (const std::string& words :
       {std::string("status"), std::string("debt"), "debt abandon " + number + " lost", "show " + id,
        "revoke " + id + " enough"}) {
    const std::string answer = stage.carol.says(words);
    INFO(words << ": " << answer);
    CHECK(contains(answer, "I cannot check now"));
    CHECK(contains(answer, "ry again"));
    CHECK_FALSE(contains(answer, "ally"));
  }
  CHECK(stage.entitlement_of(id)->state == EntitlementState::removing);
  CHECK_FALSE(stage.audited("entitlement:" + number, "debt.abandoned"));

  stage.scene().remembers();
  CHECK(contains(stage.carol.says("debt"), "ally"));
  CHECK(contains(stage.carol.says("status"), "overdue"));
  stage.target("play-db").removing = Manner::honest;
  stage.until_ended(id, 6min);
}

}  // namespace jitbot::scenario
