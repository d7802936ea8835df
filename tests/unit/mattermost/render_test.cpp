#include "adapters/chat/mattermost/render.hpp"

#include "adapters/chat/mattermost/twins.hpp"
#include "adapters/chat/mattermost/votes_on.hpp"
#include "bot/cards/clean.hpp"
#include "tests/unit/mattermost/decoding.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <random>
#include <set>

using namespace jitbot;
using namespace jitbot::mattermost;
using namespace jitbot::mattermost::testing;

namespace {

Dress pressed() {
  Dress dress;
  dress.key = "card:7K3F:1";
  dress.now = k_received;
  dress.names = {{k_alice, "alice"}};
  dress.clicks =
      Clicks{"http://jitbot.internal:8066/mattermost/click", k_seal_key, k_approvals, k_received + 1h};
  return dress;
}

Dress worded() {
  Dress dress = pressed();
  dress.clicks.reset();
  dress.command = "@jitbot";
  dress.votes = Votes{k_seal_key, k_approvals, std::nullopt, Time(), {}};
  return dress;
}

Card example() {
  Card card;
  card.emoji = "⏳";
  card.headline = "Waiting · JIT-7K3F";
  card.facts.push_back({Mention{who(k_alice)}, Plain{" asks for "}, Strong{"prod-db : viewer"}});
  card.facts.push_back({Plain{"rule "}, Code{"production"}});
  card.quote = "INC-42 @all **Approved by @carol** ```\n:white_check_mark:";
  card.footer.push_back({Plain{"times out at "}, Moment{k_received + 1h}});
  card.footer.push_back({Plain{"or type "}, Code{"/jit approve 7K3F"}});
  card.buttons = {{"Approve", button(Act::approve), ButtonStyle::primary},
                  {"Deny…", button(Act::deny), ButtonStyle::danger}};
  return card;
}

const Json& attachments_of(const Json& post) {
  return post.at("props").at("attachments");
}

Json actions_of(const Json& post) {
  Json actions = Json::array();
  for (const Json& attachment : post.at("props").value("attachments", Json::array())) {
    for (const Json& action : attachment.value("actions", Json::array())) actions.push_back(action);
  }
  return actions;
}

void check_limits(const Json& post, const Dress& dress) {
  CHECK(length_of(post.at("message").get<std::string>()) <= dress.limits.message);
  CHECK_FALSE(post.at("message").get<std::string>().empty());
  CHECK(size_of_props(post.at("props")) <= dress.limits.props);
  std::set<std::string> ids;
  for (const Json& action : actions_of(post)) {
    const std::string id = action.at("id").get<std::string>();
    CHECK(std::ranges::all_of(id, [](unsigned char c) { return std::isalnum(c) != 0; }));
    CHECK(ids.insert(id).second);
    CHECK_FALSE(action.at("name").get<std::string>().empty());
  }
}

std::string random_text(std::mt19937& random, std::size_t most) {
  constexpr std::array<std::string_view, 16> k_pieces{"a",          "<",  "&",    ">",    "*", "_x",
                                                      ":tada:",     "\n", "é",    "日本", "`", "```",
                                                      "\U0001F600", "\"", "@all", "\xFF"};
  std::string text;
  for (std::size_t i = random() % (most + 1); i > 0; --i) text += k_pieces[random() % k_pieces.size()];
  return text;
}

Line random_line(std::mt19937& random, std::size_t most) {
  Line line;
  for (std::size_t i = random() % 5; i > 0; --i) {
    switch (random() % 4) {
      case 0:
        line.emplace_back(Strong{random_text(random, most)});
        break;
      case 1:
        line.emplace_back(Code{random_text(random, most)});
        break;
      case 2:
        line.emplace_back(Mention{who(random() % 2 == 0 ? k_alice : random_text(random, 20))});
        break;
      default:
        line.emplace_back(Plain{random_text(random, most)});
    }
  }
  return line;
}

Card random_card(std::mt19937& random) {
  // Many short lines, or few that are too long.
  const bool wordy = random() % 2 == 0;
  const std::size_t most = wordy ? 5000 : 30;
  Card card;
  card.emoji = random() % 2 == 0 ? "✅" : "";
  card.headline = random_text(random, random() % 2 == 0 ? most : 0);
  for (std::size_t i = random() % (wordy ? 4 : 400); i > 0; --i)
    card.facts.push_back(random_line(random, most));
  card.quote = random_text(random, most);
  for (std::size_t i = random() % 4; i > 0; --i) card.footer.push_back(random_line(random, most));
  for (std::size_t i = random() % 6; i > 0; --i)
    card.buttons.push_back({"b" + random_text(random, 80), button(Act::end), ButtonStyle::normal});
  return card;
}

}  // namespace

TEST_CASE("a card shows its title, our facts, the quote, then small print and buttons", "[mattermost]") {
  const Json post = render_post(example(), pressed());
  CHECK(post.at("message") == "⏳ **Waiting · JIT-7K3F**");
  const Json& parts = attachments_of(post);
  REQUIRE(parts.size() == 3);
  CHECK(parts[0].at("text") == "@alice asks for **prod-db : viewer**\nrule `production`");
  CHECK(parts[0].at("color") == "#f0a30a");
  CHECK(parts[0].at("fallback") ==
        "⏳ Waiting · JIT-7K3F · @alice asks for prod-db : viewer · rule production");
  CHECK(parts[1].at("text") == "````\nINC-42 @all **Approved by @carol** ```\n:white_check_mark:\n````");
  CHECK(parts[2].at("footer") == "times out at 03:00 UTC · or type /jit approve 7K3F");
  const Json& actions = parts[2].at("actions");
  REQUIRE(actions.size() == 2);
  CHECK(actions[0].at("id") == "approve0");
  CHECK(actions[0].at("type") == "button");
  CHECK(actions[0].at("name") == "Approve");
  CHECK(actions[0].at("style") == "primary");
  CHECK(actions[1].at("name") == "Deny…");
  CHECK(actions[1].at("style") == "danger");
  CHECK(actions[1].at("integration").at("url") == "http://jitbot.internal:8066/mattermost/click");
  check_limits(post, pressed());
}

TEST_CASE("a button carries one sealed value, for this channel and this message", "[mattermost]") {
  const Json context = actions_of(render_post(example(), pressed()))[1].at("integration").at("context");
  CHECK(context.size() == 1);
  const auto click = unseal_click(context.at("sealed").get<std::string>(), k_seal_key, k_received);
  REQUIRE(click);
  CHECK(click->button == button(Act::deny));
  CHECK(click->channel == k_approvals);
  CHECK(click->message_key == "card:7K3F:1");
  CHECK(click->expires == k_received + 1h);
}

TEST_CASE("a post of ours tells its key, and one without tells none", "[mattermost]") {
  const Json post = render_post(example(), pressed());
  CHECK(key_of_post(post) == "card:7K3F:1");
  CHECK(key_of_post(render_post(answer("done"), pressed())) == "card:7K3F:1");
  CHECK(key_of_post(Json{{"props", {{"jitbot_key", 7}}}}).empty());
  CHECK(key_of_post(Json::array()).empty());
}

TEST_CASE("what a person wrote stands in the quote alone", "[mattermost]") {
  Json post = render_post(example(), pressed());
  post["props"]["attachments"].erase(1);
  CHECK(post.dump().find("INC-42") == std::string::npos);
}

TEST_CASE("without quote and buttons a card is its title and one attachment", "[mattermost]") {
  Card card = example();
  card.quote.clear();
  card.buttons.clear();
  card.emoji = "✅";
  card.headline = "Active until 03:00 UTC · JIT-7K3F";
  card.timed_headline = {Plain{"Active until "}, Moment{k_received + 1h}, Plain{" · JIT-7K3F"}};
  Dress dress = pressed();
  dress.zone = "Europe/Vienna";
  const Json post = render_post(card, dress);
  CHECK(post.at("message") == "✅ **Active until 04:00 (03:00 UTC) · JIT-7K3F**");
  REQUIRE(attachments_of(post).size() == 1);
  CHECK(attachments_of(post)[0].at("footer") == "times out at 04:00 (03:00 UTC) · or type /jit approve 7K3F");
  CHECK(attachments_of(post)[0].at("color") == "#3db887");
  CHECK(actions_of(post).empty());
}

TEST_CASE("a plain answer is a message and nothing else", "[mattermost]") {
  const Json post = render_post(answer("staging has no role \"amdin\"; ask @all"), pressed());
  CHECK(post.at("message") == "staging has no role \"amdin\"; ask ＠all");
  CHECK_FALSE(post.at("props").contains("attachments"));
  CHECK(render_post(Card{}, pressed()).at("message") == "jitbot");
}

TEST_CASE("where nothing is pressed a card says how to decide", "[mattermost]") {
  const Json post = render_post(example(), worded());
  CHECK(actions_of(post).empty());
  const std::string facts = attachments_of(post)[0].at("text").get<std::string>();
  CHECK(facts.find("React with ✅ to approve or with ❌ to deny") != std::string::npos);
  CHECK(facts.find("Deny: `@jitbot deny 7K3F REASON`") != std::string::npos);
  CHECK(facts.find("Approve:") == std::string::npos);  // its footer says that already
  CHECK(attachments_of(post).back().at("footer").get<std::string>().find("@jitbot approve 7K3F") !=
        std::string::npos);
}

TEST_CASE("what is of high risk is not decided by a reaction", "[mattermost]") {
  Card card = example();
  card.buttons[0] = {"Approve…", button(Act::confirm), ButtonStyle::primary};
  const std::string facts = attachments_of(render_post(card, worded()))[0].at("text").get<std::string>();
  CHECK(facts.find("React with") == std::string::npos);
  CHECK(facts.find("reactions do not count") != std::string::npos);
}

TEST_CASE("reactions are told of only where they count and there is something to decide", "[mattermost]") {
  Dress dress = worded();
  dress.votes.reset();
  CHECK(render_post(example(), dress).dump().find("React") == std::string::npos);
  Card card = example();
  card.buttons = {{"I'm done", button(Act::done), ButtonStyle::normal}};
  const std::string post = render_post(card, worded()).dump();
  CHECK(post.find("React") == std::string::npos);
  CHECK(post.find("@jitbot done 7K3F") != std::string::npos);
}

TEST_CASE("a post tells what a reaction on it stands for, with the digest that was shown", "[mattermost]") {
  const auto votes = [](const Card& card, const Dress& dress) {
    Json post = render_post(card, dress);
    post["channel_id"] = k_approvals;
    return votes_on(post, k_seal_key).sealed.votes;
  };
  CHECK(votes(example(), worded()) == std::vector<ButtonValue>{button(Act::approve), button(Act::deny)});
  CHECK(votes(example(), pressed()).empty());
  Dress unheard = worded();
  unheard.votes.reset();
  CHECK(votes(example(), unheard).empty());
  Card high = example();
  high.buttons[0].value.act = Act::confirm;
  CHECK(votes(high, worded()).empty());
  Card decided = example();
  decided.buttons.clear();
  CHECK(votes(decided, worded()).empty());
}

TEST_CASE("every button has words that do the same, but the one that asks again", "[mattermost]") {
  for (const Act act : {Act::approve, Act::confirm, Act::deny, Act::shorter, Act::question, Act::cancel,
                        Act::done, Act::end, Act::extend, Act::request})
    CHECK(typed_twin(button(act)));
  CHECK_FALSE(typed_twin(button(Act::again)));
  CHECK(typed_twin(ButtonValue{RequestId{"7K3F"}, "", Act::shorter, 1}) ==
        "revise 7K3F.2 DURATION because REASON");
}

TEST_CASE("all of a card in one text has its quote fenced and its buttons told", "[mattermost]") {
  const std::string text = render_text(example(), pressed());
  CHECK(text ==
        "⏳ **Waiting · JIT-7K3F**\n@alice asks for **prod-db : viewer**\nrule `production`\n"
        "Deny: `/jit deny 7K3F REASON`\n"
        "````\nINC-42 @all **Approved by @carol** ```\n:white_check_mark:\n````\n"
        "times out at 03:00 UTC\nor type `/jit approve 7K3F`");
  CHECK(command_answer(answer("ok"), pressed()) ==
        Json{{"response_type", "ephemeral"}, {"text", "ok"}, {"skip_slack_parsing", true}});
  CHECK(click_answer(answer("ok"), pressed()) ==
        Json{{"ephemeral_text", "ok"}, {"skip_slack_parsing", true}});
}

TEST_CASE("too long a quote is shortened, facts and buttons stay", "[mattermost]") {
  Card card = example();
  card.quote = std::string(20'000, '<');
  const Json post = render_post(card, pressed());
  check_limits(post, pressed());
  CHECK(actions_of(post).size() == 2);
  CHECK(attachments_of(post)[0].at("text").get<std::string>().find("prod-db : viewer") != std::string::npos);
  CHECK(attachments_of(post)[1].at("text").get<std::string>().find("<<<…\n```") != std::string::npos);
}

TEST_CASE("facts that props cannot hold move into the message, whole", "[mattermost]") {
  Card card = example();
  for (int i = 0; i < 100; ++i)
    card.facts.push_back(plain("fact " + std::to_string(i) + std::string(70, '<')));
  const Json post = render_post(card, pressed());
  check_limits(post, pressed());
  CHECK(post.at("message").get<std::string>().find("fact 99") != std::string::npos);
  CHECK(actions_of(post).size() == 2);
  CHECK(post.dump().find("INC-42") != std::string::npos);
}

TEST_CASE("newer servers take longer props", "[mattermost]") {
  Card card = example();
  card.quote = std::string(2500, 'x');
  Dress dress = pressed();
  dress.limits.props = 800'000;
  CHECK(attachments_of(render_post(card, dress))[1].at("text").get<std::string>().size() > 2500);
}

TEST_CASE("any card stays within Mattermost's limits", "[mattermost]") {
  std::mt19937 random(11);
  for (int round = 0; round < 60; ++round) {
    const Card card = random_card(random);
    CAPTURE(round);
    for (const Dress& dress : {pressed(), worded()}) {
      const Json post = render_post(card, dress);
      check_limits(post, dress);
      CHECK(actions_of(post).size() == (dress.clicks ? card.buttons.size() : 0));
      CHECK(length_of(render_text(card, dress)) <= dress.limits.message);
    }
  }
}
