#include "bot/cards/history.hpp"

#include "tests/unit/cards/story.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

namespace jitbot {
namespace {

namespace fs = std::filesystem;
using story::at;
using story::who;

// Every kind of event about a request, a grant or a card that the code names, in the rooms that write them.
std::set<std::string> kinds_in_the_code() {
  static const std::regex k_kind(R"re("((?:request|grant|card)\.[a-z_]+)")re");
  std::set<std::string> kinds;
  for (const char* room : {"desk", "record", "reconcile", "workflow", "app"}) {
    for (const auto& file : fs::recursive_directory_iterator(fs::path(JITBOT_SOURCE_DIR) / "bot" / room)) {
      if (file.path().extension() != ".cpp" && file.path().extension() != ".hpp") continue;
      std::ifstream in(file.path());
      const std::string text{std::istreambuf_iterator<char>(in), {}};
      for (std::sregex_iterator one(text.begin(), text.end(), k_kind), end; one != end; ++one)
        kinds.insert((*one)[1]);
    }
  }
  return kinds;
}

std::string words(const std::string& action, const nlohmann::json& detail,
                  const PrincipalId& actor = who("ALICE")) {
  return to_plain_text(history_line({at(14, 0), actor, action, "JIT-7K3F", canonical_json(detail)}));
}

struct Sentence {
  std::string action;
  nlohmann::json detail;
  std::string says;
  PrincipalId actor = who("ALICE");
};

TEST_CASE("every kind of event that is written about a request or its grant has words") {
  const auto kinds = kinds_in_the_code();
  CHECK(kinds.size() >= 24);
  for (const std::string& kind : kinds) {
    INFO(kind);
    CHECK(has_history_words(kind));
    const std::string text = words(kind, nlohmann::json::object());
    CHECK_FALSE(text.empty());
    CHECK(text.find(kind) == std::string::npos);
  }
}

TEST_CASE("the history of a request reads as sentences") {
  const PrincipalId rule = system_principal("rule");
  const PrincipalId time = system_principal("time");
  const std::int64_t end = to_ms(at(15, 4, 7));
  const auto sentence = GENERATE_COPY(
      Sentence{"request.asked", {{"rule", "staging"}}, "asked by @ALICE"},
      Sentence{"request.asked",
               {{"extends", "JIT-7K3F"}, {"duration_ms", 1'800'000}},
               "@ALICE asked to prolong JIT-7K3F by 30m"},
      Sentence{
          "request.approved_by_rule", {{"rule", "staging"}}, "asked by @ALICE; approved by rule staging"},
      Sentence{"request.vote", {{"vote", "approve"}, {"step", "owners"}}, "approved by @ALICE (owners)"},
      Sentence{"request.vote", {{"vote", "deny"}}, "denied by @ALICE"},
      Sentence{"request.approved",
               {{"vote", "approve"}, {"step", "owners"}},
               "approved by @ALICE (owners), the last approval that was needed"},
      Sentence{"request.denied", {{"vote", "deny"}, {"reason", "no"}}, "denied by @ALICE"},
      Sentence{
          "request.denied", {{"reason", "ended meanwhile"}}, "not approved after all: ended meanwhile", rule},
      Sentence{"request.vote_refused",
               {{"vote", "approve"}, {"why", "guests decide nothing"}},
               "@ALICE tried to approve, refused: guests decide nothing"},
      Sentence{"request.cancelled", nlohmann::json::object(), "cancelled by @ALICE"},
      Sentence{"request.timed_out", nlohmann::json::object(), "not decided in time, given up", time},
      Sentence{"grant.created",
               {{"latest_end", end}},
               "granted, ends at the latest 2026-03-01 15:04:07 UTC",
               rule},
      Sentence{"grant.active",
               {{"end", end}},
               "seen at the target, can be used until 2026-03-01 15:04:07 UTC",
               time},
      Sentence{"grant.extended",
               {{"by_ms", 1'800'000}, {"text", "JIT-9XYZ"}, {"end", end}},
               "prolonged by 30m (JIT-9XYZ), approved by rule; ends 2026-03-01 15:04:07 UTC",
               rule},
      Sentence{"grant.extended",
               {{"by_ms", 1'800'000}, {"text", "JIT-9XYZ"}, {"end", end}},
               "prolonged by 30m (JIT-9XYZ), approved by @ALICE; ends 2026-03-01 15:04:07 UTC"},
      Sentence{"grant.ending", {{"cause", "done"}}, "given back by @ALICE; being removed"},
      Sentence{"grant.ending", {{"cause", "due"}}, "its time was over; being removed", time},
      Sentence{"grant.ending",
               {{"cause", "target_refused"}, {"text", "no such role"}},
               "the target refused: no such role; being removed",
               time},
      Sentence{"grant.ended",
               {{"as", "absent"}, {"cause", "due"}, {"lag_ms", 1200}},
               "removed and confirmed absent, 2 s after its end",
               time},
      Sentence{"grant.ended",
               {{"as", "held"}, {"cause", "done"}, {"text", "JIT-8M2Q until 2026-03-01T16:00:00Z"}},
               "access kept until 2026-03-01 16:00 UTC because of JIT-8M2Q",
               time},
      Sentence{"grant.ended",
               {{"as", "not_started"}, {"cause", "existing_refused"}},
               "not started: the target was never touched; the account had this access before",
               time},
      Sentence{"grant.ended",
               {{"as", "abandoned"}, {"cause", "abandoned"}},
               "given up by @ALICE; whether the access is still there was not proven"});
  CHECK(words(sentence.action, sentence.detail, sentence.actor) == sentence.says);
}

TEST_CASE("an event of another version is told by its name and who did it") {
  CHECK(words("request.blessed", nlohmann::json::object()) == "request.blessed by @ALICE");
  CHECK(to_plain_text(history_line({at(14, 0), who("ALICE"), "request.vote", "JIT-7K3F", "no JSON"})) ==
        "approved by @ALICE");
}

}  // namespace
}  // namespace jitbot
