#include "commands/words.hpp"

#include <catch2/catch.hpp>

namespace jitbot::grammar {
namespace {

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> out;
  for (Words words(text); !words.empty(); words.skip()) out.push_back(words.peek()->text);
  return out;
}

using Split = std::vector<std::string>;

TEST_CASE("words are parted by blanks and kept together by quotes") {
  CHECK(split("").empty());
  CHECK(split(" \t\n").empty());
  CHECK(split("a b") == Split{"a", "b"});
  CHECK(split("\"a b\" c") == Split{"a b", "c"});
  CHECK(split("“a b” ‘c d’ `e f`") == Split{"a b", "c d", "e f"});
  CHECK(split("\"a b” c") == Split{"a b", "c"});
  CHECK(split("\"a b") == Split{"\"a", "b"});
  CHECK(split("don't can't") == Split{"don't", "can't"});
  CHECK(split("\"\"") == Split{""});
  CHECK(split("\"it's 5\" x") == Split{"it's 5", "x"});
}

TEST_CASE("a mention is a word of its own, even where it is glued to others") {
  Words words("a\uFFF9U1\uFFFBb \uFFF9U2\uFFFB");
  REQUIRE(words.left() == 4);
  CHECK(words.peek(0)->text == "a");
  CHECK(words.peek(1)->kind == Word::Kind::mention);
  CHECK(words.peek(1)->text == "U1");
  CHECK(words.peek(2)->text == "b");
  CHECK(words.peek(3)->kind == Word::Kind::mention);
  CHECK(words.rest() == "a@U1b @U2");
  CHECK(words.empty());
}

TEST_CASE("a mention that is never closed is only text") {
  CHECK(split("\uFFF9U1 x") == Split{"U1", "x"});
}

TEST_CASE("the rest leaves out what was taken from the middle") {
  Words words("a --role b c");
  words.skip();
  words.remove(1);
  words.remove(0);
  CHECK(words.rest() == "c");
}

TEST_CASE("only a plain name is repeated in a suggested command") {
  CHECK(name_or("staging-2.eu", "x") == "staging-2.eu");
  CHECK(name_or("<!channel>", "x") == "x");
  CHECK(name_or("", "x") == "x");
  CHECK(name_or(std::string(41, 'a'), "x") == "x");
}

}  // namespace
}  // namespace jitbot::grammar
