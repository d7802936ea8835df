#pragma once

#include "bot/policy/condition.hpp"
#include "bot/policy/load.hpp"
#include "bot/policy/policy.hpp"
#include "bot/policy/words.hpp"
#include "bot/policy/yaml/decode.hpp"

#include <map>
#include <optional>
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
  std::optional<yaml::Value> match;
  std::optional<yaml::Value> max_duration;
  std::optional<yaml::Value> extend;
};

// A role of a resource that stands somewhere else than in a rule.
struct RoleUse {
  NameUse resource;
  std::optional<NameUse> role;
};

struct TestDraft {
  yaml::Value at;
  std::vector<RoleUse> asks_for;  // none or one
  std::vector<NameUse> groups;    // that it says who is in
  std::vector<NameUse> catalogs;  // that it says what they list
  std::vector<NameUse> rule;      // that it expects; none or one
  std::vector<NameUse> steps;     // that it expects
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
  std::map<std::string, SourceMark> test_marks;
  std::vector<TestDraft> tests;     // as many as policy.tests
  std::vector<NameUse> channels;    // each that cards go to
  std::vector<NameUse> connectors;  // that stand elsewhere than in a role
  std::vector<RoleUse> role_uses;   // that stand elsewhere than in a rule or a test
  std::set<std::string> incidents;  // names so far
};

// Adds one file. Problems go where `root` says.
void read_policy_file(const yaml::Value& root, yaml::Problems& problems, PolicyDraft& draft);

// The `rules` of a file.
void read_rules(const yaml::Value& value, PolicyDraft& draft);
// People of a rule: at least one, else the rule could never fit and nobody would see why.
std::vector<Subject> read_people(const yaml::Value& value, SubjectsAllowed allowed, PolicyDraft& draft);
// A `when` or `approve_when`; null: it was reported.
ConditionPtr read_condition(const yaml::Value& value, ConditionOf where, PolicyDraft& draft);
// The `tests` of a file: names stand once in all files.
void read_tests(const yaml::Value& value, PolicyDraft& draft);
// What comes with a later version: looked at all the same, so that what is wrong in it is said now.
void read_actions(const yaml::Value& value, yaml::Problems& problems, PolicyDraft& draft);
void read_incidents(const yaml::Value& value, PolicyDraft& draft);
void read_break_glass(const yaml::MapReader& map, PolicyDraft& draft);
// What a rule says of requests that wait: pending_timeout, notify, remind, escalate. Its approval was read.
void read_waiting(const yaml::MapReader& map, Rule& rule, PolicyDraft& draft);

// Names that can only be resolved with all files read, and each resource's default role.
void check_policy(PolicyDraft& draft, const KnownConnectors& connectors);

// What a group is asked from: "slack:usergroup/S0SRE"; empty: it was reported.
std::string read_source(const yaml::Value& value);

// Names that tests use, and what they expect of them.
void check_tests(const PolicyDraft& draft);

// The rest is for a draft without other errors: what could not be read would be missing.
// Steps that nobody, or only whoever asks, could ever satisfy.
void check_voters(const PolicyDraft& draft);
// Rules that never decide: an earlier one always does, or there is nothing that they are for.
void check_reach(const PolicyDraft& draft);
// Rules that allow longer than a resource or role does, at once or with extensions; channels that are written
// in two ways.
void check_limits(const PolicyDraft& draft);

// `unknown group "sree"; did you mean sre?`, and what kind of problem that is.
void report_unknown(const NameUse& use, std::string_view what, const std::vector<std::string>& known,
                    std::string_view after = "");
template <class Named>
std::vector<std::string> names_of(const Named& named) {
  std::vector<std::string> names;
  for (const auto& entry : named) names.push_back(entry.first);
  return names;
}

}  // namespace jitbot
