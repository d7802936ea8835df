#include "tests/integration/slack_sandbox/stand.hpp"

using namespace jitbot;
using namespace jitbot::slack::testing;

namespace {

std::optional<Form> deny_form(const Inbound& inbound) {
  const auto* clicked = std::get_if<Clicked>(&inbound.what);
  if (clicked == nullptr || clicked->button.act != Act::deny) return std::nullopt;
  Form form;
  form.kind = FormKind::deny;
  form.title = "Deny";
  form.submit = "Deny";
  form.about = clicked->button;
  Field reason;
  reason.name = "reason";
  reason.label = "Reason";
  form.fields.push_back(reason);
  return form;
}

std::vector<FieldProblem> too_short(const Inbound& inbound) {
  const auto& values = std::get<Submitted>(inbound.what).values;
  if (values.contains("reason") && values.at("reason").size() >= 5) return {};
  return {{"reason", "say why"}};
}

sandbox::SubmitInput submit(const std::string& user, const std::string& reason) {
  sandbox::SubmitInput input;
  input.user = user;
  input.values = {{"field:reason", reason}};
  return input;
}

}  // namespace

TEST_CASE("a command's answer travels in its acknowledgement", "[slack][sandbox]") {
  Stand stand;
  stand.answer_all("you have nothing");
  const auto outcome = stand.done(stand.command("alice", "mine @bob"));
  CHECK(outcome.ok());
  CHECK(outcome.ack.at("response_type") == "ephemeral");
  CHECK(outcome.ack.at("text") == "you have nothing");
  REQUIRE(stand.inbox.accepted.size() == 1);
  const std::string bob = std::string(k_mention_open) + stand.id_of("bob") + std::string(k_mention_close);
  CHECK(std::get<Said>(stand.inbox.accepted[0].what).text == "mine " + bob);
  CHECK(stand.inbox.accepted[0].from == PrincipalId{stand.slack->workspace("slack"), stand.id_of("alice")});
  CHECK(stand.box.ephemerals(stand.id_of("alice")).size() == 1);
}

TEST_CASE("a slow answer comes by the answer address, after an acknowledgement within a second",
          "[slack][sandbox]") {
  Stand stand;
  auto outcome = stand.command("alice", "mine");
  stand.until([&] { return stand.inbox.accepted.size() == 1; });
  CHECK_FALSE(outcome.done());
  const int seconds = stand.seconds_until([&] { return outcome.done(); }, 3);
  CHECK(seconds <= 1);
  CHECK(outcome.value().ok());
  CHECK(outcome.value().ack.is_null());
  REQUIRE(stand.loop.run(stand.slack->answer(stand.inbox.accepted[0], answer("at last"))));
  const auto shown = stand.box.ephemerals(stand.id_of("alice"));
  REQUIRE(shown.size() == 1);
  CHECK(shown[0].text == "at last");
  CHECK(stand.calls("chat.postEphemeral") == 0);
}

TEST_CASE("a card is posted, found by its key, and edited in place", "[slack][sandbox]") {
  Stand stand;
  const auto message = stand.post_card("#staging-approvals", "card:1", Act::approve);
  const auto posted = stand.box.find_message(message.channel, message.id);
  REQUIRE(posted);
  CHECK(posted->blocks[0].at("type") == "header");
  CHECK(posted->metadata.at("event_payload").at("key") == "card:1");
  const Place place{message.channel, "", std::nullopt};
  const auto found = stand.loop.run(stand.slack->find(place, "card:1", stand.clock.now()));
  REQUIRE(found);
  CHECK(*found == message);
  REQUIRE(stand.loop.run(stand.slack->update(message, answer("done"), "card:1")));
  CHECK(stand.box.find_message(message.channel, message.id)->text == "done");
  CHECK(stand.box.messages(message.channel).size() == 1);
  const auto again = stand.loop.run(stand.slack->find(place, "card:1", stand.clock.now()));
  REQUIRE(again);
  CHECK(*again == message);
}

TEST_CASE("a click is durable, acknowledged and answered in private", "[slack][sandbox]") {
  Stand stand;
  stand.answer_all("your approval counts");
  const auto message = stand.post_card("#staging-approvals", "card:1", Act::approve);
  const auto outcome = stand.done(stand.click("carol", message, "approve:0"));
  CHECK(outcome.ok());
  REQUIRE(stand.inbox.accepted.size() == 1);
  const Inbound& click = stand.inbox.accepted[0];
  CHECK(std::get<Clicked>(click.what).button.act == Act::approve);
  CHECK(click.reply.message == message.id);
  CHECK(click.from.user == stand.id_of("carol"));
  stand.until([&] { return stand.box.ephemerals(stand.id_of("carol")).size() == 1; });
  CHECK(stand.box.ephemerals(stand.id_of("carol"))[0].text == "your approval counts");
  CHECK(stand.box.find_message(message.channel, message.id)->text.find("JIT-7K3F") != std::string::npos);
}

TEST_CASE("a form opens at once, shows its errors, and is accepted when it is right", "[slack][sandbox]") {
  Stand stand;
  stand.inbox.form = deny_form;
  stand.inbox.problems = too_short;
  const auto message = stand.post_card("#staging-approvals", "card:1", Act::deny);
  CHECK(stand.done(stand.click("carol", message, "deny:0")).ok());
  const std::string carol = stand.id_of("carol");
  stand.until([&] { return stand.box.open_views(carol).size() == 1; });
  CHECK(stand.inbox.accepted.empty());
  const auto wrong = stand.done({stand.loop.executor(), stand.box.submit(submit("carol", "no"))});
  CHECK(wrong.error == "view_errors");
  REQUIRE(stand.box.open_views(carol).size() == 1);
  CHECK(stand.box.open_views(carol)[0].errors.at("field:reason") == "say why");
  CHECK(stand.inbox.accepted.empty());
  CHECK(stand.done({stand.loop.executor(), stand.box.submit(submit("carol", "not today"))}).ok());
  CHECK(stand.box.open_views(carol).empty());
  REQUIRE(stand.inbox.accepted.size() == 1);
  const auto& submitted = std::get<Submitted>(stand.inbox.accepted[0].what);
  CHECK(submitted.values.at("reason") == "not today");
  CHECK(submitted.about->request.value == "7K3F");
  CHECK(stand.inbox.accepted[0].reply.channel == message.channel);
}

TEST_CASE("where the form does not open, the words to type are told", "[slack][sandbox]") {
  Stand stand;
  stand.inbox.form = deny_form;
  const auto message = stand.post_card("#staging-approvals", "card:1", Act::deny);
  sandbox::MethodFault fault;
  fault.method = "views.open";
  fault.kind = sandbox::MethodFaultKind::api_error;
  fault.error = "expired_trigger_id";
  stand.box.fail_calls(fault);
  CHECK(stand.done(stand.click("carol", message, "deny:0")).ok());
  const std::string carol = stand.id_of("carol");
  stand.until([&] { return stand.box.ephemerals(carol).size() == 1; });
  CHECK(stand.box.ephemerals(carol)[0].text.find("/jit deny 7K3F") != std::string::npos);
}

TEST_CASE("a stranger's click is passed on, and the directory says that he is one", "[slack][sandbox]") {
  Stand stand;
  const auto message = stand.post_card("#vendor-bridge", "card:1", Act::approve);
  CHECK(stand.done(stand.click("sam", message, "approve:0")).ok());
  REQUIRE(stand.inbox.accepted.size() == 1);
  const PrincipalId sam = stand.inbox.accepted[0].from;
  CHECK(sam == PrincipalId{stand.slack->workspace("slack"), stand.id_of("sam")});
  const auto person = stand.loop.run(stand.slack->person(sam));
  if (person) CHECK_FALSE(may_decide_at_all(*person));
}

TEST_CASE("the directory tells members, guests, bots and the deactivated apart", "[slack][sandbox]") {
  Stand stand;
  const auto may_decide = [&](const char* who) {
    const auto person =
        stand.loop.run(stand.slack->person({stand.slack->workspace("slack"), stand.id_of(who)}));
    REQUIRE(person);
    return may_decide_at_all(*person);
  };
  CHECK(may_decide("carol"));
  for (const char* who : {"gina", "sid", "dan"}) CHECK_FALSE(may_decide(who));
  const auto& world = stand.box.world();
  const auto members =
      stand.loop.run(stand.slack->members("slack:usergroup/" + world.find_group("approvers")->id));
  REQUIRE(members);
  CHECK(members->contains({stand.slack->workspace("slack"), stand.id_of("carol")}));
  const auto carol = stand.loop.run(stand.slack->by_email(world.find_person("carol")->email));
  REQUIRE(carol);
  CHECK(carol->id.user == stand.id_of("carol"));
  CHECK(stand.loop.run(stand.slack->by_email("nobody@example.org")).error().kind == ErrorKind::not_found);
}

TEST_CASE("channels are known by name and id, shared ones as shared", "[slack][sandbox]") {
  Stand stand;
  const auto approvals = stand.loop.run(stand.slack->channel("#staging-approvals"));
  REQUIRE(approvals);
  CHECK(approvals->id == stand.channel_id("#staging-approvals"));
  CHECK(approvals->member);
  CHECK_FALSE(approvals->shared_outside);
  CHECK(stand.loop.run(stand.slack->channel("#vendor-bridge"))->shared_outside);
  CHECK_FALSE(stand.loop.run(stand.slack->channel("#quiet-corner"))->member);
  CHECK(stand.loop.run(stand.slack->channel("#nowhere")).error().kind == ErrorKind::not_found);
}

TEST_CASE("a DM is possible with the living alone", "[slack][sandbox]") {
  Stand stand;
  const auto post_to = [&](const char* who) {
    const Place place{"", "", PrincipalId{stand.slack->workspace("slack"), stand.id_of(who)}};
    return stand.loop.run(stand.slack->post(place, answer("hello"), "dm"));
  };
  const auto posted = post_to("alice");
  REQUIRE(posted);
  CHECK(stand.box.messages(posted->channel).size() == 1);
  const auto gone = post_to("dan");
  REQUIRE_FALSE(gone);
  CHECK(gone.error().kind == ErrorKind::refused);
}

TEST_CASE("the server's clock is the workspace's", "[slack][sandbox]") {
  Stand stand;
  const auto time = stand.loop.run(stand.slack->server_time());
  REQUIRE(time);
  CHECK(*time == std::chrono::floor<std::chrono::seconds>(stand.clock.now()));
}

TEST_CASE("mentions, direct messages and changes of the directory come in", "[slack][sandbox]") {
  Stand stand;
  sandbox::SayInput said;
  said.user = "alice";
  said.channel = "#general";
  said.text = "@jit pending";
  REQUIRE(stand.box.say(said));
  stand.until([&] { return stand.inbox.accepted.size() == 1; });
  CHECK(std::get<Said>(stand.inbox.accepted[0].what).text == "pending");
  const auto dm = stand.box.open_dm("alice");
  REQUIRE(dm);
  said.channel = *dm;
  said.text = "mine";
  REQUIRE(stand.box.say(said));
  stand.until([&] { return stand.inbox.accepted.size() == 2; });
  CHECK(stand.inbox.accepted[1].reply.where == ReplyTo::Where::direct);
  REQUIRE(stand.loop.run(stand.slack->answer(stand.inbox.accepted[1], answer("nothing"))));
  CHECK(stand.box.messages(*dm).back().text == "nothing");
  REQUIRE(stand.box.deactivate("bob"));
  stand.until([&] { return stand.inbox.accepted.size() == 3; });
  CHECK(std::get<PersonChanged>(stand.inbox.accepted[2].what).who.user == stand.id_of("bob"));
}
