#include "tests/scenario/harness.hpp"

#include <algorithm>

// What approvers do besides yes and no: less than was asked, a question, a name typed. And what is read below
// the card of all that.
namespace jitbot::scenario {

namespace {

using Actions = std::vector<std::string>;

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

// staging:admin is of high risk and includes viewer.
StageOptions with_risk() {
  StageOptions options;
  options.policy = replaced(usual_policy(), "admin: {connector: staging-db, grants: {role: staging_rw}}",
                            "admin: {connector: staging-db, grants: {role: staging_rw}, risk: high, "
                            "includes: [viewer]}");
  return options;
}

std::string bare(const std::string& id) {
  return id.substr(4);
}

int count(const std::string& text, const std::string& part) {
  int found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

// Each part once, and in this order.
void reads_in_order(const std::string& text, const std::vector<std::string>& parts) {
  std::size_t from = 0;
  for (const std::string& part : parts) {
    INFO(part << "\nin:\n" << text);
    CHECK(count(text, part) == 1);
    const auto at = text.find(part, from);
    CHECK(at != std::string::npos);
    if (at != std::string::npos) from = at;
  }
}

}  // namespace

TEST_CASE("who makes it shorter approves that, and votes of before are shown and count no more") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("prod 2h INC-42 slow checkout");
  const std::string old_digest = digest_prefix(*stage.request(id));
  stage.carol.approves(id);
  stage.erin.fills_in("shorter", id, {{"duration", "1h"}, {"reason", "the night shift takes over at three"}});
  stage.until([&] { return contains(stage.card(id, k_prod), "Waiting · " + id + ".2"); });
  const std::string card = stage.card(id, k_prod);
  CHECK(contains(card, "*prod : viewer* for 1h"));
  CHECK(contains(card, "owners 0/1 · security 1/1"));
  CHECK(contains(card, "approved by @carol (owners) 02:00:00 UTC — does not count: before the revision"));
  CHECK(contains(card, stage.typed("approve " + bare(id) + ".2")));
  CHECK(contains(stage.thread(id, k_prod),
                 "made shorter by @erin: for 1h instead of for 2h; it is now " + id + ".2"));
  CHECK(contains(stage.alice.dm("Made shorter"), "the night shift takes over at three"));
  CHECK(contains(stage.requester_card(id, "alice"), "Waiting · " + id + ".2"));

  // A click on the card as it was, and an id as it was, decide nothing.
  if (stage.sandbox) {
    stage.carol.starts_pressing("approve", id, sandbox::Replay::current,
                                bare(id) + "|" + old_digest + "|approve");
    stage.advance(3s);
    CHECK(contains(stage.carol.told().back(), "has changed since that card was shown; look at it again"));
  }
  const std::string told = stage.carol.says("approve " + id);
  CHECK(contains(told, "was revised; what is asked now is " + id + ".2"));
  CHECK(contains(told, "Waiting · " + id + ".2"));  // the card, to look at
  CHECK(stage.request(id)->state == RequestState::pending);
  CHECK(contains(stage.bob.says("approve " + id + ".2"), "owners 0/1 · security 2/1"));  // of security, too

  CHECK(contains(stage.carol.says("approve " + id + ".2"), id + ".2"));
  stage.until_active(id);
  CHECK(stage.grant(id)->end() == *stage.grant(id)->confirmed + 1h);
  CHECK(stage.audit_detail(id, "request.revised")["from"]["duration_ms"] == 7'200'000);
  CHECK(stage.audit_detail(id, "request.revised")["to"]["duration_ms"] == 3'600'000);
  CHECK(stage.audit_detail(id, "grant.created")["request"] == stage.request(id)->digest);
  stage.until_ended(id, 61min);
}

TEST_CASE(
    "a revision can name a role that the asked one includes, and approves at once where that is enough") {
  Stage stage(with_risk());
  stage.start();
  const std::string id = stage.alice.requests("staging:admin 2h INC-7 look at queue");
  CHECK((stage.offers("confirm", id) || stage.offers("approve", id)));
  for (const char* act : {"shorter", "deny", "question"}) CHECK(stage.offers(act, id));
  // viewer is not of high risk: no name to type.
  CHECK(contains(stage.carol.says("revise " + id + " 30m viewer because reading is enough"),
                 "Approved · " + id + ".2"));
  stage.until_active(id);
  CHECK(stage.target("staging-db").has("alice role=staging_ro"));
  CHECK_FALSE(stage.target("staging-db").has("alice role=staging_rw"));
  CHECK(stage.actions(id) ==
        Actions{"request.asked", "request.revised", "request.approved", "grant.created", "grant.active"});
  CHECK(contains(stage.card(id), "@alice has *staging : viewer*"));
  const std::string thread = stage.thread(id);
  reads_in_order(thread, {"made shorter by @carol: viewer for 30m instead of admin for 2h",
                          "the last approval that was needed", "reading is enough", "can be used until"});
  CHECK(contains(stage.alice.dm("Made shorter"), "viewer for 30m instead of admin for 2h"));
  stage.until_ended(id, 31min);
}

TEST_CASE("what is not less, not of the resource or not his to decide revises nothing") {
  Stage stage(with_risk());
  stage.start();
  const std::string id = stage.alice.requests("staging 1h INC-7 look at queue");
  const std::string before = stage.request(id)->digest;
  CHECK(contains(stage.carol.says("revise " + id + " 1h"), "not shorter than 1h"));
  CHECK(contains(stage.carol.says("revise " + id + " 2h because longer"), "not shorter than 1h"));
  CHECK(contains(stage.carol.says("revise " + id + " 30m admin"), "admin is not less than viewer"));
  CHECK(contains(stage.carol.says("revise " + id + " 30m amdin"),
                 "has no role \"amdin\"; did you mean admin?"));
  CHECK(contains(stage.carol.says("revise " + id + " soon"), "is not a length of time"));
  CHECK(contains(stage.alice.says("revise " + id + " 30m"), "nobody decides about a request of his own"));
  CHECK(contains(stage.bob.says("revise " + id + " 30m"), "not an approver"));  // an auditor, who may see it
  if (stage.scene().way() == Way::pressing) {
    CHECK(contains(stage.carol.fills_in("shorter", id, {{"reason", "x"}}), "say how long instead"));
    CHECK_FALSE(stage.carol.fills_in("shorter", id, {{"duration", "30m"}}).empty());
  }
  CHECK(stage.request(id)->digest == before);
  CHECK(stage.votes(id).empty());
  CHECK(stage.audited(id, "request.revise_refused"));
  CHECK(contains(stage.carol.says("revise JIT-0000 30m"), "I know no request JIT-0000"));
}

TEST_CASE("an absolute end is revised to an earlier one, and an extension to less") {
  Stage stage;
  stage.start();
  const std::string until = stage.alice.requests("staging until 04:00 UTC INC-7 look at queue");
  REQUIRE(stage.request(until)->asked.until);
  CHECK(contains(stage.carol.says("revise " + until + " 3h"), "not shorter"));
  stage.carol.says("revise " + until + " 30m because that is enough");
  stage.until_active(until);
  CHECK(stage.grant(until)->end() == stage.request(until)->asked.until);
  CHECK(*stage.request(until)->asked.until == stage.request(until)->decided_at.value() + 30min);
  const std::string more = stage.alice.requests("staging:admin 1h INC-7 more");
  stage.dave.approves(more);
  stage.until_active(more);
  const Time end = stage.grant(more)->end();
  const std::string extension = stage.alice.extends(more, "1h still digging");
  const std::string asked = "@alice asked to prolong " + more + " by 1h (" + extension + ")";
  stage.until([&] { return contains(stage.thread(more), asked); });
  CHECK(contains(stage.dave.says("revise " + extension + " 20m because lunch"), extension + ".2"));
  CHECK(stage.grant(more)->end() == end + 20min);
  const std::string prolonged = "prolonged by 20m (" + extension + ".2), approved by @dave";
  stage.until([&] { return contains(stage.thread(more), prolonged); });
}

TEST_CASE("roles of high risk are approved by typing the resource's name, by whatever way") {
  Stage stage(with_risk());
  stage.start();
  const std::string id = stage.alice.requests("staging:admin 1h INC-7 look at queue");
  const std::string value = bare(id) + "|" + digest_prefix(*stage.request(id)) + "|approve";
  if (stage.sandbox) {
    stage.carol.starts_pressing("confirm", id, sandbox::Replay::current, value);
    stage.until([&] { return !stage.carol.told().empty(); });
    CHECK(contains(stage.carol.told().back(), "/jit approve " + bare(id) + " staging"));
  }
  CHECK(contains(stage.carol.says("approve " + id), "is of high risk"));
  CHECK(contains(stage.carol.says("approve " + id + " stagin looks right"), "is of high risk"));
  const std::string misnamed = stage.carol.fills_in("confirm", id, {{"name", "prod"}});
  CHECK((contains(misnamed, "That is not the resource's name") || contains(misnamed, "is of high risk")));
  CHECK(contains(stage.carol.says("revise " + id + " 30m"), "is of high risk"));
  CHECK(stage.votes(id).empty());
  CHECK(stage.request(id)->state == RequestState::pending);
  CHECK(stage.audit_detail(id, "request.vote_refused")["vote"] == "approve");
  SECTION("in the form") {
    stage.carol.fills_in("confirm", id, {{"name", "STAGING"}, {"reason", "looks right"}});
  }
  SECTION("typed") {
    stage.carol.says("approve " + id + " staging looks right");
  }
  SECTION("with a revision, typed") {
    stage.carol.says("revise " + id + " 30m staging looks right");
    CHECK(stage.request(id)->revision == 1);
  }
  SECTION("with a revision, in the form") {
    stage.carol.fills_in("shorter", id,
                         {{"duration", "30m"}, {"name", "staging"}, {"reason", "looks right"}});
  }
  stage.until_active(id);
  CHECK(stage.votes(id).at(0).reason == "looks right");
  CHECK(stage.target("staging-db").has("alice role=staging_rw"));
}

TEST_CASE("a question stands below the card and reaches the asker, and the answer whoever asked") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("staging 1h INC-7 look at queue");
  stage.carol.fills_in("question", id, {{"question", "*which* queue, <!channel>?"}});
  stage.until([&] { return contains(stage.thread(id), "@carol asks"); });
  CHECK(contains(stage.thread(id), "*which* queue, <!channel>?"));
  const std::string dm = stage.alice.dm("💬 Question · " + id);
  INFO(dm);
  CHECK(contains(dm, "@carol asks about *staging : viewer*"));
  CHECK(contains(dm, "which"));
  CHECK(contains(dm, "in the thread of its card in #staging-approvals, or with "));
  CHECK(contains(dm, stage.typed("ask " + bare(id))));
  CHECK(stage.carol.dms_with("Question") == 0);
  CHECK(contains(stage.alice.says("ask " + id + " the one of orders"), "was sent to @carol"));
  stage.until([&] { return contains(stage.thread(id), "@alice answers"); });
  CHECK(contains(stage.carol.dm("💬 Answer · " + id), "the one of orders"));
  CHECK(stage.audit_detail(id, "request.question")["question"] == "the one of orders");
  CHECK(stage.request(id)->state == RequestState::pending);

  CHECK(contains(stage.carol.says("ask " + id), "ask what?"));
  CHECK(contains(stage.carol.says("ask prod-db 1h"), "To ask for access: " + stage.typed("request")));
  const auto questions = [&] {
    const auto all = stage.actions(id);
    return std::ranges::count(all, "request.question");
  };
  for (int i = 0; i < 25; ++i) stage.carol.says("ask " + id + " again?");
  CHECK(questions() == 20);
  CHECK(contains(stage.carol.says("ask " + id + " again?"), "which is the limit"));
  stage.alice.says("cancel " + id);
  CHECK(contains(stage.dave.says("ask " + id + " why?"), "is over"));
  const std::string hidden = stage.erin.requests("staging 1h INC-7 mine");
  CHECK(contains(stage.alice.says("ask " + hidden + " what for?"), "I know no request " + hidden));
  CHECK(stage.audited(hidden, "request.question_refused"));
  stage.advance(1min);  // until all of it is posted
}

TEST_CASE("the requester prolongs by the form of his card, where something is left", "[forms]") {
  Stage stage;
  stage.start();
  const std::string id = stage.active_staging();
  stage.until([&] { return contains(stage.requester_card(id, "alice"), "[Extend…] [I'm done]"); });
  CHECK_FALSE(contains(stage.card(id), "[Extend…]"));
  stage.advance(51min);
  CHECK(contains(stage.alice.dm("Ends soon"), "[Extend…] [I'm done]"));
  CHECK(contains(stage.alice.fills_in("extend", id, {{"duration", "long"}}), "duration"));
  stage.alice.submits({{"duration", "30m"}, {"reason", "still digging"}});
  stage.settle();
  const auto extension = stage.get<std::optional<Request>>(
      [key = *parse_request_id(id)](Tx& tx) -> Result<std::optional<Request>> {
        return tx.pending_extension(key);
      });
  REQUIRE(extension);
  CHECK(extension->asked.duration == 30min);
  stage.until([&] { return !contains(stage.requester_card(id, "alice"), "[Extend…]"); });
  const Time end = stage.grant(id)->end();
  stage.dave.approves(to_string(extension->id));
  CHECK(stage.grant(id)->end() == end + 30min);
  stage.until_ended(id, 45min);
}

TEST_CASE("Ask again asks for the same once more, decided afresh", "[buttons]") {
  Stage stage;
  stage.start();
  const std::string id = stage.active_staging("30m");
  stage.until_ended(id, 31min);
  stage.until([&] { return contains(stage.requester_card(id, "alice"), "[Ask again]"); });
  CHECK(contains(stage.requester_card(id, "alice"),
                 "removed and confirmed absent 02:30:00 UTC, 0 s after its end"));
  const std::string told = stage.alice.presses("again", id);
  const std::string next = id_in(told);
  CAPTURE(told);
  REQUIRE(!next.empty());
  CHECK(next != id);
  CHECK(stage.request(next)->asked.duration == 30min);
  CHECK(stage.request(next)->asked.reason == "INC-7 look at queue");
  CHECK(stage.request(next)->state == RequestState::pending);
  CHECK(contains(stage.alice.presses("again", id), "Waiting · " + next));  // the same is pending
  CHECK(contains(stage.card(next), "⏳ Waiting · " + next));
  // What a button carries is no right.
  const std::string own = stage.bob.requests("play 30m");
  stage.until_active(own);
  if (!stage.sandbox) return;
  stage.bob.starts_pressing("done", own, sandbox::Replay::current, bare(id) + "||again");
  stage.until([&] { return stage.audited(id, "request.again_refused"); });
}

TEST_CASE("every step is told once below the card, in order, whatever is restarted in between") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("prod 1h INC-42 slow checkout");
  stage.carol.approves(id);
  stage.advance(1min);
  stage.carol.says("withdraw " + id);
  stage.advance(1min);
  stage.restart();
  stage.erin.says("deny " + id + " not convinced");
  stage.advance(1min);
  stage.erin.approves(id);
  stage.advance(1min);
  stage.carol.approves(id);
  stage.until_active(id);
  stage.restart();
  stage.advance(5min);
  stage.dave.ends(id, "enough now");
  stage.until_ended(id);
  stage.restart();
  stage.advance(5min);
  const std::string thread = stage.thread(id, k_prod);
  reads_in_order(thread,
                 {"02:00:00 UTC · approved by @carol (owners)", "@carol withdrew the vote", "denied by @erin",
                  "not convinced", "approved by @erin (security)",
                  "approved by @carol (owners), the last approval that was needed", "can be used until",
                  "taken away by @dave", "enough now", "removed and confirmed absent"});
}

TEST_CASE("replies keep their order when Slack refuses one for a while", "[slack]") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("prod 1h INC-42 slow checkout");
  sandbox::MethodFault fault;
  fault.method = "chat.postMessage";
  fault.kind = sandbox::MethodFaultKind::api_error;
  fault.error = "internal_error";
  fault.count = 2;
  stage.sandbox->fail_calls(fault);
  stage.carol.approves(id);
  stage.carol.says("withdraw " + id);
  stage.erin.approves(id);
  stage.carol.approves(id);
  stage.until_active(id);
  stage.until([&] { return contains(stage.thread(id, k_prod), "can be used until"); }, 3min);
  reads_in_order(stage.thread(id, k_prod),
                 {"@carol withdrew the vote", "approved by @erin (security)",
                  "approved by @carol (owners), the last approval that was needed", "can be used until"});
}

TEST_CASE("an end that cannot be proven is told below the card, and when it is proven at last") {
  Stage stage;
  stage.start();
  const std::string id = stage.active_staging("30m");
  stage.target("staging-db").removing = Manner::failing;
  stage.advance(35min);
  CHECK(count(stage.thread(id), "not proven absent since 02:30:00 UTC") == 1);
  stage.target("staging-db").removing = Manner::honest;
  stage.until_ended(id, 10min);
  stage.advance(1min);
  const std::string thread = stage.thread(id);
  reads_in_order(thread, {"not proven absent since", "removed and confirmed absent"});
}

TEST_CASE("who is granted at once by rule reads of it in his own card alone") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("play 30m");
  stage.until_active(id);
  CHECK(stage.alice.dms_with("you can use") == 0);
  const std::string own = stage.requester_card(id, "alice");
  INFO(own);
  for (const char* act : {"extend", "done"}) CHECK(stage.requester_is_offered(act, id, "alice"));
  stage.alice.presses("done", id);
  stage.until_ended(id);
  stage.until([&] { return contains(stage.requester_card(id, "alice"), "removed and confirmed absent"); });
  CHECK_FALSE(stage.requester_is_offered("done", id, "alice"));
}

}  // namespace jitbot::scenario
