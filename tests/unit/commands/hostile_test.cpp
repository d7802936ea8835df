#include "bot/cards/clean.hpp"
#include "commands/intent.hpp"

#include <catch2/catch.hpp>

#include <random>

namespace jitbot {
namespace {

constexpr std::size_t k_longest_answer = 300;  // characters: our words and at most two echoes of 40

// One line of valid text in which nothing is hidden.
void check_answer(const std::string& answer) {
  CHECK(length_of(answer) <= k_longest_answer);
  CHECK(one_line(answer, k_longest_answer) == answer);
}

std::string any_of(std::mt19937& random, const std::vector<std::string>& pieces) {
  return pieces[random() % pieces.size()];
}

TEST_CASE("any bytes are understood or answered, never thrown at") {
  std::mt19937 random(11);  // the same bytes each run
  for (int round = 0; round < 5000; ++round) {
    std::string text(random() % 80, ' ');
    for (char& c : text) c = static_cast<char>(random() & 0xFFU);
    const auto intent = parse_command(text);
    if (!intent) check_answer(intent.error().message);
  }
}

TEST_CASE("words of the grammar in any order, with anything between them, are understood or answered") {
  const std::vector<std::string> pieces{"request",
                                        "ensure",
                                        "approve",
                                        "deny",
                                        "done",
                                        "extend",
                                        "show",
                                        "debt",
                                        "abandon",
                                        "help",
                                        "7K3F",
                                        ".2",
                                        "JIT-",
                                        "1h",
                                        "1",
                                        "hour",
                                        "for",
                                        "because",
                                        "--role",
                                        "--at",
                                        "—",
                                        "\"",
                                        "“",
                                        "'",
                                        "`",
                                        ":",
                                        "staging",
                                        "=",
                                        "\uFFF9",
                                        "\uFFFB",
                                        "\u202E",
                                        "\u00A0",
                                        "\n",
                                        "\xFF",
                                        "😀",
                                        "--",
                                        "#12",
                                        "0",
                                        "<!channel>",
                                        "--for",
                                        "--until",
                                        "until",
                                        "18:00",
                                        "tomorrow",
                                        "--ticket",
                                        "--dry-run",
                                        "\uFFF9U1\uFFFB",
                                        "mon"};
  std::mt19937 random(13);
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (auto left = random() % 9; left > 0; --left) {
      text += any_of(random, pieces);
      if (random() % 3 != 0) text += ' ';
    }
    const auto intent = parse_command(text);
    if (intent) continue;
    INFO(text);
    check_answer(intent.error().message);
  }
}

TEST_CASE("what was typed stands only between quotes in an answer") {
  const std::string typed = "<!channel>approved";
  const std::vector<std::string> lines{typed,
                                       "help " + typed,
                                       "show " + typed,
                                       "approve " + typed,
                                       "done " + typed,
                                       "request staging 1" + typed,
                                       "request " + typed,
                                       "request staging:" + typed + ":",
                                       "request --" + typed + " 1h",
                                       "extend 7K3F " + typed,
                                       "debt " + typed,
                                       "debt abandon " + typed,
                                       "mine " + typed,
                                       "request a:b 1h --role " + typed};
  for (const std::string& line : lines) {
    const auto intent = parse_command(line);
    INFO(line);
    REQUIRE_FALSE(intent);
    const std::string& answer = intent.error().message;
    const auto where = answer.find(typed);
    if (where == std::string::npos) continue;
    const auto opened = std::count(answer.begin(), answer.begin() + static_cast<std::ptrdiff_t>(where), '"');
    CHECK(opened % 2 == 1);
  }
}

TEST_CASE("a long line of quotes is read in reasonable time") {
  std::string text = "request staging 1h ";
  while (text.size() < 7990) text += "\" ";
  CHECK_FALSE(parse_command(text));  // far over 500 characters of reason
}

}  // namespace
}  // namespace jitbot
