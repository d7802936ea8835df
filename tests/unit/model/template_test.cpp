#include "bot/model/template.hpp"

#include <catch2/catch.hpp>

namespace jitbot {

namespace {

bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("A template is replaced in one pass, and what is put in is not read again") {
  const TemplateValues values{
      {"account", "alice"}, {"role", "{{account}}"}, {"params.db", "}}x{{"}, {"empty", ""}};
  struct Row {
    const char* text;
    const char* expanded;
  };
  const auto row = GENERATE(Row{"", ""}, Row{"plain", "plain"}, Row{"{{account}}", "alice"},
                            Row{"a{{account}}b{{account}}c", "aalicebalicec"}, Row{"{{role}}", "{{account}}"},
                            Row{"{{params.db}}{{account}}", "}}x{{alice"}, Row{"{one} }} {", "{one} }} {"},
                            Row{"[{{empty}}]", "[]"}, Row{"{{account}}}", "alice}"},
                            Row{"größe={{account}}", "größe=alice"});
  CAPTURE(row.text);
  const auto expanded = expand_template(row.text, values);
  REQUIRE(expanded);
  CHECK(*expanded == row.expanded);
}

TEST_CASE("A template with a mistake says which") {
  struct Row {
    const char* text;
    const char* message;
  };
  const auto row = GENERATE(Row{"x{{account", "never closes"}, Row{"{{}}", "holds no name"},
                            Row{"{{ account }}", "without spaces"}, Row{"{{{account}}", "holds no name"},
                            Row{"{{a b}}", "holds no name"}, Row{"{{until}}", "until"});
  CAPTURE(row.text);
  const auto checked = check_template(row.text, {"account", "params.*"});
  REQUIRE_FALSE(checked);
  CHECK(checked.error().kind == ErrorKind::invalid);
  CHECK(mentions(checked.error().message, row.message));
  CHECK_FALSE(expand_template(row.text, {{"account", "alice"}}));
}

TEST_CASE("Names are found once each, in order, and checked against the closed list") {
  const auto names = template_names("{{b}} {{a}} {{b}} {{params.x-y_1}}");
  REQUIRE(names);
  CHECK(*names == std::vector<std::string>{"b", "a", "params.x-y_1"});
  CHECK(check_template("{{a}} {{params.anything}}", {"a", "params.*"}));
  CHECK_FALSE(check_template("{{params.}}", {"a", "params.*"}));
  CHECK_FALSE(check_template("{{params}}", {"a", "params.*"}));
  CHECK_FALSE(check_template("{{a}}", {}));
}

TEST_CASE("Values that could be an option or control a terminal are refused") {
  const auto bad = GENERATE(as<std::string>{}, "-x", "--", "-", "a\nb", std::string("a\0b", 3), "\x1b[0m",
                            "\x7f", "a\xc2\x85z", "tab\t");
  CHECK_FALSE(check_template_value("account", bad));
  CHECK_FALSE(expand_template("{{account}}", {{"account", bad}}));
  const auto good = GENERATE(as<std::string>{}, "", "a-b", "Größe", "a b", "$(x)", "'\"\\", "\xc2\xa0z");
  CHECK(check_template_value("account", good));
}

}  // namespace jitbot
