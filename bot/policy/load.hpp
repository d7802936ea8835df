#pragma once

#include "bot/model/result.hpp"
#include "bot/policy/finding.hpp"
#include "bot/policy/policy.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace jitbot {

struct PolicyFile {
  std::string name;  // as shown in errors
  std::string text;
};

// The connectors that the configuration has, for checking names and for the digest.
struct KnownConnectors {
  std::set<std::string> names;
  std::string canonical;  // canonical JSON of their configuration without secrets
  // What a role's `grants` must name, by connector: a PostgreSQL connector needs "role".
  std::map<std::string, std::set<std::string>> required_grants = {};
  std::set<std::string> catalogs = {};
  std::string canonical_catalogs = {};  // as `canonical`; empty: there are none
  // What stands there is all there is; else names of connectors and catalogs are taken as they come, as where
  // no configuration was named.
  bool complete = true;
};

// A policy that may be in force, and what looks wrong in it all the same.
struct LoadedPolicy {
  Policy policy;
  std::vector<PolicyProblem> warnings;
};

// Reads and checks a whole policy, or says everything that is wrong with it, warnings among it. Its tests are
// checked like everything else; run_tests (bot/policy/run_tests.hpp) runs them.
tl::expected<LoadedPolicy, std::vector<PolicyProblem>> read_policy(const std::vector<PolicyFile>& files,
                                                                   const KnownConnectors& connectors);

// The same without warnings.
tl::expected<Policy, std::vector<PolicyProblem>> load_policy(const std::vector<PolicyFile>& files,
                                                             const KnownConnectors& connectors);

}  // namespace jitbot
