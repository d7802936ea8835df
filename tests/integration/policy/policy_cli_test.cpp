#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <pugixml.hpp>
#include <sstream>
#include <string>
#include <sys/wait.h>
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

std::string in_quotes(const std::string& word) {
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

Outcome jitbot(const std::vector<std::string>& words) {
  std::string command = in_quotes(JITBOT_PROGRAM);
  for (const std::string& word : words) command += " " + in_quotes(word);
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  REQUIRE(pipe != nullptr);
  Outcome outcome;
  std::array<char, 4096> part{};
  while (const std::size_t read = std::fread(part.data(), 1, part.size(), pipe))
    outcome.out.append(part.data(), read);
  const int status = pclose(pipe);
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
  CHECK(jitbot({"policy", "check", folder.path("nowhere")}).code == 2);
  CHECK(jitbot({"policy", "check"}).code == 2);
  CHECK(jitbot({"policy", "test", folder.path("nowhere")}).code == 2);
  CHECK(jitbot({"policy", "check", folder.path(), "--config", folder.path("no.yaml")}).code == 2);
  CHECK(jitbot({"policy", "check", folder.path()}).code == 1);
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

TEST_CASE("policy schema prints the schema that the tree holds", "[policy][cli]") {
  const Outcome outcome = jitbot({"policy", "schema"});
  CHECK(outcome.code == 0);
  CHECK(outcome.out == whole_file(std::string(JITBOT_SOURCE_DIR) + "/bot/policy/schema/policy.schema.json"));
  CHECK(nlohmann::json::parse(outcome.out)["$defs"].contains("rule"));
}
