#pragma once

#include "bot/policy/decide.hpp"
#include "bot/policy/load.hpp"

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

// A small company's policy and helpers to load pieces of it.
namespace jitbot::sample {

inline const KnownConnectors& connectors() {
  static const KnownConnectors known{
      {"staging-db", "prod-db", "wiki"}, R"({"staging-db":{"type":"exec"}})", {}};
  return known;
}

inline constexpr std::string_view k_company = R"(apiVersion: jit/v1
groups:
  engineering: {members: [alice@example.com, bob@example.com, "slack:U0CONTRACT"]}
  sre: {from: "slack:usergroup/S0SRE"}
  security: {members: [sam@example.com, sid@example.com]}
resources:
  staging:
    description: Staging cluster
    tags: {env: staging}
    owners: [group:sre]
    default_role: viewer
    roles:
      viewer: {connector: staging-db, grants: {role: staging_ro}}
      admin: {connector: staging-db, grants: {role: "staging_{{account}}"}, risk: high, includes: [viewer]}
    howto: psql service=staging
  prod-db:
    tags: {env: prod, tier: 1}
    owners: [carol@example.com, dave@example.com]
    roles:
      viewer: {connector: prod-db, grants: {role: prod_ro}}
      owner: {connector: prod-db, grants: {role: prod_rw}, risk: high}
  wiki:
    roles:
      editor: {connector: wiki, grants: {}}
rules:
  - name: staging-self-service
    match: {resource: staging, role: viewer}
    requesters: [group:engineering]
    max_duration: 8h
    approval: auto
  - name: production-owner
    match: {tags: {env: prod}, role: owner}
    requesters: [group:sre]
    max_duration: 1h
    reason: {min_length: 10, contains: '\b(INC|OPS)-[0-9]+\b', hint: name the ticket}
    approval:
      - {name: owners, from: [owners]}
      - {name: security, from: [group:security], count: 2}
    deny_threshold: 2
    post_to: ["#prod-approvals", C0AUDIT]
    pending_timeout: 30m
    extend: {max: 1h, total: 3h, approval: auto}
    warn_before: [5m, 15m]
  - name: production
    match: {tags: {env: [prod, live]}}
    requesters: [group:engineering]
    max_duration: 4h
    reason: {min_length: 4}
    approval: [{name: owners, from: [owners, group:sre]}]
    post_to: "#prod-approvals"
    extend: {max: 2h}
)";

inline Policy company() {
  auto policy = load_policy({{"company.yaml", std::string(k_company)}}, connectors());
  if (!policy) throw std::runtime_error(to_string(policy.error().front()));
  return std::move(*policy);
}

// Every problem of a policy in one file called p.yaml.
inline std::vector<PolicyProblem> findings_of(std::string_view text) {
  auto policy = read_policy({{"p.yaml", std::string(text)}}, connectors());
  return policy ? std::move(policy->warnings) : std::move(policy.error());
}

// The same, a line each, without its name and advice, which it must have.
inline std::string problems_of(std::string_view text) {
  std::string all;
  for (PolicyProblem& problem : findings_of(text)) {
    if (problem.name.empty() || problem.advice.empty())
      throw std::runtime_error("no name or way out: " + to_string(problem));
    problem.name.clear();
    problem.advice.clear();
    if (problem.severity == Severity::warning) all += "warning: ";
    all += to_string(problem) + "\n";
  }
  return all;
}

// "unknown-group shadowed-rule", as they stand; a warning with '?' behind it.
inline std::string names_of(std::string_view text) {
  std::string all;
  for (const PolicyProblem& problem : findings_of(text))
    all += (all.empty() ? "" : " ") + problem.name + (problem.severity == Severity::warning ? "?" : "");
  return all;
}

inline Person person(std::string user, std::string email) {
  Person person;
  person.id = {"slack:T0001", std::move(user)};
  person.email = std::move(email);
  return person;
}

inline Facts with_sre(std::set<PrincipalId> members) {
  Facts facts;
  facts.groups.emplace("slack:usergroup/S0SRE", std::move(members));
  return facts;
}

}  // namespace jitbot::sample
