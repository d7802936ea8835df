// Any text is a policy, or problems that each have a place and a message. A policy that loads can decide, and
// loads again to the same digest.
#include "bot/policy/decide.hpp"
#include "bot/policy/load.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace jitbot;

const KnownConnectors k_connectors{{"staging-db", "prod-db", "c"}, "{}", {}};

void ask_everything(const Policy& policy) {
  Person person;
  person.id = {"slack:T1", "U1"};
  person.email = "alice@example.com";
  for (const auto& [name, resource] : policy.resources) {
    for (const auto& [role, ignored] : resource.roles) {
      const auto ruling = decide(policy, {person, name, role, 1h, "INC-42 a reason"}, {});
      if (ruling && (ruling->rule == nullptr || ruling->role == nullptr)) std::abort();
      if (!ruling && ruling.error().message.empty()) std::abort();
    }
  }
  for (const Rule& rule : policy.rules) {
    const auto warnings = warnings_for(rule, rule.max_duration);
    if (warnings.empty()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto policy = load_policy({{"p.yaml", text}}, k_connectors);
  if (policy) {
    ask_everything(*policy);
    const auto again = load_policy({{"other.yaml", text}}, k_connectors);
    if (!again || again->digest != policy->digest) std::abort();
    return 0;
  }
  if (policy.error().empty()) std::abort();
  for (const PolicyProblem& problem : policy.error()) {
    if (problem.where.line < 1 || problem.where.column < 1 || problem.message.empty()) std::abort();
  }
  return 0;
}
