#include "bot/app/config.hpp"
#include "bot/policy/decide.hpp"
#include "bot/policy/run_tests.hpp"

#include <catch2/catch.hpp>

using namespace jitbot;

namespace {

const std::string k_examples = std::string(JITBOT_SOURCE_DIR) + "/deploy/examples/";

std::string joined(const std::vector<PolicyProblem>& problems) {
  std::string all;
  for (const PolicyProblem& problem : problems) all += to_string(problem) + "\n";
  return all;
}

std::optional<std::string> variable(const std::string& name) {
  if (name == "SLACK_APP_TOKEN") return "xapp-1-A";
  if (name == "SLACK_BOT_TOKEN") return "xoxb-1-B";
  if (name == "STAGING_DATABASE_URL")
    return "postgresql://jit:a@db.staging.example.com/postgres?sslmode=verify-full";
  if (name == "PRODUCTION_DATABASE_URL")
    return "postgresql://jit:b@db.example.com/postgres?sslmode=verify-full";
  if (name == "VPN_HOME") return "/etc/openvpn/server";
  if (name == "JITBOT_LOOKUP_TOKEN") return "t";
  return std::nullopt;
}

Person person(const std::string& user) {
  Person person;
  person.id = {"slack:T1", "U" + user};
  person.email = user + "@example.com";
  return person;
}

}  // namespace

TEST_CASE("the example that is shipped loads without a warning and decides as its comments say",
          "[config][examples]") {
  const auto loaded = load_config(k_examples + "jitbot.yaml", variable);
  if (!loaded) FAIL(joined(loaded.error()));
  CHECK(joined(loaded->warnings).empty());
  const auto policy = load_policy_folder(loaded->config.policy_folder, known_connectors(loaded->config));
  if (!policy) FAIL(joined(policy.error()));
  for (const TestResult& result : run_tests(*policy)) {
    INFO(result.name);
    CHECK(result.failures == std::vector<std::string>{});
  }
  CHECK(policy->tests.size() > 15);
  CHECK(joined(check_subjects(loaded->config, *policy)).empty());

  const Person alice = person("alice");
  Facts facts;
  facts.activity[alice.id] = {};
  facts.groups.emplace("slack:usergroup/S0ENGINEERS", std::set<PrincipalId>{alice.id});
  facts.groups.emplace("slack:usergroup/S0PLATFORM", std::set<PrincipalId>{});
  const auto rule = [&](const std::string& resource, const std::string& role) {
    const auto ruling = decide(*policy, {alice, resource, role, 1h, "INC-42 slow checkout queries"}, facts);
    return ruling ? ruling->rule->name + "/" + std::to_string(ruling->steps.size()) : ruling.error().message;
  };
  CHECK(rule("staging", "writer") == "staging-self-service/0");
  CHECK(rule("orders-db", "") == "production/1");
  CHECK(rule("orders-db", "admin") == "production/2");
  CHECK(rule("dashboards", "") == "office-self-service/0");
  CHECK(rule("office-network", "") == "office-self-service/0");
}
