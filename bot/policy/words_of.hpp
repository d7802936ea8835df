#pragma once

#include "bot/policy/load.hpp"

#include <string>
#include <vector>

// What a policy says, in plain words: for whoever reads rules in chat, and for comparing two policies.
namespace jitbot {

// One thing that is said of a rule, a group, a resource or a role.
struct Statement {
  std::string about;               // "at most", "step owners", "requesters": each once
  std::vector<std::string> words;  // in policies' own words; several where it is a list
  enum class Form { one, list } form = Form::one;
  bool operator==(const Statement&) const = default;
};
using Statements = std::vector<Statement>;  // in reading order; what is not said is not there

Statements statements_of(const Rule& rule);
Statements statements_of(const Group& group);
Statements statements_of(const Resource& resource);  // but for its roles
Statements statements_of(const Role& role);
std::string joined(const Statement& statement);    // "group:sre, bob@example.com"
std::string joined(const Statements& statements);  // "connector: prod-db; grants role: prod_ro"

// "staging, prod-*; env=prod; role admin", or "everything".
std::string words_of(const Match& match);
// "1 of group:security when resource.role.risk == \"high\""
std::string words_of(const RuleStep& step);
// "group:engineering may have env=prod for at most 4h; owners (1 of owners) must agree; …", or
// "denies everybody everything when requester.guest: \"Guests cannot ask\"".
std::string words_of(const Rule& rule);

// "rules.yaml line 41, column 19: rules[1].max_duration: …": for chats, where "rules.yaml:41:19" would not be
// told from emoji.
std::string words_of(const PolicyProblem& problem);

}  // namespace jitbot
