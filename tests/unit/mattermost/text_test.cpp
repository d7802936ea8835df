#include "adapters/chat/mattermost/ids.hpp"
#include "adapters/chat/mattermost/literal.hpp"
#include "adapters/chat/mattermost/moment.hpp"
#include "adapters/chat/mattermost/text_in.hpp"
#include "adapters/chat/mattermost/text_out.hpp"
#include "bot/cards/clean.hpp"
#include "tests/unit/mattermost/decoding.hpp"

#include <array>
#include <random>

using namespace jitbot;
using namespace jitbot::mattermost;
using namespace jitbot::mattermost::testing;

namespace {

using Listed = std::vector<std::string>;

Dress dress() {
  Dress dress;
  dress.now = k_received;
  dress.names = {{k_alice, "alice"}, {k_bob, "bob-old"}, {k_carol, "@all **x**"}};
  dress.channels = {{k_approvals, "approvals"}};
  return dress;
}

std::string rendered(const Line& line, std::size_t most = 2000) {
  return markdown(line, dress(), most);
}

}  // namespace

TEST_CASE("text that hides, reorders or imitates is cleaned", "[mattermost]") {
  const auto [dirty, clean] = GENERATE(table<std::string, std::string>({
      {"a\u202Eb\u2066c\u2069d", "abcd"},
      {"pro\u200Bd\uFEFF-\u2060db", "prod-db"},
      {"for " + mention(k_bob), "for " + k_bob},  // a mention cannot be imitated by its characters
      {std::string("a\x01") + "b\x7F" + "c\u0085d", "abcd"},
      {"a\r\nb\rc", "a\nb\nc"},
      {"a\n\n\n\n\nb", "a\n\nb"},
      {"a\tb", "a b"},
      {"“db:prod”  30m ünï €", "“db:prod”  30m ünï €"},
      {"bad \xC3\x28 \xFF", "bad \uFFFD( \uFFFD"},
  }));
  CHECK(clean_text(dirty) == clean);
}

TEST_CASE("the names that a text may mention are told, however the sentence ends", "[mattermost]") {
  const auto [text, names] = GENERATE(table<std::string, Listed>({
      {"for @bob", {"bob"}},
      {"@bob @carol. @nosuch", {"bob", "carol.", "carol", "nosuch"}},
      {"(@Bob-Old: yes)", {"bob-old:", "bob-old"}},
      {"@bob and @BOB", {"bob"}},
      {"mail bob@example.com", {}},
      {"@here @all @channel", {}},
      {"@", {}},
      {"a @ b @.x", {}},
      {"@" + std::string(100, 'a'), {}},
  }));
  CAPTURE(text);
  CHECK(names_in(text) == names);
}

TEST_CASE("known names become mentions by id, and nothing else does", "[mattermost]") {
  const Ids ids{{"bob", k_bob}, {"carol", k_carol}, {"carol.j", k_approvals}, {"all", k_alice}};
  const auto [text, read] = GENERATE_REF(table<std::string, std::string>({
      {"request prod --for @bob 1h", "request prod --for " + mention(k_bob) + " 1h"},
      {"@carol. then", mention(k_carol) + ". then"},
      {"@carol.j then", mention(k_approvals) + " then"},
      {"@Bob, @nosuch", mention(k_bob) + ", @nosuch"},
      {"@all bob@bob", "@all bob@bob"},
  }));
  CHECK(with_mentions(text, ids) == read);
}

TEST_CASE("what follows the bot's name is what was said to it", "[mattermost]") {
  const auto [text, said] = GENERATE(table<std::string, std::string>({
      {"@jitbot request staging 1h", "request staging 1h"},
      {"hey @JitBot: mine", "mine"},
      {"mine @jitbot", "mine"},
      {"@jitbot", ""},
      {"`@jitbot deny 7K3F x` @jitbot mine", "mine"},
      {"a ` stray tick @jitbot mine", "mine"},
  }));
  CAPTURE(text);
  CHECK(said_to(text, "jitbot") == said);
}

TEST_CASE("who only shows how to speak to the bot does not", "[mattermost]") {
  const std::string text =
      GENERATE("type `@jitbot approve 7K3F`", "```\n@jitbot approve 7K3F\n```", "``@jitbot ` approve``",
               "@jitbots approve", "me@jitbot approve", "approve 7K3F");
  CAPTURE(text);
  CHECK_FALSE(said_to(text, "jitbot"));
}

TEST_CASE("nothing in our words is parsed by Mattermost", "[mattermost]") {
  const auto [words, shown] = GENERATE(table<std::string, std::string>({
      {"@all @here @bob", "＠all ＠here ＠bob"},
      {"**bold** and ~~gone~~", "∗∗bold∗∗ and ∼∼gone∼∼"},
      {"prod_db_1 and _x_ a_b_ c", "prod_db_1 and ˍxˍ a_bˍ c"},
      {"`x`", "ˋxˋ"},
      {"~approvals #hashtag", "∼approvals ＃hashtag"},
      {"[Approved](https://evil.example)", "[Approved］(https∶//evil.example)"},
      {"![x](y) [a]: b", "![x］(y) [a］: b"},
      {"www.evil.example and WWW2.evil.example", "www․evil.example and WWW2․evil.example"},
      {"evil.example/path and/or 1/2", "evil.example∕path and/or 1/2"},
      {"<https://x.example> <b>", "‹https∶//x.example> ‹b>"},
      {"a < b > c", "a < b > c"},
      {":white_check_mark: at 10:30", "∶white_check_mark: at 10:30"},
      {"x :D prod-db : viewer staging:viewer", "x ∶D prod-db : viewer staging:viewer"},
      {"mailto:x tel:1", "mailto∶x tel∶1"},
      {"&lt;b&#62; a & b; AT&T", "＆lt;b＆＃62; a & b; AT&T"},
      {"\\*x\\* C:\\dir", "＼∗x＼∗ C:\\dir"},
      {"$x^2$ a|b", "＄x^2＄ a∣b"},
      {"one\ntwo\u202E", "one two"},
  }));
  CAPTURE(words);
  CHECK(literal(words) == shown);
}

TEST_CASE("no line begins anything but a line", "[mattermost]") {
  for (const std::string begin : {"- x", "+ x", "> x", "# x", "===", "---", "1. x", "12) x"}) {
    CHECK(rendered(plain(begin)).starts_with("\u2060"));
  }
  CHECK(rendered(plain("    code")) == "code");
  CHECK(rendered(plain("30m left")) == "30m left");
}

TEST_CASE("code and quotes hold anything and end where they should", "[mattermost]") {
  CHECK(code("alice_db <@all>") == "`alice_db <@all>`");
  CHECK(code("a`b\nc") == "`aˋb c`");
  CHECK(code(" ").empty());
  CHECK(fenced("INC-42 @all\n- x") == "```\nINC-42 @all\n- x\n```");
  CHECK(fenced("```\n@all\n````") == "`````\n```\n@all\n````\n`````");
  CHECK(fenced(" \n").empty());
}

TEST_CASE("people and channels are mentions where their names are known and are names", "[mattermost]") {
  CHECK(rendered({Mention{who(k_alice)}, Plain{" asks"}}) == "@alice asks");
  CHECK(rendered({Mention{who(k_alice)}, Plain{"x"}}) == "@alice\u2060x");
  CHECK(rendered({Mention{who(k_carol)}}) == "＠" + k_carol);
  CHECK(rendered({Mention{{"slack:T1", "U0123"}}}) == "＠U0123");
  Dress crowd = dress();
  crowd.names[k_bob] = "here";
  CHECK(markdown({Mention{who(k_bob)}}, crowd, 100) == "＠" + k_bob);
  CHECK(rendered({ChannelMention{k_approvals}}) == "~approvals");
  CHECK(rendered({ChannelMention{"mattermost:" + k_approvals}}) == "~approvals");
  CHECK(rendered({ChannelMention{"#inc-42"}}) == "~inc-42");
  CHECK(rendered({ChannelMention{"mattermost:#inc-42"}}) == "~inc-42");
  CHECK(rendered({ChannelMention{k_inc_42}}) == "＃" + k_inc_42);
  CHECK(rendered({ChannelMention{"#x @all"}}) == "＃x ＠all");
  CHECK(plain_words({Mention{who(k_alice)}, Plain{" in "}, ChannelMention{k_approvals}}, dress()) ==
        "@alice in ~approvals");
}

TEST_CASE("formatting of ours stands around words that are cut, not in them", "[mattermost]") {
  CHECK(rendered({Strong{"a*b"}}) == "**a∗b**");
  CHECK(rendered({Plain{"x"}, Strong{" y "}}) == "x **y** ");
  CHECK(rendered({Strong{" "}}).empty());
  const std::string cut = rendered({Strong{std::string(500, 'x')}, Code{std::string(500, 'y')}}, 300);
  CHECK(length_of(cut) <= 300);
  CHECK(cut.starts_with("**xxx"));
  CHECK(cut.ends_with("…`"));
}

TEST_CASE("times are told in UTC, and in the reader's zone where he alone reads", "[mattermost]") {
  const Moment soon{k_received + 1h, false};
  const Moment tomorrow{k_received + 24h, true};
  CHECK(moment_text(soon, k_received, "") == "03:00 UTC");
  CHECK(moment_text(tomorrow, k_received, "") == "2026-03-02 02:00:00 UTC");
  CHECK(moment_text(soon, k_received, "Europe/Vienna") == "04:00 (03:00 UTC)");
  CHECK(moment_text(soon, k_received, "America/New_York") == "22:00 (03:00 UTC)");
  CHECK(moment_text(Moment{k_received + 4h, false}, k_received, "America/New_York") ==
        "2026-03-01 01:00 (06:00 UTC)");
  CHECK(moment_text(soon, k_received, "Mars/Olympus") == "03:00 UTC");
}

TEST_CASE("typed commands begin as they are typed here", "[mattermost]") {
  CHECK(with_command("/jit mine", "@jitbot") == "@jitbot mine");
  CHECK(with_command("type /jit", "@jitbot") == "type @jitbot");
  CHECK(with_command("see docs/jit and /jitter (/jit help)", "x") == "see docs/jit and /jitter (x help)");
  Dress without = dress();
  without.command = "@jitbot";
  CHECK(markdown({Code{"/jit approve 7K3F"}, Plain{" or /jit mine"}}, without, 100) ==
        "`@jitbot approve 7K3F` or ＠jitbot mine");
}

TEST_CASE("lines are joined as far as there is room, and … stands for the rest", "[mattermost]") {
  CHECK(joined({"ab", "cd"}, 5) == "ab\ncd");
  CHECK(joined({"ab", "cd", "ef"}, 7) == "ab\ncd\n…");
  CHECK(joined({"abcdef"}, 3) == "…");
  CHECK(joined({}, 3).empty());
}

TEST_CASE("whatever words hold, nothing in them does anything", "[mattermost]") {
  constexpr std::array<std::string_view, 24> k_pieces{
      "a", "@", "all", "#", "~",    "*",  "_", "`", "[",   "](", "http", "://",
      "/", ".", ":",   "$", "\xFF", "\n", " ", "<", "www", "\\", "é",    "\u202E"};
  std::mt19937 random(7);
  for (int round = 0; round < 400; ++round) {
    std::string text;
    for (std::size_t i = random() % 40; i > 0; --i) text += k_pieces[random() % k_pieces.size()];
    const std::string shown = literal(text);
    CAPTURE(text, shown);
    CHECK(shown.find_first_of("@*`~$|\n") == std::string::npos);
    CHECK(shown.find("](") == std::string::npos);
    CHECK(shown.find("://") == std::string::npos);
    CHECK(shown.find("www.") == std::string::npos);
    CHECK(shown.find("#a") == std::string::npos);
    CHECK(shown.find("\u202E") == std::string::npos);
  }
}

TEST_CASE("ids and names are told from what is none", "[mattermost]") {
  CHECK(is_id(k_alice));
  CHECK_FALSE(is_id("d4mpocjspif3b8ukrhxgmokbk"));
  CHECK_FALSE(is_id("D4mpocjspif3b8ukrhxgmokbke"));
  CHECK(is_username("bob-old.2_x"));
  CHECK(is_username("bob:remote"));
  for (const char* name : {"", "Bob", "-bob", "b b", "@bob", "bob\n"}) CHECK_FALSE(is_username(name));
  const auto channel = parse_source("mattermost:channel/" + k_inc_42);
  REQUIRE(channel);
  CHECK(to_string(*channel) == "mattermost:channel/" + k_inc_42);
  const auto group = parse_source("mattermost:group/" + k_inc_42);
  REQUIRE(group);
  CHECK(to_string(*group) == "mattermost:group/" + k_inc_42);
  for (const char* none : {"slack:channel/C1", "mattermost:channel/", "mattermost:group/x"})
    CHECK_FALSE(parse_source(none));
}
