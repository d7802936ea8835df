#include "bot/cards/home.hpp"

#include "tests/unit/cards/story.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

namespace jitbot {
namespace {

std::string text_of(const Home& home) {
  std::string text = to_plain_text(home.top) + "\n";
  for (const HomeSection& section : home.sections) {
    text += "# " + section.title + "\n";
    for (const Card& item : section.items) text += to_plain_text(item) + "\n";
    if (!section.more.empty()) text += to_plain_text(section.more) + "\n";
  }
  for (const Line& line : home.footer) text += to_plain_text(line) + "\n";
  return text;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

HomeOffer offer(std::string name) {
  return {std::move(name), "Staging cluster", {{"viewer", "needs owners (1 of group:sre)", 2h}}};
}

TEST_CASE("home shows what one has, what waits for him, what he asked for and what he may ask for") {
  HomeView view;
  view.has = {story::active()};
  view.waiting = {story::waiting()};
  view.asked = {story::half_approved()};
  view.offers = {offer("staging")};
  view.all_offers = 1;
  const Home home = home_of(view);
  const std::string text = text_of(home);
  INFO(text);
  REQUIRE(home.sections.size() == 4);
  CHECK(contains(text, "✅ Active · prod-db : viewer · JIT-7K3F as alice_db"));
  CHECK(contains(text, "until 2026-03-01 15:04 UTC"));
  CHECK(contains(text, "@ALICE asks for prod-db : viewer for 1h"));
  CHECK(contains(text, "times out at "));
  CHECK(contains(text,
                 "# What you may ask for (1)\nstaging — Staging cluster\n· viewer at most 2h, needs owners"));
  REQUIRE(home.top.buttons.size() == 1);
  CHECK(home.top.buttons.front().value.act == Act::request);
  CHECK_FALSE(contains(text, "more"));
}

TEST_CASE("buttons on home are those of the cards") {
  HomeView view;
  view.has = {story::active()};
  view.waiting = {story::waiting()};
  view.asked = {story::waiting()};
  view.reader = story::active().request.asked.beneficiary;
  const Home home = home_of(view);
  REQUIRE(home.sections.size() == 3);
  CHECK(home.sections[0].items[0].buttons == requester_card(story::active()).buttons);
  CHECK(home.sections[1].items[0].buttons == approval_card(story::waiting()).buttons);
  CHECK(home.sections[2].items[0].buttons == requester_card(story::waiting()).buttons);
  // Nobody decides on less than the card shows: the asker's words are there, and nowhere else.
  CHECK(home.sections[1].items[0].quote == approval_card(story::waiting()).quote);
}

TEST_CASE("the request button's value is read again, and no other button without an id") {
  const ButtonValue request{{}, {}, Act::request};
  CHECK(decode_button(encode(request)) == request);
  CHECK_FALSE(decode_button("||approve"));
  CHECK_FALSE(decode_button("||done"));
  CHECK_FALSE(decode_button("|1a2b3c4d5e6f|request"));
}

TEST_CASE("home is bounded, and says how much it does not show") {
  HomeView view;
  view.has.assign(30, story::active());
  view.waiting.assign(200, story::waiting());
  view.asked.assign(9, story::waiting());
  for (int i = 0; i < 50; ++i) view.offers.push_back(offer("r" + std::to_string(i)));
  view.offers.front().ways.assign(20, view.offers.front().ways.front());
  view.all_offers = 5000;
  const Home home = home_of(view);
  const std::string text = text_of(home);
  for (const HomeSection& section : home.sections)
    CHECK(section.items.size() <= std::max(k_home_items, k_home_offers));
  CHECK(contains(text, "and 22 more: /jit mine"));
  CHECK(contains(text, "and 192 more: /jit pending"));
  CHECK(contains(text, "and 1 more: /jit mine"));
  CHECK(contains(text, "and 4990 more: /jit resources <word>"));
  CHECK(contains(text, "and 16 more roles"));
}

TEST_CASE("an empty home says why") {
  HomeView view;
  CHECK(contains(text_of(home_of(view)), "You have no access now, and nothing waits for you."));
  CHECK(contains(text_of(home_of(view)), "No rule lets you ask for anything."));
  CHECK(home_of(view).top.buttons.empty());
  view.nothing = "Guests cannot ask for access.";
  const Home guest = home_of(view);
  CHECK(contains(text_of(guest), "Guests cannot ask for access."));
  CHECK(guest.top.buttons.empty());
  view.nothing.clear();
  view.unknown = {"The directory cannot be asked now"};
  CHECK(home_of(view).top.buttons.size() == 1);
  CHECK(contains(text_of(home_of(view)), "The directory cannot be asked now"));
}

TEST_CASE("access on its way, and access being removed, are told as they are") {
  HomeView view;
  view.has = {story::activating(), story::ending(), story::overdue()};
  const std::string text = text_of(home_of(view));
  INFO(text);
  CHECK(contains(text, "being set up · ends at the latest "));
  CHECK(contains(text, "being removed, not proven absent yet"));
  CHECK(contains(text, "🚨 Overdue"));
}

TEST_CASE("a headline with a time has it as a moment, too") {
  const Card active = approval_card(story::active());
  CHECK(active.headline == "Active until 15:04 UTC · JIT-7K3F");
  CHECK(to_plain_text(active.timed_headline) == "Active until 2026-03-01 15:04 UTC · JIT-7K3F");
  CHECK(std::ranges::any_of(active.timed_headline,
                            [](const Span& span) { return std::holds_alternative<Moment>(span); }));
  CHECK(approval_card(story::waiting()).timed_headline.empty());
}

}  // namespace
}  // namespace jitbot
