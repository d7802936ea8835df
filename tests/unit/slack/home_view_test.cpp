#include "adapters/chat/slack/home_view.hpp"

#include "adapters/chat/sandbox/block_kit.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <set>

using namespace jitbot;
using namespace jitbot::slack;
using Json = nlohmann::json;

namespace {

const Time k_now = time_from_ms(1'772'330'400'000);

Card item(const std::string& text) {
  Card card;
  card.facts = {{Plain{text}, Moment{k_now + 1h}}};
  card.quote = "because <!channel> *bold*";
  card.buttons = {{"Approve", {RequestId{"7K3F"}, "1a2b3c4d5e6f", Act::approve}, ButtonStyle::primary},
                  {"Deny…", {RequestId{"7K3F"}, "1a2b3c4d5e6f", Act::deny}, ButtonStyle::danger}};
  return card;
}

Home home() {
  Home home;
  home.top.buttons = {{"Request access", {{}, {}, Act::request}, ButtonStyle::primary}};
  home.sections = {{"Waits for you", {item("one, until "), item("two, until ")}, plain("and 3 more")}};
  home.footer = {plain("the directory is away")};
  return home;
}

}  // namespace

TEST_CASE("Home is a view that Slack takes, with times in the reader's own zone", "[slack]") {
  const Json view = render_home(home(), k_now);
  CHECK(sandbox::check_view(view) == std::vector<std::string>{});
  CHECK(view.at("type") == "home");
  const std::string text = view.dump();
  CHECK(text.find("<!date^1772334000^{time}|03:00 UTC> (03:00 UTC)") != std::string::npos);
  CHECK(text.find("||request") != std::string::npos);
  CHECK(text.find("\"text\":\"because <!channel> *bold*\"") != std::string::npos);
  CHECK(text.find("and 3 more") != std::string::npos);
  CHECK(text.find("the directory is away") != std::string::npos);
}

TEST_CASE("no two buttons on Home are alike", "[slack]") {
  std::set<std::string> ids;
  std::size_t buttons = 0;
  const Json view = render_home(home(), k_now);
  for (const Json& block : view.at("blocks")) {
    if (block.at("type") != "actions") continue;
    for (const Json& element : block.at("elements")) {
      ids.insert(element.at("action_id").get<std::string>());
      ++buttons;
    }
  }
  CHECK(buttons == 5);
  CHECK(ids.size() == buttons);
}

TEST_CASE("Home with anything in it stays within the limits, and says that there is more", "[slack]") {
  Home large = home();
  SECTION("many things") {
    large.sections.front().items.assign(300, item("x"));
  }
  SECTION("long things") {
    Card card = item(std::string(50'000, '<'));
    card.quote = std::string(50'000, '&');
    card.footer.assign(100, plain(std::string(1000, '*')));
    card.buttons.assign(60, card.buttons.front());
    large.sections.assign(30, {std::string(1000, 't'), {card, card, card}, plain(std::string(5000, 'm'))});
  }
  const Json view = render_home(large, k_now);
  CHECK(sandbox::check_view(view) == std::vector<std::string>{});
  CHECK(view.at("blocks").size() <= 100);
  CHECK(view.dump().size() <= 250'000);
  CHECK(view.at("blocks").back().dump().find("There is more") != std::string::npos);
}

TEST_CASE("a page with nothing is still a page", "[slack]") {
  Home empty;
  empty.top.facts = {plain("Guests cannot ask for access.")};
  CHECK(sandbox::check_view(render_home(empty, k_now)) == std::vector<std::string>{});
}
