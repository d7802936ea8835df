#include "tests/unit/policy/sample.hpp"

#include <catch2/catch.hpp>

using namespace jitbot;

namespace {

const std::string k_resources =
    "apiVersion: jit/v1\nresources: {wiki: {roles: {editor: {connector: wiki, grants: {}}}}}\n";

const std::string k_both = "comes with a later version of jitbot; this one would not act on it\n";

}  // namespace

TEST_CASE("what comes with a later version is refused, and says what to do", "[policy][later]") {
  const auto found = sample::findings_of(k_resources + R"(actions:
  terminate-server:
    description: Terminate one instance
    params: {id: {pattern: "i-[0-9a-f]{8,17}", description: instance id}}
    connector: wiki
    run: {command: [terminate, "{{params.id}}"]}
incidents:
  - name: production
    channels: ["inc-*"]
    opened_by: [pagerduty, a@b.example]
    oncall: [primary, secondary]
    grants: [{resource: wiki, role: editor, duration: 2h}]
    when_opened: grant
    handover_grace: 15m
    when_closed: revoke
rules:
  - name: break-glass
    requesters: ["oncall:primary"]
    break_glass: true
    max_duration: 1h
    review: {by: [a@b.example], within: 24h}
)");
  std::vector<std::string> keys;
  for (const PolicyProblem& problem : found) {
    keys.push_back(problem.key);
    CHECK(problem.name == "later-version");
    CHECK(problem.advice == "remove it; it comes with a later version");
    CHECK(problem.severity == Severity::error);
  }
  CHECK(keys == std::vector<std::string>{"actions", "incidents", "rules[0].requesters[0]",
                                         "rules[0].break_glass", "rules[0].review"});
}

TEST_CASE("what is wrong inside of what comes later is said, too", "[policy][later]") {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"actions: {a: {connector: wkii, run: {command: [x]}}}\n",
       "p.yaml:3:26: actions.a.connector: unknown connector \"wkii\"; did you mean wiki?\n"},
      {"actions: {a: {connector: wiki, params: {id: {pattern: \"(\"}}, run: {command: [x]}}}\n",
       "p.yaml:3:55: actions.a.params.id.pattern: is not a regular expression that RE2 knows: missing ): "
       "(\n"},
      {"actions: {a: {connector: wiki, params: {id: {}}, run: {command: [x, \"{{params.no}}\"]}}}\n",
       "p.yaml:3:45: actions.a.params.id.pattern: is missing; a parameter needs it\n"
       "p.yaml:3:69: actions.a.run.command[1]: {{params.no}} is not known here; known are account, resource, "
       "grant, params.id\n"},
      {"actions: {a: {connector: wiki, run: {command: [\"{{account}}\"]}}}\n",
       "p.yaml:3:48: actions.a.run.command[0]: the command itself is never made of what was asked\n"},
      {"actions: {a: {conector: wiki}}\n",
       "p.yaml:3:14: actions.a.connector: is missing; an action needs it\n"
       "p.yaml:3:14: actions.a.run: is missing; an action needs it\n"
       "p.yaml:3:15: actions.a.conector: unknown key; did you mean connector? allowed: description, params, "
       "connector, run\n"},
      {"incidents: [{name: i, opened_by: [\"group:sre\"], grants: [{resource: wki, duration: 2}]}]\n",
       "p.yaml:3:35: incidents[0].opened_by[0]: unknown group \"sre\"; there is none\n"
       "p.yaml:3:69: incidents[0].grants[0].resource: unknown resource \"wki\"; did you mean wiki?\n"
       "p.yaml:3:84: incidents[0].grants[0].duration: \"2\" has no unit; write for example 45s, 30m, 1h30m "
       "or "
       "2d\n"},
      {"incidents: [{name: i, opened_by: pagerduty, channels: \"#inc\", when_opened: open}]\n",
       "p.yaml:3:55: incidents[0].channels: \"#inc\" is not the name of channels\n"
       "p.yaml:3:76: incidents[0].when_opened: \"open\" is not allowed here; it must be grant, offer or "
       "nothing\n"},
      {"incidents: [{name: i, opened_by: []}, {name: i, opened_by: x, grants: [{resource: wiki, role: "
       "reader, "
       "duration: 1h}]}]\n",
       "p.yaml:3:34: incidents[0].opened_by: must name somebody: a channel's name alone opens no incident\n"
       "p.yaml:3:46: incidents[1].name: incident \"i\" stands twice\n"
       "p.yaml:3:95: incidents[1].grants[0].role: unknown role \"reader\"; there is editor\n"},
  };
  for (const auto& [text, problems] : rows) {
    INFO(text);
    const std::string key = text.substr(0, text.find(':'));
    CHECK(sample::problems_of(k_resources + text) == "p.yaml:3:1: " + key + ": " + k_both + problems);
  }
}
