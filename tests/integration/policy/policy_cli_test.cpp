#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <pugixml.hpp>
#include <spawn.h>
#include <sstream>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "jitbot-policy-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string write(const std::string& name, const std::string& text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
    return (path_ / name).string();
  }
  std::string path(const std::string& name = "") const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

struct Outcome {
  int code = -1;
  std::string out;  // both outputs
};

Outcome jitbot(const std::vector<std::string>& words) {
  std::vector<std::string> all{JITBOT_PROGRAM};
  all.insert(all.end(), words.begin(), words.end());
  std::vector<char*> arguments;
  for (std::string& word : all) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  std::array<int, 2> ends{};
  REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (const int output : {STDOUT_FILENO, STDERR_FILENO})
    posix_spawn_file_actions_adddup2(&actions, ends[1], output);
  pid_t child = 0;
  const int failed = posix_spawn(&child, JITBOT_PROGRAM, &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  REQUIRE(failed == 0);

  Outcome outcome;
  std::array<char, 4096> part{};
  for (ssize_t got = 0; (got = read(ends[0], part.data(), part.size())) > 0;)
    outcome.out.append(part.data(), static_cast<std::size_t>(got));
  close(ends[0]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const std::string k_policy = R"(apiVersion: jit/v1
resources: {wiki: {roles: {editor: {connector: wiki, grants: {}}}}}
rules:
  - {name: no-guests, effect: deny, when: requester.guest, message: Guests cannot ask.}
  - {name: wiki, requesters: [alice@example.com], max_duration: 1h, approval: auto}
)";

std::string a_test(const std::string& name, const std::string& decision) {
  return "  - {name: " + name +
         ", given: {requester: alice@example.com, resource: wiki}, expect: {decision: " + decision + "}}\n";
}

std::string whole_file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("policy check says what is wrong, where and what to do, and ends with 1", "[policy][cli]") {
  const Folder folder;
  folder.write("p/rules.yaml", k_policy);
  const Outcome fine = jitbot({"policy", "check", folder.path("p")});
  CHECK(fine.code == 0);
  CHECK(has(fine.out,
            "names of connectors and catalogs are taken as they come; --config FILE checks them, too\n"));
  CHECK(has(fine.out, ": 0 errors, 0 warnings; 2 rules, 1 resource, 0 tests; digest "));

  const std::string file = folder.write("p/rules.yaml", k_policy + R"(  - name: late
    requesters: [group:sre]
    max_duration: 1h
    approval: auto
    when: |
      requester.guest ||
        request.urgent
)");
  const Outcome wrong = jitbot({"policy", "check", folder.path("p")});
  CHECK(wrong.code == 1);
  CHECK(has(wrong.out,
            file + ":7:18: rules[2].requesters[0]: unknown group \"sre\"; there is none [unknown-group] → "
                   "name a group that is there, or add this one\n"));
  CHECK(has(wrong.out, file + ":12:17: rules[2].when: request has no field 'urgent' [expression] → "));
  CHECK(has(wrong.out, ": 2 errors, 0 warnings\n"));
}

TEST_CASE("policy check tells warnings, which refuse nothing", "[policy][cli]") {
  const Folder folder;
  const std::string file = folder.write(
      "rules.yaml",
      k_policy +
          "  - {name: b, requesters: [b@example.com], max_duration: 1h, approval: auto, warn_before: 2h}\n");
  const Outcome outcome = jitbot({"policy", "check", folder.path()});
  CHECK(outcome.code == 0);
  CHECK(has(outcome.out, "warning: " + file + ":6:91: rules[2].warn_before: "));
  CHECK(has(outcome.out, "[warn-before] → shorten it\n"));
  CHECK(has(outcome.out, ": 0 errors, 1 warning; "));
}

TEST_CASE("policy check knows the configuration's connectors and groups where it is named", "[policy][cli]") {
  const Folder folder;
  folder.write("p/rules.yaml", k_policy);
  const std::string config = R"(chat: [{slack: {app_token: xapp-1-A, bot_token: xoxb-1-B}}]
store: {url: "sqlite:jit.db"}
policy: {path: p}
audit: {key: "file:audit.key", head: audit.head}
admins: {channel: "#a", members: [group:platform]}
http: {listen: "127.0.0.1:0", lookup_token: t}
connectors: {CONNECTOR: {type: lookup}}
)";
  const auto with = [&](const std::string& connector) {
    std::string text = config;
    text.replace(text.find("CONNECTOR"), 9, connector);
    return jitbot({"policy", "check", folder.path("p"), "--config", folder.write("jitbot.yaml", text)});
  };
  const Outcome other = with("wkii");
  CHECK(other.code == 1);
  CHECK(has(other.out, "unknown connector \"wiki\"; did you mean wkii? [unknown-connector] → write wkii\n"));
  const Outcome right = with("wiki");
  INFO(right.out);
  CHECK(right.code == 1);
  CHECK_FALSE(has(right.out, "taken as they come"));
  CHECK(has(right.out,
            "the policy has no group \"platform\" [unknown-group] → add the group to the policy, or name "
            "another\n"));
}

TEST_CASE("what is no policy folder, and a wrong command line, end with 2", "[policy][cli]") {
  const Folder folder;
  const std::string file = folder.write("p/rules.yaml", k_policy);
  struct Row {
    std::vector<std::string> before;
    std::vector<std::string> after;
  };
  const std::vector<Row> rows = {
      {{"check"}, {}},
      {{"test"}, {}},
      {{"show"}, {}},
      {{"diff", folder.path("p")}, {}},
      {{"diff"}, {folder.path("p")}},
      {{"explain"}, {"--requester", "alice@example.com", "--resource", "wiki"}},
      {{"replay"}, {"--store", "sqlite:jit.db"}},
  };
  for (const Row& row : rows) {
    const auto say = [&](const std::string& name) {
      std::vector<std::string> words{"policy"};
      words.insert(words.end(), row.before.begin(), row.before.end());
      words.push_back(name);
      words.insert(words.end(), row.after.begin(), row.after.end());
      return jitbot(words);
    };
    const std::string nowhere = folder.path("nowhere");
    const Outcome missing = say(nowhere);
    INFO(missing.out);
    CHECK(missing.code == 2);
    CHECK(has(missing.out,
              "there is no folder " + nowhere + "; name the one that holds the policy's *.yaml files\n"));
    const Outcome one_file = say(file);
    INFO(one_file.out);
    CHECK(one_file.code == 2);
    CHECK(has(one_file.out, file + " is a file; name its folder, " + folder.path("p") + "\n"));
  }
  CHECK(jitbot({"policy", "check"}).code == 2);
  const Outcome unknown = jitbot({"policy", "chek", folder.path("p")});
  CHECK(unknown.code == 2);
  CHECK(has(unknown.out, "there is no command policy chek; did you mean check?\n"));
  const Outcome none = jitbot({"policy"});
  CHECK(none.code == 2);
  CHECK(has(none.out, "policy needs a command: eval, show, diff, check, test, schema, explain or replay\n"));
  CHECK(has(jitbot({"polcy"}).out, "there is no command polcy; did you mean policy?\n"));
  CHECK(jitbot({"policy", "check", folder.path(), "--config", folder.path("no.yaml")}).code == 2);
  fs::remove_all(folder.path("p"));
  const Outcome empty = jitbot({"policy", "check", folder.path()});
  CHECK(empty.code == 1);
  CHECK(has(empty.out, folder.path() + ": there is no policy here; put at least one *.yaml file into it"));
}

TEST_CASE("policy test runs the tests that a policy carries", "[policy][cli]") {
  const Folder folder;
  folder.write("rules.yaml", k_policy);
  const Outcome none = jitbot({"policy", "test", folder.path()});
  CHECK(none.code == 0);
  CHECK(has(none.out, " has no tests\n"));

  folder.write("tests.yaml", "apiVersion: jit/v1\ntests:\n" + a_test("alice edits", "approved"));
  const Outcome fine = jitbot({"policy", "test", folder.path()});
  CHECK(fine.code == 0);
  CHECK(fine.out == "✓ alice edits\n1 test: 1 passed, 0 failed\n");

  const std::string file =
      folder.write("tests.yaml", "apiVersion: jit/v1\ntests:\n" + a_test("alice edits", "approved") +
                                     a_test("alice waits", "pending"));
  const Outcome wrong = jitbot({"policy", "test", folder.path()});
  CHECK(wrong.code == 1);
  CHECK(
      wrong.out ==
      "✓ alice edits\n✗ alice waits\n    " + file +
          ":4:5\n    decision: expected pending, found approved\n"
          "      · deny rule no-guests does not fit: requester.guest does not hold\n"
          "      · rule wiki is the first that fits wiki:editor and the requester: approved without asking\n"
          "2 tests: 1 passed, 1 failed\n");

  folder.write("tests.yaml", "apiVersion: jit/v1\ntests:\n" + a_test("alice edits", "perhaps"));
  const Outcome refused = jitbot({"policy", "test", folder.path()});
  CHECK(refused.code == 1);
  CHECK(has(refused.out, "tests[0].expect.decision: \"perhaps\" is not allowed here"));
}

TEST_CASE("policy test writes JUnit XML that any reader takes", "[policy][cli]") {
  const Folder folder;
  folder.write("rules.yaml", k_policy);
  folder.write("tests.yaml", "apiVersion: jit/v1\ntests:\n" +
                                 a_test("\"<a> & \\\"b\\\" ]]> \\x01\\x1b ü \\U0001F642\"", "approved") +
                                 a_test("fails", "denied"));
  const std::string file = folder.path("out.xml");
  CHECK(jitbot({"policy", "test", folder.path(), "--junit", file}).code == 1);
  const std::string text = whole_file(file);
  pugi::xml_document document;
  const auto parsed = document.load_string(text.c_str(), pugi::parse_full);
  REQUIRE(parsed);
  for (const char c : text) CHECK((static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t'));
  CHECK_FALSE(has(text, "&#1;"));
  const auto suite = document.child("testsuites").child("testsuite");
  CHECK(suite.attribute("tests").as_int() == 2);
  CHECK(suite.attribute("failures").as_int() == 1);
  CHECK(suite.attribute("errors").as_int() == 0);
  const auto first = suite.child("testcase");
  CHECK(first.attribute("name").as_string() ==
        std::string("<a> & \"b\" ]]> \xEF\xBF\xBD\xEF\xBF\xBD ü \xF0\x9F\x99\x82"));
  CHECK(first.attribute("line").as_int() == 3);
  CHECK_FALSE(first.child("failure"));
  const auto failure = first.next_sibling("testcase").child("failure");
  CHECK(failure.attribute("message").as_string() == std::string("decision: expected denied, found approved"));
  CHECK(has(failure.child_value(), "rule wiki is the first that fits"));

  // A policy that does not load is an error in the report, too.
  folder.write("rules.yaml", k_policy + "  - {}\n");
  CHECK(jitbot({"policy", "test", folder.path(), "--junit", file}).code == 1);
  REQUIRE(document.load_file(file.c_str()));
  CHECK(document.child("testsuites").attribute("errors").as_int() > 0);

  CHECK(jitbot({"policy", "test", folder.path(), "--junit", folder.path("no/where.xml")}).code == 1);
}

TEST_CASE("policy explain decides by everything that a test may say is so", "[policy][cli]") {
  const Folder folder;
  folder.write("rules.yaml", R"(apiVersion: jit/v1
groups: {sre: {from: "slack:usergroup/S01"}}
resources:
  wiki: {roles: {editor: {connector: wiki, grants: {}}}}
  "preview-*": {catalog: previews, roles: {ssh: {connector: vpn, grants: {box: "{{resource}}"}}}}
rules:
  - {name: guests, effect: deny, when: requester.guest, message: A}
  - {name: bots, effect: deny, when: requester.bot, message: A}
  - {name: others, effect: deny, when: requester.external, message: A}
  - {name: nights, effect: deny, when: 'request.start.getHours() < 6', message: A}
  - {name: early, effect: deny, message: A,
     when: 'requester.timezone != "" && now.getHours(requester.timezone) < 5'}
  - {name: general, effect: deny, when: 'channel.name == "general" && !channel.private', message: A}
  - {name: shared, effect: deny, when: channel.external, message: A}
  - {name: many, effect: deny, when: requester.active_grants > 2 || requester.denied_24h > 2, message: A}
  - {name: tickets, effect: deny, when: 'request.ticket == "OPS-1" || request.reason == "boredom"', message: A}
  - {name: wiki, match: {resource: wiki}, requesters: [alice@example.com, bob@example.com], max_duration: 2h,
     approval: auto, extend: {max: 1h}, for_others: auto}
  - {name: previews, match: {resource: "preview-*"}, requesters: [group:sre], max_duration: 1h, approval: auto}
)");
  const auto explain = [&](std::vector<std::string> more, const std::string& resource = "wiki") {
    std::vector<std::string> words{"policy",     "explain", folder.path(), "--requester", "alice@example.com",
                                   "--resource", resource};
    if (std::ranges::find(more, "--now") == more.end())
      more.insert(more.end(), {"--now", "2026-03-02T12:00:00Z"});
    words.insert(words.end(), more.begin(), more.end());
    return jitbot(words);
  };
  struct Row {
    std::vector<std::string> given;
    std::string said;
  };
  const std::string approved = "approved at once by rule wiki";
  const std::vector<Row> rows = {
      {{}, approved},
      {{"--guest"}, "(rule guests)"},
      {{"--bot"}, "(rule bots)"},
      {{"--external"}, "(rule others)"},
      {{"--start", "2026-03-03T05:00:00Z"}, "(rule nights)"},
      {{"--start", "2026-03-03T07:00:00+01:00"}, approved},
      {{"--timezone", "America/Los_Angeles"}, "(rule early)"},
      {{"--timezone", "Europe/Berlin"}, approved},
      {{"--channel", "general"}, "(rule general)"},
      {{"--channel", "#general"}, "(rule general)"},
      {{"--channel", "general", "--channel-private"}, approved},
      {{"--channel", "ops", "--channel-external"}, "(rule shared)"},
      {{"--active-grants", "3"}, "(rule many)"},
      {{"--denied-24h", "3"}, "(rule many)"},
      {{"--ticket", "OPS-1"}, "(rule tickets)"},
      {{"--reason", "boredom"}, "(rule tickets)"},
      {{"--asked-by", "bob@example.com"}, approved},
      {{"--asked-by", "carol@example.com"}, "You may not ask by rule wiki"},
      {{"--duration", "2h"}, approved},
      {{"--duration", "3h"}, "rule wiki allows at most 2h, not 3h"},
      {{"--duration", "2h", "--extension"}, "rule wiki allows at most 1h at a time"},
  };
  for (const Row& row : rows) {
    const Outcome outcome = explain(row.given);
    INFO(outcome.out);
    CHECK(outcome.code == 0);
    CHECK(has(outcome.out.substr(0, outcome.out.find('\n')), row.said));
  }
  const Outcome there =
      explain({"--group", "sre=alice@example.com", "--catalog", "previews=preview-1"}, "preview-1");
  INFO(there.out);
  CHECK(there.code == 0);
  CHECK(has(there.out, "approved at once by rule previews"));
}

TEST_CASE("policy explain says what it does not know, and what was meant badly", "[policy][cli]") {
  const Folder folder;
  folder.write("rules.yaml", R"(apiVersion: jit/v1
groups: {sre: {from: "slack:usergroup/S01"}}
resources: {wiki: {roles: {editor: {connector: wiki, grants: {}}}}}
rules: [{name: wiki, requesters: [group:sre], max_duration: 2h, approval: auto}]
)");
  const auto explain = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words{"policy",     "explain", folder.path(), "--requester", "alice@example.com",
                                   "--resource", "wiki"};
    words.insert(words.end(), more.begin(), more.end());
    return jitbot(words);
  };
  const Outcome open = explain({});
  CHECK(open.code == 1);
  CHECK(has(open.out, "this cannot be decided from what is given"));
  CHECK(has(open.out, "--group NAME=e-mail,e-mail"));
  struct Row {
    std::vector<std::string> given;
    std::string said;
  };
  const std::vector<Row> rows = {
      {{"--channel-private"}, "name it with --channel"},
      {{"--now", "2026-03-02", "--start", "2026-03-01"}, "--start 2026-03-01 is not after 2026-03-02"},
      {{"--start", "tomorrow"},
       "--start tomorrow: write a day or a time, 2026-03-01 or 2026-03-01T14:00:00Z"},
      {{"--asked-by", "bob"}, "--asked-by bob: write an e-mail, or an account such as slack:U0001"},
      {{"--catalog", "previews"}, "--catalog previews: write --catalog NAME=one,another"},
      {{"--duration", "5"}, "\"5\" has no unit"},
      {{"--group", "ops=a@example.com"}, "--group ops: the policy has no group of that name"},
  };
  for (const Row& row : rows) {
    const Outcome outcome = explain(row.given);
    INFO(outcome.out);
    CHECK(outcome.code == 2);
    CHECK(has(outcome.out, row.said));
  }
}

TEST_CASE("policy schema prints the schema that the tree holds", "[policy][cli]") {
  const Outcome outcome = jitbot({"policy", "schema"});
  CHECK(outcome.code == 0);
  CHECK(outcome.out == whole_file(std::string(JITBOT_SOURCE_DIR) + "/bot/policy/schema/policy.schema.json"));
  CHECK(nlohmann::json::parse(outcome.out)["$defs"].contains("rule"));
}
