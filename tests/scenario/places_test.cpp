#include "tests/scenario/harness.hpp"

#include <algorithm>

// Channels that are archived, renamed, left or shared outside, and cards that no channel can show.
namespace jitbot::scenario {

namespace {

using sandbox::Switch;

std::string asked(Stage& stage) {
  return stage.alice.requests("staging 1h INC-7 look at queue");
}

bool has_buttons(const Message& message) {
  return !message.offered.empty();
}

std::optional<Message> own_card(const Someone& who, const std::string& id) {
  for (const Message& message : who.dms()) {
    if (contains(message.raw, "· " + id) && message.offers("approve")) return message;
  }
  return std::nullopt;
}

int lost(const Stage& stage) {
  return stage.told_admins("No cards in a channel");
}

int back(const Stage& stage) {
  return stage.told_admins("Cards in a channel again");
}

}  // namespace

TEST_CASE("a card that no channel can show reaches those who may decide, and they decide there") {
  Stage stage;
  stage.start();
  REQUIRE(stage.sandbox->archive_channel(k_staging, Switch::on).has_value());
  const std::string id = asked(stage);
  stage.until([&] { return own_card(stage.carol, id) && own_card(stage.dave, id); }, 30s);
  CHECK(stage.told_admins("Card not posted") == 1);
  CHECK(contains(stage.alice.dm("Card not posted"), "whoever may decide gets it as a direct message"));
  CHECK_FALSE(own_card(stage.person("gina"), id).has_value());
  CHECK(stage.click_on(stage.carol, *own_card(stage.carol, id), "approve") == "");
  stage.until_active(id);
  stage.until([&] { return !own_card(stage.dave, id).has_value(); });
}

TEST_CASE("a channel that is archived is told once with its rules, and again when it is back") {
  Stage stage;
  stage.start();
  const std::string before = asked(stage);
  REQUIRE(stage.sandbox->archive_channel(k_staging, Switch::on).has_value());
  stage.until([&] { return lost(stage) == 1; }, 10s);
  const std::string told = stage.channel_text(k_admins);
  for (const char* part : {"it is archived", "rules that post there: staging", "unarchive it"}) {
    INFO(part << " in " << told);
    CHECK(contains(told, part));
  }
  // The card stands where nobody can press anything.
  stage.until([&] { return own_card(stage.carol, before).has_value(); }, 10s);
  const std::string during = stage.bob.requests("staging 1h INC-8 look too");
  stage.until([&] { return own_card(stage.carol, during).has_value(); }, 30s);
  CHECK(stage.cards(during) == 0);
  stage.advance(40min);
  CHECK(lost(stage) == 1);
  REQUIRE(stage.sandbox->archive_channel(k_staging, Switch::off).has_value());
  stage.until([&] { return back(stage) == 1; }, 10s);
  stage.until([&] { return stage.cards(during) == 1; }, 10s);
  CHECK(contains(stage.card(during), "Waiting"));
  stage.dave.approves(during);
  stage.until_active(during);
}

TEST_CASE("a channel that is archived without an event is found by the sweep") {
  StageOptions options;
  std::erase(options.sandbox.events, "channel_archive");
  Stage stage(std::move(options));
  stage.start();
  asked(stage);
  REQUIRE(stage.sandbox->archive_channel(k_staging, Switch::on).has_value());
  stage.until([&] { return lost(stage) == 1; }, 16min);
}

TEST_CASE("channels that are given by their id are swept, though nothing was posted there yet") {
  StageOptions options;
  std::erase(options.sandbox.events, "channel_archive");
  std::erase(options.sandbox.events, "group_archive");
  options.policy.replace(options.policy.find("\"#staging-approvals\""), 20, "C0STAGING");
  SECTION("by a rule") {
    Stage stage(std::move(options));
    stage.start();
    REQUIRE(stage.sandbox->archive_channel(k_staging, Switch::on).has_value());
    stage.until([&] { return lost(stage) == 1; }, 31min);
    CHECK(contains(stage.channel_text(k_admins), "rules that post there: staging"));
  }
  SECTION("by the settings") {
    options.config.replace(options.config.find("\"#jit-admins\""), 13, "C0ADMINS1");
    Stage stage(std::move(options));
    stage.start();
    REQUIRE(stage.sandbox->archive_channel(k_admins, Switch::on).has_value());
    stage.until([&] { return stage.audited("C0ADMINS1", "channel.state"); }, 31min);
    CHECK(stage.audit_detail("C0ADMINS1", "channel.state").at("state") == "archived");
  }
}

TEST_CASE("a private channel that is archived is told by an event of its own") {
  StageOptions options;
  options.world.find_channel("staging-approvals")->is_private = true;
  Stage stage(std::move(options));
  stage.start();
  asked(stage);
  REQUIRE(stage.sandbox->archive_channel(k_staging, Switch::on).has_value());
  stage.until([&] { return lost(stage) == 1; }, 10s);
}

TEST_CASE("a card whose channel no policy names any more is hidden when strangers come to read there") {
  StageOptions options;
  SECTION("told by the chat") {}
  SECTION("found by the sweep") {
    std::erase(options.sandbox.events, "channel_shared");
  }
  Stage stage(std::move(options));
  stage.start();
  const std::string id = asked(stage);
  std::string policy = usual_policy();
  policy.replace(policy.find("#staging-approvals"), 18, "#prod-approvals");
  stage.stop();
  stage.replace_policy(policy);
  stage.start();
  REQUIRE(stage.sandbox->share_channel(k_staging, Switch::on).has_value());
  stage.until([&] { return contains(stage.card(id), "Moved"); }, 31min);
  CHECK_FALSE(contains(stage.card_message(id)->raw, "look"));
  CHECK(stage.audited("C0STAGING", "channel.state"));
}

TEST_CASE("a renamed channel goes on by its id, after a restart too") {
  Stage stage;
  stage.start();
  const std::string first = asked(stage);
  REQUIRE(stage.sandbox->rename_channel(k_staging, "old-approvals").has_value());
  stage.advance(2s);
  const std::string second = stage.bob.requests("staging 1h INC-8 look too");
  stage.until([&] { return stage.cards(second, "#old-approvals") == 1; });
  stage.restart();
  const std::string third = stage.dave.requests("staging 1h INC-9 look as well");
  stage.until([&] { return stage.cards(third, "#old-approvals") == 1; });
  CHECK(lost(stage) == 0);
  CHECK(stage.told_admins("Card not posted") == 0);
  CHECK(stage.cards(first, "#old-approvals") == 1);
}

TEST_CASE("a name that means another channel by now is refused, a restart changes that not, a policy does") {
  StageOptions options;
  options.world.find_channel("quiet-corner")->members.insert(options.world.bot.user_id);
  Stage stage(std::move(options));
  stage.start();
  asked(stage);
  REQUIRE(stage.sandbox->rename_channel(k_staging, "old-approvals").has_value());
  REQUIRE(stage.sandbox->rename_channel("#quiet-corner", "staging-approvals").has_value());
  stage.until([&] { return lost(stage) == 1; }, 10s);
  CHECK(contains(stage.channel_text(k_admins), "#staging-approvals means another channel"));
  CHECK(contains(stage.channel_text(k_admins), "put the id of the channel"));
  const std::string id = stage.bob.requests("staging 1h INC-8 look too");
  stage.until([&] { return own_card(stage.carol, id).has_value(); }, 30s);
  CHECK(stage.cards(id, "#old-approvals") == 0);
  CHECK(stage.cards(id, k_staging) == 0);
  SECTION("a restart is nobody's decision") {
    stage.restart();
    const std::string next = stage.dave.requests("staging 1h INC-9 look as well");
    stage.until([&] { return own_card(stage.carol, next).has_value(); }, 30s);
    CHECK(stage.cards(next, k_staging) == 0);
    CHECK(lost(stage) == 1);
  }
  SECTION("another policy means what the names mean now") {
    std::string policy = usual_policy();
    policy.replace(policy.find("max_duration: 2h"), 16, "max_duration: 3h");
    stage.stop();
    stage.replace_policy(policy);
    stage.start();
    const std::string next = stage.dave.requests("staging 1h INC-9 look as well");
    stage.until([&] { return stage.cards(next, k_staging) == 1; });
  }
  SECTION("the name is given back") {
    REQUIRE(stage.sandbox->rename_channel(k_staging, "quiet-corner").has_value());
    REQUIRE(stage.sandbox->rename_channel("#old-approvals", "staging-approvals").has_value());
    stage.until([&] { return back(stage) == 1; }, 10s);
    stage.until([&] { return stage.cards(id, k_staging) == 1; }, 10s);
  }
}

TEST_CASE("a channel that becomes shared outside shows strangers nothing, and voters get the card directly") {
  Stage stage;
  stage.start();
  const std::string waiting = asked(stage);
  const std::string active = stage.bob.requests("staging 1h INC-8 look too");
  stage.carol.approves(active);
  stage.until_active(active);
  REQUIRE(stage.sandbox->share_channel(k_staging, Switch::on).has_value());
  stage.until([&] { return lost(stage) == 1; }, 10s);
  CHECK(contains(stage.channel_text(k_admins), "shared with another organisation"));
  for (const std::string& id : {waiting, active}) {
    stage.until([&] { return contains(stage.card(id), "Moved"); }, 10s);
    const Message card = *stage.card_message(id);
    CHECK_FALSE(has_buttons(card));
    CHECK_FALSE(contains(card.raw, "staging : viewer"));
    CHECK_FALSE(contains(card.raw, "look"));
  }
  stage.until([&] { return own_card(stage.carol, waiting) && own_card(stage.dave, waiting); }, 10s);
  const std::string later = stage.erin.requests("staging 1h INC-9 look as well");
  stage.until([&] { return own_card(stage.carol, later).has_value(); }, 30s);
  CHECK(stage.cards(later) == 0);
  CHECK(stage.click_on(stage.dave, *own_card(stage.dave, waiting), "approve") == "");
  stage.until_active(waiting);
  CHECK_FALSE(contains(stage.thread(waiting), "@alice"));  // nor is anything said below the card
  REQUIRE(stage.sandbox->share_channel(k_staging, Switch::off).has_value());
  stage.until([&] { return back(stage) == 1; }, 10s);
  stage.until([&] { return contains(stage.card(waiting), "Active until"); }, 10s);
  stage.until([&] { return stage.cards(later) == 1; }, 10s);
}

TEST_CASE("a channel that the bot was taken out of is told with what to do, and is used again when invited") {
  Stage stage;
  stage.start();
  const std::string id = asked(stage);
  const std::string bot = stage.sandbox->world().bot.user_id;
  REQUIRE(stage.sandbox->leave_channel(k_staging, bot).has_value());
  stage.until([&] { return lost(stage) == 1; }, 10s);
  CHECK(contains(stage.channel_text(k_admins), "invite me, or name another channel"));
  stage.until([&] { return own_card(stage.carol, id).has_value(); }, 10s);
  REQUIRE(stage.sandbox->join_channel(k_staging, bot).has_value());
  stage.until([&] { return back(stage) == 1; }, 10s);
  const std::string next = stage.bob.requests("staging 1h INC-8 look too");
  stage.until([&] { return stage.cards(next) == 1; }, 10s);
}

TEST_CASE("many cards of one channel ask the chat about it once a minute") {
  Stage stage;
  stage.start();
  asked(stage);
  const int before = stage.slack_calls("conversations.info");
  stage.bob.requests("staging 1h INC-8 look too");
  stage.dave.requests("staging 1h INC-9 look as well");
  stage.erin.requests("staging 1h INC-10 and again");
  stage.advance(5s);
  CHECK(stage.slack_calls("conversations.info") <= before + 1);
}

TEST_CASE("the administrators are told nothing of channels that no rule posts to, nor is their state kept") {
  Stage stage;
  stage.start();
  asked(stage);
  REQUIRE(stage.sandbox->archive_channel("#general", Switch::on).has_value());
  stage.advance(20s);
  CHECK(lost(stage) == 0);
  CHECK_FALSE(stage.audited("C0GENERAL", "channel.state"));
}

TEST_CASE("when the administrators' channel is lost each of them hears of it directly, once") {
  StageOptions options;
  const std::string members = "members: [erin@example.com]";
  options.config.replace(options.config.find(members), members.size(),
                         "members: [erin@example.com, dave@example.com, gina@partner.example]");
  Stage stage(std::move(options));
  stage.start();
  asked(stage);
  REQUIRE(stage.sandbox->archive_channel(k_staging, Switch::on).has_value());
  stage.until([&] { return lost(stage) == 1; }, 10s);
  CHECK(stage.erin.dms_with("No cards in a channel") == 0);
  const std::string loss = GENERATE(as<std::string>{}, "archived", "left", "shared");
  CAPTURE(loss);
  if (loss == "archived") REQUIRE(stage.sandbox->archive_channel(k_admins, Switch::on).has_value());
  if (loss == "shared") REQUIRE(stage.sandbox->share_channel(k_admins, Switch::on).has_value());
  if (loss == "left") {
    const std::string bot = stage.sandbox->world().bot.user_id;
    REQUIRE(stage.sandbox->leave_channel(k_admins, bot).has_value());
  }
  stage.until([&] { return stage.erin.dms_with("what administrators are told") == 1; }, 30s);
  stage.until([&] { return stage.dave.dms_with("what administrators are told") == 1; }, 30s);
  CHECK(contains(stage.erin.dm("No cards in a channel"), "cannot be used"));
  CHECK(stage.person("gina").dms_with("No cards in a channel") == 0);  // a guest decides nothing

  // Whatever else they are to be told comes the same way, as long as it is lost.
  REQUIRE(stage.sandbox->archive_channel(k_staging, Switch::off).has_value());
  stage.until([&] { return stage.dave.dms_with("Cards in a channel again") == 1; }, 30s);
  stage.advance(40min);
  CHECK(stage.erin.dms_with("what administrators are told") == 1);
  if (loss != "archived") return;
  REQUIRE(stage.sandbox->archive_channel(k_admins, Switch::off).has_value());
  stage.until([&] { return back(stage) == 1; }, 10s);
}

}  // namespace jitbot::scenario
