#pragma once

#include "bot/model/approval.hpp"
#include "bot/model/time.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

// A policy as loaded: checked, every name resolved. Made by load_policy (bot/policy/load.hpp) alone.
namespace jitbot {

struct SourceMark {
  std::string file;
  int line = 0;    // from 1
  int column = 0;  // from 1
};

struct Group {
  std::string name;
  std::vector<Subject> members;  // static: e-mails and accounts
  std::string from;              // live: "slack:usergroup/S0SRE"; then `members` is empty
};

struct Role {
  std::string name;
  std::string description;
  std::string connector;
  std::map<std::string, std::string> grants;  // templates: {{account}}, {{resource}}, {{role}}, {{grant}} …
  Risk risk = Risk::low;
  std::vector<std::string> includes;
};

struct Resource {
  std::string name;
  std::string description;
  std::map<std::string, std::string> tags;
  std::vector<Subject> owners;
  std::string default_role;  // resolved: the only role where there is one; empty: must be named
  std::map<std::string, Role> roles;
  std::string howto;
};

struct Match {
  std::vector<std::string> resources;                    // empty: any
  std::vector<std::string> roles;                        // empty: any
  std::map<std::string, std::vector<std::string>> tags;  // each must have one of its values
};

struct ReasonRule {
  int min_length = 0;    // characters
  std::string contains;  // RE2 pattern, empty: none
  std::string hint;

  bool needed() const { return min_length > 0 || !contains.empty(); }
};

struct Rule {
  std::string name;
  Match match;
  std::vector<Subject> requesters;
  Millis max_duration{0};
  ReasonRule reason;
  bool automatic = false;   // approval: auto
  std::vector<Step> steps;  // `owners` still unresolved here
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

struct Policy {
  std::map<std::string, Group> groups;
  std::map<std::string, Resource> resources;
  std::vector<Rule> rules;
  std::string digest;     // SHA-256 of the canonical documents and the connectors' configuration
  std::string documents;  // canonical JSON of both, as kept in the store
};

}  // namespace jitbot
