#include "bot/model/audit_event.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <stdexcept>
#include <string>

using jitbot::canonical_json;
using nlohmann::json;

TEST_CASE("canonical JSON has no white space and sorts the keys of every object") {
  struct Row {
    const char* given;
    const char* canonical;
  };
  const auto row = GENERATE(values<Row>({
      {R"({ "b" : 1, "a" : [ 1 , 2 , { "d" : null, "c" : true } ] })",
       R"({"a":[1,2,{"c":true,"d":null}],"b":1})"},
      {"{}", "{}"},
      {"[]", "[]"},
      {R"([[],{},""])", R"([[],{},""])"},
      {R"({"a":-5,"A":0,"":9007199254740991})", R"({"":9007199254740991,"A":0,"a":-5})"},
      {R"("\u0041\/\u00e9")", "\"A/\xC3\xA9\""},
      {R"({"10":1,"9":2,"1":3})", R"({"1":3,"10":1,"9":2})"},
  }));
  CHECK(canonical_json(json::parse(row.given)) == row.canonical);
}

TEST_CASE("canonical JSON orders keys by UTF-16 code units, where bytes would order them otherwise") {
  // U+1F600 is D83D DE00 in UTF-16 and so stands before U+FB33, though its UTF-8 (F0 …) stands after (EF …).
  const std::string grinning = "\xF0\x9F\x98\x80";
  const std::string dalet = "\xEF\xAC\xB3";
  const std::string euro = "\xE2\x82\xAC";
  const json value = {{dalet, 1},      {grinning, 2}, {euro, 3},      {"z", 4},
                      {"\xC3\xB6", 5}, {"\r", 6},     {"\xC2\x80", 7}};
  CHECK(canonical_json(value) == "{\"\\r\":6,\"z\":4,\"\xC2\x80\":7,\"\xC3\xB6\":5,\"" + euro + "\":3,\"" +
                                     grinning + "\":2,\"" + dalet + "\":1}");
}

TEST_CASE("canonical JSON escapes what JSON must escape and nothing else") {
  const json text = std::string("\x01\x1f\b\t\n\f\r\"\\/<>&\x7f\xE2\x80\xA8", 17);
  CHECK(canonical_json(text) == "\"\\u0001\\u001f\\b\\t\\n\\f\\r\\\"\\\\/<>&\x7f\xE2\x80\xA8\"");
}

TEST_CASE("canonical JSON refuses what two readers could understand differently") {
  CHECK_THROWS_AS(canonical_json(json(1.5)), std::invalid_argument);
  CHECK_THROWS_AS(canonical_json(json(1.0)), std::invalid_argument);
  CHECK_THROWS_AS(canonical_json(json(std::int64_t{9007199254740992})), std::invalid_argument);
  CHECK_THROWS_AS(canonical_json(json(std::int64_t{-9007199254740992})), std::invalid_argument);
  CHECK_THROWS_AS(canonical_json(json(std::uint64_t{18446744073709551615U})), std::invalid_argument);
  CHECK_THROWS_AS(canonical_json(json::binary({1, 2})), std::invalid_argument);
}

TEST_CASE("canonical JSON refuses text that is not valid UTF-8") {
  const auto bad = GENERATE(values<std::string>({
      "\xC3",              // cut off
      "\xC0\xAF",          // overlong
      "\xE0\x80\xAF",      // overlong
      "\xED\xA0\x80",      // a surrogate
      "\xF4\x90\x80\x80",  // beyond U+10FFFF
      "\xF8\x88\x80\x80\x80",
      "a\x80",
      "\xFF",
  }));
  CHECK_THROWS_AS(canonical_json(json(bad)), std::invalid_argument);
  CHECK_THROWS_AS(canonical_json(json{{bad, 1}}), std::invalid_argument);
}

TEST_CASE("SHA-256 gives the digests that FIPS 180 prints") {
  CHECK(jitbot::sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(jitbot::sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
