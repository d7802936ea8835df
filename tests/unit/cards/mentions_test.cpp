#include "bot/cards/mentions.hpp"

#include "bot/cards/card.hpp"
#include "bot/cards/clean.hpp"

#include <catch2/catch.hpp>

namespace jitbot {
namespace {

using Kind = TextPiece::Kind;
using Pieces = std::vector<TextPiece>;

TEST_CASE("a text is told apart into words and the people mentioned in it") {
  CHECK(pieces_of("").empty());
  CHECK(pieces_of("no one") == Pieces{{Kind::words, "no one"}});
  CHECK(pieces_of("ask " + mention_in_text("U1") + ", or " + mention_in_text("W2")) ==
        Pieces{{Kind::words, "ask "}, {Kind::mention, "U1"}, {Kind::words, ", or "}, {Kind::mention, "W2"}});
  CHECK(pieces_of("a@b @U1 @") == Pieces{{Kind::words, "a@b @U1 @"}});
}

TEST_CASE("nothing but a person's id is a mention") {
  for (const std::string id : {"", "!channel", "U1>", "U1 U2", "here|x", "subteam^S1"})
    CHECK(pieces_of(mention_in_text(id)).size() < 2);
  for (const std::string id : {"!channel", "U1 U2", "subteam^S1"})
    CHECK(pieces_of(mention_in_text(id)).front().kind == Kind::words);
  const std::string open = mention_in_text("U1").substr(0, 6);
  CHECK(pieces_of(open).front().kind == Kind::words);
}

TEST_CASE("text that is tidied keeps its mentions whole, and is never cut inside one") {
  const std::string text = "  ask   " + mention_in_text("U0BOB0001") + " \n now ";
  CHECK(one_line(text, 100) == "ask " + mention_in_text("U0BOB0001") + " now");
  CHECK(tidy(text) == "ask " + mention_in_text("U0BOB0001") + "\nnow");
  CHECK(one_line(text, 8) == "ask…");
  CHECK(one_line(text, 14) == "ask " + mention_in_text("U0BOB0001") + "…");
  CHECK(one_line("a \uFFF9U1\uFFFB b", 100) == "a U1 b");
}

TEST_CASE("where no mention can be shown it reads as an id") {
  Card card = answer("fact");
  card.quote = "ask " + mention_in_text("U1");
  CHECK(to_plain_text(card) == "fact\n| ask @U1");
}

}  // namespace
}  // namespace jitbot
