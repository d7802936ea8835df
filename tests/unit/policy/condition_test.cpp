#include "bot/policy/condition.hpp"

#include "bot/policy/load.hpp"

#include <catch2/catch.hpp>

// The variables of conditions, one by one.
namespace jitbot {

namespace {

const Policy& company() {
  static const Policy policy = *load_policy({{"p.yaml", R"(apiVersion: jit/v1
groups:
  engineering: {members: [alice@example.com]}
  security: {members: [sam@example.com, "slack:USAM"]}
  sre: {from: "slack:usergroup/S0SRE"}
resources:
  prod-db:
    tags: {env: prod, team: orders}
    owners: [group:sre, olga@example.com]
    roles: {admin: {connector: c, grants: {role: a}, risk: high}}
rules: []
)"}},
                                            {{"c"}, "{}"});
  return policy;
}

Person alice() {
  Person person;
  person.id = {"slack:T0001", "UALICE"};
  person.email = "Alice@example.com";
  person.timezone = "Europe/Berlin";
  person.shown_name = "Alice A.";
  return person;
}

Person sam() {
  Person person = alice();
  person.id.user = "USAM";
  person.email = "sam@example.com";
  return person;
}

Facts all_facts() {
  Facts facts;
  facts.now = Time{std::chrono::sys_days{std::chrono::March / 1 / 2026}} + 3h;  // a Sunday
  facts.groups.emplace("slack:usergroup/S0SRE", std::set<PrincipalId>{alice().id});
  facts.activity.emplace(alice().id, Activity{2, 1});
  facts.activity.emplace(sam().id, Activity{0, 0});
  facts.channel = Result<AskedIn>(AskedIn{"inc-42", true, false});
  return facts;
}

struct Given {
  Facts facts = all_facts();
  Person requester = alice();
  Person approver = sam();
  std::optional<Terms> terms = Terms{90min, std::nullopt, "INC-42 slow queries", "INC-42", false, false};
};

Truth truth(const std::string& text, const Given& asked = {}) {
  INFO(text);
  const auto condition = compile_condition(text, ConditionOf::vote);
  if (!condition) FAIL(to_string(condition.error()));
  const Resource& resource = company().resources.at("prod-db");
  const Circumstances about{company(),       asked.facts, &asked.requester,
                            &asked.approver, &resource,   &resource.roles.at("admin"),
                            "prod-db",       asked.terms};
  ConditionFacts facts(about);
  const Truth first = facts.holds(*condition);
  CHECK(facts.holds(*condition) == first);
  return first;
}

}  // namespace

TEST_CASE("conditions read the request, its people, the resource, the channel and the time",
          "[policy][condition]") {
  for (const char* text : {
           "request.resource == \"prod-db\" && request.role == \"admin\"",
           "request.duration == duration(\"1h30m\")",
           "request.start == now",
           "request.reason.startsWith(\"INC-42\") && request.ticket == \"INC-42\"",
           "request.params.size() == 0 && !has(request.params)",
           "!request.for_other && !request.extension && !request.break_glass",
           "requester.id == \"slack:UALICE\" && approver.id == \"slack:USAM\"",
           "requester.email == \"alice@example.com\"",
           "requester.name == \"Alice A.\" && requester.timezone == \"Europe/Berlin\"",
           "requester.groups == [\"engineering\", \"sre\"]",
           "\"security\" in approver.groups && !(\"sre\" in approver.groups)",
           "!requester.guest && !requester.bot && !requester.external",
           "requester.active_grants == 2 && requester.denied_24h == 1 && approver.active_grants == 0",
           "resource.name == \"prod-db\" && resource.tags.env == \"prod\" && has(resource.tags.team)",
           "resource.owners == [\"group:sre\", \"olga@example.com\"]",
           "resource.role.name == \"admin\" && resource.role.risk == \"high\"",
           "channel.name.startsWith(\"inc-\") && channel.private && !channel.external && !channel.incident",
           "now.getHours(\"Europe/Berlin\") == 4 && now.getDayOfWeek() == 0",
           "requester != approver && [requester].exists(r, r.email == \"alice@example.com\")",
           "request.ticket.matches(\"INC-[0-9]+\")",
       }) {
    INFO(text);
    CHECK(truth(text) == Truth::yes);
  }
}

TEST_CASE("what is not set is empty, and has() says so", "[policy][condition]") {
  Given asked;
  asked.requester.timezone = "";
  asked.facts.channel.reset();
  CHECK(truth("has(requester.timezone)", asked) == Truth::no);
  CHECK(truth("requester.timezone == \"\" && channel.name == \"\" && !channel.private", asked) == Truth::yes);
  CHECK(truth("has(resource.tags.region)", asked) == Truth::no);
}

TEST_CASE("a fact that was not fetched is unknown, and only where it matters", "[policy][condition]") {
  Given asked;
  asked.facts.groups.clear();
  asked.facts.activity.clear();
  asked.facts.channel = Result<AskedIn>(fail(ErrorKind::unavailable, "not seen"));
  CHECK(truth("\"sre\" in requester.groups", asked) == Truth::unknown);
  CHECK(truth("\"engineering\" in requester.groups", asked) == Truth::yes);
  CHECK(truth("requester.groups.size() > 5", asked) == Truth::unknown);
  CHECK(truth("requester.active_grants < 3", asked) == Truth::unknown);
  CHECK(truth("channel.private", asked) == Truth::unknown);
  CHECK(truth("channel.private || request.role == \"admin\"", asked) == Truth::yes);
  CHECK(truth("requester.active_grants < 3 && request.role == \"viewer\"", asked) == Truth::no);
}

TEST_CASE("terms that nobody has named yet leave a condition open", "[policy][condition]") {
  Given asked;
  asked.terms.reset();
  CHECK(truth("request.duration < duration(\"1h\")", asked) == Truth::open);
  CHECK(truth("request.duration < duration(\"1h\") && resource.name == \"other\"", asked) == Truth::no);
  CHECK(truth("request.role == \"admin\"", asked) == Truth::yes);
}

TEST_CASE("a condition that cannot be evaluated fails with its reason", "[policy][condition]") {
  CHECK(truth("resource.tags.region == \"eu\"") == Truth::failed);
  CHECK(truth("1 / (requester.denied_24h - 1) > 0") == Truth::failed);
  CHECK(truth("now.getHours(requester.name) > 3") == Truth::failed);
}

TEST_CASE("mistakes are found before anybody waits", "[policy][condition]") {
  const auto mistake = [](const std::string& text, ConditionOf where) {
    const auto condition = compile_condition(text, where);
    return condition ? std::string("none") : to_string(condition.error());
  };
  CHECK(mistake("requester.emial == \"x\"", ConditionOf::rule) ==
        "1:11: person has no field 'emial'; did you mean email?");
  CHECK(mistake("requster.email == \"x\"", ConditionOf::rule).find("requester") != std::string::npos);
  CHECK(mistake("requester.active_grants == \"3\"", ConditionOf::rule) != "none");
  CHECK(mistake("requester.active_grants + 1", ConditionOf::rule).find("true or false") != std::string::npos);
  CHECK(mistake("approver.guest", ConditionOf::rule).find("approve_when") != std::string::npos);
  CHECK(mistake("approver.guest", ConditionOf::step).find("approve_when") != std::string::npos);
  CHECK(mistake("approver.guest", ConditionOf::vote) == "none");
  CHECK(mistake("\"primary\" in requester.oncall", ConditionOf::rule).find("not supported by this version") !=
        std::string::npos);
  CHECK(mistake("request.reason.matches(\"(\")", ConditionOf::rule).find("regular expression") !=
        std::string::npos);
}

TEST_CASE("a condition says which groups, activity and channel it may read", "[policy][condition]") {
  const auto compiled = [](const std::string& text) { return *compile_condition(text, ConditionOf::vote); };
  const Condition sought = compiled("\"sre\" in requester.groups || \"security\" in requester.groups");
  CHECK_FALSE(sought.requester_groups.all);
  CHECK(sought.requester_groups.names == std::set<std::string>{"security", "sre"});
  CHECK(sought.approver_groups.names.empty());
  CHECK(compiled("requester.groups.exists(g, g == \"sre\")").requester_groups.all);
  CHECK(compiled("requester == approver").requester_groups.all);
  CHECK(compiled("requester == approver").activity);
  CHECK(compiled("approver.denied_24h == 0").activity);
  CHECK_FALSE(compiled("requester.email == \"x\"").activity);
  CHECK(compiled("channel.external").channel);
  CHECK_FALSE(compiled("request.role == \"x\"").channel);
}

}  // namespace jitbot
