#include "bot/policy/catalog.hpp"

#include "bot/policy/rule_index.hpp"
#include "tests/unit/policy/sample.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

namespace jitbot {
namespace {

const Person k_alice = sample::person("U0ALICE", "alice@example.com");
const Person k_erin = sample::person("U0ERIN", "erin@example.com");
const std::string k_sre = "slack:usergroup/S0SRE";

std::vector<std::string> names(const Offers& offers) {
  std::vector<std::string> all;
  for (const Offer& offer : offers.offers) {
    for (const OfferedRole& role : offer.roles)
      all.push_back(offer.resource->name + ":" + role.role->name + " " + role.rule->name);
  }
  return all;
}
using Names = std::vector<std::string>;

TEST_CASE("what one may ask for is what the rules would decide", "[policy][catalog]") {
  const Policy policy = sample::company();
  const Facts facts = sample::with_sre({k_erin.id});
  CHECK(names(offers_for(policy, k_alice, facts)) == Names{"prod-db:owner production",
                                                           "prod-db:viewer production",
                                                           "staging:viewer staging-self-service"});
  CHECK(names(offers_for(policy, k_erin, facts)) == Names{"prod-db:owner production-owner"});
  // Each offer is what decide() says of the same question.
  for (const Person& person : {k_alice, k_erin}) {
    for (const auto& [name, resource] : policy.resources) {
      const Offer offer = offer_of(policy, resource, person, facts);
      for (const auto& [role_name, role] : resource.roles) {
        const auto ruling = find_ruling(policy, {&resource, &role}, person, facts);
        const auto found = std::ranges::find(offer.roles, &role, &OfferedRole::role);
        CHECK((found != offer.roles.end()) == ruling.has_value());
        if (ruling) CHECK(found->rule == ruling->rule);
      }
    }
  }
}

TEST_CASE("nobody whom policies do not name may ask for anything", "[policy][catalog]") {
  const Policy policy = sample::company();
  const auto spoil = GENERATE(&Person::guest, &Person::outsider, &Person::bot, &Person::deactivated);
  Person person = k_alice;
  person.*spoil = true;
  const Facts facts = sample::with_sre({k_alice.id});
  CHECK(offers_for(policy, person, facts).offers.empty());
  CHECK(offer_of(policy, policy.resources.at("staging"), person, facts).roles.empty());
  CHECK(facts_to_offer(policy, person).groups.empty());
}

TEST_CASE("no group is read of rules that name the person himself", "[policy][catalog]") {
  Policy policy = sample::company();
  CHECK(facts_to_offer(policy, k_alice).groups == std::set<std::string>{k_sre});
  std::erase_if(policy.rules, [](const Rule& rule) { return rule.name == "production-owner"; });
  index_rules(policy);
  CHECK(facts_to_offer(policy, k_alice).groups.empty());
}

TEST_CASE("a group that cannot be read hides only what hangs on it, and is told", "[policy][catalog]") {
  const Policy policy = sample::company();
  const Offers offers = offers_for(policy, k_alice, Facts{});
  CHECK(names(offers) == Names{"prod-db:viewer production", "staging:viewer staging-self-service"});
  REQUIRE(offers.unknown);
  CHECK(offers.unknown->kind == ErrorKind::unavailable);
}

TEST_CASE("resources are found by name, description and tags in any case", "[policy][catalog]") {
  const Policy policy = sample::company();
  const Offer staging{&policy.resources.at("staging"), {}};
  for (const char* word : {"", "stag", "CLUSTER", "env", "env:staging", "Staging"})
    CHECK(mentions(staging, word));
  for (const char* word : {"prod", "viewer", "env:prod", "x"}) CHECK_FALSE(mentions(staging, word));
}

TEST_CASE("the nearest name is one that the person may ask for", "[policy][catalog]") {
  const Policy policy = sample::company();
  const Facts facts = sample::with_sre({k_erin.id});
  const auto said = [&](const std::string& typed, const Person& person) {
    return no_such_resource(typed, offers_for(policy, person, facts)).message;
  };
  CHECK(said("stagin", k_alice) == "I know no resource \"stagin\" for you; did you mean staging?");
  CHECK(said("stagin", k_erin) == "I know no resource \"stagin\" for you; you may ask for prod-db");
  CHECK(said("kubernetes", k_alice) ==
        "I know no resource \"kubernetes\" for you; you may ask for prod-db, staging");
  CHECK(said("stagin", sample::person("U0M", "mallory@example.com")) ==
        "I know no resource \"stagin\" for you; /jit resources lists what you may ask for");
}

}  // namespace
}  // namespace jitbot
