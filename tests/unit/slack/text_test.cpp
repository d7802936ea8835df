#include "adapters/chat/slack/text_in.hpp"
#include "adapters/chat/slack/text_out.hpp"
#include "adapters/chat/slack/utf.hpp"
#include "bot/cards/inbound.hpp"

#include <catch2/catch.hpp>

using namespace jitbot;
using namespace jitbot::slack;

namespace {

std::string mention(const std::string& user) {
  return std::string(k_mention_open) + user + std::string(k_mention_close);
}

const Time k_now = time_from_ms(1'772'330'400'000);  // 2026-03-01T02:00:00Z

std::string rendered(const Line& line, std::size_t limit = 3000) {
  Mrkdwn text(limit);
  text.line(line, k_now);
  return text.take();
}

}  // namespace

TEST_CASE("text typed in Slack is read as it was typed", "[slack]") {
  const auto [wire, read] = GENERATE(table<std::string, std::string>({
      {"request staging 1h", "request staging 1h"},
      {"a &amp; b &lt;c&gt;", "a & b <c>"},
      {"&amp;lt;!channel&amp;gt;", "&lt;!channel&gt;"},  // undone once, never twice
      {"for <@U012AB|bob> please", "for " + mention("U012AB") + " please"},
      {"<@W9>", mention("W9")},
      {"<@bob>", "@bob"},
      {"see <#C012|general>", "see #C012"},
      {"<!subteam^S012|@ops>", "@S012"},
      {"<!here>", "@here"},
      {"<https://x.example/a?b=1&amp;c=2>", "https://x.example/a?b=1&c=2"},
      {"<http://db.example.com|db.example.com>", "db.example.com"},
      {"<https://evil.example|https://good.example>", "https://evil.example"},
      {"<mailto:bob@x.example|bob@x.example>", "bob@x.example"},
      {"3 < 4", "3 < 4"},
      {"<<@U1>", "<" + mention("U1")},
      {"<@U1", "<@U1"},
  }));
  CAPTURE(wire);
  CHECK(read_text(wire) == read);
}

TEST_CASE("a mention cannot be imitated by typing its characters", "[slack]") {
  const std::string typed = "for " + mention("U0BOSS") + " now";
  CHECK(read_text(typed) == "for U0BOSS now");
}

TEST_CASE("text that hides or reorders is cleaned", "[slack]") {
  const auto [dirty, clean] = GENERATE(table<std::string, std::string>({
      {"a\u202Eb\u2066c\u2069d", "abcd"},
      {"pro\u200Bd\uFEFF-\u2060db", "prod-db"},
      {"a\u2028b\u2029c", "abc"},
      {std::string("a\x01") + "b\x7F" + "c\u0085d", "abcd"},
      {"a\r\nb\rc", "a\nb\nc"},
      {"a\n\n\n\n\nb", "a\n\nb"},
      {"a\tb", "a b"},
      {"smart \u201Cquotes\u201D stay, caf\u00E9 and \U0001F600 too",
       "smart \u201Cquotes\u201D stay, caf\u00E9 and \U0001F600 too"},
      {"bad \xC3\x28 \xFF \xED\xA0\x80", "bad \uFFFD( \uFFFD \uFFFD\uFFFD\uFFFD"},
      {"\xF0\x9F\x98", "\uFFFD\uFFFD\uFFFD"},
  }));
  CHECK(clean_text(dirty) == clean);
}

TEST_CASE("what follows the bot's name is what was said to it", "[slack]") {
  const std::string bot = mention("U0BOT");
  const auto [text, said] = GENERATE_COPY(table<std::string, std::string>({
      {bot + " request staging 1h", "request staging 1h"},
      {"hey " + bot + " mine", "mine"},
      {"mine " + bot, "mine"},
      {bot, ""},
      {"mine", "mine"},
      {mention("U1") + " mine", mention("U1") + " mine"},
  }));
  CHECK(after_mention(text, "U0BOT") == said);
}

TEST_CASE("texts are measured and cut in UTF-16 units, between code points", "[slack]") {
  CHECK(utf16_units("aé€\U0001F600") == 5);
  CHECK(cut_utf16("abcdef", 6) == "abcdef");
  CHECK(cut_utf16("abcdefg", 6) == "abcde…");
  CHECK(cut_utf16("ab\U0001F600\U0001F600", 4) == "ab…");
  CHECK(cut_utf16("abc", 0).empty());
}

TEST_CASE("nothing in our words is parsed by Slack", "[slack]") {
  CHECK(rendered(plain("<!channel> *Approved by <@U1>*")) == "&lt;!channel&gt; ∗Approved by &lt;@U1&gt;∗");
  CHECK(rendered(plain("a & b")) == "a &amp; b");
  CHECK(rendered(plain("prod_db_1 and _x_ ~y~ `z`")) == "prod_db_1 and ˍxˍ ∼y∼ ˋzˋ");
  CHECK(rendered(plain(":white_check_mark: at 10:30:15")) == "∶white_check_mark: at 10∶30:15");
  CHECK(rendered({Strong{"a*b<"}}) == "*a∗b&lt;*");
  CHECK(rendered({Code{"x`y<z>"}}) == "`xˋy&lt;z&gt;`");
  CHECK(rendered(plain("\u202Eabc")) == "abc");
}

TEST_CASE("people, channels and times are Slack's own entities", "[slack]") {
  CHECK(rendered({Mention{{"slack:T1", "U1"}}}) == "<@U1>");
  CHECK(rendered({Mention{{"slack:T1", "U1> <!channel>"}}}) == "@U1&gt; &lt;!channel&gt;");
  CHECK(rendered({Mention{{"system", "clock"}}}) == "@clock");
  CHECK(rendered({ChannelMention{"C01"}}) == "<#C01>");
  CHECK(rendered({ChannelMention{"#ops"}}) == "#ops");
  CHECK(rendered({Moment{k_now + 90min}}) == "<!date^1772335800^{time}|03:30 UTC> (03:30 UTC)");
  CHECK(rendered({Moment{k_now + 5s, true}}) == "<!date^1772330405^{time_secs}|02:00:05 UTC> (02:00:05 UTC)");
  CHECK(rendered({Moment{k_now + 48h}}) ==
        "<!date^1772503200^{date_short_pretty} at {time}|2026-03-03 02:00 UTC> (2026-03-03 02:00 UTC)");
}

TEST_CASE("a cut never breaks an entity and says that it cut", "[slack]") {
  const Line line{Plain{"<<<<"}, Mention{{"slack:T1", "U1"}}, Strong{"&&&&"}};
  const std::string whole = rendered(line);
  for (std::size_t limit = 0; limit <= utf16_units(whole) + 2; ++limit) {
    const std::string text = rendered(line, limit);
    CAPTURE(limit, text);
    CHECK(utf16_units(text) <= limit);
    if (limit > utf16_units(whole)) {
      CHECK(text == whole);
      continue;
    }
    if (limit > 0) CHECK(text.find("…") != std::string::npos);
    std::string rest = text;
    for (const std::string entity : {"&lt;", "&amp;", "<@U1>", "…", "*"}) {
      for (auto at = rest.find(entity); at != std::string::npos; at = rest.find(entity))
        rest.erase(at, entity.size());
    }
    CHECK(rest.empty());
  }
}
