#include "bot/policy/yaml/parse.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace jitbot;

namespace {

struct Parsed {
  std::optional<yaml::Node> root;
  std::vector<std::string> problems;
};

Parsed parse(const std::string& text, const yaml::Limits& limits = {}) {
  std::vector<PolicyProblem> all;
  yaml::Problems problems("f", all);
  Parsed parsed;
  parsed.root = yaml::parse(text, problems, limits);
  for (const PolicyProblem& problem : all) parsed.problems.push_back(to_string(problem));
  return parsed;
}

}  // namespace

TEST_CASE("YAML is read into a tree that knows where everything stands", "[yaml]") {
  const Parsed parsed = parse("# a comment\na: 1\nb:\n  - 'x'\n  - {ö: y, z: |\n\n");
  CHECK_FALSE(parsed.root);

  const Parsed good =
      parse("# a comment\na: 1\nb:\n  - 'x'\n  - {ö: y, z: \"\"}\nc: ~\nd:\ne: |\n  two\n  lines\n");
  REQUIRE(good.problems.empty());
  REQUIRE(good.root);
  const auto& entries = good.root->entries;
  REQUIRE(entries.size() == 5);
  CHECK(entries[0].key == "a");
  CHECK(entries[0].where.line == 2);
  CHECK(entries[0].value.text == "1");
  CHECK_FALSE(entries[0].value.quoted);
  CHECK(entries[0].value.where.column == 4);
  REQUIRE(entries[1].value.items.size() == 2);
  CHECK(entries[1].value.items[0].quoted);
  const yaml::Node& flow = entries[1].value.items[1];
  CHECK(flow.where.line == 5);
  REQUIRE(flow.entries.size() == 2);
  CHECK(flow.entries[0].key == "ö");
  CHECK(flow.entries[1].where.column == 12);  // in characters, not in bytes
  CHECK(entries[2].value.kind == yaml::Node::Kind::null);
  CHECK(entries[3].value.kind == yaml::Node::Kind::null);
  CHECK(entries[3].value.where.line == 7);  // an empty value stands where its key does
  CHECK(entries[4].value.text == "two\nlines\n");
}

TEST_CASE("a document may begin with a marker and a byte order mark, and end its lines as Windows does",
          "[yaml]") {
  const Parsed parsed = parse("\xEF\xBB\xBF---\r\na: 1\r\nb: 2\r\n");
  CHECK(parsed.problems.empty());
  REQUIRE(parsed.root);
  REQUIRE(parsed.root->entries.size() == 2);
  CHECK(parsed.root->entries[0].value.text == "1");
  CHECK(parsed.root->entries[1].where.line == 3);
}

TEST_CASE("what makes a file mean something else than it looks like is refused", "[yaml]") {
  using Lines = std::vector<std::string>;
  const std::vector<std::pair<std::string, Lines>> cases = {
      {"a: 1\nb: 2\na: 3\n", {"f:3:1: a: this key stands twice, first in line 1"}},
      {"g:\n  x: {a: 1, \"a\": 2, a: 3}\n",
       {"f:2:13: g.x.a: this key stands twice, first in line 2",
        "f:2:21: g.x.a: this key stands twice, first in line 2"}},
      {"a: &x 1\nb: *x\n",
       {"f:1:4: a: anchors are not allowed; write the value out",
        "f:2:4: b: aliases are not allowed; write the value out"}},
      {"a: &x {b: 1}\nc: [&y 1]\n",
       {"f:1:4: a: anchors are not allowed; write the value out",
        "f:2:5: c[0]: anchors are not allowed; write the value out"}},
      {"base: {a: 1}\nx:\n  <<: {b: 2}\n", {"f:3:3: x: merge keys are not allowed; write the keys out"}},
      {"a: !!str 1\nb: !x {c: 1}\nd: ! e\nf: !!seq [1]\n",
       {"f:1:4: a: tags are not allowed", "f:2:4: b: tags are not allowed", "f:3:4: d: tags are not allowed",
        "f:4:4: f: tags are not allowed"}},
      {"a: 1\n---\nb: 2\n", {"f:2:1: a second document is not allowed; use one file for each"}},
      {"{[a]: 1, b: 2}\n", {"f:1:2: a key must be a word"}},
      {"? {a: 1}\n: 2\n", {"f:1:3: a key must be a word"}},
      {"~: 1\n", {"f:1:1: a key must be a word"}},
      {"\"\": 1\n", {"f:1:1: a key must be a word"}},
      {"", {"f:1:1: the file is empty"}},
      {"# only a comment\n", {"f:1:1: the file is empty"}},
      {"a: [1, 2\n", {"f:2:1: this is not valid YAML: end of sequence flow not found"}},
      {"a:\n\tb: 1\n", {"f:2:1: this is not valid YAML: the line begins with a tab"}},
      {"a:\n  \t- b: 1\n", {"f:2:3: this is not valid YAML: the line begins with a tab"}},
      {"a: |\n  \tx\nb: c: d\n", {"f:3:5: this is not valid YAML: illegal map value"}},
      {"a: b: c\n", {"f:1:5: this is not valid YAML: illegal map value"}},
      {"a: 1\n\x04"
       "b: 2\n",
       {"f:2:1: the invisible character U+0004 is not allowed"}},
      {std::string("a: x\0y", 6), {"f:1:5: the invisible character U+0000 is not allowed"}},
      {"a: x\ry\n", {"f:1:5: the invisible character U+000D is not allowed"}},
      {"é: \xE2\x80\xAE"
       "evil\n",
       {"f:1:4: the invisible character U+202E is not allowed"}},
      {"a: al\xE2\x80\x8B"
       "ice\n",
       {"f:1:6: the invisible character U+200B is not allowed"}},
      {"a: \xC0\xAF\n", {"f:1:4: this is not UTF-8; save the file as UTF-8"}},
      {"a: \xED\xA0\x80\n", {"f:1:4: this is not UTF-8; save the file as UTF-8"}},
  };
  for (const auto& [text, expected] : cases) {
    INFO(text);
    CHECK(parse(text).problems == expected);
  }
}

TEST_CASE("the first of two equal keys is kept, so that the rest can still be checked", "[yaml]") {
  const Parsed parsed = parse("a: 1\na: {b: [x, {c: d}]}\ne: 2\n");
  REQUIRE(parsed.root);
  REQUIRE(parsed.root->entries.size() == 2);
  CHECK(parsed.root->entries[0].value.text == "1");
  CHECK(parsed.root->entries[1].key == "e");
}

TEST_CASE("size, depth and number of values are bounded", "[yaml]") {
  CHECK(parse(std::string(2000, '#'), {.bytes = 1024}).problems ==
        std::vector<std::string>{"f:1:1: the file is larger than 1 KiB"});
  CHECK(parse("[[[[1]]]]", {.depth = 3}).problems ==
        std::vector<std::string>{"f:1:4: [0][0][0]: nested deeper than 3 levels"});
  CHECK(parse("[[[1]]]", {.depth = 3}).problems.empty());
  CHECK(parse("[1, 2, 3]", {.nodes = 3}).problems ==
        std::vector<std::string>{"f:1:8: [2]: more than 3 values in one file"});
  std::string deep;
  for (int i = 0; i < 5000; ++i) deep += "- ";
  const Parsed parsed = parse(deep + "x\n");
  CHECK_FALSE(parsed.root);
  CHECK(parsed.problems.size() == 1);
}
