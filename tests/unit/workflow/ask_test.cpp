#include "bot/workflow/ask.hpp"

#include "bot/policy/rule_index.hpp"
#include "tests/unit/workflow/people.hpp"

#include <catch2/catch.hpp>

// From words to what is frozen.
namespace jitbot::testing {

namespace {

Rule sample_rule() {
  Rule rule;
  rule.name = "staging-by-leads";
  rule.match.resources = {"staging"};
  rule.requesters = {{Subject::Kind::group, "leads"}, {Subject::Kind::group, "security"}};
  rule.max_duration = 4h;
  rule.reason.min_length = 3;
  rule.steps = {RuleStep{{"owners", {{Subject::Kind::owners, ""}}, 1}}, RuleStep{security_step(2)}};
  rule.deny_threshold = 2;
  rule.post_to = {"#approvals"};
  rule.pending_timeout = 2h;
  rule.extend = {1h, 3h, false};
  return rule;
}

Policy with_rule(const Rule& rule = sample_rule()) {
  Policy policy = company();
  policy.rules = {rule};
  index_rules(policy);
  return policy;
}

const Ask k_ask{"staging", "", 1h, "INC-7 look at queue"};

Result<ConnectorTerms> terms(const std::string&, const std::string& email) {
  return ConnectorTerms{email.substr(0, email.find('@')), OnExisting::refuse};
}

Result<Asked> propose_as(const std::string& who, const Ask& ask = k_ask, const Facts& facts = all_facts()) {
  return propose(ask, id_of(who), with_rule(), facts, terms);
}

Asked original() {
  return propose_as("lena").value();
}

Grant active() {
  Grant grant =
      make_grant(make_request(original(), RequestId{"G001"}, std::nullopt), EntitlementId{1}, k_start);
  return tell(grant, {.event = GrantEvent::confirmed, .now = k_start + 5s});
}

Result<Asked> extend(const Grant& grant, Millis by, const Rule& rule = sample_rule(),
                     const Facts& facts = all_facts()) {
  return propose_extension(grant, original(), by, "", with_rule(rule), facts);
}

}  // namespace

TEST_CASE("what is asked is frozen whole: rule, steps, account, resolved parameters") {
  const auto asked = propose_as("lena");
  REQUIRE(asked);
  CHECK(asked->kind == RequestKind::access);
  CHECK(asked->asker == id_of("lena"));
  CHECK(asked->beneficiary == id_of("lena"));
  CHECK(asked->beneficiary_email == "lena@example.com");
  CHECK(asked->account == "lena");
  CHECK(asked->resource == "staging");
  CHECK(asked->role == "reader");
  CHECK(asked->connector == "pg");
  CHECK(asked->params == std::map<std::string, std::string>{{"role", "ro_lena"}});
  CHECK(asked->on_existing == OnExisting::refuse);
  CHECK(asked->rule == "staging-by-leads");
  CHECK(asked->needs_reason);
  CHECK(asked->deny_threshold == 2);
  REQUIRE(asked->steps.size() == 2);
  CHECK(asked->steps[0].from == std::vector<Subject>{{Subject::Kind::email, "lena@example.com"}});
  CHECK(asked->steps[1].count == 2);
  CHECK(asked->asked_at == k_start);
  CHECK(asked->policy_digest == company().digest);
  CHECK(asked->warn_before == std::vector<Millis>{10min});
  CHECK_FALSE(asked->explanation.empty());
}

TEST_CASE("roles that say nothing about the target are still different entitlements") {
  Policy policy = with_rule();
  for (auto& [name, role] : policy.resources.at("staging").roles) role.grants.clear();
  const auto asked = propose(k_ask, id_of("lena"), policy, all_facts(), terms);
  REQUIRE(asked);
  CHECK(asked->params == std::map<std::string, std::string>{{"resource", "staging"}, {"role", asked->role}});
}

TEST_CASE("ask: a fact could not be fetched, nothing is frozen and the fact is named") {
  Facts facts = all_facts();
  SECTION("who he is") {
    facts.people.insert_or_assign(id_of("lena"), fail(ErrorKind::unavailable, "I cannot check Ulena now"));
  }
  SECTION("who is in the group") {
    facts.people.insert_or_assign(id_of("lena"), person_of("stranger"));
    facts.people.at(id_of("lena"))->id = id_of("lena");
    facts.groups.clear();
  }
  const auto asked = propose_as("lena", k_ask, facts);
  REQUIRE_FALSE(asked);
  CHECK(asked.error().kind == ErrorKind::unavailable);
  CHECK(asked.error().message.find("cannot check") != std::string::npos);
}

TEST_CASE("ask: no rule, a limit broken or the account missing, the answer names it") {
  const auto message = [](const Result<Asked>& asked) {
    REQUIRE_FALSE(asked);
    return asked.error().message;
  };
  CHECK(message(propose_as("stranger")).find("staging-by-leads") != std::string::npos);
  Ask ask = k_ask;
  ask.duration = 5h;
  CHECK(message(propose_as("lena", ask)).find("at most 4h") != std::string::npos);
  ask = k_ask;
  ask.reason = "x";
  CHECK(message(propose_as("lena", ask)).find("at least 3 characters") != std::string::npos);
  ask = k_ask;
  ask.resource = "stagin";
  CHECK(message(propose_as("lena", ask)).find("did you mean staging") != std::string::npos);
  const TermsOf nobody = [](const std::string&, const std::string&) -> Result<ConnectorTerms> {
    return fail(ErrorKind::refused, "there is no account for you at pg");
  };
  CHECK(message(propose(k_ask, id_of("lena"), with_rule(), all_facts(), nobody)) ==
        "there is no account for you at pg");
}

TEST_CASE(
    "guests, bots, people of elsewhere and the deactivated ask for nothing, whatever group they are in") {
  const std::string who = GENERATE("guest", "bot", "outsider", "left");
  const auto asked = propose_as(who);
  REQUIRE_FALSE(asked);
  CHECK(asked.error().kind == ErrorKind::refused);
}

TEST_CASE(
    "a request times out when its rule says, with its absolute end, or with the grant that it prolongs") {
  Asked asked = original();
  CHECK(make_request(asked, RequestId{"R1"}, std::nullopt).times_out_at == k_start + 2h);
  CHECK(make_request(asked, RequestId{"R1"}, k_start + 30min).times_out_at == k_start + 30min);
  asked.until = k_start + 10min;
  CHECK(make_request(asked, RequestId{"R1"}, k_start + 30min).times_out_at == k_start + 10min);
  const Request request = make_request(asked, RequestId{"R1"}, std::nullopt);
  CHECK(request.state == RequestState::pending);
  CHECK(request.digest == digest_of(asked, 0));
}

TEST_CASE("a rule that needs nobody decides at once, by name") {
  const Request request =
      approved_by_rule(make_request(original(), RequestId{"R1"}, std::nullopt), k_start + 1s);
  CHECK(request.state == RequestState::approved);
  CHECK(request.decided_by == system_principal("rule"));
  CHECK(request.decided_at == k_start + 1s);
}

TEST_CASE("an extension is a request of its own, with the rule's steps, for the same access") {
  const auto asked = extend(active(), 1h);
  REQUIRE(asked);
  CHECK(asked->kind == RequestKind::extension);
  CHECK(asked->extends == RequestId{"G001"});
  CHECK(asked->duration == 1h);
  CHECK(asked->params == original().params);
  CHECK(asked->steps.size() == 2);
  CHECK_FALSE(asked->automatic);
  CHECK(asked->reason == original().reason);
  Rule rule = sample_rule();
  rule.extend.automatic = true;
  const auto automatic = extend(active(), 30min, rule);
  REQUIRE(automatic);
  CHECK(automatic->automatic);
  CHECK(automatic->steps.empty());
}

TEST_CASE("max bounds each extension, total bounds end - confirmed, and no terms mean no extension") {
  CHECK_FALSE(extend(active(), 1h + 1ms));
  Grant grant = tell(active(), {.event = GrantEvent::extended, .now = k_start + 10min, .by = 1h});
  CHECK(extend(grant, 1h));
  grant = tell(grant, {.event = GrantEvent::extended, .now = k_start + 11min, .by = 30min});
  CHECK(extend(grant, 30min));
  const auto too_long = extend(grant, 30min + 1ms);
  REQUIRE_FALSE(too_long);
  CHECK(too_long.error().kind == ErrorKind::refused);
  Rule rule = sample_rule();
  rule.extend = {};
  CHECK_FALSE(extend(active(), 1min, rule));
}

TEST_CASE("what a resource or a role may be had for bounds a grant with all its extensions") {
  Policy policy = with_rule();
  Resource& staging = policy.resources.at("staging");
  const Grant grant = active();
  const auto prolong = [&](const Grant& what, Millis by) {
    return propose_extension(what, original(), by, "", policy, all_facts());
  };
  SECTION("of the resource") {
    staging.max_duration = 90min;
  }
  SECTION("of the role, before the resource's") {
    staging.max_duration = 2h;
    staging.roles.at("reader").max_duration = 90min;
  }
  const auto asked = prolong(grant, 30min);
  REQUIRE(asked);
  CHECK(asked->extend == ExtendTerms{1h, 90min, false});
  const auto too_long = prolong(grant, 31min);
  REQUIRE_FALSE(too_long);
  CHECK(too_long.error().kind == ErrorKind::refused);
  CHECK(
      too_long.error().message ==
      "That would be 1h 31m in all; staging:reader may be had for at most 1h 30m in one stretch, so at most "
      "30m more");
  const auto used =
      prolong(tell(grant, {.event = GrantEvent::extended, .now = k_start + 10min, .by = 30min}), 1min);
  REQUIRE_FALSE(used);
  CHECK(used.error().message ==
        "staging:reader may be had for at most 1h 30m in one stretch, and that is used; ask again when "
        "JIT-G001 "
        "has ended");
  // What is shown of a request is what bound it when it was asked; a wider limit changes nothing at the
  // rule's.
  CHECK(propose(k_ask, id_of("lena"), policy, all_facts(), terms)->extend.total == 90min);
  CHECK(original().extend.total == 3h);
  staging.max_duration = 8h;
  staging.roles.at("reader").max_duration = 0h;
  CHECK(propose(k_ask, id_of("lena"), policy, all_facts(), terms)->extend.total == 3h);
}

TEST_CASE("only an active grant that ends by duration is prolonged") {
  Grant activating =
      make_grant(make_request(original(), RequestId{"G001"}, std::nullopt), EntitlementId{1}, k_start);
  const auto early = extend(activating, 10min);
  REQUIRE_FALSE(early);
  CHECK(early.error().message.find("not yet active") != std::string::npos);
  const auto late = extend(tell(active(), {.event = GrantEvent::done, .now = k_start + 10s}), 10min);
  REQUIRE_FALSE(late);
  CHECK(late.error().message.find("ended; ask again") != std::string::npos);
  Asked fixed = original();
  fixed.until = k_start + 2h;
  CHECK_FALSE(propose_extension(active(), fixed, 10min, "", with_rule(), all_facts()));
}

TEST_CASE("an extension is decided afresh: who may not ask any more does not prolong") {
  Facts facts = all_facts();
  Person lena = person_of("lena");
  SECTION("he became a guest, though a live group still lists him") {
    lena.guest = true;
    facts.groups.at(std::string(k_security))->insert(lena.id);
  }
  SECTION("he left the group") {
    lena.email = "lena@elsewhere.example";
  }
  SECTION("he was deactivated") {
    lena.deactivated = true;
  }
  facts.people.insert_or_assign(lena.id, lena);
  const auto asked = extend(active(), 10min, sample_rule(), facts);
  REQUIRE_FALSE(asked);
  CHECK(asked.error().kind == ErrorKind::refused);
}

TEST_CASE("an entitlement is the connector, the resolved parameters and the account") {
  const Entitlement it = new_entitlement(original());
  CHECK(it.key == EntitlementKey{"pg", {{"role", "ro_lena"}}, "lena"});
  CHECK(it.on_existing == OnExisting::refuse);
  CHECK(it.state == EntitlementState::rest);
  CHECK_FALSE(it.present_started);
}

}  // namespace jitbot::testing
