#include "tests/unit/policy/sample.hpp"

#include <catch2/catch.hpp>

using namespace jitbot;

namespace {

// A whole policy with one rule whose lines can be replaced; the rule begins in line 6.
std::string with_rule(const std::string& rule) {
  return "apiVersion: jit/v1\n"
         "groups: {eng: {members: [a@b.example, c@b.example]}, live: {from: \"slack:usergroup/S01\"}}\n"
         "resources:\n"
         "  wiki: {owners: [o@b.example], roles: {editor: {connector: wiki, grants: {}}, reader: {connector: "
         "wiki, grants: {}}}}\n"
         "rules:\n" +
         rule;
}

std::string with_role(const std::string& role) {
  return "apiVersion: jit/v1\nresources:\n  wiki:\n    roles:\n      editor: " + role + "\n";
}

struct Case {
  std::string text;
  std::string problems;
};

void check(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    INFO(one.text);
    CHECK(sample::problems_of(one.text) == one.problems);
  }
}

constexpr const char* k_rule_keys =
    "name, effect, match, requesters, max_duration, reason, ticket, approval, deny_threshold, post_to, "
    "pending_timeout, notify, remind, escalate, extend, warn_before, when, message, approve_when, for_others";
constexpr const char* k_later = "comes with a later version of jitbot; this one would not act on it\n";

}  // namespace

TEST_CASE("the top of a policy file says what it is", "[policy][problems]") {
  check({
      {"groups: {}\n", "p.yaml:1:1: apiVersion: is missing; a policy file needs it\n"},
      {"apiVersion: jit/v2\n",
       "p.yaml:1:13: apiVersion: \"jit/v2\" is not allowed here; it must be jit/v1\n"},
      {"- a\n",
       "p.yaml:1:1: must be a policy file with the keys apiVersion, groups, resources, rules, tests; it is a "
       "list\n"},
      {"apiVersion: jit/v1\nresourcs: {}\n",
       "p.yaml:2:1: resourcs: unknown key; did you mean resources? allowed: apiVersion, groups, resources, "
       "rules, tests\n"},
      {"apiVersion: jit/v1\nactions: {}\nincidents: []\ntests: []\n",
       std::string("p.yaml:2:1: actions: ") + k_later + "p.yaml:3:1: incidents: " + k_later},
      {"apiVersion: jit/v1\ngroups:\n", "p.yaml:2:1: groups: must be a map, not empty\n"},
      {"apiVersion: jit/v1\nrules: {}\n", "p.yaml:2:8: rules: must be a list, not a map\n"},
  });
}

TEST_CASE("groups name people, or one live source", "[policy][problems]") {
  const std::string top = "apiVersion: jit/v1\ngroups:\n";
  check({
      {top + "  g: {}\n", "p.yaml:3:6: groups.g: a group needs members or from\n"},
      {top + "  g: {members: [], from: \"slack:usergroup/S01\"}\n",
       "p.yaml:3:26: groups.g.from: a group has members or from, not both\n"},
      {top + "  g: {members: [alice]}\n",
       "p.yaml:3:17: groups.g.members[0]: \"alice\" is not allowed here; it must be an e-mail or an account "
       "(slack:U…, mattermost:…)\n"},
      {top + "  g: {members: [group:h]}\n",
       "p.yaml:3:17: groups.g.members[0]: \"group:h\" is not allowed here; it must be an e-mail or "
       "an account (slack:U…, mattermost:…)\n"},
      {top + "  g: {members: [slack:T01, \"slack:\"]}\n",
       "p.yaml:3:17: groups.g.members[0]: \"slack:T01\" is not allowed here; it must be an e-mail or "
       "an account (slack:U…, mattermost:…)\n"
       "p.yaml:3:28: groups.g.members[1]: \"slack:\" is not allowed here; it must be an e-mail or "
       "an account (slack:U…, mattermost:…)\n"},
      {top + "  g: {members: [\"oncall:primary\"]}\n",
       "p.yaml:3:17: groups.g.members[0]: \"oncall:primary\" is not allowed here; it must be an e-mail or "
       "an account (slack:U…, mattermost:…)\n"},
      {top + "  g: {from: \"ldap:cn=dba\"}\n",
       "p.yaml:3:13: groups.g.from: \"ldap:cn=dba\": LDAP groups as sources of groups come with a later "
       "version of jitbot\n"},
      {top + "  g: {from: \"ldap:dba\"}\n",
       "p.yaml:3:13: groups.g.from: \"ldap:dba\" is not a name of LDAP\n"},
      {top + "  g: {from: \"oncall:\"}\n", "p.yaml:3:13: groups.g.from: \"oncall:\" names no schedule\n"},
      {top + "  g: {from: \"oncall:primary\"}\n",
       "p.yaml:3:13: groups.g.from: \"oncall:primary\": on-call schedules as sources of groups come with a "
       "later version of jitbot\n"},
      {top + "  g: {from: \"slack:usergroup/sre\"}\n",
       "p.yaml:3:13: groups.g.from: \"sre\" is not a user group's id; it looks like S0123ABCD\n"},
      {top + "  g: {from: \"slack:channel/C0123\"}\n  h: {from: \"slack:channel/G0123\"}\n", ""},
      {top + "  g: {from: \"slack:channel/#ops\"}\n",
       "p.yaml:3:13: groups.g.from: \"#ops\" is not a channel's id; it looks like C0123ABCD\n"},
      {top + "  g: {from: \"sre\"}\n",
       "p.yaml:3:13: groups.g.from: \"sre\" is not a source of people; it must be slack:usergroup/ID, "
       "slack:channel/ID, mattermost:channel/ID, mattermost:team/ID or mattermost:group/ID\n"},
      {top + "  g: {from: \"mattermost:channel/4xp9fdt77pncbef59f4k1qe83o\"}\n"
             "  h: {from: \"mattermost:group/4xp9fdt77pncbef59f4k1qe83o\"}\n",
       ""},
      {top + "  g: {from: \"mattermost:channel/town-square\"}\n",
       "p.yaml:3:13: groups.g.from: \"town-square\" is not a channel's id; it looks like "
       "4xp9fdt77pncbef59f4k1qe83o\n"},
      {top + "  g: {member: []}\n",
       "p.yaml:3:6: groups.g: a group needs members or from\n"
       "p.yaml:3:7: groups.g.member: unknown key; did you mean members? allowed: members, from\n"},
      {top + "  \"a b\": {members: []}\n",
       "p.yaml:3:3: groups.\"a b\": \"a b\" cannot be the name of a group; use letters, digits, '.', '_' and "
       "'-', at "
       "most 64\n"},
  });
}

TEST_CASE("resources and roles are checked", "[policy][problems]") {
  const std::string top = "apiVersion: jit/v1\nresources:\n";
  check({
      {top + "  wiki: {}\n", "p.yaml:3:9: resources.wiki.roles: is missing; a resource needs it\n"},
      {top + "  wiki: {roles: {}}\n",
       "p.yaml:3:17: resources.wiki.roles: a resource needs at least one role\n"},
      {top + "  \"preview-*\": {roles: {ssh: {connector: wiki, grants: {}}}}\n",
       "p.yaml:3:16: resources.\"preview-*\": the name is a pattern, so it needs a catalog that lists what "
       "exists\n"},
      {top + "  wiki: {catalog: x, roles: {r: {connector: wiki, grants: {}}}}\n",
       "p.yaml:3:19: resources.wiki.catalog: unknown catalog \"x\"; there is none\n"},
      {top + "  wiki: {max_duration: long, roles: {r: {connector: wiki, grants: {}, max_duration: 1}}}\n",
       "p.yaml:3:24: resources.wiki.max_duration: \"long\" is not a duration; write for example 45s, 30m, "
       "1h30m or 2d\n"
       "p.yaml:3:85: resources.wiki.roles.r.max_duration: \"1\" has no unit; write for example 45s, 30m, "
       "1h30m or 2d\n"},
      {top + "  wiki: {howto: \"psql -U {{nam}}\", roles: {editor: {connector: wiki, grants: {}}}}\n",
       "p.yaml:3:17: resources.wiki.howto: {{nam}} is not known here; known are account, role, resource\n"},
      {top + "  wiki: {default_role: edtor, roles: {editor: {connector: wiki, grants: {}}}}\n",
       "p.yaml:3:24: resources.wiki.default_role: unknown role \"edtor\"; did you mean editor?\n"},
      {top + "  wiki: {owners: [group:nobody], roles: {editor: {connector: wiki, grants: {}}}}\n",
       "p.yaml:3:19: resources.wiki.owners[0]: unknown group \"nobody\"; there is none\n"},
      {top + "  wiki: {owners: [owners], roles: {editor: {connector: wiki, grants: {}}}}\n",
       "p.yaml:3:19: resources.wiki.owners[0]: \"owners\" is not allowed here; it must be an e-mail, "
       "group:NAME or "
       "an account (slack:U…, mattermost:…)\n"},
      {top + "  wiki: {roles: {r: {connector: wiki, grants: {}}, R: {connector: wiki, grants: {}}}}\n",
       "p.yaml:3:9: resources.wiki: roles \"R\" and \"r\" differ in case alone\n"},
      {with_role("{grants: {}}"),
       "p.yaml:5:15: resources.wiki.roles.editor.connector: is missing; a role needs it\n"},
      {with_role("{connector: wki, grants: {}}"),
       "p.yaml:5:27: resources.wiki.roles.editor.connector: unknown connector \"wki\"; did you mean wiki?\n"},
      {with_role("{connector: kubernetes, grants: {}}"),
       "p.yaml:5:27: resources.wiki.roles.editor.connector: unknown connector \"kubernetes\"; there is "
       "prod-db, "
       "staging-db, wiki\n"},
      {with_role("{connector: wiki, grants: {role: [a]}}"),
       "p.yaml:5:48: resources.wiki.roles.editor.grants.role: must be text, not a list\n"},
      {with_role("{connector: wiki, grants: {role: \"-x\"}}"),
       "p.yaml:5:48: resources.wiki.roles.editor.grants.role: must not begin with '-'\n"},
      {with_role("{connector: wiki, grants: {role: \"a_{{acount}}\"}}"),
       "p.yaml:5:48: resources.wiki.roles.editor.grants.role: {{acount}} is not known here; known are "
       "account, role, "
       "resource, grant, until\n"},
      {with_role("{connector: wiki, grants: {role: \"{{params.x}}\"}}"),
       "p.yaml:5:48: resources.wiki.roles.editor.grants.role: {{params.x}} is not known here; known are "
       "account, "
       "role, resource, grant, until\n"},
      {with_role("{connector: wiki, grants: {role: \"a\\nb\"}}"),
       "p.yaml:5:48: resources.wiki.roles.editor.grants.role: must be one line without tabs\n"},
      {with_role("{connector: wiki, grants: {}, risk: medium}"),
       "p.yaml:5:51: resources.wiki.roles.editor.risk: \"medium\" is not allowed here; it must be low or "
       "high\n"},
      {with_role("{connector: wiki, grants: {}, includes: [reader]}"),
       "p.yaml:5:56: resources.wiki.roles.editor.includes[0]: unknown role \"reader\"; there is editor\n"},
      {with_role("{connector: wiki, grants: {}, includes: [editor]}"),
       "p.yaml:5:56: resources.wiki.roles.editor.includes[0]: role \"editor\" would include itself\n"},
      {top + "  w:\n    roles:\n      a: {connector: wiki, grants: {}, includes: [b]}\n"
             "      b: {connector: wiki, grants: {}, includes: [c]}\n      c: {connector: wiki, grants: {}, "
             "includes: [a, d]}\n"
             "      d: {connector: wiki, grants: {}}\n",
       "p.yaml:5:51: resources.w.roles.a.includes[0]: role \"a\" would include itself\n"
       "p.yaml:6:51: resources.w.roles.b.includes[0]: role \"b\" would include itself\n"
       "p.yaml:7:51: resources.w.roles.c.includes[0]: role \"c\" would include itself\n"},
  });
}

TEST_CASE("rules are checked", "[policy][problems]") {
  const std::string good = "requesters: [group:eng], max_duration: 1h, approval: auto";
  const std::string asks = "requesters: [group:eng], max_duration: 1h, post_to: \"#x\"";
  const auto later = [](const std::string& key, int column) {
    return "p.yaml:6:" + std::to_string(column) + ": rules[0]." + key + ": " + k_later;
  };
  check({
      {with_rule("  - {}\n"),
       "p.yaml:6:5: rules[0].approval: is missing; a rule needs it\n"
       "p.yaml:6:5: rules[0].max_duration: is missing; a rule needs it\n"
       "p.yaml:6:5: rules[0].name: is missing; a rule needs it\n"
       "p.yaml:6:5: rules[0].requesters: is missing; a rule needs it\n"},
      {with_rule("  - {name: r, requestors: [group:eng], max_duration: 1h, approval: auto}\n"),
       "p.yaml:6:5: rules[0].requesters: is missing; a rule needs it\n"
       "p.yaml:6:15: rules[0].requestors: unknown key; did you mean requesters? allowed: " +
           std::string(k_rule_keys) + "\n"},
      {with_rule("  - {name: r, effect: deny, " + good + "}\n"),
       "p.yaml:6:5: rules[0].message: is missing; a deny rule needs it\n"
       "p.yaml:6:68: rules[0].max_duration: is for allow rules; a deny rule grants nothing\n"
       "p.yaml:6:82: rules[0].approval: is for allow rules; a deny rule grants nothing\n"},
      {with_rule("  - {name: r, effect: deny, message: No., requesters: []}\n"),
       "p.yaml:6:55: rules[0].requesters: must name somebody\n"},
      {with_rule("  - {name: r, effect: deny, message: [no]}\n"),
       "p.yaml:6:38: rules[0].message: must be text, not a list\n"},
      {with_rule("  - {name: r, effect: deny, message: No.}\n"), ""},
      {with_rule("  - {name: r, effect: permit, " + good + "}\n"),
       "p.yaml:6:23: rules[0].effect: \"permit\" is not allowed here; it must be allow or deny\n"},
      {with_rule("  - {name: r, when: requester.guest, " + good + "}\n"), ""},
      {with_rule("  - {name: r, when: requester.guets, " + good + "}\n"),
       "p.yaml:6:31: rules[0].when: person has no field 'guets'; did you mean guest?\n"},
      {with_rule("  - {name: r, when: [a], " + good + "}\n"),
       "p.yaml:6:21: rules[0].when: must be text, not a list\n"},
      {with_rule("  - {name: r, when: '\"egn\" in requester.groups', " + good + "}\n"),
       "p.yaml:6:21: rules[0].when: unknown group \"egn\"; did you mean eng?\n"},
      {with_rule("  - {name: r, break_glass: true, " + good + "}\n"), later("break_glass", 15)},
      {with_rule("  - {name: r, approve_when: approver.guest, " + good + "}\n"),
       "p.yaml:6:29: rules[0].approve_when: is for rules with steps; approval: auto asks nobody\n"},
      {with_rule("  - {name: r, message: x, " + good + "}\n"),
       "p.yaml:6:24: rules[0].message: is for deny rules\n"},
      {with_rule("  - {name: r, review: {}, " + good + "}\n"),
       later("review", 15) + "p.yaml:6:23: rules[0].review.by: is missing; a review needs it\n"
                             "p.yaml:6:23: rules[0].review.within: is missing; a review needs it\n"},
      {with_rule("  - {name: r, ticket: {pattern: \"(\"}, " + good + "}\n"),
       "p.yaml:6:33: rules[0].ticket.pattern: is not a regular expression that RE2 knows: missing ): (\n"},
      {with_rule("  - {name: r, ticket: {required: yes}, " + good + "}\n"),
       "p.yaml:6:34: rules[0].ticket.required: must be true or false\n"},
      {with_rule("  - {name: r, ticket: {}, " + good + "}\n"), ""},
      {with_rule("  - {name: r, for_others: everybody, " + good + "}\n"),
       "p.yaml:6:27: rules[0].for_others: \"everybody\" is not allowed here; it must be auto\n"},
      {with_rule(
           "  - {name: r, requesters: [group:eng], max_duration: 1h, for_others: auto, post_to: \"#a\", "
           "approval: [{name: s, from: [group:eng]}]}\n"),
       "p.yaml:6:70: rules[0].for_others: is for rules with approval: auto; people may be asked for by "
       "others "
       "anyway\n"},
      {with_rule("  - {name: r, " + good + "}\n  - {name: r, " + good + "}\n"),
       "p.yaml:7:12: rules[1].name: rule \"r\" stands twice, first in line 6\n"},
      {with_rule("  - {name: r, requesters: [], max_duration: 1h, approval: auto}\n"),
       "p.yaml:6:27: rules[0].requesters: must name somebody\n"},
      {with_rule("  - {name: r, requesters: [owners], max_duration: 1h, approval: auto}\n"),
       "p.yaml:6:28: rules[0].requesters[0]: \"owners\" is not allowed here; it must be an e-mail, "
       "group:NAME or "
       "an account (slack:U…, mattermost:…)\n"},
      {with_rule("  - {name: r, requesters: [group:egn], max_duration: 1h, approval: auto}\n"),
       "p.yaml:6:28: rules[0].requesters[0]: unknown group \"egn\"; did you mean eng?\n"},
      {with_rule("  - {name: r, requesters: [group:eng], max_duration: soon, approval: auto}\n"),
       "p.yaml:6:54: rules[0].max_duration: \"soon\" is not a duration; write for example 45s, 30m, 1h30m or "
       "2d\n"},
      {with_rule("  - {name: r, requesters: [group:eng], max_duration: 0h, approval: auto}\n"),
       "p.yaml:6:54: rules[0].max_duration: a duration must be longer than 0; write for example 45s, 30m, "
       "1h30m or "
       "2d\n"},
      {with_rule("  - {name: r, requesters: [group:eng], max_duration: 1h, approval: manual}\n"),
       "p.yaml:6:68: rules[0].approval: must be auto, or a list of steps with name, from and count\n"},
      {with_rule("  - {name: r, requesters: [group:eng], max_duration: 1h, approval: []}\n"),
       "p.yaml:6:68: rules[0].approval: must be auto, or a list of steps with name, from and count\n"},
      {with_rule("  - {name: r, requesters: [group:eng], max_duration: 1h, approval: [{name: s, from: "
                 "[group:live]}]}\n"),
       "p.yaml:6:5: rules[0]: post_to is missing; a rule with steps needs a channel for its card\n"},
      {with_rule("  - {name: r, " + good + ", post_to: [prod]}\n"),
       "p.yaml:6:84: rules[0].post_to[0]: \"prod\" is not a channel; write \"#name\" in quotes and lower "
       "case, or an "
       "id such as C0123\n"},
      {with_rule("  - {name: r, " + good + ", post_to: [\"#Prod\", C01, C01]}\n"),
       "p.yaml:6:84: rules[0].post_to[0]: \"#Prod\" is not a channel; write \"#name\" in quotes and lower "
       "case, or an "
       "id such as C0123\n"
       "p.yaml:6:98: rules[0].post_to[2]: this channel stands twice\n"},
      {with_rule("  - {name: r, match: {resource: wikki}, " + good + "}\n"),
       "p.yaml:6:33: rules[0].match.resource: unknown resource \"wikki\"; did you mean wiki?\n"},
      {with_rule("  - {name: r, match: {resource: [\"w*\"]}, " + good + "}\n"), ""},
      {with_rule("  - {name: r, match: {resource: [\"x*\"]}, " + good + "}\n"),
       "p.yaml:6:34: rules[0].match.resource[0]: unknown resource \"x*\"; there is wiki\n"},
      {with_rule("  - {name: r, match: {resource: [\"w*\"], role: \"*x\"}, " + good + "}\n"),
       "p.yaml:6:47: rules[0].match.role: unknown role \"*x\"; there is editor, reader (among what this rule "
       "matches)\n"},
      {with_rule("  - {name: r, match: {resource: []}, " + good + "}\n"),
       "p.yaml:6:33: rules[0].match.resource: must name something; leave it out to match everything\n"},
      {with_rule("  - {name: r, match: {resource: wiki, role: edit}, " + good + "}\n"),
       "p.yaml:6:45: rules[0].match.role: unknown role \"edit\"; did you mean editor? (among what this rule "
       "matches)\n"},
      {with_rule("  - {name: r, match: {tags: {env: []}}, " + good + "}\n"),
       "p.yaml:6:35: rules[0].match.tags.env: must name a value; leave it out to match everything\n"},
      {with_rule("  - {name: r, match: {resources: wiki}, " + good + "}\n"),
       "p.yaml:6:23: rules[0].match.resources: unknown key; did you mean resource? allowed: resource, role, "
       "tags\n"},
      {with_rule("  - {name: r, reason: {contains: \"(\"}, " + good + "}\n"),
       "p.yaml:6:34: rules[0].reason.contains: is not a regular expression that RE2 knows: missing ): (\n"},
      {with_rule("  - {name: r, reason: {contains: \"(?=x)\"}, " + good + "}\n"),
       "p.yaml:6:34: rules[0].reason.contains: is not a regular expression that RE2 knows: invalid perl "
       "operator: "
       "(?=\n"},
      {with_rule("  - {name: r, reason: {min_length: -1}, " + good + "}\n"),
       "p.yaml:6:36: rules[0].reason.min_length: must be a whole number from 0 to 3000\n"},
      {with_rule("  - {name: r, deny_threshold: 0, " + good + "}\n"),
       "p.yaml:6:31: rules[0].deny_threshold: must be a whole number from 1 to 100\n"},
      {with_rule("  - {name: r, deny_threshold: \"1\", " + good + "}\n"),
       "p.yaml:6:31: rules[0].deny_threshold: must be a whole number from 1 to 100\n"},
      {with_rule("  - {name: r, warn_before: [], " + good + "}\n"),
       "p.yaml:6:28: rules[0].warn_before: must name a duration; leave it out for the default\n"},
      {with_rule("  - {name: r, " + good + ", extend: {total: 1h}}\n"),
       "p.yaml:6:82: rules[0].extend.max: is missing; an extend rule needs it\n"},
      {with_rule("  - {name: r, " + good + ", extend: {max: 30m, total: 30m}}\n"),
       "p.yaml:6:100: rules[0].extend.total: must be at least max_duration: it bounds the first grant and "
       "all "
       "extensions together\n"},
      {with_rule("  - {name: r, " + good + ", extend: {max: 3h, total: 2h}}\n"),
       "p.yaml:6:88: rules[0].extend.max: must not be longer than total\n"},
      {with_rule("  - {name: r, " + good + ", extend: {max: 30m, approval: steps}}\n"),
       "p.yaml:6:103: rules[0].extend.approval: \"steps\" is not allowed here; it must be auto\n"},
      {with_rule("  - {name: r, " + asks + ", approval: [{name: s, from: [group:live], count: 0}]}\n"),
       "p.yaml:6:121: rules[0].approval[0].count: must be a whole number from 1 to 100\n"},
      {with_rule("  - {name: r, " + asks + ", approval: [{name: s, from: [group:live], when: x}]}\n"),
       "p.yaml:6:120: rules[0].approval[0].when: unknown variable 'x'\n"},
      {with_rule("  - {name: r, " + asks +
                 ", approval: [{name: s, from: [group:live]}, {name: s, from: [group:live]}]}\n"),
       "p.yaml:6:115: rules[0].approval[1]: step \"s\" stands twice in this rule\n"},
      {with_rule("  - {name: r, " + asks + ", approval: [{name: s, from: [\"oncall:primary\"]}]}\n"),
       "p.yaml:6:101: rules[0].approval[0].from[0]: \"oncall:primary\": on-call schedules come with a later "
       "version of jitbot; this one does not know who is on call\n"},
  });
}

TEST_CASE("what a rule says of requests that wait is checked", "[policy][problems]") {
  const std::string asks =
      "  - {name: r, requesters: [group:eng], max_duration: 1h, post_to: \"#x\", approval: [{name: s, from: "
      "[group:live]}], ";
  const std::string none = "is for rules with steps; approval: auto waits for nobody\n";
  const auto late = [](const std::string& where, const std::string& timeout) {
    return where + ": must be shorter than pending_timeout (" + timeout +
           "), after which nobody is told any more; shorten it or lengthen pending_timeout\n";
  };
  const std::string at = "p.yaml:6:";
  check({
      {with_rule(asks +
                 "remind: 10m, notify: approvers, escalate: [{after: 15m, to: owners}, {after: 20m, to: "
                 "[group:live, a@b.example, \"slack:U01\"]}]}\n"),
       ""},
      {with_rule("  - {name: r, requesters: [group:eng], max_duration: 1h, approval: auto, remind: 10m}\n"),
       at + "82: rules[0].remind: " + none},
      {with_rule("  - {name: r, requesters: [group:eng], max_duration: 1h, approval: auto, notify: "
                 "[approvers]}\n"),
       at + "82: rules[0].notify: " + none},
      {with_rule(asks + "remind: 4h}\n"), late(at + "124: rules[0].remind", "4h")},
      {with_rule(asks + "remind: 10m, pending_timeout: 10m}\n"), late(at + "124: rules[0].remind", "10m")},
      {with_rule(asks + "remind: 0m}\n"),
       at + "124: rules[0].remind: a duration must be longer than 0; write for example 45s, 30m, 1h30m or "
            "2d\n"},
      {with_rule(asks + "notify: []}\n"),
       at + "124: rules[0].notify: must be [approvers]; leave it out to tell nobody directly\n"},
      {with_rule(asks + "notify: [owners]}\n"),
       at + "125: rules[0].notify[0]: \"owners\" is not allowed here; it must be approvers\n"},
      {with_rule(asks + "escalate: []}\n"),
       at + "126: rules[0].escalate: must name an escalation with after and to; leave it out to escalate to "
            "nobody\n"},
      {with_rule(asks + "escalate: [{after: 5h, to: owners}]}\n"),
       late(at + "135: rules[0].escalate[0].after", "4h")},
      {with_rule(asks + "escalate: [{after: 5m, to: []}]}\n"),
       at + "143: rules[0].escalate[0].to: must name somebody\n"},
      {with_rule(asks + "escalate: [{after: 5m}, {to: owners}]}\n"),
       at + "127: rules[0].escalate[0].to: is missing; an escalation needs it\n" + at +
           "140: rules[0].escalate[1].after: is missing; an escalation needs it\n"},
      {with_rule(asks + "escalate: [{after: 5m, to: [group:egn]}]}\n"),
       at + "144: rules[0].escalate[0].to[0]: unknown group \"egn\"; did you mean eng?\n"},
      {with_rule(asks + "escalate: [{after: 5m, to: owners}, {after: 300s, to: [group:eng]}]}\n"),
       at + "160: rules[0].escalate[1].after: two escalations at the same time; name everybody in one\n"},
      {with_rule(asks + "escalate: [{after: 5m, to: [\"oncall:primary\"]}]}\n"),
       at + "144: rules[0].escalate[0].to[0]: \"oncall:primary\": on-call schedules come with a later "
            "version of jitbot; this one does not know who is on call\n"},
      {with_rule(asks + "escalate: [{after: 5m, to: owners, whom: x}]}\n"),
       at + "151: rules[0].escalate[0].whom: unknown key; allowed: after, to\n"},
  });
}

TEST_CASE("a step that nobody could ever satisfy is found", "[policy][problems]") {
  const std::string head =
      "  - {name: r, requesters: [group:eng], max_duration: 1h, post_to: \"#x\", approval: ";
  const std::string at = "p.yaml:6:84: rules[0].approval[0]: ";
  check({
      {with_rule(head + "[{name: s, from: [group:eng], count: 3}]}\n"),
       at + "nobody could ever approve: step s needs 3 different people, and 2 can be found\n"},
      {with_rule(head + "[{name: s, from: [group:eng, group:live], count: 3}]}\n"), ""},
      {with_rule(head + "[{name: s, from: [group:eng, a@b.example], count: 3}]}\n"),
       at + "nobody could ever approve: step s needs 3 different people, and 2 can be found\n"},
      {with_rule(head + "[{name: s, from: [owners], count: 2}]}\n"),
       at + "nobody could ever approve for wiki: step s needs 2 different people, and 1 can be found\n"},
      {with_rule(head + "[{name: s, from: [owners, group:eng], count: 3}]}\n"),
       at +
           "only requesters could approve for wiki: 3 different people must approve, and nobody approves for "
           "himself, so whoever asks by this rule finds too few others\n"},
      {with_rule(head + "[{name: s, from: [owners, group:eng], count: 2}]}\n"), ""},
      // Each of the two could be met alone, but a person counts for one step only.
      {with_rule(head +
                 "[{name: s, from: [group:eng]}, {name: t, from: [a@b.example, c@b.example], count: 2}]}\n"),
       "p.yaml:6:114: rules[0].approval[1]: nobody could ever approve: steps s, t together need 3 different "
       "people, "
       "and 2 can be found\n"},
      {"apiVersion: jit/v1\nresources: {wiki: {roles: {editor: {connector: wiki, grants: {}}}}}\nrules:\n"
       "  - {name: r, requesters: [a@b.example], max_duration: 1h, post_to: C01, approval: [{name: s, from: "
       "[owners]}]}\n",
       "p.yaml:4:85: rules[0].approval[0]: nobody could ever approve for wiki: step s needs 1 different "
       "person, and 0 "
       "can be found\n"},
  });
}

TEST_CASE("all problems of a file are reported at once, in the order they stand", "[policy][problems]") {
  CHECK(sample::problems_of("apiVersion: jit/v1\n"
                            "groups: {g: {members: [x]}}\n"
                            "resources: {wiki: {roles: {editor: {connector: nope, grants: {}}}}}\n"
                            "rules:\n"
                            "  - {name: r, requesters: [group:h], max_duration: 1, approval: auto, when: x}\n"
                            "  - {name: r, requesters: [group:g], max_duration: 1h, approval: auto}\n") ==
        "p.yaml:2:24: groups.g.members[0]: \"x\" is not allowed here; it must be an e-mail or an account "
        "(slack:U…, mattermost:…)\n"
        "p.yaml:3:48: resources.wiki.roles.editor.connector: unknown connector \"nope\"; there is prod-db, "
        "staging-db, "
        "wiki\n"
        "p.yaml:5:28: rules[0].requesters[0]: unknown group \"h\"; did you mean g?\n"
        "p.yaml:5:52: rules[0].max_duration: \"1\" has no unit; write for example 45s, 30m, 1h30m or 2d\n"
        "p.yaml:5:77: rules[0].when: unknown variable 'x'\n"
        "p.yaml:6:12: rules[1].name: rule \"r\" stands twice, first in line 5\n");
}
