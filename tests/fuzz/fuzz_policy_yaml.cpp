// Any text is a policy, or problems that each have a place, a message, a name and a way out. A policy that
// loads can decide whatever is asked, its own tests run, the same question has the same answer, and it loads
// again to the same digest.
#include "bot/policy/condition.hpp"
#include "bot/policy/decide.hpp"
#include "bot/policy/load.hpp"
#include "bot/policy/run_tests.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace jitbot;

const KnownConnectors k_connectors{{"staging-db", "prod-db", "c"}, "{}", {}, {"previews"}};

void must(bool holds) {
  if (!holds) std::abort();
}

Person person(std::string user, std::string email) {
  Person person;
  person.id = {"slack:T1", std::move(user)};
  person.email = std::move(email);
  return person;
}

// With every fact a policy may read, or none.
std::array<Facts, 2> facts_of(const Policy& policy) {
  const Person alice = person("U1", "alice@example.com");
  const Person bob = person("U2", "bob@example.com");
  Facts known;
  known.now = k_test_now;
  for (const Person& one : {alice, bob}) {
    known.people.emplace(one.id, one);
    known.activity.emplace(one.id, Activity{2, 1});
  }
  known.channel = Result<AskedIn>(AskedIn{"ops", true, false});
  for (const auto& [name, group] : policy.groups) {
    if (!group.from.empty()) known.groups.emplace(group.from, std::set<PrincipalId>{alice.id, bob.id});
  }
  for (const auto& [name, resource] : policy.resources) {
    if (!resource.catalog.empty())
      known.catalogs.emplace(resource.catalog, std::set<std::string>{"preview-1"});
  }
  return {known, Facts{}};
}

void ask(const Policy& policy, const Question& question, const Facts& facts) {
  const Decision decision = judge(policy, question, facts);
  const Decision again = judge(policy, question, facts);
  must(decision.allowed() == again.allowed() && decision.ruling.rule == again.ruling.rule);
  must(!decision.allowed() || (decision.ruling.rule != nullptr && decision.ruling.role != nullptr));
  must(decision.allowed() || !decision.refusal->message.empty());
  if (!decision.allowed()) return;
  const Ruling& ruling = decision.ruling;
  must(ruling.rule->effect == Effect::allow && question.duration <= ruling.rule->max_duration);
  Asked asked;
  asked.asker = person("U2", "").id;
  asked.beneficiary = question.beneficiary.id;
  asked.resource = ruling.name;
  asked.role = ruling.role->name;
  asked.rule = ruling.rule->name;
  asked.duration = question.duration;
  if (ruling.rule->approve_when) asked.approve_when = {ruling.rule->approve_when->text};
  const Person bob = person("U2", "bob@example.com");
  const auto may = may_approve_by_condition(policy, asked, bob, facts);
  must(may || !may.error().message.empty());
  const auto denied = denied_now(policy, asked, facts);
  must(!denied || !*denied || !(*denied)->rule.empty());
}

void ask_everything(const Policy& policy) {
  for (const Facts& facts : facts_of(policy)) {
    for (const auto& [name, resource] : policy.resources) {
      const std::string called = resource.catalog.empty() ? name : "preview-1";
      for (const auto& [role, ignored] : resource.roles) {
        ask(policy, {person("U1", "alice@example.com"), called, role, 1h, "INC-42 a reason", "INC-42"},
            facts);
      }
    }
  }
  for (const Rule& rule : policy.rules) {
    if (rule.effect == Effect::allow) must(!warnings_for(rule, rule.max_duration).empty());
  }
}

void run_its_tests(const Policy& policy) {
  const auto results = run_tests(policy);
  must(results.size() == policy.tests.size());
  for (const TestResult& result : results) must(result.where.line >= 1 && !result.name.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto loaded = read_policy({{"p.yaml", text}}, k_connectors);
  const auto& problems = loaded ? loaded->warnings : loaded.error();
  for (const PolicyProblem& problem : problems) {
    must(problem.where.line >= 1 && problem.where.column >= 1 && !problem.message.empty());
    must(!problem.name.empty() && !problem.advice.empty());
    must(!loaded || problem.severity == Severity::warning);
  }
  if (!loaded) {
    must(!problems.empty());
    return 0;
  }
  ask_everything(loaded->policy);
  run_its_tests(loaded->policy);
  const auto again = load_policy({{"other.yaml", text}}, k_connectors);
  must(again && again->digest == loaded->policy.digest);
  return 0;
}
