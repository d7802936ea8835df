#include "tests/scenario/harness.hpp"

#include <algorithm>

// Reminders and escalations of requests that wait, and requests that nobody can approve.
namespace jitbot::scenario {

namespace {

using sandbox::MethodFault;
using sandbox::MethodFaultKind;
using sandbox::Switch;

// The usual rules, with this said of requests that wait for staging.
std::string policy_with(const std::string& said) {
  std::string policy = usual_policy();
  const std::string anchor = "    pending_timeout: 4h\n";
  policy.replace(policy.find(anchor), anchor.size(), anchor + said);
  return policy;
}

StageOptions options_with(const std::string& said) {
  StageOptions options;
  options.policy = policy_with(said);
  return options;
}

std::string asked(Stage& stage) {
  return stage.alice.requests("staging 1h INC-7 look at queue");
}

MethodFault always(const std::string& method) {
  MethodFault fault;
  fault.method = method;
  fault.kind = MethodFaultKind::api_error;
  fault.error = "fatal_error";
  fault.count = -1;
  return fault;
}

int in_thread(const Stage& stage, const std::string& id, const std::string& part,
              const std::string& channel = k_staging) {
  const std::string text = stage.thread(id, channel);
  int found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

// The approval card in somebody's own direct messages.
std::optional<Message> own_card(const Someone& who, const std::string& id) {
  std::optional<Message> found;
  for (const Message& message : who.dms()) {
    const bool about = contains(message.raw, "· " + id);
    if (about && (message.offers("approve") || message.edited)) found = message;
  }
  return found;
}

std::vector<std::string> people_in(const Json& detail) {
  return detail.at("people").get<std::vector<std::string>>();
}

}  // namespace

TEST_CASE("a reminder in the thread mentions those who have not been heard, once") {
  Stage stage(options_with("    remind: 10m\n"));
  stage.start();
  const std::string id = asked(stage);
  stage.advance(9min);
  CHECK(in_thread(stage, id, "Still waiting") == 0);
  stage.until([&] { return in_thread(stage, id, "Still waiting") == 1; }, 70s);
  const std::string thread = stage.thread(id);
  CHECK(contains(thread, "@carol @dave"));  // a guest and a deactivated approver are none
  CHECK_FALSE(contains(thread, "@gina"));
  CHECK(contains(thread, "times out at"));
  CHECK(stage.audited(id, "request.reminded"));
  CHECK(people_in(stage.audit_detail(id, "request.told")) ==
        std::vector<std::string>{to_string(stage.carol.id()), to_string(stage.dave.id())});
  stage.advance(2h);
  CHECK(in_thread(stage, id, "Still waiting") == 1);
  CHECK(stage.carol.dms().empty());
}

TEST_CASE("an account that took an approver's e-mail is told nothing, and neither is who gave it up") {
  const std::string anchor = "from: [group:approvers, gina@partner.example, dan@example.com]";
  for (const std::string& from : {anchor, std::string("from: [carol@example.com, dave@example.com]")}) {
    INFO(from);
    StageOptions options = options_with("    remind: 10m\n");
    options.policy.replace(options.policy.find(anchor), anchor.size(), from);
    Stage stage(std::move(options));
    stage.start();
    stage.active_staging();  // binds carol
    REQUIRE(stage.sandbox->set_email("carol", "caroline@example.com"));
    sandbox::Person twin;
    twin.id = "U0CAROL02";
    twin.name = twin.real_name = "carol2";
    twin.email = "carol@example.com";
    REQUIRE(stage.sandbox->add_person(twin));
    REQUIRE(stage.sandbox->set_group_members("S0APPROVE", {"carol", "carol2", "dave"}));
    const std::string id = stage.bob.requests("staging 1h INC-9 look too");
    stage.until([&] { return in_thread(stage, id, "Still waiting") == 1; }, 11min);
    CHECK(people_in(stage.audit_detail(id, "request.told")) ==
          std::vector<std::string>{to_string(stage.dave.id())});
    CHECK_FALSE(contains(stage.thread(id), "carol2"));
  }
}

TEST_CASE("a reminder leaves out who has voted, and is none when nobody is left to be heard") {
  StageOptions options;
  options.policy = usual_policy();
  const std::string anchor = "    post_to: [\"#prod-approvals\"]\n";
  options.policy.replace(options.policy.find(anchor), anchor.size(), anchor + "    remind: 10m\n");
  Stage stage(std::move(options));
  stage.start();
  const std::string id = stage.alice.requests("prod 1h INC-42 slow checkout");
  SECTION("the others of open steps are reminded") {
    stage.carol.approves(id);
    stage.until([&] { return in_thread(stage, id, "Still waiting", k_prod) == 1; }, 11min);
    const std::string thread = stage.thread(id, k_prod);
    const std::string reminded = thread.substr(thread.find("Still waiting"));
    CHECK(contains(reminded, "@bob"));
    CHECK(contains(reminded, "@erin"));
    CHECK_FALSE(contains(reminded, "@carol"));  // voted
    CHECK_FALSE(contains(reminded, "@dave"));   // her step has its count
  }
  SECTION("decided meanwhile: nobody") {
    stage.carol.approves(id);
    stage.erin.approves(id);
    stage.until_active(id);
    stage.advance(20min);
    CHECK(in_thread(stage, id, "Still waiting", k_prod) == 0);
    CHECK_FALSE(stage.audited(id, "request.reminded"));
  }
}

TEST_CASE(
    "approvers who are notified decide on their own card, and every button vanishes with the decision") {
  Stage stage(options_with("    notify: [approvers]\n    remind: 10m\n"));
  stage.start();
  const std::string id = asked(stage);
  CHECK_FALSE(own_card(stage.carol, id).has_value());
  stage.until([&] { return own_card(stage.carol, id) && own_card(stage.dave, id); }, 11min);
  CHECK(in_thread(stage, id, "Still waiting") == 0);
  const Message card = *own_card(stage.carol, id);
  CHECK(contains(card.text, "@alice asks for"));
  CHECK(stage.click_on(stage.carol, card, "approve") == "");
  stage.until_active(id);
  stage.until([&] { return !stage.as_it_is(*own_card(stage.dave, id)).offers("approve"); });
  for (const Someone& who : {stage.carol, stage.dave}) {
    const Message shown = *own_card(who, id);
    CHECK(shown.offered.empty());
    CHECK(contains(shown.text, "approved by @carol"));
    CHECK(std::ranges::count_if(who.dms(),
                                [&](const Message& one) { return contains(one.raw, "· " + id); }) == 1);
  }
}

TEST_CASE("approvers are told directly at once where the rule names no time") {
  Stage stage(options_with("    notify: [approvers]\n"));
  stage.start();
  const std::string id = asked(stage);
  stage.until([&] { return own_card(stage.carol, id) && own_card(stage.dave, id); }, 10s);
  CHECK(stage.card_message(id).has_value());
  for (const Message& message : stage.alice.dms()) CHECK_FALSE(message.offers("approve"));
}

TEST_CASE("an escalation reaches each once: a card for who may decide, a notice for who may not") {
  Stage stage(
      options_with("    escalate: [{after: 15m, to: [dave@example.com, erin@example.com, "
                   "alice@example.com, gina@partner.example]}]\n"));
  stage.start();
  const std::string id = asked(stage);
  CHECK(contains(stage.card(id), "escalates to dave@example.com, erin@example.com"));
  CHECK(contains(stage.alice.told().back(), "escalates to"));
  CHECK(contains(stage.requester_card(id, "alice"), "escalates to"));
  stage.until([&] { return stage.erin.dms_with("Escalated") == 1; }, 16min);
  stage.until([&] { return own_card(stage.dave, id).has_value(); });
  const std::string words = stage.erin.dm("Escalated");
  CHECK(contains(words, "@alice asks for"));
  CHECK(contains(words, "waits since"));
  CHECK(contains(words, "group:approvers"));
  CHECK(contains(words, "does not let you decide"));
  CHECK(stage.dave.dms_with("Escalated") == 0);
  CHECK(stage.alice.dms_with("Escalated") == 0);
  CHECK(stage.person("gina").dms().empty());
  stage.advance(2h);
  CHECK(stage.erin.dms_with("Escalated") == 1);
  CHECK_FALSE(contains(stage.card(id), "escalates to"));  // it is behind
  CHECK(stage.click_on(stage.dave, *own_card(stage.dave, id), "approve") == "");
  stage.until_active(id);
}

TEST_CASE("while the directory is silent nobody is told, and everybody when it answers again") {
  Stage stage(options_with("    remind: 10m\n    escalate: [{after: 12m, to: [erin@example.com]}]\n"));
  stage.start();
  const std::string id = asked(stage);
  stage.sandbox->fail_calls(always("usergroups.users.list"));
  stage.sandbox->fail_calls(always("users.lookupByEmail"));
  stage.advance(30min);
  CHECK(in_thread(stage, id, "Still waiting") == 0);
  CHECK(stage.erin.dms_with("Escalated") == 0);
  CHECK(stage.audited(id, "request.escalated"));
  stage.sandbox->clear_faults();
  stage.until([&] { return in_thread(stage, id, "Still waiting") == 1; }, 6min);
  stage.until([&] { return stage.erin.dms_with("Escalated") == 1; }, 6min);
  stage.advance(30min);
  CHECK(in_thread(stage, id, "Still waiting") == 1);
  CHECK(stage.erin.dms_with("Escalated") == 1);
}

TEST_CASE("a directory that answers after the decision tells nobody of what does not wait any more") {
  Stage stage(options_with("    remind: 10m\n"));
  stage.start();
  const std::string id = asked(stage);
  stage.sandbox->fail_calls(always("usergroups.users.list"));
  stage.advance(11min);
  stage.alice.says("cancel " + id);
  stage.sandbox->clear_faults();
  stage.advance(10min);
  CHECK(in_thread(stage, id, "Still waiting") == 0);
  const auto left = stage.get<std::vector<Due>>([](Tx& tx) -> Result<std::vector<Due>> {
    return tx.due_of({DueKind::nudge}, time_from_ms(std::int64_t{1} << 50), 100);
  });
  CHECK(std::ranges::none_of(left, [](const Due& due) { return due.subject.starts_with("remind"); }));
}

TEST_CASE("a restart between due and told tells everybody, and nobody twice") {
  Stage stage(options_with("    notify: [approvers]\n    remind: 10m\n"));
  stage.start();
  const std::string id = asked(stage);
  stage.sandbox->fail_calls(always("usergroups.users.list"));
  stage.advance(11min);
  CHECK(stage.audited(id, "request.reminded"));
  stage.stop();
  stage.sandbox->clear_faults();
  stage.start();
  stage.until([&] { return own_card(stage.carol, id) && own_card(stage.dave, id); }, 6min);
  stage.restart();
  stage.advance(20min);
  for (const Someone& who : {stage.carol, stage.dave}) {
    CHECK(std::ranges::count_if(who.dms(),
                                [&](const Message& one) { return contains(one.raw, "· " + id); }) == 1);
  }
  CHECK(std::ranges::count(stage.actions(id), "request.told") == 1);
}

TEST_CASE("a power cut after the reminder was told repeats none") {
  Stage stage(options_with("    remind: 10m\n"));
  stage.start();
  const std::string id = asked(stage);
  stage.until([&] { return in_thread(stage, id, "Still waiting") == 1; }, 11min);
  stage.save_disk("told");
  stage.stop();
  stage.load_disk("told");
  stage.start();
  stage.advance(20min);
  CHECK(in_thread(stage, id, "Still waiting") == 1);
}

TEST_CASE(
    "when the last approver leaves, requester and administrators are told once, and again after it changed") {
  Stage stage;
  stage.start();
  const std::string id = asked(stage);
  const auto told = [&] { return stage.told_admins("Nobody can approve"); };
  REQUIRE(stage.sandbox->set_group_members("S0APPROVE", {"carol"}));
  stage.advance(10s);
  CHECK(told() == 0);
  REQUIRE(stage.sandbox->set_group_members("S0APPROVE", {"alice", "gina"}));  // she asks, and a guest
  stage.until([&] { return told() == 1; }, 10s);
  CHECK(contains(stage.alice.dm("Nobody can approve"), "step approvers of rule staging"));
  stage.until([&] { return contains(stage.card(id), "nobody can approve step approvers now"); });
  stage.advance(40min);  // the sweep looks too
  CHECK(told() == 1);
  REQUIRE(stage.sandbox->set_group_members("S0APPROVE", {"alice", "dave"}));
  stage.until([&] { return !contains(stage.card(id), "nobody can approve"); }, 10s);
  REQUIRE(stage.sandbox->deactivate("dave"));
  stage.until([&] { return told() == 2; }, 10s);
  CHECK(stage.alice.dms_with("Nobody can approve") == 2);
  CHECK(std::ranges::count(stage.actions(id), "request.nobody_can_approve") == 2);
}

TEST_CASE("people who leave without an event are found by the sweep") {
  StageOptions options;
  std::erase(options.sandbox.events, "subteam_members_changed");
  std::erase(options.sandbox.events, "subteam_updated");
  Stage stage(std::move(options));
  stage.start();
  const std::string id = asked(stage);
  REQUIRE(stage.sandbox->set_group_members("S0APPROVE", {"alice"}));
  stage.advance(5s);
  CHECK(stage.told_admins("Nobody can approve") == 0);
  stage.until([&] { return stage.told_admins("Nobody can approve") == 1; }, 16min);
  CHECK(stage.request(id)->state == RequestState::pending);
}

TEST_CASE("a directory that is silent is not nobody") {
  Stage stage;
  stage.start();
  const std::string id = asked(stage);
  stage.sandbox->fail_calls(always("usergroups.users.list"));
  REQUIRE(stage.sandbox->set_group_members("S0APPROVE", {"alice"}));
  stage.advance(20min);
  CHECK(stage.told_admins("Nobody can approve") == 0);
  stage.sandbox->clear_faults();
  stage.until([&] { return stage.told_admins("Nobody can approve") == 1; }, 6min);
  CHECK(stage.audited(id, "request.nobody_can_approve"));
}

TEST_CASE("votes that were given help, and who gave them serves no other step") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("prod 1h INC-42 slow checkout");
  stage.carol.approves(id);  // owners
  REQUIRE(stage.sandbox->set_group_members("S0APPROVE", {"carol"}));
  stage.advance(5s);
  CHECK(stage.told_admins("Nobody can approve") == 0);
  REQUIRE(stage.sandbox->deactivate("bob"));
  stage.advance(5s);
  CHECK(stage.told_admins("Nobody can approve") == 0);
  REQUIRE(stage.sandbox->deactivate("erin"));
  stage.until([&] { return stage.told_admins("Nobody can approve") == 1; }, 10s);
  CHECK(contains(stage.channel_text(k_admins), "step security of rule production"));
}

}  // namespace jitbot::scenario
