#include "commands/answers.hpp"

#include "commands/intent.hpp"
#include "tests/unit/cards/story.hpp"

#include <catch2/catch.hpp>

namespace jitbot {
namespace {

using story::at;
using story::who;

TEST_CASE("the help lists every command that is understood") {
  const std::string text = to_plain_text(help_answer(""));
  for (const char* word : {"request", "ensure",    "approve", "deny",    "withdraw", "cancel", "done",
                           "revoke",  "extend",    "mine",    "pending", "show",     "active", "who",
                           "history", "resources", "explain", "help",    "status",   "debt"}) {
    CHECK_THAT(text, Catch::Contains(std::string("/jit ") + word));
    CHECK_THAT(to_plain_text(help_answer(word)), Catch::StartsWith(word));
  }
}

TEST_CASE("the examples of the help are understood") {
  for (const char* word : {"request", "ensure",    "approve", "deny",    "withdraw", "cancel", "done",
                           "revoke",  "extend",    "mine",    "pending", "show",     "active", "who",
                           "history", "resources", "explain", "help",    "status",   "debt"}) {
    const Card card = help_answer(word);
    int examples = 0;
    for (const Line& line : card.facts) {
      std::string text = to_plain_text(line);
      if (!text.starts_with("for example ")) continue;
      ++examples;
      INFO(text);
      // Whoever types it chooses the person from the platform's list.
      constexpr std::string_view k_person = "@bob";
      if (const auto person = text.find(k_person); person != std::string::npos)
        text.replace(person, k_person.size(), "\uFFF9U0BOB\uFFFB");
      CHECK(parse_command(text.substr(12)));
    }
    CHECK(examples > 0);
  }
}

TEST_CASE("help on one command shows how it is written") {
  CHECK(to_plain_text(help_answer("deny")) ==
        "deny\n"
        "/jit deny <id> <reason> — refuses a request\n"
        "for example /jit deny 7K3F use the replica\n"
        "Ids are read in any case, with or without JIT-.");
  CHECK(to_plain_text(help_answer("oncall")) ==
        "oncall comes in a later version; /jit help lists what I understand now");
  CHECK_THAT(to_plain_text(help_answer("durations")), Catch::Contains("1h30m"));
}

TEST_CASE("what I have and asked for is listed with its state and time left") {
  const auto text =
      to_plain_text(mine_answer({story::waiting(), story::active(), story::overdue(), story::extension()}));
  CHECK(
      text ==
      "Yours\n"
      "⏳ Waiting · JIT-7K3F · prod-db : viewer · owners 0/1 · security 0/2 · rule production · times out at "
      "2026-03-01 15:00 UTC\n"
      "✅ Active · JIT-7K3F · prod-db : viewer · until 2026-03-01 15:04 UTC (1h left)\n"
      "🚨 Overdue · JIT-7K3F · prod-db : viewer · being removed, not proven absent yet\n"
      "⏳ Waiting · JIT-9XYZ · Extension of JIT-7K3F · prod-db : viewer · 30m more · owners 0/1 · security "
      "0/2 · rule production · "
      "times out at 2026-03-01 15:00 UTC\n"
      "/jit show <id> · /jit done <id> · /jit cancel <id>");
  CHECK_THAT(to_plain_text(mine_answer({})), Catch::StartsWith("you have nothing"));
}

TEST_CASE("what waits for the reader is listed without the asker's words") {
  CHECK(to_plain_text(pending_answer({story::half_approved(), story::extension()})) ==
        "Waiting for you\n"
        "JIT-7K3F · @ALICE asks for prod-db : viewer for 1h (as alice_db) · owners 1/1 · security 1/2 · rule "
        "production · times out at 2026-03-01 15:00 UTC\n"
        "JIT-9XYZ · @ALICE prolongs JIT-7K3F by 30m: prod-db : viewer · owners 0/1 · security 0/2 · rule "
        "production · "
        "times out at 2026-03-01 15:00 UTC\n"
        "/jit show <id> · /jit approve <id> · /jit deny <id> <reason>");
  CHECK(to_plain_text(pending_answer({})) == "nothing waits for your decision");
}

TEST_CASE("a long list says how much more there is") {
  const std::vector<SubjectView> many(25, story::waiting());
  CHECK_THAT(to_plain_text(mine_answer(many)), Catch::Contains("\nand 5 more\n"));
}

TEST_CASE("show gives the card without buttons, why the rule, and what happened") {
  SubjectView view = story::half_approved();
  view.request.asked.explanation = {"rule production matches prod-db : viewer"};
  ChainedEvent asked;
  asked.event = {at(14, 0), who("ALICE"), "request.asked", "JIT-7K3F", "{}"};
  ChainedEvent timed;
  timed.event = {at(15, 0), system_principal("clock"), "request.timed_out", "JIT-7K3F", "{}"};
  const Card card = show_answer(view, {asked, timed});
  CHECK(card.buttons.empty());
  const std::string text = to_plain_text(card);
  CHECK_THAT(text, Catch::StartsWith("⏳ Waiting · JIT-7K3F\n"));
  CHECK_THAT(text, Catch::EndsWith("rule production matches prod-db : viewer\n"
                                   "2026-03-01 14:00:00 UTC asked by @ALICE\n"
                                   "2026-03-01 15:00:00 UTC not decided in time, given up"));
  const std::vector<ChainedEvent> many(40, asked);
  CHECK_THAT(to_plain_text(show_answer(view, many)), Catch::Contains("\n15 earlier events are not shown\n"));
}

TEST_CASE("the status says what an administrator would look for first") {
  StatusView status{"0.1.0", true, 2, 3, 0, at(15, 0), at(14, 0), "0123456789abcdef"};
  CHECK(to_plain_text(status_answer(status)) ==
        "✅ jitbot 0.1.0\n"
        "running since 2026-03-01 14:00 UTC (1h)\n"
        "the chat reaches me\n"
        "2 waiting · 3 live · 0 overdue\n"
        "policy 0123456789ab");
  status.overdue = 1;
  CHECK_THAT(to_plain_text(status_answer(status)), Catch::StartsWith("🚨 jitbot 0.1.0"));
  CHECK_THAT(to_plain_text(status_answer(status)), Catch::EndsWith("more with /jit debt"));
}

TEST_CASE("debt lists what is overdue and the only way out") {
  CHECK(to_plain_text(debt_answer({*story::overdue().entitlement}, at(15, 6))) ==
        "🚨 1 overdue at 15:06 UTC\n"
        "#12 prod-db : viewer · account alice_db · connector prod\n"
        "not proven absent since 2026-03-01 15:04:07 UTC\n"
        "tries 4 · next 2026-03-01 15:06:01 UTC\n"
        "last error connection refused\n"
        "the only way out that proves nothing: /jit debt abandon <number> <reason>");
  CHECK(to_plain_text(debt_answer({}, at(15, 6))) == "no debt: every end is proven, or not due yet");
}

TEST_CASE("errors speak for themselves, except those that are ours") {
  CHECK(to_plain_text(error_answer({ErrorKind::refused, "production allows at most 4h", "log"})) ==
        "production allows at most 4h");
  CHECK(to_plain_text(error_answer({ErrorKind::internal, "SQLITE_CORRUPT in grants", "log"})) ==
        "something went wrong on my side; it is in my log");
  for (const ErrorKind kind :
       {ErrorKind::invalid, ErrorKind::not_found, ErrorKind::refused, ErrorKind::conflict,
        ErrorKind::rate_limited, ErrorKind::unavailable, ErrorKind::outcome_unknown}) {
    CHECK_FALSE(to_plain_text(error_answer({kind, "", ""})).empty());
  }
}

}  // namespace
}  // namespace jitbot
