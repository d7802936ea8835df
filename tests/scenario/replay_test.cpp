#include "bot/workflow/replay.hpp"

#include "bot/policy/load.hpp"
#include "store/past.hpp"
#include "tests/scenario/harness.hpp"

#include <algorithm>

// What another policy would have said of what people really asked.
namespace jitbot::scenario {

namespace {

using How = Replayed::Outcome;

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

Policy draft_of(const std::string& text) {
  KnownConnectors known;
  known.complete = false;
  auto policy = load_policy({{"draft.yaml", text}}, known);
  REQUIRE(policy);
  return std::move(*policy);
}

// By what was asked: the ids, and the resources of those that were refused.
std::map<std::string, Replayed> replayed(Stage& stage, const std::string& draft_text) {
  const Policy draft = draft_of(draft_text);
  const auto past = read_past(stage.folder() / "jitbot.db", stage.now() - 24h, stage.now() + 1s);
  REQUIRE(past);
  std::map<std::string, Replayed> all;
  for (const PastRequest& one : *past)
    all.emplace(one.id.empty() ? one.asked.resource : one.id, replay(one, draft));
  return all;
}

}  // namespace

TEST_CASE("a draft is asked what was asked: nothing changes where it says the same") {
  Stage stage;
  stage.start();
  const std::string approved = stage.active_staging();
  const std::string at_once = stage.alice.requests("play 1h");
  CHECK(contains(stage.alice.says("request prod 1h no ticket here"), "name the incident"));
  const auto all = replayed(stage, usual_policy());
  REQUIRE(all.size() == 3);
  for (const auto& [what, outcome] : all) {
    INFO(what << ": " << outcome.was << " / " << outcome.draft);
    CHECK(outcome.outcome == How::same);
    CHECK_FALSE(outcome.loses_access);
    CHECK_FALSE(outcome.gains_access);
  }
  CHECK(contains(all.at(approved).was, "rule staging asks approvers (1 of group:approvers"));
  CHECK(all.at(at_once).was == "approved at once by rule self-service");
  CHECK(contains(all.at("prod").was, "refused: rule production needs a reason"));
}

TEST_CASE("access that a draft would not have given is named, with what it would have asked") {
  Stage stage;
  stage.start();
  const std::string id = stage.active_staging();
  SECTION("by a rule that asks somebody else") {
    const auto all = replayed(
        stage, replaced(usual_policy(), "from: [group:approvers, gina@partner.example, dan@example.com]",
                        "from: [group:security]"));
    CHECK(all.at(id).outcome == How::changed);
    CHECK(all.at(id).loses_access);
    CHECK(contains(all.at(id).draft, "rule staging asks approvers (1 of group:security)"));
    CHECK(contains(all.at(id).draft, "the votes that were given would not do"));
  }
  SECTION("by one more step that the same voter may not serve") {
    const auto all = replayed(
        stage,
        replaced(usual_policy(),
                 "[{name: approvers, from: [group:approvers, gina@partner.example, dan@example.com]}]",
                 "[{name: approvers, from: [group:approvers]}, {name: security, from: [group:security]}]"));
    CHECK(all.at(id).loses_access);
  }
  SECTION("by a deny rule") {
    const auto all = replayed(stage, usual_policy() +
                                         "  - {name: closed, effect: deny, match: {resource: staging}, "
                                         "message: Staging is closed}\n");
    CHECK(all.at(id).loses_access);
    CHECK(all.at(id).draft == "refused: Staging is closed (rule closed)");
  }
  SECTION("by a shorter limit") {
    const auto all =
        replayed(stage, replaced(usual_policy(), "max_duration: 2h\n    approval: [{name: approvers",
                                 "max_duration: 30m\n    approval: [{name: approvers"));
    CHECK(all.at(id).loses_access);
    CHECK(contains(all.at(id).draft, "rule staging allows at most 30m, not 1h"));
  }
}

TEST_CASE("access that a draft would have given at once is named, too") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("staging 1h INC-7 look");
  CHECK(contains(stage.alice.says("request play 3h"), "at most 2h"));
  auto draft = replaced(usual_policy(), "max_duration: 2h\n    approval: auto",
                        "max_duration: 8h\n    approval: auto");
  draft = replaced(draft, "total: 3h, approval: auto", "total: 9h, approval: auto");
  draft = replaced(draft, "resource: [play, strict]", "resource: [play, strict, staging]");
  draft = replaced(draft, "match: {resource: staging}", "match: {resource: staging, role: admin}");
  const auto all = replayed(stage, draft);
  CHECK(all.at(id).gains_access);
  CHECK(all.at("play").gains_access);
  CHECK(all.at("play").draft == "approved at once by rule self-service");
}

TEST_CASE("a draft is asked of whoever asked for another, too") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("staging 1h for @bob because INC-7");
  auto draft = replaced(usual_policy(), "resource: [play, strict]", "resource: [play, strict, staging]");
  draft = replaced(draft, "match: {resource: staging}", "match: {resource: staging, role: admin}");
  CHECK(contains(replayed(stage, draft).at(id).draft, "grants at once, and only to whoever asks himself"));
  const auto denied = replayed(stage, usual_policy() +
                                          "  - {name: not-alice, effect: deny, requesters: "
                                          "[alice@example.com], message: Alice asks for nothing}\n");
  CHECK(denied.at(id).draft == "refused: Alice asks for nothing (rule not-alice)");
}

TEST_CASE("what depends on a group that was not looked at then cannot be told, unless it is given") {
  Stage stage;
  stage.start();
  const std::string id = stage.alice.requests("play 1h");
  const std::string text =
      replaced(usual_policy(), "match: {resource: [play, strict]}\n    requesters: [group:engineering]",
               "match: {resource: [play, strict]}\n    requesters: [group:approvers]");
  CHECK(replayed(stage, text).at(id).outcome == How::unknown);
  const auto past = read_past(stage.folder() / "jitbot.db", stage.now() - 24h, stage.now() + 1s);
  REQUIRE(past);
  const Policy draft = draft_of(text);
  CHECK(replay(past->front(), draft, {{"approvers", {"alice@example.com"}}}).outcome == How::same);
  CHECK(replay(past->front(), draft, {{"approvers", {"carol@example.com"}}}).loses_access);
}

TEST_CASE("what people had and were denied is reckoned for the moment that they asked") {
  Stage stage;
  stage.start();
  const std::string denied = stage.alice.requests("staging 1h INC-7 look");
  stage.carol.denies(denied, "not now");
  stage.advance(1min);
  const std::string id = stage.alice.requests("play 1h");
  const auto all = replayed(stage, usual_policy() +
                                       "  - {name: calm, effect: deny, when: requester.denied_24h > 0, "
                                       "message: Ask again tomorrow}\n");
  CHECK(all.at(denied).outcome == How::same);
  CHECK(all.at(id).draft == "refused: Ask again tomorrow (rule calm)");
}

}  // namespace jitbot::scenario
