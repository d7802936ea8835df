#include "commands/intent.hpp"

#include <catch2/catch.hpp>

namespace jitbot {
namespace {

using Mode = AskIntent::Mode;
using Vote = VoteIntent::Vote;

template <class T>
T understood(const std::string& text) {
  const auto intent = parse_command(text);
  INFO(text << " -> " << (intent ? "" : intent.error().message));
  REQUIRE(intent);
  REQUIRE(std::holds_alternative<T>(*intent));
  return std::get<T>(*intent);
}

struct Ask {
  std::string typed;
  std::string resource;
  std::string role;
  Millis duration;
  std::string reason;
};

TEST_CASE("requests are understood however they are typed") {
  const auto ask = GENERATE(values<Ask>({
      {"request staging 1h", "staging", "", 1h, ""},
      {"request staging:viewer 1h30m INC-7 look at queue", "staging", "viewer", 90min, "INC-7 look at queue"},
      {"REQUEST staging FOR 1H BECAUSE INC-7", "staging", "", 1h, "INC-7"},
      {"request staging for 1h because INC-7", "staging", "", 1h, "INC-7"},
      {"request staging \"1 hour\" INC-7", "staging", "", 1h, "INC-7"},
      {"request staging 1 hour INC-7", "staging", "", 1h, "INC-7"},
      {"request staging for 2 hours 30 minutes INC-7", "staging", "", 150min, "INC-7"},
      {"request staging 1h 30m INC-7", "staging", "", 90min, "INC-7"},
      {"request staging 90min", "staging", "", 90min, ""},
      {"request staging 1h, INC-7", "staging", "", 1h, "INC-7"},
      {"request staging 2d", "staging", "", 48h, ""},
      {"request staging 45s", "staging", "", 45s, ""},
      // Anything that does not read as one duration belongs to the reason, so nobody gets more than was
      // meant.
      {"request staging 1h 30 queries hang", "staging", "", 1h, "30 queries hang"},
      {"request staging 1h 2 days of logs are missing", "staging", "", 1h, "2 days of logs are missing"},
      {"request staging 1h 30 minutes of logs are missing", "staging", "", 1h,
       "30 minutes of logs are missing"},
      {"request staging 30m 1h", "staging", "", 30min, "1h"},
      // Quotes of all keyboards.
      {"request staging “1 hour” “INC-7 look”", "staging", "", 1h, "INC-7 look"},
      {"request staging ‘1 hour’ don’t ask", "staging", "", 1h, "don’t ask"},
      {"request „staging“ »1 hour« why", "staging", "", 1h, "why"},
      {"request `staging:viewer` `1h` why", "staging", "viewer", 1h, "why"},
      {"request staging 1h \"one\" and \"two\"", "staging", "", 1h, "\"one\" and \"two\""},
      {"request staging 1h an \"open quote", "staging", "", 1h, "an \"open quote"},
      // Blanks of all keyboards; nothing unseen survives.
      {"request\u00A0staging\u2003\u202F1h\u3000why\u00A0not", "staging", "", 1h, "why not"},
      {"  request\tstaging \n 1h  why   not  ", "staging", "", 1h, "why not"},
      {"\uFEFFrequest sta\u200Bging 1h \u202Ewhy", "staging", "", 1h, "why"},
      // Mentions in a reason become plain text.
      {"request staging 1h as \uFFF9U123\uFFFB asked", "staging", "", 1h, "as @U123 asked"},
      {"request staging 1h for\uFFF9U123\uFFFB's sake", "staging", "", 1h, "for@U123's sake"},
      // The role as an option, wherever it stands.
      {"request staging 1h --role viewer INC-7", "staging", "viewer", 1h, "INC-7"},
      {"request staging --role viewer 1h INC-7", "staging", "viewer", 1h, "INC-7"},
      {"request --role=viewer staging 1h INC-7", "staging", "viewer", 1h, "INC-7"},
      {"request staging 1h INC-7 look --ROLE viewer", "staging", "viewer", 1h, "INC-7 look"},
      {"request staging 1h —role viewer INC-7", "staging", "viewer", 1h, "INC-7"},
      {"request staging:viewer 1h --role viewer", "staging", "viewer", 1h, ""},
      {"request staging 1h -- --role is text here", "staging", "", 1h, "--role is text here"},
      {"request staging 1h \"--role is text here\"", "staging", "", 1h, "--role is text here"},
      {"request staging 1h run with --verbose on", "staging", "", 1h, "run with --verbose on"},
      {"/jit request staging 1h", "staging", "", 1h, ""},
      {"request staging 1h because", "staging", "", 1h, "because"},
  }));
  const auto got = understood<AskIntent>(ask.typed);
  CHECK(got.resource == ask.resource);
  CHECK(got.role == ask.role);
  CHECK(got.duration == ask.duration);
  CHECK(got.reason == ask.reason);
  CHECK(got.mode == Mode::request);
}

struct Terms {
  std::string typed;
  Millis duration{0};
  std::string until{};
  std::string start{};
  std::string for_user{};
  std::string ticket{};
  std::string reason{};
  std::string role{};
};

TEST_CASE("until when, from when, for whom and by which ticket are understood wherever they stand") {
  const auto terms = GENERATE(values<Terms>({
      {.typed = "request staging until 18:00", .until = "18:00"},
      {.typed = "request staging until 18:00 because INC-7", .until = "18:00", .reason = "INC-7"},
      {.typed = "request staging UNTIL 6 pm, INC-7 look", .until = "6 pm", .reason = "INC-7 look"},
      {.typed = "request staging till tomorrow 9:00 INC-7", .until = "tomorrow 9:00", .reason = "INC-7"},
      {.typed = "request staging until tomorrow at 9am on call",
       .until = "tomorrow at 9am",
       .reason = "on call"},
      {.typed = "request staging until 9:00 tomorrow INC-7", .until = "9:00 tomorrow", .reason = "INC-7"},
      {.typed = "request staging until 18:00 sat tables are wrong",
       .until = "18:00",
       .reason = "sat tables are wrong"},
      {.typed = "request staging until \u201C2026-03-01 18:00\u201D INC-7",
       .until = "2026-03-01 18:00",
       .reason = "INC-7"},
      {.typed = "request staging until 2026-03-01T18:00:00\u221201:00", .until = "2026-03-01T18:00:00-01:00"},
      {.typed = "request staging --until 18:00 INC-7", .until = "18:00", .reason = "INC-7"},
      {.typed = "request staging —until=18:00 UTC INC-7", .until = "18:00 UTC", .reason = "INC-7"},
      {.typed = "request staging 1h until the fix is in", .duration = 1h, .reason = "until the fix is in"},
      {.typed = "request staging 1h --at tomorrow 9:00 INC-7",
       .duration = 1h,
       .start = "tomorrow 9:00",
       .reason = "INC-7"},
      {.typed = "request staging --at \"monday 9:00\" 1h", .duration = 1h, .start = "monday 9:00"},
      {.typed = "request staging 1h INC-7 --at 9:00", .duration = 1h, .start = "9:00", .reason = "INC-7"},
      {.typed = "request staging until 18:00 --at 17:00", .until = "18:00", .start = "17:00"},
      {.typed = "request staging 1h for \uFFF9U0BOB\uFFFB because INC-7",
       .duration = 1h,
       .for_user = "U0BOB",
       .reason = "INC-7"},
      {.typed = "request staging for \uFFF9U0BOB\uFFFB 1h INC-7",
       .duration = 1h,
       .for_user = "U0BOB",
       .reason = "INC-7"},
      {.typed = "request staging for \uFFF9U0BOB\uFFFB for 1h", .duration = 1h, .for_user = "U0BOB"},
      {.typed = "request staging for 1h for \uFFF9U0BOB\uFFFB, INC-7",
       .duration = 1h,
       .for_user = "U0BOB",
       .reason = "INC-7"},
      {.typed = "request staging until 18:00 for \uFFF9U0BOB\uFFFB INC-7",
       .until = "18:00",
       .for_user = "U0BOB",
       .reason = "INC-7"},
      {.typed = "request staging 1h --for \uFFF9U0BOB\uFFFB INC-7",
       .duration = 1h,
       .for_user = "U0BOB",
       .reason = "INC-7"},
      {.typed = "request staging 1h --for=\uFFF9U0BOB\uFFFB INC-7",
       .duration = 1h,
       .for_user = "U0BOB",
       .reason = "INC-7"},
      {.typed = "request staging 1h for \uFFF9U0BOB\uFFFB --for \uFFF9U0BOB\uFFFB",
       .duration = 1h,
       .for_user = "U0BOB"},
      {.typed = "request staging 1h for \uFFF9U0BOB\uFFFB's sake",
       .duration = 1h,
       .reason = "for @U0BOB's sake"},
      {.typed = "request staging 1h INC-7 for \uFFF9U0BOB\uFFFB",
       .duration = 1h,
       .reason = "INC-7 for @U0BOB"},
      {.typed = "request staging 1h --ticket INC-7 slow queries",
       .duration = 1h,
       .ticket = "INC-7",
       .reason = "slow queries"},
      {.typed = "request staging 1h --ticket=\u201CINC-7\u201D", .duration = 1h, .ticket = "“INC-7”"},
      {.typed = "request staging 1h --ticket \u201CINC 7\u201D", .duration = 1h, .ticket = "INC 7"},
      {.typed = "request --role viewer --ticket INC-7 --for \uFFF9U0BOB\uFFFB --at 9:00 staging 1h why",
       .duration = 1h,
       .start = "9:00",
       .for_user = "U0BOB",
       .ticket = "INC-7",
       .reason = "why",
       .role = "viewer"},
      {.typed = "request staging 1h -- --at 9:00 it broke", .duration = 1h, .reason = "--at 9:00 it broke"},
  }));
  const auto got = understood<AskIntent>(terms.typed);
  INFO(terms.typed);
  CHECK(got.resource == "staging");
  CHECK(got.role == terms.role);
  CHECK(got.duration == terms.duration);
  CHECK(got.until == terms.until);
  CHECK(got.start == terms.start);
  CHECK(got.for_user == terms.for_user);
  CHECK(got.ticket == terms.ticket);
  CHECK(got.reason == terms.reason);
  CHECK(got.mode == Mode::request);
}

TEST_CASE("a dry run is one wherever it is said, of request and ensure alike") {
  const auto typed =
      GENERATE(as<std::string>{}, "request staging 1h --dry-run INC-7", "request --dry-run staging 1h INC-7",
               "ensure staging 1h INC-7 --DRY-RUN", "request staging 1h INC-7 —dry-run");
  const auto ask = understood<AskIntent>(typed);
  CHECK(ask.mode == Mode::dry_run);
  CHECK(ask.reason == "INC-7");
}

TEST_CASE("a command explains itself when it is asked to") {
  CHECK(understood<HelpIntent>("request --help").topic == "request");
  CHECK(understood<HelpIntent>("Ensure -h").topic == "ensure");
  CHECK(understood<HelpIntent>("help times").topic == "times");
}

TEST_CASE("ensure is a request that is not repeated") {
  const auto ask = understood<AskIntent>("Ensure staging:viewer for 1h because INC-7");
  CHECK(ask.mode == Mode::ensure);
  CHECK(ask.resource == "staging");
  CHECK(ask.role == "viewer");
  CHECK(ask.reason == "INC-7");
}

struct Cast {
  std::string typed;
  Vote vote;
  std::string reason;
  std::optional<int> revision;
};

TEST_CASE("votes are understood, with their ids however they are spelled") {
  const auto cast = GENERATE(values<Cast>({
      {"approve 7K3F", Vote::approve, "", std::nullopt},
      {"approve jit-7k3f looks right", Vote::approve, "looks right", std::nullopt},
      {"Approve JIT–7K3F.", Vote::approve, "", std::nullopt},
      {"approve \"7K3F\"", Vote::approve, "", std::nullopt},
      {"approve JIT-7K3F.2 shorter is fine", Vote::approve, "shorter is fine", 1},
      {"approve 7K3F.1", Vote::approve, "", 0},
      {"deny 7K3F use the replica", Vote::deny, "use the replica", std::nullopt},
      {"deny 7k3f.3, because it is late", Vote::deny, "it is late", 2},
      {"withdraw 7K3F", Vote::withdraw, "", std::nullopt},
      {"withdraw 7K3F.2", Vote::withdraw, "", 1},
  }));
  const auto got = understood<VoteIntent>(cast.typed);
  CHECK(got.id == RequestId{"7K3F"});
  CHECK(got.vote == cast.vote);
  CHECK(got.reason == cast.reason);
  CHECK(got.revision == cast.revision);
  CHECK(got.digest_prefix.empty());  // typed: the present one is meant
}

TEST_CASE("ids are read as Crockford wrote them") {
  CHECK(understood<ShowIntent>("show jit-oIl7").id == RequestId{"0117"});
}

TEST_CASE("what ends a request or access is understood") {
  CHECK(understood<CancelIntent>("cancel JIT-7K3F").id == RequestId{"7K3F"});
  CHECK_FALSE(understood<DoneIntent>("done").id);
  CHECK(understood<DoneIntent>("done 7k3f").id == RequestId{"7K3F"});
  const auto revoke = understood<RevokeIntent>("revoke 7K3F wrong database");
  CHECK(revoke.id == RequestId{"7K3F"});
  CHECK(revoke.reason == "wrong database");
}

TEST_CASE("extensions take a duration in any spelling") {
  const auto typed = GENERATE(as<std::string>{}, "extend 7K3F 30m INC-7", "extend 7K3F by 30m because INC-7",
                              "extend JIT-7K3F for 30 minutes INC-7", "extend 7K3F “30 min” INC-7");
  const auto extend = understood<ExtendIntent>(typed);
  CHECK(extend.id == RequestId{"7K3F"});
  CHECK(extend.duration == 30min);
  CHECK(extend.reason == "INC-7");
}

TEST_CASE("what is looked at is understood") {
  understood<MineIntent>("mine");
  understood<PendingIntent>("PENDING");
  understood<StatusIntent>("status");
  understood<DebtIntent>("debt");
  CHECK(understood<ShowIntent>("show 7K3F").id == RequestId{"7K3F"});
}

TEST_CASE("lists are understood, narrowed and not") {
  CHECK(understood<ActiveIntent>("active").resource.empty());
  CHECK(understood<ActiveIntent>("Active prod-db").resource == "prod-db");
  CHECK(understood<WhoIntent>("who \"prod-db\"").resource == "prod-db");
  CHECK(understood<ResourcesIntent>("resources").word.empty());
  CHECK(understood<ResourcesIntent>("resources env:prod").word == "env:prod");
  CHECK(understood<ResourcesIntent>("resources “billing  data”").word == "billing data");
}

TEST_CASE("history takes a person or a resource, and how far back, wherever that stands") {
  const auto all = understood<HistoryIntent>("history");
  CHECK(all.user.empty());
  CHECK(all.resource.empty());
  CHECK_FALSE(all.since);
  const auto typed =
      GENERATE(as<std::string>{}, "history staging --since 7d", "history --since=7d staging",
               "History since 7d staging", "history staging —since 7d", "history --SINCE 7d staging");
  const auto history = understood<HistoryIntent>(typed);
  CHECK(history.resource == "staging");
  CHECK(history.user.empty());
  CHECK(history.since == Millis{7 * 24h});
  const auto of_bob = understood<HistoryIntent>("history \uFFF9U0BOB\uFFFB --since 24h");
  CHECK(of_bob.user == "U0BOB");
  CHECK(of_bob.resource.empty());
  CHECK(of_bob.since == Millis{24h});
}

TEST_CASE("explain takes what a request takes, without a reason") {
  const auto plain = understood<ExplainIntent>("explain staging");
  CHECK(plain.resource == "staging");
  CHECK(plain.role.empty());
  CHECK_FALSE(plain.duration);
  const auto whole = understood<ExplainIntent>(GENERATE(as<std::string>{}, "explain staging:viewer 2h",
                                                        "explain staging:viewer for 2 hours",
                                                        "EXPLAIN staging:viewer “2 h”"));
  CHECK(whole.role == "viewer");
  CHECK(whole.duration == Millis{2h});
}

TEST_CASE("debt can be abandoned, with a reason") {
  const auto typed =
      GENERATE(as<std::string>{}, "debt abandon 12 scrapped", "Debt Abandon #12 because scrapped");
  const auto abandon = understood<AbandonIntent>(typed);
  CHECK(abandon.entitlement == EntitlementId{12});
  CHECK(abandon.reason == "scrapped");
}

TEST_CASE("help is understood at every level, and nothing at all asks for the form") {
  const auto [typed, topic] = GENERATE(table<std::string, std::string>({{"", ""},
                                                                        {"   \u00A0 ", ""},
                                                                        {"/jit", ""},
                                                                        {"help", ""},
                                                                        {"HELP Request", "request"},
                                                                        {"help /jit approve", "approve"},
                                                                        {"help durations", "durations"},
                                                                        {"help breakglass", "breakglass"}}));
  CHECK(understood<HelpIntent>(typed).topic == topic);
}

TEST_CASE("only what starts or prolongs access grows old") {
  const auto starts = [](const std::string& text) { return starts_access(*parse_command(text)); };
  CHECK(starts("request staging 1h"));
  CHECK(starts("ensure staging 1h"));
  CHECK(starts("extend 7K3F 1h"));
  for (const char* text :
       {"approve 7K3F", "deny 7K3F no", "withdraw 7K3F", "cancel 7K3F", "done", "revoke 7K3F x", "mine",
        "pending", "show 7K3F", "active", "who staging", "history", "resources", "explain staging 1h", "help",
        "status", "debt", "debt abandon 1 x"}) {
    CHECK_FALSE(starts(text));
  }
}

}  // namespace
}  // namespace jitbot
