#pragma once

#include "bot/model/approval.hpp"
#include "bot/model/time.hpp"
#include "bot/policy/policy_test.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// A policy as loaded: checked, every name resolved. Made by load_policy (bot/policy/load.hpp) alone.
namespace re2 {
class RE2;
}

namespace jitbot {

// A compiled expression, see bot/policy/condition.hpp. Null: there is none.
struct Condition;
using ConditionPtr = std::shared_ptr<const Condition>;
// A compiled regular expression. Null: not compiled ahead.
using PatternPtr = std::shared_ptr<const re2::RE2>;
// Which rules can matter to whom and for what, see bot/policy/rule_index.hpp.
class RuleIndex;

struct Group {
  std::string name;
  std::vector<Subject> members;  // static: e-mails and accounts
  // Live: "slack:usergroup/S0SRE", "slack:channel/C0123" (while it is private); then `members` is empty.
  std::string from;
};

struct Role {
  std::string name;
  std::string description;
  std::string connector;
  std::map<std::string, std::string> grants;  // templates: {{account}}, {{resource}}, {{role}}, {{grant}} …
  Risk risk = Risk::low;
  std::vector<std::string> includes;
  Millis max_duration{0};  // in one stretch, whatever a rule allows; 0: as the resource says
  std::size_t place = 0;   // in Policy::index
};

struct Resource {
  std::string name;     // "preview-*": every name of that form that `catalog` lists
  std::string catalog;  // empty: it always exists
  std::string description;
  std::map<std::string, std::string> tags;
  std::vector<Subject> owners;
  std::string default_role;  // resolved: the only role where there is one; empty: must be named
  std::map<std::string, Role> roles;
  Millis max_duration{0};  // in one stretch, whatever a rule allows; 0: as the rules say
  std::string howto;
};

// Each text may be a pattern, in which '*' stands for any characters.
struct Match {
  std::vector<std::string> resources;                    // empty: any
  std::vector<std::string> roles;                        // empty: any
  std::map<std::string, std::vector<std::string>> tags;  // each must have one of its values
};

struct ReasonRule {
  int min_length = 0;    // characters
  std::string contains;  // RE2 pattern, empty: none
  std::string hint;
  PatternPtr compiled = {};  // of `contains`

  bool needed() const { return min_length > 0 || !contains.empty(); }
};

struct TicketRule {
  bool required = false;
  std::string pattern;  // RE2, matches whole; empty: any ticket. A reason that holds one names it, too
  std::string hint;
  PatternPtr compiled = {};  // of `pattern`, to match whole

  bool needed() const { return required; }
};

// A step that is needed where `when` holds, or cannot be found out.
struct RuleStep : Step {
  ConditionPtr when = {};
};

enum class Effect { allow, deny };

struct Rule {
  std::string name;
  Effect effect = Effect::allow;
  Match match;
  std::vector<Subject> requesters;  // empty, of a deny rule: everybody
  ConditionPtr when;
  std::string message;  // of a deny rule: what whoever is denied is told
  Millis max_duration{0};
  ReasonRule reason;
  TicketRule ticket;
  bool automatic = false;       // approval: auto
  std::vector<RuleStep> steps;  // `owners` still unresolved here
  ConditionPtr approve_when;    // must hold of each approver
  int deny_threshold = 1;
  std::vector<std::string> post_to;
  Millis pending_timeout{4h};
  Millis remind{0};  // 0: not reminded, or told at once where remind_where is direct
  RemindWhere remind_where = RemindWhere::thread;
  std::vector<Escalation> escalate;  // soonest first
  bool auto_for_others = false;      // approval: auto holds for somebody who was asked for, too
  ExtendTerms extend;
  std::vector<Millis> warn_before;  // empty: the default (10 min; over 24 h: 1 d and 1 h)
  SourceMark where;
};

// The commit of the checkout that the files were read from.
struct PolicyCommit {
  std::string id;        // empty: the folder is no Git checkout
  bool changed = false;  // some file is not as it was committed
  bool operator==(const PolicyCommit&) const = default;
};
// "3fa2b1c", "3fa2b1c with changes", or empty.
std::string to_string(const PolicyCommit& commit);

struct Policy {
  std::map<std::string, Group> groups;
  std::map<std::string, Resource> resources;
  std::vector<Rule> rules;  // deny rules among them
  std::vector<PolicyTest> tests;
  std::shared_ptr<const RuleIndex> index;  // of these rules and resources
  PolicyCommit commit;
  std::string digest;     // SHA-256 of the canonical documents and the connectors' configuration
  std::string documents;  // canonical JSON of both, as kept in the store
};

}  // namespace jitbot
