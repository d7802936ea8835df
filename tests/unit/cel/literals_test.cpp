#include "asking.hpp"

#include <catch2/catch.hpp>

using namespace jitbot::testing;

namespace {

struct Case {
  std::string expression;
  std::string value;
};

}  // namespace

TEST_CASE("numbers are read in every form that the language has", "[cel][literals]") {
  const auto c = GENERATE(values<Case>({
      {"0", R"({"int":"0"})"},
      {"007", R"({"int":"7"})"},
      {"0x1F", R"({"int":"31"})"},
      {"-0x8000000000000000", R"({"int":"-9223372036854775808"})"},
      {"- 9223372036854775808", R"({"int":"-9223372036854775808"})"},
      {"18446744073709551615u", R"({"uint":"18446744073709551615"})"},
      {"0xFFu", R"({"uint":"255"})"},
      {".5", R"({"double":0.5})"},
      {"6.25e2", R"({"double":625.0})"},
      {"1E-2", R"({"double":0.01})"},
      {"-2.5", R"({"double":-2.5})"},
      {"1e-400", R"({"double":0.0})"},
      {"--5", R"({"int":"5"})"},
      {"3 -1", R"({"int":"2"})"},
      {"3-1", R"({"int":"2"})"},
  }));
  INFO(c.expression);
  CHECK(said(c.expression) == c.value);
}

TEST_CASE("what is no number is refused where it stands", "[cel][literals]") {
  const auto c = GENERATE(values<Case>({
      {"9223372036854775808", "mistake 1:1: 9223372036854775808 is beyond an int"},
      {"1 + 18446744073709551616u", "mistake 1:5: 18446744073709551616u is beyond a uint"},
      {"1e400", "mistake 1:1: 1e400 is beyond a double"},
      {"12ab", "mistake 1:1: '12ab' is no number"},
      {"1e", "mistake 1:1: '1e' is no number"},
      {"0xg", "mistake 1:1: '0xg' is no number"},
      {"1.5u", "mistake 1:1: '1.5u' is no number"},
  }));
  INFO(c.expression);
  CHECK(said(c.expression) == c.value);
}

TEST_CASE("text is read with its quotes, prefixes and escapes", "[cel][literals]") {
  const auto c = GENERATE(values<Case>({
      {R"('a' "b")", ""},
      {R"("it's")", R"({"string":"it's"})"},
      {R"('\x41\u00e9\U0001F600\101')",
       "{\"string\":\"A\xC3\xA9\xF0\x9F\x98\x80"
       "A\"}"},
      {R"("\ud83d\ude00")", "{\"string\":\"\xF0\x9F\x98\x80\"}"},
      {R"(r'\n')", R"({"string":"\\n"})"},
      {"'''one\ntwo 'three' '''", R"({"string":"one\ntwo 'three' "})"},
      {R"("""a"b""")", R"({"string":"a\"b"})"},
      {R"(b'\xff\377')", R"({"bytes":"//8="})"},
      {"b'\xC3\xBF'", R"({"bytes":"w78="})"},
      {R"(bR'\x')", R"({"bytes":"XHg="})"},
      {"''", R"({"string":""})"},
      {"'' + ''''''", R"({"string":""})"},
  }));
  INFO(c.expression);
  if (c.value.empty()) {
    CHECK(said(c.expression).starts_with("mistake"));
  } else {
    CHECK(said(c.expression) == c.value);
  }
}

TEST_CASE("broken text is refused where it breaks", "[cel][literals]") {
  const auto c = GENERATE(values<Case>({
      {"'abc", "mistake 1:1: the text has no closing quote"},
      {"'abc\\'", "mistake 1:1: the text has no closing quote"},
      {"'a\nb'", "mistake 1:1: the text does not end on its line; three quotes let it go on"},
      {R"(1 + 'ab\q')", "mistake 1:8: there is no such escape sequence"},
      {R"('\u12')", "mistake 1:2: the escape sequence needs 4 hex digits"},
      {R"('\400')", "mistake 1:2: there is no such escape sequence"},
      {R"('\ud800')", "mistake 1:2: there is no such code point"},
      {R"('\U00110000')", "mistake 1:2: there is no such code point"},
      {R"(b'\u00ff')", "mistake 1:3: bytes have no \\u and \\U; octets are \\x and octal"},
      {"'\xFF'", "mistake 1:2: this is not UTF-8"},
      {"a.`b",
       "mistake 1:3: a name in backquotes has letters, digits, _ . - / and spaces, and a closing backquote"},
      {"1 # 2", "mistake 1:3: unexpected character '#'"},
  }));
  INFO(c.expression);
  CHECK(said(c.expression) == c.value);
}

TEST_CASE("white space and comments stand anywhere between words", "[cel][literals]") {
  CHECK(holds("// first\n\t1 // one\r\n + \f 2 == 3 // done"));
  CHECK(said("'b' +\n  'a' // \xC3\xA9\n + x").starts_with("mistake 3:4:"));
}
