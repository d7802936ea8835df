#pragma once

#include "bot/model/result.hpp"
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

struct PolicyProblem {
  SourceMark where;
  std::string key;      // "rules[0].max_duration"
  std::string message;  // what is wrong, what is allowed
};
std::string to_string(const PolicyProblem& problem);  // "file:line:col: key: message"

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

// Loads a whole policy or says everything that is wrong with it.
tl::expected<Policy, std::vector<PolicyProblem>> load_policy(const std::vector<PolicyFile>& files,
                                                             const KnownConnectors& connectors);

}  // namespace jitbot
