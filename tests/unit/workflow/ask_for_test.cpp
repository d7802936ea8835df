#include "bot/policy/rule_index.hpp"
#include "bot/workflow/ask.hpp"
#include "tests/unit/workflow/people.hpp"

#include <catch2/catch.hpp>

// Asking for another, for a later time, and until a point of time.
namespace jitbot::testing {

namespace {

Rule by_leads() {
  Rule rule;
  rule.name = "staging-by-leads";
  rule.match.resources = {"staging"};
  rule.requesters = {{Subject::Kind::group, "leads"}};
  rule.max_duration = 4h;
  rule.steps = {RuleStep{security_step(1)}};
  rule.extend = {1h, 8h, false};
  return rule;
}

Rule at_once() {
  Rule rule = by_leads();
  rule.automatic = true;
  rule.steps.clear();
  return rule;
}

Ask ask_for(const std::string& who) {
  Ask ask{"staging", "", 1h, "look at queue"};
  ask.for_whom = id_of(who);
  return ask;
}

Result<ConnectorTerms> terms(const std::string&, const std::string& email) {
  return ConnectorTerms{email.substr(0, email.find('@')), OnExisting::keep};
}

Result<Asked> propose_by(const std::string& asker, const Ask& ask, const Rule& rule = by_leads(),
                         const Facts& facts = all_facts()) {
  Policy policy = company();
  policy.rules = {rule};
  index_rules(policy);
  return propose(ask, id_of(asker), policy, facts, terms);
}

std::string refusal(const Result<Asked>& asked, ErrorKind kind = ErrorKind::refused) {
  REQUIRE_FALSE(asked);
  CHECK(asked.error().kind == kind);
  return asked.error().message;
}

}  // namespace

TEST_CASE("asked for another, account, name and terms are his, and both are named") {
  const auto asked = propose_by("lena", ask_for("leo"));
  REQUIRE(asked);
  CHECK(asked->asker == id_of("lena"));
  CHECK(asked->beneficiary == id_of("leo"));
  CHECK(asked->beneficiary_email == "leo@example.com");
  CHECK(asked->account == "leo");
  CHECK(asked->params.at("role") == "ro_leo");
}

TEST_CASE("asked for oneself by name is asked plainly") {
  const auto plain = propose_by("lena", Ask{"staging", "", 1h, "look at queue"});
  const auto named = propose_by("lena", ask_for("lena"));
  REQUIRE(plain);
  REQUIRE(named);
  CHECK(*plain == *named);
  CHECK(propose_by("lena", ask_for("lena"), at_once()));
}

TEST_CASE("the rule is the beneficiary's, and the asker must be one who may ask by it") {
  CHECK(refusal(propose_by("lena", ask_for("stranger"))) ==
        "@Ustranger may not ask for staging:reader; rule staging-by-leads lets group:leads ask");
  CHECK(refusal(propose_by("stranger", ask_for("lena"))) ==
        "You may not ask by rule staging-by-leads, which decides for @Ulena; it lets group:leads ask");
  Ask ask = ask_for("leo");
  ask.duration = 5h;
  CHECK(refusal(propose_by("lena", ask)) == "rule staging-by-leads allows at most 4h, not 5h");
}

TEST_CASE("a rule that needs nobody grants to others only where it says so") {
  CHECK(refusal(propose_by("lena", ask_for("leo"), at_once())) ==
        "Rule staging-by-leads grants at once, and only to whoever asks himself; @Uleo can ask for it");
  Rule rule = at_once();
  rule.auto_for_others = true;
  const auto asked = propose_by("lena", ask_for("leo"), rule);
  REQUIRE(asked);
  CHECK(asked->automatic);
  CHECK(refusal(propose_by("stranger", ask_for("leo"), rule)).starts_with("You may not ask by rule"));
}

TEST_CASE("guests, bots, people of elsewhere, the deactivated and the nameless get nothing through others") {
  CHECK(refusal(propose_by("lena", ask_for("guest"))) == "@Uguest is a guest, and guests get no access here");
  CHECK(refusal(propose_by("lena", ask_for("bot"))) == "@Ubot is a bot, and bots get no access");
  CHECK(refusal(propose_by("lena", ask_for("left"))) == "@Uleft is deactivated");
  CHECK(refusal(propose_by("lena", ask_for("outsider"))) ==
        "@Uoutsider belongs to another organisation, and gets no access here");
  Facts facts = all_facts();
  facts.people.at(id_of("leo"))->email_confirmed = false;
  CHECK(refusal(propose_by("lena", ask_for("leo"), by_leads(), facts))
            .starts_with("The chat account of @Uleo shows no confirmed e-mail"));
  // Nor do they ask for others.
  for (const std::string who : {"guest", "bot", "left", "outsider"})
    CHECK(refusal(propose_by(who, ask_for("leo"))).find("@Uleo") == std::string::npos);
}

TEST_CASE("whoever cannot be looked up is not asked for") {
  Facts facts = all_facts();
  facts.people.insert_or_assign(id_of("leo"), fail(ErrorKind::unavailable, "I cannot check Uleo now"));
  CHECK(refusal(propose_by("lena", ask_for("leo"), by_leads(), facts), ErrorKind::unavailable) ==
        "I cannot check Uleo now");
}

TEST_CASE("an end by the clock is kept, and what is left of it counts against the rule's limit") {
  Ask ask{"staging", "", Millis{0}, "look at queue"};
  ask.until = k_start + 3h;
  const auto asked = propose_by("lena", ask);
  REQUIRE(asked);
  CHECK(asked->until == k_start + 3h);
  CHECK(asked->duration == 3h);
  ask.until = k_start + 4h + 1min;
  CHECK(refusal(propose_by("lena", ask)) == "rule staging-by-leads allows at most 4h, not 4h 1m");
  ask.until = k_start;
  CHECK(refusal(propose_by("lena", ask), ErrorKind::invalid) == "That end has passed already");
  // From the start, where there is one.
  ask.start = k_start + 10h;
  ask.until = k_start + 14h;
  const auto later = propose_by("lena", ask);
  REQUIRE(later);
  CHECK(later->duration == 4h);
  ask.until = k_start + 14h + 1min;
  CHECK(refusal(propose_by("lena", ask)) == "rule staging-by-leads allows at most 4h, not 4h 1m");
  ask.until = ask.start;
  CHECK(refusal(propose_by("lena", ask), ErrorKind::invalid) == "That end is not behind the start");
}

TEST_CASE("a start is kept up to thirty days ahead, and one that has come is no start") {
  Ask ask{"staging", "", 1h, "look at queue"};
  ask.start = k_start + k_longest_ahead;
  const auto asked = propose_by("lena", ask);
  REQUIRE(asked);
  CHECK(asked->start == k_start + 30 * 24h);
  CHECK(asked->duration == 1h);
  ask.start = k_start + k_longest_ahead + 1ms;
  CHECK(refusal(propose_by("lena", ask), ErrorKind::invalid) == "A start may be at most 30d ahead");
  ask.start = k_start;
  const auto now = propose_by("lena", ask);
  REQUIRE(now);
  CHECK_FALSE(now->start);
}

TEST_CASE("a ticket is kept, and counts where the rule wants one in the reason") {
  Rule rule = by_leads();
  rule.reason.contains = "^INC-[0-9]+$";
  rule.reason.min_length = 3;
  Ask ask{"staging", "", 1h, "look at queue"};
  CHECK(refusal(propose_by("lena", ask, rule)).starts_with("rule staging-by-leads needs a reason"));
  ask.ticket = "INC-7";
  const auto asked = propose_by("lena", ask, rule);
  REQUIRE(asked);
  CHECK(asked->ticket == "INC-7");
  CHECK(asked->reason == "look at queue");
  ask.ticket = "OPS-7";
  CHECK_FALSE(propose_by("lena", ask, rule));
  ask.ticket = "INC-7";
  ask.reason = "";  // a ticket is no reason where words are wanted
  CHECK(refusal(propose_by("lena", ask, rule)) == "rule staging-by-leads needs a reason");
}

TEST_CASE("who had it asked for him prolongs it himself, by what the rule says to him") {
  const Asked original = propose_by("lena", ask_for("leo")).value();
  const Grant grant =
      tell(make_grant(make_request(original, RequestId{"G001"}, std::nullopt), EntitlementId{1}, k_start),
           {.event = GrantEvent::confirmed, .now = k_start + 5s});
  Policy policy = company();
  policy.rules = {by_leads()};
  index_rules(policy);
  const auto extension = propose_extension(grant, original, 1h, "", policy, all_facts());
  REQUIRE(extension);
  CHECK(extension->asker == id_of("leo"));
  CHECK(extension->beneficiary == id_of("leo"));
}

}  // namespace jitbot::testing
