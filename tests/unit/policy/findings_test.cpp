#include "tests/unit/policy/sample.hpp"

#include <catch2/catch.hpp>

using namespace jitbot;

namespace {

const std::string k_top = R"(apiVersion: jit/v1
groups:
  eng: {members: [alice@b.example, bob@b.example]}
  few: {members: [alice@b.example]}
  sre: {from: "slack:usergroup/S01"}
  sre-too: {from: "slack:usergroup/S01"}
  ops: {from: "slack:usergroup/S02"}
resources:
  wiki:
    tags: {env: office}
    owners: [carol@b.example]
    roles: {reader: {connector: wiki, grants: {}}, editor: {connector: wiki, grants: {}}}
  staging:
    tags: {env: staging}
    max_duration: 8h
    roles:
      viewer: {connector: staging-db, grants: {}}
      admin: {connector: staging-db, grants: {}, max_duration: 2h}
rules:
)";

std::string auto_rule(const std::string& name, const std::string& rest) {
  return "  - {name: " + name + ", max_duration: 1h, approval: auto, " + rest + "}\n";
}

std::string deny(const std::string& name, const std::string& rest) {
  return "  - {name: " + name + ", effect: deny, message: No., " + rest + "}\n";
}

struct Row {
  std::string what;
  std::string rules;
  std::string names;
};

void check(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    INFO(row.what);
    CHECK(sample::names_of(k_top + row.rules) == row.names);
  }
}

}  // namespace

TEST_CASE("a rule that an earlier one always decides for is found", "[policy][findings]") {
  const std::string wiki = "match: {resource: wiki}, ";
  const std::string eng = "requesters: [group:eng]";
  check({
      {"the same", auto_rule("a", wiki + eng) + auto_rule("b", wiki + eng), "shadowed-rule"},
      {"a wider match", auto_rule("a", eng) + auto_rule("b", wiki + eng), "shadowed-rule"},
      {"a narrower match", auto_rule("a", wiki + eng) + auto_rule("b", eng), ""},
      {"a role", auto_rule("a", "match: {resource: wiki, role: reader}, " + eng) + auto_rule("b", wiki + eng),
       ""},
      {"both roles, by two rules",
       auto_rule("a", "match: {role: reader}, " + eng) + auto_rule("b", "match: {role: editor}, " + eng) +
           auto_rule("c", wiki + eng),
       "shadowed-rule"},
      {"by a pattern",
       auto_rule("a", "match: {resource: \"w*\"}, " + eng) +
           auto_rule("b", "match: {resource: \"wi*\"}, " + eng),
       "shadowed-rule"},
      {"by a narrower pattern, on what there is now",
       auto_rule("a", "match: {resource: \"wi*\"}, " + eng) +
           auto_rule("b", "match: {resource: \"w*\"}, " + eng),
       "shadowed-rule?"},
      {"by a tag",
       auto_rule("a", "match: {tags: {env: [office, home]}}, " + eng) +
           auto_rule("b", "match: {tags: {env: office}}, " + eng),
       "shadowed-rule"},
      {"by a tag that the resource has",
       auto_rule("a", "match: {tags: {env: office}}, " + eng) + auto_rule("b", wiki + eng), "shadowed-rule"},
      {"by a resource, while it alone has the tag",
       auto_rule("a", wiki + eng) + auto_rule("b", "match: {tags: {env: office}}, " + eng), "shadowed-rule?"},
      {"other people", auto_rule("a", wiki + "requesters: [group:few]") + auto_rule("b", wiki + eng), ""},
      {"fewer people", auto_rule("a", wiki + eng) + auto_rule("b", wiki + "requesters: [group:few]"),
       "shadowed-rule"},
      {"one of the group", auto_rule("a", wiki + eng) + auto_rule("b", wiki + "requesters: [bob@b.example]"),
       "shadowed-rule"},
      {"all of a group, by name",
       auto_rule("a", wiki + "requesters: [alice@b.example, bob@b.example]") + auto_rule("b", wiki + eng),
       "shadowed-rule"},
      {"the same live group",
       auto_rule("a", wiki + "requesters: [group:sre]") + auto_rule("b", wiki + "requesters: [group:sre]"),
       "shadowed-rule"},
      {"two live groups of one source",
       auto_rule("a", wiki + "requesters: [group:sre]") +
           auto_rule("b", wiki + "requesters: [group:sre-too]"),
       "shadowed-rule"},
      {"another live group",
       auto_rule("a", wiki + "requesters: [group:sre]") + auto_rule("b", wiki + "requesters: [group:ops]"),
       ""},
      {"a member of a live group, who knows",
       auto_rule("a", wiki + "requesters: [group:sre]") +
           auto_rule("b", wiki + "requesters: [bob@b.example]"),
       ""},
      {"only under a condition",
       auto_rule("a", wiki + eng + ", when: \"!requester.guest\"") + auto_rule("b", wiki + eng), ""},
      {"its own condition changes nothing",
       auto_rule("a", wiki + eng) + auto_rule("b", wiki + eng + ", when: requester.guest"), "shadowed-rule"},
      {"by a deny rule, wherever it stands", auto_rule("a", wiki + eng) + deny("d", wiki), "shadowed-rule?"},
      {"by a deny rule for those alone", auto_rule("a", wiki + eng) + deny("d", wiki + eng),
       "shadowed-rule?"},
      {"by a deny rule for others", auto_rule("a", wiki + eng) + deny("d", wiki + "requesters: [group:few]"),
       ""},
      {"by a deny rule under a condition",
       auto_rule("a", wiki + eng) + deny("d", wiki + "when: requester.guest"), ""},
      {"a deny rule by another one", deny("d", wiki) + deny("e", wiki + eng), "shadowed-rule?"},
      {"a deny rule by no allow rule",
       auto_rule("a", wiki + eng) + deny("d", wiki + eng + ", when: requester.guest"), ""},
  });
}

TEST_CASE("the finding names both rules and says what to do", "[policy][findings]") {
  const auto found = sample::findings_of(k_top + auto_rule("a", "requesters: [group:eng]") +
                                         auto_rule("b", "match: {resource: wiki}, requesters: [group:few]"));
  REQUIRE(found.size() == 1);
  CHECK(
      to_string(found[0]) ==
      "p.yaml:21:5: rules[1]: rule b never decides: whoever and whatever it is for, rule a fits, too, and is "
      "looked at first [shadowed-rule] → move it up, narrow the other, or remove it");
}

TEST_CASE("a rule that is for nothing is found", "[policy][findings]") {
  check({
      {"a tag that nothing has", auto_rule("a", "match: {tags: {env: prod}}, requesters: [group:eng]"),
       "matches-nothing"},
      {"a tag of another resource",
       auto_rule("a", "match: {resource: wiki, tags: {env: staging}}, requesters: [group:eng]"),
       "matches-nothing"},
      {"a deny rule", deny("d", "match: {tags: {tier: \"1\"}}"), "matches-nothing"},
      {"a pattern that fits nothing", auto_rule("a", "match: {resource: \"x-*\"}, requesters: [group:eng]"),
       "unknown-resource"},
  });
}

TEST_CASE("no rule allows longer than a resource and a role may be had for", "[policy][findings]") {
  const std::string head = "  - {name: r, approval: auto, requesters: [group:eng], ";
  check({
      {"as long", head + "match: {resource: staging, role: viewer}, max_duration: 8h}\n", ""},
      {"longer", head + "match: {resource: staging, role: viewer}, max_duration: 9h}\n", "beyond-maximum"},
      {"longer than the role", head + "match: {tags: {env: staging}}, max_duration: 4h}\n", "beyond-maximum"},
      {"another resource", head + "match: {resource: wiki}, max_duration: 100h}\n", ""},
  });
  const auto found = sample::findings_of(k_top + head + "match: {role: admin}, max_duration: 4h}\n");
  REQUIRE(found.size() == 1);
  CHECK(to_string(found[0]) ==
        "p.yaml:20:92: rules[0].max_duration: 4h is more than staging:admin may be had for, which is 2h "
        "[beyond-maximum] → shorten it to 2h, or let a rule of its own decide on staging:admin");
}

TEST_CASE("whoever lets access be prolonged beyond what it may be had for is told what binds",
          "[policy][findings]") {
  const std::string head = "  - {name: r, approval: auto, requesters: [group:eng], ";
  const std::string viewer = head + "match: {resource: staging, role: viewer}, max_duration: 4h, ";
  check({
      {"as long in all", viewer + "extend: {max: 2h, total: 8h}}\n", ""},
      {"longer in all", viewer + "extend: {max: 2h, total: 9h}}\n", "extend-beyond-maximum?"},
      {"longer where total is not named", viewer + "extend: {max: 4h}}\n", ""},
      {"longer, though total is not named",
       head + "match: {resource: staging, role: viewer}, max_duration: 6h, extend: {max: 3h}}\n",
       "extend-beyond-maximum?"},
      {"longer than one of the roles",
       head + "match: {resource: staging}, max_duration: 2h, extend: {max: 1h, total: 4h}}\n",
       "extend-beyond-maximum?"},
      {"another resource", head + "match: {resource: wiki}, max_duration: 4h, extend: {max: 4h}}\n", ""},
  });
  const auto found = sample::findings_of(k_top + viewer + "extend: {max: 2h, total: 9h}}\n");
  REQUIRE(found.size() == 1);
  CHECK(to_string(found[0]) ==
        "p.yaml:20:141: rules[0].extend.total: 9h in all is more than staging:viewer may be had for in one "
        "stretch, and that binds: 8h [extend-beyond-maximum] → let total be 8h, or lengthen max_duration of "
        "staging");
}

TEST_CASE("steps that leave nobody are found", "[policy][findings]") {
  const auto rule = [](const std::string& requesters, const std::string& steps) {
    return "  - {name: r, match: {resource: wiki}, max_duration: 1h, post_to: \"#a\", requesters: [" +
           requesters + "], approval: [" + steps + "]}\n";
  };
  check({
      {"himself alone", rule("carol@b.example", "{name: s, from: [owners]}"),
       "only-requesters-could-approve"},
      {"the other one of two", rule("group:eng", "{name: s, from: [group:eng]}"), ""},
      {"two of the two", rule("group:eng", "{name: s, from: [group:eng], count: 2}"),
       "only-requesters-could-approve"},
      {"one of them is left for somebody", rule("group:eng", "{name: s, from: [group:few]}"), ""},
      {"over two steps", rule("group:eng", "{name: s, from: [group:eng]}, {name: t, from: [group:eng]}"),
       "only-requesters-could-approve"},
      {"a live group may hold others", rule("carol@b.example", "{name: s, from: [owners, group:sre]}"), ""},
      {"a step that is not always needed",
       rule("carol@b.example", "{name: s, from: [owners], when: requester.guest}"), ""},
      {"nobody at all", rule("group:eng", "{name: s, from: [owners], count: 2}"), "nobody-could-approve"},
  });
}

TEST_CASE("times that make no sense are pointed out", "[policy][findings]") {
  const auto rule = [](const std::string& rest) {
    return "  - {name: r, match: {resource: wiki}, max_duration: 2h, requesters: [group:eng], post_to: "
           "\"#a\", "
           "approval: [{name: s, from: [group:sre]}], " +
           rest + "}\n";
  };
  check({
      {"extensions longer than the rule allows", rule("extend: {max: 3h}"), "extend?"},
      {"a total that leaves nothing", rule("extend: {max: 1h, total: 2h}"), "extend?"},
      {"a total below the first grant", rule("extend: {max: 1h, total: 1h}"), "extend"},
      {"an extension beyond the total", rule("extend: {max: 4h, total: 3h}"), "extend"},
      {"nothing wrong", rule("extend: {max: 1h, total: 4h}, pending_timeout: 1h, warn_before: [10m]"), ""},
      {"no time to decide", rule("pending_timeout: 5s"), "pending-timeout?"},
      {"months to decide", rule("pending_timeout: 60d"), "pending-timeout?"},
      {"a reminder after the end", rule("pending_timeout: 10m, remind: 1h"), "pending-timeout"},
      {"a warning before the beginning", rule("warn_before: [2h]"), "warn-before?"},
      {"a time-out that nothing waits for",
       auto_rule("a", "match: {resource: wiki}, requesters: [group:eng], pending_timeout: 1h"),
       "pending-timeout?"},
  });
}

TEST_CASE("channels are well-formed, and written in one way", "[policy][findings]") {
  const auto rules = [](const std::string& first, const std::string& second) {
    const std::string steps =
        "max_duration: 1h, requesters: [group:eng], approval: [{name: s, from: [group:sre]}], post_to: ";
    return "  - {name: a, match: {resource: wiki}, " + steps + first + "}\n" +
           "  - {name: b, match: {resource: staging, role: admin}, " + steps + second + "}\n";
  };
  check({
      {"the same", rules("\"#prod-approvals\"", "\"#prod-approvals\""), ""},
      {"in two ways", rules("\"#prod-approvals\"", "\"#prod_approvals\""), "channel-spelling?"},
      {"others", rules("\"#prod-a\"", "\"#prod-b\""), ""},
      {"capitals", rules("\"#Prod\"", "C0123"), "channel"},
      {"no channel", rules("prod", "C0123"), "channel"},
      {"twice", rules("[C0123, C0123]", "C0123"), "channel"},
  });
}

TEST_CASE("names that are not known, and what cannot be read, have their own findings",
          "[policy][findings]") {
  check({
      {"a group", auto_rule("a", "requesters: [group:egn]"), "unknown-group"},
      {"a group in an expression",
       auto_rule("a", "requesters: [group:eng], when: '\"sree\" in requester.groups'"), "unknown-group"},
      {"a resource", auto_rule("a", "match: {resource: wkii}, requesters: [group:eng]"), "unknown-resource"},
      {"a role", auto_rule("a", "match: {resource: wiki, role: viewr}, requesters: [group:eng]"),
       "unknown-role"},
      {"an expression", auto_rule("a", "requesters: [group:eng], when: requester.guest +"), "expression"},
      {"a pattern", auto_rule("a", "requesters: [group:eng], reason: {contains: \"[\"}"), "pattern"},
      {"a duration", "  - {name: r, requesters: [group:eng], approval: auto, max_duration: 1}\n", "duration"},
      {"somebody", auto_rule("a", "requesters: [alice]"), "person"},
      {"steps", "  - {name: r, requesters: [group:eng], max_duration: 1h, approval: yes}\n", "steps"},
      {"a name", auto_rule("\"a b\"", "requesters: [group:eng]"), "name"},
      {"a name that stands twice",
       auto_rule("a", "match: {resource: wiki}, requesters: [group:eng]") +
           auto_rule("a", "match: {resource: staging, role: viewer}, requesters: [group:eng]"),
       "duplicate-name"},
      {"a key", auto_rule("a", "requesters: [group:eng], aproval: auto"), "schema"},
  });
  CHECK(sample::names_of("apiVersion: jit/v1\nresources: {x: {roles: {r: {connector: no, grants: {}}}}}\n") ==
        "unknown-connector");
  CHECK(
      sample::names_of(
          "apiVersion: jit/v1\nresources: {x: {catalog: no, roles: {r: {connector: wiki, grants: {}}}}}\n") ==
      "unknown-catalog");
  CHECK(sample::names_of("apiVersion: jit/v1\nrules: [\n") == "yaml");
}

TEST_CASE("a policy with warnings alone loads, and has them beside it", "[policy][findings]") {
  const std::string text =
      k_top + auto_rule("a", "match: {resource: wiki}, requesters: [group:eng], pending_timeout: 1h");
  const auto policy = read_policy({{"p.yaml", text}}, sample::connectors());
  REQUIRE(policy);
  REQUIRE(policy->warnings.size() == 1);
  CHECK(policy->warnings[0].severity == Severity::warning);
  CHECK(load_policy({{"p.yaml", text}}, sample::connectors()));
  // Of one that is refused, both are told.
  CHECK(sample::names_of(text + auto_rule("b", "requesters: [group:nobody]")) ==
        "pending-timeout? unknown-group");
}

TEST_CASE("the longest that a role may be had for binds whatever a rule says", "[policy][decide]") {
  Policy policy = sample::company();
  policy.resources.at("staging").max_duration = 2h;
  policy.resources.at("staging").roles.at("viewer").max_duration = 90min;
  const Person alice = sample::person("U0ALICE", "alice@example.com");
  CHECK(decide(policy, {alice, "staging", "viewer", 90min, ""}, {}));
  const Decision decision = judge(policy, {alice, "staging", "viewer", 91min, ""}, {});
  REQUIRE(decision.refusal);
  CHECK(decision.refusal->message == "staging:viewer may be had for at most 1h 30m, not 1h 31m");
  CHECK(decision.ruling.rule->name == "staging-self-service");
}
