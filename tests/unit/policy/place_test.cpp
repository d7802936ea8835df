#include "bot/policy/yaml/place.hpp"

#include "bot/policy/yaml/parse.hpp"
#include "tests/unit/policy/sample.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace jitbot;

namespace {

// The text of one scalar as the file holds it, behind `when: `, which stands in line 2, column 3.
yaml::Node scalar_of(const std::string& file) {
  std::vector<PolicyProblem> all;
  yaml::Problems problems("f", all);
  const auto root = yaml::parse(file, problems, {});
  if (!root || !all.empty()) throw std::runtime_error(all.empty() ? "no tree" : to_string(all.front()));
  return root->entries.at(0).value.entries.at(0).value;
}

struct Row {
  std::string style;
  std::string written;  // with everything behind the colon
};

// A policy with one deny rule that has this condition; `when` begins in line 6, column 5.
std::string with_condition(const std::string& written) {
  return "apiVersion: jit/v1\nresources: {wiki: {roles: {editor: {connector: wiki, grants: {}}}}}\nrules:\n"
         "  - name: r\n    effect: deny\n    when:" +
         written + "\n    message: No.\n";
}

}  // namespace

TEST_CASE("every byte of a scalar is found again where the file says it", "[yaml][place]") {
  const std::vector<Row> rows = {
      {"plain", " a && b"},
      {"plain, over lines", " a &&\n    b\n    || ccc"},
      {"plain, with an empty line", " a\n\n\n    b"},
      {"plain, with blanks at the end of a line", " a   \n    b"},
      {"plain, not ASCII", " äö == \xF0\x9F\x99\x82 + z"},
      {"single quotes", " 'it''s && ''x'''"},
      {"single quotes, over lines", " 'one\n    two\n\n    three'"},
      {"double quotes", R"( "a \"b\" \\ c")"},
      {"double quotes, with escapes of every length", R"( "\x41\u00e9\U0001F642\t\n\/z")"},
      {"double quotes, a line that goes on", " \"one \\\n    two\\\n    three\""},
      {"double quotes, over lines", " \"one\n    two\n\n\n    three\""},
      {"literal", " |\n    one\n    two && three\n\n      four\n    five\n"},
      {"literal, kept and stripped", " |-\n    one\n    two"},
      {"literal, with its own indentation", " |2\n      one\n    two\n"},
      {"literal, with a comment", " |  # why\n    one\n    two\n"},
      {"literal, beginning with an empty line", " |\n\n    one\n"},
      {"folded", " >\n    one\n    two\n\n    three\n"},
      {"folded, further in", " >\n    one\n      two\n      three\n    four\n"},
      {"folded, stripped", " >-\n    one\n    two\n\n\n    three"},
      {"lines end as on Windows", " |\r\n    one\r\n    two\r\n"},
  };
  for (const Row& row : rows) {
    INFO(row.style);
    const std::string file = "m:\n  when:" + row.written + "\n";
    const yaml::Node node = scalar_of(file);
    std::vector<std::string> lines(1);
    for (const char c : file) {
      if (c == '\n')
        lines.emplace_back();
      else
        lines.back() += c;
    }
    for (std::size_t at = 0; at < node.text.size(); ++at) {
      const char c = node.text[at];
      // Letters and digits are found by themselves; what was escaped or folded by its place alone.
      const bool plain = (c >= 'a' && c <= 'z') || c == '&' || c == '=';
      if (!plain) continue;
      const yaml::Position where = yaml::place_in(file, node, at);
      INFO("byte " << at << " of " << node.text << " at " << where.line << ":" << where.column);
      REQUIRE(where.line >= 2);
      REQUIRE(static_cast<std::size_t>(where.line) <= lines.size());
      const std::string& line = lines[static_cast<std::size_t>(where.line) - 1];
      std::size_t byte = 0;
      for (int column = 1; column < where.column; ++column) {
        do ++byte;
        while (byte < line.size() && (static_cast<unsigned char>(line[byte]) & 0xC0U) == 0x80U);
      }
      REQUIRE(byte < line.size());
      CHECK(line[byte] == c);
    }
  }
}

TEST_CASE("a mistake in an expression has its line and column in the file, however it is written",
          "[policy][place]") {
  struct Mistaken {
    std::string style;
    std::string written;
    std::string place;
  };
  // Column 11 is the first behind "    when: ".
  const std::vector<Mistaken> rows = {
      {"plain", " request.bad", "6:19"},
      {"plain, over lines", " requester.guest &&\n      request.bad", "7:15"},
      {"plain, after an empty line", " requester.guest ||\n\n      !request.bad", "8:16"},
      {"single quotes", " 'request.reason == ''x'' && request.bad'", "6:47"},
      {"single quotes, over lines", " 'requester.guest\n      || request.bad'", "7:18"},
      {"double quotes", R"( "request.reason == \"x\" && request.bad")", "6:47"},
      {"double quotes, escapes", R"( "request.reason == '\u00e4\x41\t' && request.bad")", "6:56"},
      {"double quotes, a line that goes on", " \"requester.guest \\\n      || request.bad\"", "7:18"},
      {"double quotes, over lines", " \"requester.guest\n\n      || request.bad\"", "8:18"},
      {"not ASCII before it", " request.reason == \"äöü\" && request.bad", "6:46"},
      {"literal", " |\n      requester.guest\n        && request.bad", "8:20"},
      {"literal, in its first line", " |\n      request.bad", "7:15"},
      {"folded", " >\n      requester.guest &&\n      request.bad", "8:15"},
      {"folded, after an empty line", " >-\n      requester.guest\n\n      && request.bad", "9:18"},
      {"of the whole: a number is no condition", " |\n      1 + 1", "7:7"},
      {"what ends too early", " >\n      requester.guest &&\n", "7:25"},
      {"what ends too early, plain", " requester.guest &&", "6:29"},
  };
  for (const Mistaken& row : rows) {
    INFO(row.style);
    const auto found = sample::findings_of(with_condition(row.written));
    REQUIRE(found.size() == 1);
    INFO(to_string(found[0]));
    CHECK(fmt::format("{}:{}", found[0].where.line, found[0].where.column) == row.place);
    CHECK(found[0].key == "rules[0].when");
    CHECK(found[0].name == "expression");
    CHECK_FALSE(found[0].advice.empty());
  }
}
