#include "tests/scenario/harness.hpp"

// Cards that are there twice, that were deleted, or that Slack did not take: none goes on saying what is not
// so.
namespace jitbot::scenario {

namespace {

using sandbox::MethodFault;
using sandbox::MethodFaultKind;
using sandbox::Replay;
using sandbox::Switch;

MethodFault refusal(const std::string& method, const std::string& error) {
  MethodFault fault;
  fault.method = method;
  fault.kind = MethodFaultKind::api_error;
  fault.error = error;
  fault.count = -1;
  return fault;
}

bool has_buttons(const Message& message) {
  return !message.offered.empty();
}

// Edited so that nothing can be decided on it, and saying where the card is.
void is_surplus(Stage& stage, const Message& copy) {
  stage.until([&] { return contains(stage.as_it_is(copy).text, "Posted twice"); });
  const Message now = stage.as_it_is(copy);
  CHECK_FALSE(has_buttons(now));
  CHECK(contains(now.text, "the other one in this channel counts"));
  CHECK_FALSE(contains(now.text, "Waiting"));
  CHECK_FALSE(contains(now.text, "Active"));
}

std::vector<CardRow> rows_of(Stage& stage, const std::string& id) {
  return stage.get<std::vector<CardRow>>(
      [key = *parse_request_id(id)](Tx& tx) -> Result<std::vector<CardRow>> { return tx.cards(key); });
}

}  // namespace

TEST_CASE("a click on a card that was posted twice counts, and from then on only the other one decides") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("prod 1h INC-42 slow checkout");
  const Message card = *stage.card_message(id, k_prod);
  const Message copy = stage.post_again(card);
  CHECK(stage.cards(id, k_prod) == 2);

  CHECK(stage.click_on(stage.carol, copy, "approve") == "");
  CHECK(stage.votes(id).size() == 1);
  is_surplus(stage, copy);
  CHECK(stage.audit_detail(id, "card.surplus")["message"] == copy.id);
  CHECK(contains(stage.as_it_is(card).text, "owners 1/1 · security 0/1"));
  CHECK(has_buttons(stage.as_it_is(card)));

  stage.click_on(stage.erin, card, "approve");
  stage.until_active(id);
  stage.until([&] { return contains(stage.as_it_is(card).text, "Active until"); });
  is_surplus(stage, copy);
  stage.restart();
  stage.until_ended(id, 61min);
  stage.until([&] { return contains(stage.as_it_is(card).text, "removed and confirmed absent"); });
  is_surplus(stage, copy);
  CHECK(stage.cards(id, k_prod) == 2);
}

TEST_CASE("a click on a surplus card that decides nothing makes it point at the other all the same") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("staging 1h INC-7 look");
  const Message card = *stage.card_message(id);
  const Message copy = stage.post_again(card);
  SECTION("by somebody who may not") {
    CHECK(contains(stage.click_on(stage.bob, copy, "approve"), "not an approver"));
    CHECK(stage.votes(id).empty());
  }
  SECTION("after the decision") {
    stage.click_on(stage.carol, card, "approve");
    stage.until_active(id);
    CHECK(contains(stage.click_on(stage.dave, copy, "approve"), "was already approved by @carol"));
    CHECK(stage.votes(id).size() == 1);
  }
  SECTION("twice, before it was edited") {
    stage.sandbox->fail_calls(refusal("chat.update", "cant_update_message"));
    stage.click_on(stage.bob, copy, "approve");
    stage.click_on(stage.bob, copy, "approve");
    stage.sandbox->clear_faults();
    CHECK(rows_of(stage, id).size() == 3);  // the card, its copy, and the requester's
  }
  is_surplus(stage, copy);
  CHECK_FALSE(contains(stage.as_it_is(card).text, "Posted twice"));
}

TEST_CASE("a denial by the form of a surplus card counts and makes it point at the other") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("staging 1h INC-7 look");
  const Message card = *stage.card_message(id);
  const Message copy = stage.post_again(card);
  stage.carol.denies(id, "not on a Friday");  // the newest message that has the button
  CHECK(stage.request(id)->state == RequestState::denied);
  is_surplus(stage, copy);
  stage.until([&] { return contains(stage.as_it_is(card).text, "not on a Friday"); });
  CHECK_FALSE(has_buttons(stage.as_it_is(card)));
}

TEST_CASE("ending access on a surplus card ends it, and both cards say so or nothing") {
  Stage stage;
  stage.start();
  const std::string id = stage.active_staging();
  stage.until([&] { return contains(stage.card(id), "Active until"); });
  const Message card = *stage.card_message(id);
  const Message copy = stage.post_again(card);
  stage.carol.ends(id, "enough now");
  stage.until_ended(id);
  is_surplus(stage, copy);
  stage.until([&] { return contains(stage.as_it_is(card).text, "removed and confirmed absent"); });
}

TEST_CASE("a card that somebody deletes is shown anew, and a click on its old window makes no further one") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("prod 1h INC-42 slow checkout");
  const Message gone = *stage.card_message(id, k_prod);
  stage.call_as_bot("chat.delete", {{"channel", gone.channel}, {"ts", gone.id}});
  CHECK(stage.cards(id, k_prod) == 0);
  stage.carol.says("approve " + id);
  stage.until([&] { return stage.cards(id, k_prod) == 1; });
  CHECK(contains(stage.card(id, k_prod), "owners 1/1"));

  stage.click_on(stage.erin, gone, "approve", Replay::any_version);
  stage.until_active(id);
  stage.advance(5min);
  CHECK(stage.cards(id, k_prod) == 1);
  CHECK(contains(stage.card(id, k_prod), "Active until"));
}

TEST_CASE("a surplus card that somebody deletes stays away") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("prod 1h INC-42 slow checkout");
  const Message copy = stage.post_again(*stage.card_message(id, k_prod));
  stage.click_on(stage.carol, copy, "approve");
  is_surplus(stage, copy);
  stage.call_as_bot("chat.delete", {{"channel", copy.channel}, {"ts", copy.id}});
  stage.erin.approves(id);
  stage.until_active(id);
  stage.advance(5min);
  CHECK(stage.cards(id, k_prod) == 1);
  CHECK(contains(stage.card(id, k_prod), "Active until"));
}

TEST_CASE("private answers carry no buttons, which would outlive what they do") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("prod 1h INC-42 slow checkout");
  CHECK(contains(stage.alice.says("request prod 1h INC-42 slow checkout", k_prod), id));  // the same again
  CHECK(contains(stage.carol.says("approve " + id, k_prod), "owners 1/1"));
  CHECK(contains(stage.carol.says("show " + id, k_prod), "owners 1/1"));
  CHECK(contains(stage.carol.says("pending", k_prod), id));
  for (const Someone& who : {stage.alice, stage.carol}) {
    for (const Message& message : stage.scene().answers(who.name())) CHECK_FALSE(has_buttons(message));
  }
  CHECK(stage.cards(id, k_prod) == 1);
}

TEST_CASE("a card whose editing Slack refuses for long says the truth as soon as it can") {
  Stage stage;
  stage.start();
  const auto error = GENERATE(as<std::string>{}, "cant_update_message", "restricted_action", "is_archived",
                              "not_in_channel", "token_revoked");
  INFO(error);
  const std::string id = stage.alice.requests("staging 30m INC-7 look");
  stage.sandbox->fail_calls(refusal("chat.update", error));
  stage.carol.approves(id);
  stage.until_active(id);
  stage.advance(2min);
  CHECK(contains(stage.card(id), "Waiting"));  // nobody can help it
  SECTION("while it is active") {
    stage.sandbox->clear_faults();
    stage.until([&] { return contains(stage.card(id), "Active until"); }, 1min);
    stage.until([&] { return contains(stage.requester_card(id, "alice"), "Active until"); }, 1min);
  }
  SECTION("after a restart and the end") {
    stage.restart();
    stage.until_ended(id, 31min);
    stage.advance(1min);
    stage.sandbox->clear_faults();
    stage.until([&] { return contains(stage.card(id), "removed and confirmed absent"); }, 1min);
    stage.until([&] { return contains(stage.requester_card(id, "alice"), "removed and confirmed absent"); },
                1min);
    CHECK_FALSE(has_buttons(*stage.card_message(id)));
  }
  CHECK(stage.cards(id) == 1);
  CHECK(stage.told_admins("Card not posted") == 0);
}

TEST_CASE("a card whose form Slack does not take is told to administrators, and the next change mends it") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("staging 30m INC-7 look");
  stage.sandbox->fail_calls(refusal("chat.update", "invalid_arguments"));
  stage.carol.approves(id);
  stage.until_active(id);
  stage.until([&] { return stage.told_admins("Card not posted") == 1; });
  const int calls = stage.slack_calls("chat.update");
  stage.advance(5min);
  CHECK(stage.slack_calls("chat.update") == calls);  // the same would be refused again
  stage.sandbox->clear_faults();
  stage.until_ended(id, 31min);
  stage.until([&] { return contains(stage.card(id), "removed and confirmed absent"); });
  for (const CardRow& row : rows_of(stage, id)) CHECK(row.problem == "");
}

TEST_CASE("a card that could not be posted is posted once the channel takes it") {
  Stage stage;
  stage.start();
  REQUIRE(stage.sandbox->archive_channel(k_prod, Switch::on).has_value());
  const std::string id = stage.alice.requests("prod 1h INC-42 slow checkout");
  stage.until([&] { return stage.told_admins("Card not posted") == 1; });
  REQUIRE(stage.sandbox->archive_channel(k_prod, Switch::off).has_value());
  stage.until([&] { return stage.cards(id, k_prod) == 1; }, 10s);
  stage.carol.says("approve " + id);
  CHECK(contains(stage.card(id, k_prod), "owners 1/1 · security 0/1"));
  stage.erin.approves(id);
  stage.until_active(id);
  stage.until([&] { return contains(stage.card(id, k_prod), "Active until"); });
  CHECK(stage.cards(id, k_prod) == 1);
}

TEST_CASE(
    "who can get no direct message reads in the answer all that there is to know of what a rule gave him") {
  Stage stage;
  stage.start();
  stage.sandbox->fail_calls(refusal("conversations.open", "messages_tab_disabled"));
  const std::string said = stage.erin.says("request play 30m");
  const std::string id = id_in(said);
  for (const std::string& part :
       {std::string("is granted by rule self-service"), std::string("as `erin`"),
        std::string("ends at the latest"), "/jit show " + id.substr(4), "/jit done " + id.substr(4)}) {
    INFO(part << " in " << said);
    CHECK(contains(said, part));
  }
  stage.until_active(id);
  CHECK(stage.erin.dms().empty());
  CHECK(contains(stage.erin.says("show " + id), "Active until"));
}

TEST_CASE("who can get no direct message hears in the card's thread that what a rule gave him works") {
  StageOptions options;
  const std::string automatic = "    approval: auto\n";
  options.policy.insert(options.policy.find(automatic), "    post_to: [\"#staging-approvals\"]\n");
  Stage stage(std::move(options));
  stage.start();
  stage.sandbox->fail_calls(refusal("conversations.open", "messages_tab_disabled"));
  const std::string id = stage.erin.requests("play 30m");
  stage.until_active(id);
  stage.until([&] { return contains(stage.thread(id), "you can use"); }, 30s);
  CHECK(stage.erin.dms().empty());
  stage.advance(1min);
  const std::string thread = stage.thread(id);
  CHECK(thread.find("you can use") == thread.rfind("you can use"));
}

}  // namespace jitbot::scenario
