#include "bot/cards/notices.hpp"

#include "bot/cards/phrases.hpp"
#include "tests/unit/cards/story.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace jitbot {
namespace {

using nlohmann::json;
using story::at;
using story::labels;

std::string told(NoticeKind kind, const SubjectView& view, const json& args = json::object()) {
  return to_plain_text(notice_card(kind, view, args, view.now));
}

std::string told(NoticeKind kind, const json& args) {
  return to_plain_text(notice_card(kind, std::nullopt, args, at(14, 0)));
}

constexpr NoticeKind k_last = NoticeKind::restored;

TEST_CASE("every kind of notice has a name that reads back, and words even without a subject or args") {
  for (int i = 0; i <= static_cast<int>(k_last); ++i) {
    const auto kind = static_cast<NoticeKind>(i);
    CHECK(parse_notice_kind(to_string(kind)) == kind);
    for (const json& args : {json::object(), json(nullptr), json::array({1}),
                             json{{"since", "x"}, {"detail", 5}, {"voter", {1}}}}) {
      const Card card = notice_card(kind, std::nullopt, args, at(14, 0));
      CHECK((!card.facts.empty() || !card.headline.empty()));
      if (kind == NoticeKind::step) continue;  // a line below its card
      CHECK_FALSE(card.headline.empty());
      CHECK_FALSE(card.emoji.empty());
      CHECK_FALSE(notice_card(kind, story::active(), args, at(14, 0)).headline.empty());
    }
  }
  CHECK_FALSE(parse_notice_kind("other"));
}

TEST_CASE("a decision is told with by whom, the reason and what comes next") {
  CHECK(told(NoticeKind::decided, story::denied()) ==
        "⛔ Denied · JIT-7K3F\n"
        "@ALICE · prod-db : viewer for 1h (as alice_db)\n"
        "denied by @CAROL 2026-03-01 14:05:00 UTC\n"
        "| asked: INC-42 slow checkout queries\n"
        "| denied: use the replica");
  CHECK(told(NoticeKind::decided, story::activating()) ==
        "✅ Approved · JIT-7K3F\n"
        "@ALICE · prod-db : viewer for 1h (as alice_db)\n"
        "approved by @CAROL (owners) 2026-03-01 14:02:00 UTC\n"
        "approved by @DAVE (security) 2026-03-01 14:03:00 UTC\n"
        "approved by @EVE (security) 2026-03-01 14:04:02 UTC\n"
        "next: it is set up, and you are told when it can be used");
}

TEST_CASE("usable access is told with from, until, how to use it and how to keep it") {
  const SubjectView view = story::active();
  CHECK(
      told(NoticeKind::usable, view) ==
      "✅ Active until 15:04 UTC · JIT-7K3F\n"
      "you can use prod-db : viewer as alice_db from 2026-03-01 14:04:07 UTC until 2026-03-01 15:04:07 UTC\n"
      "use it: psql service=prod\n"
      "prolong with /jit extend 7K3F 30m · give back with /jit done 7K3F");
  CHECK(labels(notice_card(NoticeKind::usable, view, json::object(), view.now)) ==
        std::vector<std::string>{"I'm done"});
}

TEST_CASE("a target's own words are told with the next try") {
  const json args{{"detail", "ERROR: role\nis missing"}, {"next", to_ms(at(14, 5))}};
  CHECK(told(NoticeKind::not_granted, story::activating(), args) ==
        "⚠️ Not granted · JIT-7K3F\n"
        "@ALICE · prod-db : viewer for 1h (as alice_db)\n"
        "the target says ERROR: role is missing\n"
        "next try 2026-03-01 14:05:00 UTC\n"
        "given up at 2026-03-01 14:19 UTC if it does not work until then");
}

TEST_CASE("a warning names the end and what can be done") {
  CHECK(told(NoticeKind::warn, story::active()) ==
        "⏰ Ends soon · JIT-7K3F\n"
        "prod-db : viewer ends 2026-03-01 15:04:07 UTC\n"
        "prolong with /jit extend 7K3F 30m · give back with /jit done 7K3F");
}

TEST_CASE("a notice that comes too late tells what is true now") {
  const SubjectView over = story::ended(EndedAs::absent);
  for (const NoticeKind kind : {NoticeKind::usable, NoticeKind::warn}) {
    const Card card = notice_card(kind, over, json::object(), over.now);
    CHECK(card.headline == "Ended · JIT-7K3F");
    CHECK_THAT(to_plain_text(card),
               Catch::EndsWith("removed and confirmed absent 2026-03-01 15:04:08 UTC, 1 s after its end"));
    CHECK(card.buttons.empty());
  }
  CHECK_THAT(told(NoticeKind::overdue, over), Catch::StartsWith("⚪ Ended · JIT-7K3F\n"));
}

TEST_CASE("an end is told with what was proven") {
  CHECK(told(NoticeKind::ended, story::ended(EndedAs::absent)) ==
        "⚪ Ended · JIT-7K3F\n"
        "@ALICE · prod-db : viewer\n"
        "removed and confirmed absent 2026-03-01 15:04:08 UTC, 1 s after its end");
}

TEST_CASE("administrators read since when it is overdue, tries, next try and error") {
  const json args{{"since", to_ms(at(15, 4, 7))},
                  {"tries", 4},
                  {"next", to_ms(at(15, 6, 1))},
                  {"detail", "connection refused"}};
  CHECK(told(NoticeKind::overdue, story::overdue(), args) ==
        "🚨 Overdue · JIT-7K3F\n"
        "@ALICE · prod-db : viewer for 1h (as alice_db)\n"
        "not proven absent since 2026-03-01 15:04:07 UTC\n"
        "tries 4\n"
        "next try 2026-03-01 15:06:01 UTC\n"
        "last error connection refused");
  CHECK_THAT(told(NoticeKind::overdue, story::overdue()),
             Catch::Contains("tries 4 · next 2026-03-01 15:06:01 UTC"));
  CHECK_THAT(
      told(NoticeKind::overdue_resolved, story::ended(EndedAs::absent), args),
      Catch::Contains("was not proven absent since 2026-03-01 15:04:07 UTC\nremoved and confirmed absent"));
}

TEST_CASE("a void vote and a missing approver are named") {
  CHECK_THAT(
      told(NoticeKind::vote_voided, story::half_approved(), {{"voter", "slack:T1/CAROL"}}),
      Catch::Contains("the approval by @CAROL does not count: the rule no longer lets this person decide"));
  CHECK_THAT(told(NoticeKind::nobody_can_approve, story::waiting(), {{"step", "owners"}}),
             Catch::Contains("step owners of rule production cannot be met by those who may decide now"));
}

TEST_CASE("a card that could not be posted still leads to a decision") {
  CHECK(told(NoticeKind::card_not_posted, story::waiting(),
             {{"place", "#prod-approvals"}, {"problem", "is_archived"}}) ==
        "⚠️ Card not posted · JIT-7K3F\n"
        "@ALICE asks for prod-db : viewer for 1h (as alice_db)\n"
        "the card could not be posted in #prod-approvals\n"
        "problem is_archived\n"
        "deciding works by /jit approve 7K3F · /jit deny 7K3F <reason>");
}

TEST_CASE("notices about no request tell their args") {
  CHECK(told(NoticeKind::unasked_access,
             {{"connector", "prod"}, {"account", "mallory"}, {"detail", "left in place"}}) ==
        "🚨 Access nobody asked for\n"
        "connector prod\n"
        "account mallory\n"
        "left in place");
  CHECK(told(NoticeKind::inbox_parked, {{"key", "k1"}, {"detail", "no such table"}}) ==
        "⚠️ Message parked\n"
        "a message from the chat platform failed five times; it was set aside and the others go on\n"
        "key k1\n"
        "last error no such table");
}

TEST_CASE("no notice shows what people wrote outside its quote") {
  SubjectView view = story::denied();
  view.request.asked.reason = "<!channel>";
  view.request.decision_reason = "<!here>";
  view.votes.front().reason = "<!here>";
  for (int i = 0; i <= static_cast<int>(k_last); ++i) {
    Card card = notice_card(static_cast<NoticeKind>(i), view, json::object(), view.now);
    card.quote.clear();
    CHECK_THAT(to_plain_text(card), !Catch::Contains("<!"));
  }
}

TEST_CASE("how to use it names account, role and resource where the policy asks for them") {
  Asked asked;
  asked.resource = "staging";
  asked.role = "viewer";
  asked.account = "alice_db";
  asked.howto = "psql -U {{account}} {{resource}}\nset role {{role}}";
  const auto lines = howto_lines(asked);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == Line{Plain{"use it: "}, Code{"psql -U alice_db staging"}});
  CHECK(lines[1].back() == Span{Code{"set role viewer"}});
  // What was frozen before such names were checked is shown as it is.
  asked.howto = "echo {{nonsense}}";
  CHECK(howto_lines(asked).front().back() == Span{Code{"echo {{nonsense}}"}});
}

}  // namespace
}  // namespace jitbot
