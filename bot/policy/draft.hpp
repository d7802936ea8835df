#pragma once

#include "bot/policy/condition.hpp"
#include "bot/policy/load.hpp"
#include "bot/policy/policy.hpp"
#include "bot/policy/words.hpp"
#include "bot/policy/yaml/decode.hpp"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace jitbot {

// A name that stands somewhere and must mean something.
struct NameUse {
  std::string name;
  yaml::Value at;
};

struct RoleDraft {
  std::string resource;
  std::string role;
  yaml::Value at;
  std::vector<NameUse> connector;  // none or one
  std::vector<NameUse> includes;
};

struct ResourceDraft {
  std::string name;
  yaml::Value at;
  std::vector<NameUse> default_role;  // none or one
  std::vector<NameUse> catalog;       // none or one
};

struct RuleDraft {
  yaml::Value at;
  std::vector<NameUse> resources;
  std::vector<NameUse> roles;
  std::vector<yaml::Value> steps;  // as many as the rule's steps
};

// What the files say, each on its own; names are not resolved yet. The values point into the trees, which the
// loader keeps.
struct PolicyDraft {
  Policy policy;
  std::map<std::string, SourceMark> group_marks;
  std::map<std::string, SourceMark> resource_marks;
  std::vector<SourceMark> rules_marks;  // each file's `rules`
  std::vector<NameUse> groups;          // every group:NAME
  std::vector<ResourceDraft> resources;
  std::vector<RoleDraft> roles;
  std::vector<RuleDraft> rules;  // as many as policy.rules
};

// Adds one file. Problems go where `root` says.
void read_policy_file(const yaml::Value& root, yaml::Problems& problems, PolicyDraft& draft);

// The `rules` of a file.
void read_rules(const yaml::Value& value, PolicyDraft& draft);
// People of a rule: at least one, else the rule could never fit and nobody would see why.
std::vector<Subject> read_people(const yaml::Value& value, SubjectsAllowed allowed, PolicyDraft& draft);
// A `when` or `approve_when`; null: it was reported.
ConditionPtr read_condition(const yaml::Value& value, ConditionOf where, PolicyDraft& draft);
// What a rule says of requests that wait: pending_timeout, notify, remind, escalate. Its approval was read.
void read_waiting(const yaml::MapReader& map, Rule& rule, PolicyDraft& draft);

// Names that can only be resolved with all files read, and each resource's default role.
void check_policy(PolicyDraft& draft, const KnownConnectors& connectors);

// Rules whose steps nobody could ever satisfy. For a draft without other problems: who could not be read
// would be missing here.
void check_voters(const PolicyDraft& draft);

}  // namespace jitbot
