#include "bot/cards/clean.hpp"

#include <catch2/catch.hpp>

#include <random>

namespace jitbot {
namespace {

TEST_CASE("one line has single blanks, nothing unseen and a bound") {
  CHECK(one_line("  a\t\r\n b\u00A0\u2003c \u2028 ", 100) == "a b c");
  CHECK(one_line("a\u202Eb\u200Bc\uFEFFd\uFFF9e\uFFFBf", 100) == "abcdef");
  CHECK(one_line("äöü€😀", 5) == "äöü€😀");
  CHECK(one_line("äöü€😀x", 5) == "äöü€😀…");
  CHECK(one_line("abc def", 4) == "abc…");
  CHECK(one_line("abc    ", 3) == "abc");
  CHECK(one_line("", 3).empty());
}

TEST_CASE("tidy keeps lines") {
  CHECK(tidy(" a \n\n\n b\u00A0 c\n") == "a\nb c");
}

TEST_CASE("bytes that are not UTF-8 become U+FFFD one at a time") {
  CHECK(one_line("a\xFF"
                 "b",
                 10) == "a\uFFFDb");
  CHECK(one_line("\xC3", 10) == "\uFFFD");
  CHECK(one_line("\xC0\xAF", 10) == "\uFFFD\uFFFD");                      // over-long '/'
  CHECK(one_line("\xED\xA0\x80", 10) == "\uFFFD\uFFFD\uFFFD");            // a surrogate
  CHECK(one_line("\xF4\x90\x80\x80", 10) == "\uFFFD\uFFFD\uFFFD\uFFFD");  // beyond U+10FFFF
}

TEST_CASE("whatever comes in, valid and bounded text comes out") {
  std::mt19937 random(7);  // NOLINT: the same bytes each run
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(random() % 60, ' ');
    for (char& c : bytes) c = static_cast<char>(random() & 0xFFU);
    const std::string line = one_line(bytes, 20);
    CHECK(length_of(line) <= 21);
    CHECK(one_line(line, 21) == line);  // clean text stays as it is
    for (const char c : line) CHECK(static_cast<unsigned char>(c) >= 0x20);
  }
}

}  // namespace
}  // namespace jitbot
