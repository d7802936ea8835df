#include "adapters/chat/slack/render.hpp"

#include "adapters/chat/sandbox/block_kit.hpp"
#include "adapters/chat/slack/utf.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <random>
#include <set>

using namespace jitbot;
using namespace jitbot::slack;
using Json = nlohmann::json;

namespace {

const Time k_now = time_from_ms(1'772'330'400'000);

std::string dump(const Json& json) {
  return json.dump();
}

Card example() {
  Card card;
  card.emoji = "⏳";
  card.headline = "Waiting · JIT-7K3F";
  card.facts.push_back({Mention{{"slack:T1", "U1"}}, Plain{" asks for "}, Strong{"prod-db : viewer"}});
  card.facts.push_back({Plain{"rule "}, Code{"production"}});
  card.quote = "INC-42 <!channel> *Approved by <@U1>*\u202E";
  card.footer.push_back({Plain{"times out at "}, Moment{k_now + 1h}});
  card.buttons.push_back(
      {"Approve", {RequestId{"7K3F"}, "1a2b3c4d5e6f", Act::approve}, ButtonStyle::primary});
  card.buttons.push_back({"Deny…", {RequestId{"7K3F"}, "1a2b3c4d5e6f", Act::deny}, ButtonStyle::danger});
  return card;
}

// Everything but the quote: where user text must never be.
std::string without_quote(const Json& message) {
  std::string text = message.at("text").get<std::string>();
  for (const Json& block : message.at("blocks")) {
    if (block.at("type") != "rich_text") text += block.dump();
  }
  return text;
}

std::string random_text(std::mt19937& random, std::size_t most) {
  constexpr std::array<std::string_view, 18> k_pieces{
      "a",    "<",          "&",      ">",  "*",  "_x", ":tada:",     "\n",   "é",
      "日本", "\U0001F600", "\u202E", "\"", "\\", "`",  "<!channel>", "\x01", "\xFF"};
  std::string text;
  const std::size_t pieces = random() % (most + 1);
  for (std::size_t i = 0; i < pieces; ++i) text += k_pieces[random() % k_pieces.size()];
  return text;
}

Span random_span(std::mt19937& random, std::size_t most) {
  switch (random() % 6) {
    case 0:
      return Strong{random_text(random, most)};
    case 1:
      return Code{random_text(random, most)};
    case 2:
      return Mention{{"slack:T1", random() % 2 == 0 ? "U01" : random_text(random, most)}};
    case 3:
      return ChannelMention{random() % 2 == 0 ? "C01" : random_text(random, most)};
    case 4:
      return Moment{k_now + Millis{static_cast<std::int64_t>(random() % 1'000'000'000)}, random() % 2 == 0};
    default:
      return Plain{random_text(random, most)};
  }
}

std::vector<Line> random_lines(std::mt19937& random, std::size_t lines, std::size_t most) {
  std::vector<Line> all(random() % (lines + 1));
  for (auto& line : all) {
    const std::size_t spans = random() % 5;
    for (std::size_t i = 0; i < spans; ++i) line.push_back(random_span(random, most));
  }
  return all;
}

Card random_card(std::mt19937& random) {
  // Many short lines, or few that are too long.
  const bool wordy = random() % 2 == 0;
  const std::size_t most = wordy ? 5000 : 30;
  Card card;
  card.emoji = random() % 2 == 0 ? "✅" : "";
  card.headline = random_text(random, most);
  card.facts = random_lines(random, wordy ? 3 : 60, most);
  card.quote = random_text(random, most);
  card.footer = random_lines(random, wordy ? 2 : 5, most);
  card.buttons.resize(random() % 60);
  for (auto& button : card.buttons) {
    button.label = random_text(random, 100);
    button.value = {RequestId{"7K3F"}, "1a2b3c4d5e6f", Act::end};
    button.style = random() % 2 == 0 ? ButtonStyle::danger : ButtonStyle::normal;
  }
  return card;
}

void check_limits(const Json& message) {
  const Json blocks = message.value("blocks", Json::array());
  CHECK(sandbox::check_blocks(blocks, sandbox::Surface::message) == std::vector<std::string>{});
  CHECK(blocks.size() <= 50);
  CHECK(utf16_units(blocks.dump()) <= 13'200);
  CHECK(utf16_units(message.at("text").get<std::string>()) <= 4000);
  CHECK_FALSE(message.at("text").get<std::string>().empty());
  std::set<std::string> actions;
  for (const Json& block : blocks) {
    for (const Json& element : block.value("elements", Json::array())) {
      if (element.value("type", "") == "button")
        CHECK(actions.insert(element.at("action_id").get<std::string>()).second);
    }
  }
}

}  // namespace

TEST_CASE("a card shows our facts first, then the quote, small print and buttons", "[slack]") {
  const Json message = render_message(example(), Dress::full, k_now);
  const Json& blocks = message.at("blocks");
  REQUIRE(blocks.size() == 5);
  CHECK(blocks[0] ==
        Json{{"type", "header"},
             {"text", {{"type", "plain_text"}, {"text", "⏳ Waiting · JIT-7K3F"}, {"emoji", false}}}});
  CHECK(blocks[1].at("text").at("text") == "<@U1> asks for *prod-db : viewer*\nrule `production`");
  CHECK(blocks[1].at("text").at("verbatim") == true);
  CHECK(blocks[2].at("elements")[0].at("type") == "rich_text_quote");
  CHECK(blocks[3].at("type") == "context");
  CHECK(blocks[4].at("elements")[0].at("style") == "primary");
  CHECK(blocks[4].at("elements")[0].at("value") == "7K3F|1a2b3c4d5e6f|approve");
  CHECK(blocks[4].at("elements")[1].at("text").at("text") == "Deny…");
  check_limits(message);
}

TEST_CASE("a headline with a time is a bold line, where every reader's own zone works", "[slack]") {
  Card card = example();
  card.emoji = "✅";
  card.headline = "Active until 03:00 UTC · JIT-7K3F";
  card.timed_headline = {Plain{"Active until "}, Moment{k_now + 1h}, Plain{" · JIT-7K3F"}};
  const Json message = render_message(card, Dress::full, k_now);
  const Json& title = message.at("blocks")[0];
  CHECK(title.at("type") == "section");
  CHECK(title.at("text").at("text") ==
        "*✅ Active until <!date^1772334000^{time}|03:00 UTC> (03:00 UTC) · JIT-7K3F*");
  CHECK(message.at("text").get<std::string>().starts_with("✅ Active until 03:00 UTC · JIT-7K3F"));
  check_limits(message);
  card.timed_headline.push_back(Plain{std::string(5000, '<')});
  check_limits(render_message(card, Dress::full, k_now));
}

TEST_CASE("what a person wrote stands in the quote alone, whole and unparsed", "[slack]") {
  const Json message = render_message(example(), Dress::full, k_now);
  const Json& quote = message.at("blocks")[2].at("elements")[0].at("elements");
  CHECK(quote == Json::array({{{"type", "text"}, {"text", "INC-42 <!channel> *Approved by <@U1>*"}}}));
  CHECK(without_quote(message).find("INC-42") == std::string::npos);
  CHECK(without_quote(message).find("!channel") == std::string::npos);
  for (const Dress dress : {Dress::bare, Dress::text}) {
    CHECK(dump(render_message(example(), dress, k_now)).find("INC-42") == std::string::npos);
  }
}

TEST_CASE("the bare card keeps its buttons, the text alone has no blocks", "[slack]") {
  const Json bare = render_message(example(), Dress::bare, k_now);
  CHECK(bare.at("blocks").size() == 2);
  CHECK(bare.at("blocks")[1].at("elements").size() == 2);
  check_limits(bare);
  const Json text = render_message(example(), Dress::text, k_now);
  CHECK(text.at("blocks").empty());
  CHECK(text.at("text").get<std::string>().find("JIT-7K3F") != std::string::npos);
}

TEST_CASE("a plain answer is one block, and an empty card still is a message", "[slack]") {
  const Json message = render_message(answer("staging has no role \"amdin\""), Dress::full, k_now);
  CHECK(message.at("text") == "staging has no role \"amdin\"");
  CHECK(message.at("blocks").size() == 1);
  check_limits(render_message(Card{}, Dress::full, k_now));
  check_limits(render_message(Card{}, Dress::bare, k_now));
}

TEST_CASE("long answers go on in further blocks until the message is full", "[slack]") {
  Card card;
  for (int i = 0; i < 400; ++i)
    card.facts.push_back(plain("line " + std::to_string(i) + " " + std::string(40, 'x')));
  const Json message = render_message(card, Dress::full, k_now);
  check_limits(message);
  CHECK(message.at("blocks").size() >= 2);
  const std::string last = message.at("blocks").back().at("text").at("text").get<std::string>();
  CHECK(last.ends_with("…"));
  CHECK(message.at("blocks")[0].at("text").at("text").get<std::string>().find("line 10 ") !=
        std::string::npos);
}

TEST_CASE("any card stays within Slack's limits", "[slack]") {
  std::mt19937 random(11);
  for (int round = 0; round < 40; ++round) {
    const Card card = random_card(random);
    CAPTURE(round);
    for (const Dress dress : {Dress::full, Dress::bare, Dress::text})
      check_limits(render_message(card, dress, k_now));
  }
}
