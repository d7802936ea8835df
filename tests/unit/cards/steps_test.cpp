#include "bot/cards/steps.hpp"

#include "bot/cards/deciding.hpp"
#include "tests/unit/cards/story.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace jitbot {
namespace {

using nlohmann::json;
using story::at;
using story::who;

AuditEvent event(const std::string& action, const json& detail, const PrincipalId& actor = who("CAROL")) {
  return {at(14, 5, 7), actor, action, "JIT-7K3F", canonical_json(detail)};
}

Card reply(const std::vector<AuditEvent>& events, const std::string& of = {}) {
  // By way of the store: as text.
  return step_card(json::parse(step_args(told_in_thread(events), of).dump()));
}

const json k_revised{{"revision", 1},
                     {"resource", "prod-db"},
                     {"reason", "the replica is enough"},
                     {"from", {{"role", "admin"}, {"duration_ms", 3'600'000}}},
                     {"to", {{"role", "viewer"}, {"duration_ms", 1'800'000}}}};

TEST_CASE("a step is told as it was, with its time, and words of people only as a quote") {
  const Card card =
      reply({event("request.vote", {{"vote", "approve"}, {"step", "owners"}, {"reason", "fine *by* me"}})});
  CHECK(to_plain_text(card) == "2026-03-01 14:05:07 UTC · approved by @CAROL (owners)\n| fine *by* me");
  CHECK(card.headline.empty());
  CHECK(card.buttons.empty());
}

TEST_CASE("several steps at one instant are one reply") {
  const Card card =
      reply({event("request.revised", k_revised),
             event("request.approved",
                   {{"vote", "revise"}, {"step", "owners"}, {"reason", "the replica is enough"}})});
  CHECK(to_plain_text(card) ==
        "2026-03-01 14:05:07 UTC · made shorter by @CAROL: viewer for 30m instead of admin for 1h; it is now "
        "JIT-7K3F.2, and votes of before do not count\n"
        "2026-03-01 14:05:07 UTC · approved by @CAROL (owners), the last approval that was needed\n"
        "| the replica is enough");
}

TEST_CASE("what becomes of an extension names it where it is read below the grant's card") {
  const Card card = reply({event("request.timed_out", json::object(), system_principal("time"))}, "JIT-9XYZ");
  CHECK(to_plain_text(card) == "2026-03-01 14:05:07 UTC · not decided in time, given up (JIT-9XYZ)");
}

TEST_CASE("an end that is proven at once says why and how, and not that it is being removed") {
  const Card card =
      reply({event("grant.ending", {{"cause", "done"}, {"end", 1}}, who("ALICE")),
             event("grant.ended",
                   {{"as", "held"}, {"cause", "done"}, {"text", "JIT-8M2Q until 2026-03-01T16:00:00Z"}},
                   system_principal("access"))});
  CHECK(to_plain_text(card) ==
        "2026-03-01 14:05:07 UTC · given back by @ALICE\n"
        "2026-03-01 14:05:07 UTC · access kept until 2026-03-01 16:00 UTC because of JIT-8M2Q");
}

TEST_CASE("what nobody waits for is told in no thread") {
  CHECK(told_in_thread({event("request.asked", {{"digest", "x"}}),
                        event("request.vote_refused", json::object()), event("grant.created", json::object()),
                        event("grant.warned", json::object()), event("grant.ending", {{"cause", "due"}}),
                        event("target.observed", json::object()),
                        event("request.show_refused", json::object())})
            .empty());
  CHECK(told_in_thread({event("request.asked", {{"extends", "JIT-7K3F"}}),
                        event("grant.ending", {{"cause", "revoked"}})})
            .size() == 2);
}

TEST_CASE("a target's words stay code, whoever looks like a person") {
  const Card card = reply({event("grant.ending", {{"cause", "target_refused"}, {"text", "no <@U1> role"}},
                                 system_principal("access"))});
  CHECK(card.quote.empty());
  CHECK(to_plain_text(card) == "2026-03-01 14:05:07 UTC · the target refused: no <@U1> role; being removed");
}

TEST_CASE("args of another version are worded as far as they can be read") {
  for (const json& args :
       {json(nullptr), json::object(), json{{"steps", 5}}, json{{"steps", {1, "x", json::object()}}}}) {
    CHECK_FALSE(step_card(args).facts.empty());
  }
}

TEST_CASE("a question says who asks, holds the words as a quote, and tells where to answer") {
  const json args{
      {"as", "question"}, {"who", "slack:T0001/UCAROL"}, {"text", "which table?"}, {"channels", {"C01"}}};
  SubjectView view = story::waiting();
  const Card card = question(view, args);
  CHECK(card.headline == "Question · JIT-7K3F");
  CHECK(card.quote == "which table?");
  CHECK(to_plain_text(card.footer.front()) ==
        "answer in the thread of its card in #C01, or with /jit ask 7K3F <answer>");
  view.request.revision = 1;
  CHECK(question(view, json{{"as", "answer"}}).headline == "Answer · JIT-7K3F.2");
}

}  // namespace
}  // namespace jitbot
