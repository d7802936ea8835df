#include "commands/answers.hpp"
#include "tests/unit/cards/story.hpp"

#include <catch2/catch.hpp>

namespace jitbot {
namespace {

using Catch::Contains;
using story::at;
using story::who;

AccessRow row(const std::string& user, GrantState state, std::optional<RequestId> request) {
  return {who(user), "prod-db", "viewer", state, at(14, 0), at(15, 4), std::move(request)};
}

Rule production() {
  Rule rule;
  rule.name = "production";
  rule.max_duration = 4h;
  rule.steps = {RuleStep{{"owners", {{Subject::Kind::email, "carol@example.com"}}, 1}}};
  return rule;
}

TEST_CASE("access is listed with who, until when and by which request") {
  ActiveView view{"", {}, Reach::all, at(14, 4)};
  view.rows = {row("ALICE", GrantState::active, RequestId{"7K3F"}),
               row("BOB", GrantState::activating, RequestId{"8M2Q"}), row("ERIN", GrantState::ending, {})};
  CHECK(to_plain_text(active_answer(view)) ==
        "Access now\n"
        "@ALICE · prod-db : viewer · until 2026-03-01 15:04 UTC (1h left) · JIT-7K3F\n"
        "@BOB · prod-db : viewer · being set up, ends at the latest 2026-03-01 15:04 UTC · JIT-8M2Q\n"
        "@ERIN · prod-db : viewer · being removed, not proven absent yet\n"
        "/jit show <id> · /jit who <resource> · /jit mine");
  view.rows[1].state = GrantState::scheduled;
  CHECK_THAT(
      to_plain_text(active_answer(view)),
      Contains("@BOB · prod-db : viewer · starts 2026-03-01 14:00 UTC, ends at the latest 2026-03-01 15:04 "
               "UTC · JIT-8M2Q"));
  view.now = at(15, 5);
  CHECK_THAT(to_plain_text(active_answer(view)),
             Contains("@ALICE · prod-db : viewer · being removed, not proven absent yet · JIT-7K3F"));
}

TEST_CASE("a list of access is bounded and says how much more there is") {
  ActiveView view{"prod-db", std::vector<AccessRow>(45, row("ALICE", GrantState::active, {})), Reach::newest,
                  at(14, 4)};
  const auto text = to_plain_text(active_answer(view));
  CHECK_THAT(text, Catch::StartsWith("Access now · prod-db\n"));
  CHECK_THAT(text, Contains("and 15 more\nonly the newest were looked at"));
}

TEST_CASE("lists with nothing in them read well") {
  CHECK(to_plain_text(active_answer({"", {}, Reach::all, at(14, 0)})) ==
        "nobody whose access you may see has any now");
  CHECK(to_plain_text(active_answer({"prod-db", {}, Reach::all, at(14, 0)})) == "nobody has prod-db now");
  CHECK(to_plain_text(history_answer({})) == "nothing that you may see was decided");
  HistoryView since;
  since.since = at(9, 0);
  CHECK(to_plain_text(history_answer(since)) ==
        "nothing that you may see was decided since 2026-03-01 09:00 UTC");
  CHECK(to_plain_text(resources_answer({})) == "no rule lets you ask for anything");
  ResourcesView none;
  none.word = "x\"y";
  none.all = 12;
  CHECK(to_plain_text(resources_answer(none)) ==
        "none of the 12 that you may ask for has \"x'y\" in its name, description or tags; /jit resources "
        "lists them");
}

TEST_CASE("who shows who has it, who waits, and who may approve by which rule") {
  const Rule rule = production();
  WhoView view;
  view.resource = "prod-db";
  view.now = at(14, 4);
  CHECK_THAT(to_plain_text(who_answer(view)), Contains("nobody has it now"));
  view.has = {row("ALICE", GrantState::active, {})};
  view.waiting = {story::waiting().request};
  view.ways = {{"viewer", &rule, "needs owners (1 of carol@example.com)"}};
  CHECK(to_plain_text(who_answer(view)) ==
        "Who · prod-db\n"
        "@ALICE · prod-db : viewer · until 2026-03-01 15:04 UTC (1h left)\n"
        "@ALICE waits for prod-db : viewer · JIT-7K3F · rule production · times out at 2026-03-01 15:00 UTC\n"
        "viewer · rule production · needs owners (1 of carol@example.com) · at most 4h\n"
        "/jit explain prod-db · /jit history prod-db");
}

TEST_CASE("history tells what became of each request, without anybody's words") {
  HistoryView view;
  view.rows = {story::ended(EndedAs::absent), story::active(), story::denied()};
  view.more = 3;
  const auto text = to_plain_text(history_answer(view));
  CHECK_THAT(text, Catch::StartsWith("History\n"));
  CHECK_THAT(text, Contains("⚪ Ended · JIT-7K3F · @ALICE · prod-db : viewer · "));
  CHECK_THAT(text, Contains("✅ Active · JIT-7K3F · @ALICE · prod-db : viewer · until 2026-03-01 15:04 UTC"));
  CHECK_THAT(text, Contains("⛔ Denied · JIT-7K3F · @ALICE · prod-db : viewer · by @"));
  CHECK_THAT(text, Contains("and 3 more\n"));
  CHECK_THAT(text, !Contains("INC-42"));
}

TEST_CASE("what may be asked for is bounded and says how to narrow it") {
  const Rule rule = production();
  Resource resource;
  resource.name = "prod-db";
  resource.description = "Orders";
  ResourcesView view;
  view.all = 5000;
  view.rows.assign(5000, {&resource, {{"viewer", &rule, "needs owners (1 of carol@example.com)"}}});
  const auto card = resources_answer(view);
  CHECK(card.facts.size() == 40);
  const auto text = to_plain_text(card);
  CHECK_THAT(text,
             Catch::StartsWith("What you may ask for\nprod-db — Orders\n· viewer at most 4h, needs owners"));
  CHECK_THAT(text, Contains("and 4980 more; type a word to narrow it: /jit resources <word>"));
  CHECK_THAT(text, Contains("ask with /jit request prod-db:viewer 1h"));
}

TEST_CASE("explain shows the rule with its limits, and first what is against it") {
  Rule rule = production();
  rule.reason = {10, "INC-[0-9]+", "name the incident"};
  rule.pending_timeout = 1h;
  rule.deny_threshold = 2;
  rule.extend = {1h, 3h, true};
  ExplainView view{"prod-db", "viewer", &rule, "needs owners (1 of carol@example.com)", {}, {"thought"}, 6h};
  view.problems = {"rule production allows at most 4h, not 6h"};
  CHECK(to_plain_text(explain_answer(view)) ==
        "⛔ prod-db : viewer for 6h\n"
        "rule production allows at most 4h, not 6h\n"
        "rule production: needs owners (1 of carol@example.com)\n"
        "at most 4h\n"
        "needs a reason of at least 10 characters: name the incident\n"
        "given up when not decided within 1h\n"
        "denied when 2 people deny it\n"
        "may be prolonged by 1h at a time, 3h in all, without asking\n"
        "thought");
  view.longest = 2h;
  CHECK_THAT(to_plain_text(explain_answer(view)), Contains("may be prolonged by 1h at a time, 2h in all"));
  view.rule = nullptr;
  view.steps_of_thought.assign(40, "rule r does not fit: it is for x, not y");
  CHECK_THAT(to_plain_text(explain_answer(view)), Contains("28 earlier rules do not fit either"));
}

TEST_CASE("who could agree is named up to a bound, and what is not known is said") {
  const Rule rule = production();
  ExplainView view{"prod-db", "viewer", &rule, "needs owners (1 of group:sre)", {}, {}};
  const PrincipalId carol{"slack:T1", "CAROL"};
  const PrincipalId dave{"slack:T1", "DAVE"};
  view.voters = {{"owners", 1, {carol, dave}, 3, {}},
                 {"security", 2, {carol}, 0, {}},
                 {"lead", 1, {}, 0, "the directory does not answer"},
                 {"audit", 1, {}, 40, {}},
                 {"board", 1, {}, 0, {}}};
  const auto text = to_plain_text(explain_answer(view));
  for (const char* line :
       {"\nowners: @CAROL, @DAVE and up to 3 more\n", "\nsecurity: @CAROL — too few to approve it now\n",
        "\nlead: who could agree now is not known: the directory does not answer\n",
        "\naudit: up to 40, not looked at\n", "\nboard: nobody — too few to approve it now\n"}) {
    INFO(line);
    CHECK_THAT(text, Contains(line));
  }
  WhoView who;
  who.resource = "prod-db";
  who.voters = {{"production", {{"owners", 1, {carol}, 0, {}}}}};
  CHECK_THAT(to_plain_text(who_answer(who)), Contains("\nnow by rule production: owners: @CAROL\n"));
}

TEST_CASE("the help alone is in groups") {
  const auto text = to_plain_text(help_answer(""));
  std::size_t last = 0;
  for (const char* group : {"Ask\n/jit request", "Decide\n/jit approve", "End\n/jit cancel",
                            "Look\n/jit mine", "Learn\n/jit help", "Administer\n/jit status"}) {
    INFO(group);
    const auto found = text.find(group);
    REQUIRE(found != std::string::npos);
    CHECK(found > last);
    last = found;
  }
}

}  // namespace
}  // namespace jitbot
