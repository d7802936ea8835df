#include "bot/cards/views.hpp"

#include "bot/cards/phrases.hpp"
#include "tests/unit/cards/story.hpp"

#include <catch2/catch.hpp>

namespace jitbot {
namespace {

using story::at;
using story::labels;
using story::who;
using Labels = std::vector<std::string>;

constexpr const char* k_votes =
    "approved by @CAROL (owners) 2026-03-01 14:02:00 UTC\n"
    "approved by @DAVE (security) 2026-03-01 14:03:00 UTC\n"
    "approved by @EVE (security) 2026-03-01 14:04:02 UTC\n";

const Button& button(const Card& card, const std::string& label) {
  for (const Button& it : card.buttons) {
    if (it.label == label) return it;
  }
  FAIL("no button " << label);
  return card.buttons.front();
}

TEST_CASE("a waiting card shows who asks for what, and what is still missing") {
  const Card card = approval_card(story::waiting());
  CHECK(to_plain_text(card) ==
        "⏳ Waiting · JIT-7K3F\n"
        "@ALICE asks for prod-db : viewer for 1h (as alice_db)\n"
        "owners 0/1 · security 0/2 · rule production\n"
        "times out at 2026-03-01 15:00 UTC\n"
        "| INC-42 slow checkout queries\n"
        "typed: /jit approve 7K3F · /jit deny 7K3F <reason> · /jit revise 7K3F <duration> because <reason>");
  CHECK(labels(card) == Labels{"Approve", "Shorter…", "Deny…", "Ask…"});
}

TEST_CASE("the buttons carry the request, the digest that was shown and the act") {
  const Card card = approval_card(story::waiting());
  CHECK(button(card, "Approve") ==
        Button{"Approve", {RequestId{"7K3F"}, "0123456789ab", Act::approve}, ButtonStyle::primary});
  CHECK(button(card, "Deny…") ==
        Button{"Deny…", {RequestId{"7K3F"}, "0123456789ab", Act::deny}, ButtonStyle::danger});
  const Card active = approval_card(story::active());
  CHECK(button(active, "End now…") ==
        Button{"End now…", {RequestId{"7K3F"}, "0123456789ab", Act::end}, ButtonStyle::danger});
  const Card mine = requester_card(story::active());
  CHECK(button(mine, "I'm done") ==
        Button{"I'm done", {RequestId{"7K3F"}, "0123456789ab", Act::done}, ButtonStyle::normal});
}

TEST_CASE("the requester reads who was asked, by which rule, and what comes next") {
  const Card card = requester_card(story::waiting());
  CHECK(to_plain_text(card) ==
        "⏳ Waiting · JIT-7K3F\n"
        "you asked for prod-db : viewer for 1h (as alice_db)\n"
        "owners 0/1 · security 0/2 · rule production\n"
        "asked owners: group:dba, carol@example.com\n"
        "asked security: group:security (2 people)\n"
        "posted in #prod-approvals\n"
        "next: times out at 2026-03-01 15:00 UTC unless it is decided\n"
        "| INC-42 slow checkout queries\n"
        "typed: /jit cancel 7K3F");
  CHECK(labels(card) == Labels{"Cancel"});
}

TEST_CASE("votes are shown with who and when, and counted for their step") {
  const Card card = approval_card(story::half_approved());
  CHECK(to_plain_text(card) ==
        "⏳ Waiting · JIT-7K3F\n"
        "@ALICE asks for prod-db : viewer for 1h (as alice_db)\n"
        "owners 1/1 · security 1/2 · rule production\n"
        "approved by @CAROL (owners) 2026-03-01 14:02:00 UTC\n"
        "approved by @DAVE (security) 2026-03-01 14:03:00 UTC\n"
        "times out at 2026-03-01 15:00 UTC\n"
        "| asked: INC-42 slow checkout queries\n"
        "| approved: fine by me\n"
        "typed: /jit approve 7K3F · /jit deny 7K3F <reason> · /jit revise 7K3F <duration> because <reason>");
}

TEST_CASE("votes that do not count are shown and say why") {
  SubjectView view = story::half_approved();
  view.votes[0].voided = true;
  view.votes[1].digest = "ffff";
  view.votes.push_back(
      {view.request.id, who("FAY"), VoteKind::withdrawn, -1, "", view.request.digest, at(14, 6), false});
  const std::string text = to_plain_text(approval_card(view));
  CHECK_THAT(text, Catch::Contains("owners 0/1 · security 0/2 · rule production"));
  CHECK_THAT(
      text,
      Catch::Contains(
          "approved by @CAROL (owners) 2026-03-01 14:02:00 UTC — does not count: may no longer decide"));
  CHECK_THAT(text, Catch::Contains("approved by @DAVE (security) 2026-03-01 14:03:00 UTC — does not count: "
                                   "before the revision"));
  CHECK_THAT(text, Catch::Contains("@FAY withdrew the vote 2026-03-01 14:06:00 UTC"));
}

TEST_CASE("a denial below the threshold is counted on the waiting card") {
  SubjectView view = story::waiting();
  view.request.asked.deny_threshold = 2;
  view.request.asked.risk = Risk::high;
  view.votes = {
      {view.request.id, who("CAROL"), VoteKind::deny, -1, "too long", view.request.digest, at(14, 6), false}};
  const Card card = approval_card(view);
  CHECK_THAT(to_plain_text(card),
             Catch::Contains("owners 0/1 · security 0/2 · denials 1/2 · rule production · high risk"));
  CHECK(labels(card) == Labels{"Approve…", "Shorter…", "Deny…", "Ask…"});
}

TEST_CASE("an approved card says that access is set up, and can be ended") {
  const Card card = approval_card(story::activating());
  CHECK(to_plain_text(card) == std::string("✅ Approved · JIT-7K3F\n"
                                           "@ALICE asked for prod-db : viewer for 1h (as alice_db)\n"
                                           "owners 1/1 · security 2/2 · rule production\n") +
                                   k_votes +
                                   "being set up, given up at 2026-03-01 14:19 UTC if that fails; ends at "
                                   "the latest 2026-03-01 15:19 UTC\n"
                                   "| INC-42 slow checkout queries\n"
                                   "typed: /jit revoke 7K3F <reason>");
  CHECK(labels(card) == Labels{"End now…"});
  const Card mine = requester_card(story::activating());
  CHECK_THAT(to_plain_text(mine), Catch::Contains("next: you are told when it can be used\n"));
  CHECK_THAT(to_plain_text(mine), Catch::EndsWith("not needed any more? /jit done 7K3F"));
  CHECK(mine.buttons.empty());
}

TEST_CASE("a target that fails while access is set up is quoted as code") {
  SubjectView view = story::activating();
  view.entitlement->last_error = "permission\n denied";
  const Card card = approval_card(view);
  CHECK_THAT(to_plain_text(card),
             Catch::Contains("the target says permission denied · next try 2026-03-01 14:04:10 UTC"));
  bool as_code = false;
  for (const Line& line : card.facts) {
    for (const Span& span : line) as_code = as_code || span == Span{Code{"permission denied"}};
  }
  CHECK(as_code);
}

TEST_CASE("an active card says until when, and since when it was confirmed") {
  CHECK(to_plain_text(approval_card(story::active())) ==
        std::string("✅ Active until 15:04 UTC · JIT-7K3F\n"
                    "@ALICE has prod-db : viewer as alice_db · confirmed 2026-03-01 14:04:07 UTC\n"
                    "owners 1/1 · security 2/2 · rule production\n") +
            k_votes +
            "ends 2026-03-01 15:04:07 UTC\n"
            "| INC-42 slow checkout queries\n"
            "typed: /jit revoke 7K3F <reason>");
  const Card mine = requester_card(story::active());
  CHECK(to_plain_text(mine) ==
        std::string("✅ Active until 15:04 UTC · JIT-7K3F\n"
                    "you have prod-db : viewer as alice_db · confirmed 2026-03-01 14:04:07 UTC\n"
                    "owners 1/1 · security 2/2 · rule production\n") +
            k_votes +
            "ends 2026-03-01 15:04:07 UTC\n"
            "use it: psql service=prod\n"
            "next: a reminder at 2026-03-01 14:54 UTC\n"
            "| INC-42 slow checkout queries\n"
            "typed: /jit done 7K3F · prolong with /jit extend 7K3F 30m");
  CHECK(labels(mine) == Labels{"Extend…", "I'm done"});
}

TEST_CASE("an end on another day is shown with its day") {
  SubjectView view = story::active();
  view.grant->duration = 24h;
  view.grant->latest_end = at(15, 19, 2) + 24h;
  CHECK(approval_card(view).headline == "Active until 2 Mar 14:04 UTC · JIT-7K3F");
}

TEST_CASE("access that was there before says so from the start") {
  SubjectView view = story::active();
  view.grant->standing = true;
  for (const Card& card : {approval_card(view), requester_card(view)}) {
    CHECK_THAT(to_plain_text(card),
               Catch::Contains("this access was there before and stays: it is not removed at the end"));
  }
}

TEST_CASE("no prolonging is offered where the rule allows none, and no reminder that was given") {
  SubjectView view = story::active();
  view.request.asked.extend.max = 0ms;
  view.grant->warned = 1;
  const std::string text = to_plain_text(requester_card(view));
  CHECK_THAT(text, !Catch::Contains("extend"));
  CHECK_THAT(text, !Catch::Contains("reminder"));
}

TEST_CASE("a rule that asks nobody is named as the one that approved") {
  const Card card = approval_card(story::automatic());
  CHECK(to_plain_text(card) ==
        "✅ Active until 15:04 UTC · JIT-7K3F\n"
        "@ALICE has prod-db : viewer as alice_db · confirmed 2026-03-01 14:04:07 UTC\n"
        "needs no approval · rule staging-self-service\n"
        "approved by rule staging-self-service, nobody had to be asked 2026-03-01 14:04:02 UTC\n"
        "ends 2026-03-01 15:04:07 UTC\n"
        "| INC-42 slow checkout queries\n"
        "typed: /jit revoke 7K3F <reason>");
}

TEST_CASE("an ending card promises nothing that was not seen, and has no buttons") {
  const Card card = approval_card(story::ending());
  CHECK(to_plain_text(card) ==
        std::string("🔚 Ending · JIT-7K3F\n"
                    "@ALICE has prod-db : viewer as alice_db · confirmed 2026-03-01 14:04:07 UTC\n"
                    "owners 1/1 · security 2/2 · rule production\n") +
            k_votes +
            "its time was over 2026-03-01 15:04:07 UTC\n"
            "being removed, not proven absent yet\n"
            "| INC-42 slow checkout queries");
  CHECK(card.buttons.empty());
  CHECK(requester_card(story::ending()).buttons.empty());
}

TEST_CASE("an overdue card shows since when, how often, when next and why") {
  const Card card = approval_card(story::overdue());
  CHECK(to_plain_text(card) ==
        std::string("🚨 Overdue · JIT-7K3F\n"
                    "@ALICE has prod-db : viewer as alice_db · confirmed 2026-03-01 14:04:07 UTC\n"
                    "owners 1/1 · security 2/2 · rule production\n") +
            k_votes +
            "its time was over 2026-03-01 15:04:07 UTC\n"
            "not proven absent since 2026-03-01 15:04:07 UTC\n"
            "tries 4 · next 2026-03-01 15:06:01 UTC\n"
            "last error connection refused\n"
            "| INC-42 slow checkout queries");
  CHECK(requester_card(story::overdue()).emoji == "🚨");
}

TEST_CASE("a denied card names who denied and why, on both sides") {
  CHECK(to_plain_text(approval_card(story::denied())) ==
        "⛔ Denied · JIT-7K3F\n"
        "@ALICE asked for prod-db : viewer for 1h (as alice_db)\n"
        "owners 0/1 · security 0/2 · rule production\n"
        "denied by @CAROL 2026-03-01 14:05:00 UTC\n"
        "| asked: INC-42 slow checkout queries\n"
        "| denied: use the replica");
  CHECK_THAT(to_plain_text(requester_card(story::denied())),
             Catch::EndsWith("typed: /jit request prod-db:viewer 1h"));
  SubjectView with_reason = story::denied();
  with_reason.request.asked.needs_reason = true;
  CHECK_THAT(to_plain_text(requester_card(with_reason)),
             Catch::EndsWith("typed: /jit request prod-db:viewer 1h <reason>"));
  CHECK(approval_card(story::denied()).buttons.empty());
  CHECK(labels(requester_card(story::denied())) == Labels{"Ask again"});
}

TEST_CASE("cancelled and timed-out cards say by whom and when") {
  SubjectView view = story::waiting();
  view.request.decided_at = at(14, 30);
  view.request.state = RequestState::cancelled;
  view.request.decided_by = who("ALICE");
  CHECK(to_plain_text(approval_card(view)) ==
        "✖️ Cancelled · JIT-7K3F\n"
        "@ALICE asked for prod-db : viewer for 1h (as alice_db)\n"
        "owners 0/1 · security 0/2 · rule production\n"
        "cancelled by @ALICE 2026-03-01 14:30:00 UTC\n"
        "| INC-42 slow checkout queries");

  view.request.decided_by = system_principal("directory");
  view.request.decision_reason = "the beneficiary was deactivated";
  CHECK_THAT(
      to_plain_text(approval_card(view)),
      Catch::Contains("cancelled by jitbot 2026-03-01 14:30:00 UTC: the beneficiary was deactivated\n"));

  view.request.state = RequestState::timed_out;
  view.request.decision_reason.clear();
  const Card card = requester_card(view);
  CHECK(card.emoji + " " + card.headline == "⌛ Timed out · JIT-7K3F");
  CHECK_THAT(to_plain_text(card), Catch::Contains("not decided in time, given up 2026-03-01 14:30 UTC\n"));
  CHECK(labels(card) == Labels{"Ask again"});
}

TEST_CASE("an extension has a card of its own that names the grant and both ends") {
  const Card card = approval_card(story::extension());
  CHECK(to_plain_text(card) ==
        "⏳ Waiting · JIT-9XYZ\n"
        "@ALICE asks to prolong JIT-7K3F by 30m: prod-db : viewer (as alice_db)\n"
        "owners 0/1 · security 0/2 · rule production\n"
        "ends 2026-03-01 15:04 UTC, then would end 2026-03-01 15:34 UTC\n"
        "times out at 2026-03-01 15:00 UTC\n"
        "| not done yet\n"
        "typed: /jit approve 9XYZ · /jit deny 9XYZ <reason> · /jit revise 9XYZ <duration> because <reason>");
  CHECK(labels(card) == Labels{"Approve", "Shorter…", "Deny…", "Ask…"});

  SubjectView view = story::extension();
  view.request.state = RequestState::approved;
  view.grant->duration = 90min;
  view.grant->latest_end += 30min;
  const Card approved = approval_card(view);
  CHECK(approved.headline == "Approved · JIT-9XYZ");
  CHECK_THAT(to_plain_text(approved), Catch::Contains("JIT-7K3F ends 2026-03-01 15:34 UTC\n"));
  CHECK(approved.buttons.empty());
}

TEST_CASE("a grant's card shows the extension that waits") {
  SubjectView view = story::active();
  view.extension = story::extension().request;
  CHECK_THAT(to_plain_text(requester_card(view)),
             Catch::Contains("prolonging it by 30m waits for approval: JIT-9XYZ\n"));
}

TEST_CASE("after a revision the id names it, in the header and in what is typed") {
  SubjectView view = story::waiting();
  view.request.revision = 1;
  const Card card = approval_card(view);
  CHECK(card.headline == "Waiting · JIT-7K3F.2");
  CHECK_THAT(to_plain_text(card), Catch::EndsWith("typed: /jit approve 7K3F.2 · /jit deny 7K3F.2 <reason> · "
                                                  "/jit revise 7K3F.2 <duration> because <reason>"));
}

TEST_CASE("an absolute end is shown as a moment") {
  SubjectView view = story::waiting();
  view.request.asked.until = at(18, 0);
  CHECK_THAT(to_plain_text(approval_card(view)),
             Catch::Contains("@ALICE asks for prod-db : viewer until 2026-03-01 18:00 UTC (as alice_db)"));
}

TEST_CASE("a long list of approvers is counted, not listed") {
  SubjectView view = story::waiting();
  auto& from = view.request.asked.steps[0].from;
  for (int i = 0; i < 7; ++i)
    from.push_back({Subject::Kind::email, "p" + std::to_string(i) + "@example.com"});
  CHECK_THAT(to_plain_text(requester_card(view)),
             Catch::Contains(
                 "asked owners: group:dba, carol@example.com, p0@example.com, p1@example.com and 5 more\n"));
}

TEST_CASE("what is of high risk is approved by typing the resource's name") {
  SubjectView view = story::waiting();
  view.request.asked.risk = Risk::high;
  const Card card = approval_card(view);
  REQUIRE(card.buttons[0].label == "Approve…");
  CHECK(card.buttons[0].value.act == Act::confirm);
  CHECK_THAT(to_plain_text(card), Catch::Contains("typed: /jit approve 7K3F prod-db · "));
}

TEST_CASE("Extend… stands where the beneficiary can use it, and nowhere else") {
  SubjectView view = story::active();
  CHECK(labels(requester_card(view)) == Labels{"Extend…", "I'm done"});
  CHECK(labels(approval_card(view)) == Labels{"End now…"});
  SECTION("the rule allows none") {
    view.request.asked.extend.max = 0ms;
  }
  SECTION("nothing of the total is left") {
    view.request.asked.extend.total = 1h;
  }
  SECTION("one waits already") {
    view.extension = story::extension().request;
  }
  SECTION("its end is absolute") {
    view.request.asked.until = at(15, 4);
  }
  CHECK(labels(requester_card(view)) == Labels{"I'm done"});
  CHECK_THAT(to_plain_text(requester_card(view)), !Catch::Contains("prolong with"));
}

TEST_CASE("Ask again stands at the end, but not where the access goes on") {
  CHECK(labels(requester_card(story::ended(EndedAs::absent))) == Labels{"Ask again"});
  CHECK(labels(requester_card(story::ended(EndedAs::removed_outside))) == Labels{"Ask again"});
  CHECK(requester_card(story::ended(EndedAs::held)).buttons.empty());
  CHECK(requester_card(story::ended(EndedAs::standing)).buttons.empty());
  CHECK(approval_card(story::ended(EndedAs::absent)).buttons.empty());
  SubjectView view = story::ended(EndedAs::absent);
  view.request.asked.until = at(15, 4);  // which says nothing about another day
  CHECK_THAT(to_plain_text(requester_card(view)), Catch::EndsWith("/jit request prod-db:viewer <duration>"));
}

TEST_CASE("who asked for somebody else is not offered to prolong it") {
  SubjectView view = story::active();
  view.request.asked.asker = story::who("DAVE");
  view.grant->asker = story::who("DAVE");
  CHECK(labels(requester_card(view, view.request.asked.beneficiary)) == Labels{"Extend…", "I'm done"});
  CHECK(labels(requester_card(view, story::who("DAVE"))) == Labels{"I'm done"});
  CHECK_THAT(to_plain_text(requester_card(view, story::who("DAVE"))), !Catch::Contains("prolong with"));
}

}  // namespace
}  // namespace jitbot
