#include "adapters/chat/slack/text_out.hpp"

#include "adapters/chat/slack/text_in.hpp"
#include "adapters/chat/slack/utf.hpp"
#include "bot/model/utf8.hpp"

#include <fmt/format.h>

#include <chrono>

namespace jitbot::slack {

namespace {

bool is_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
         (byte >= 'A' && byte <= 'Z');
}

bool is_emoji_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '+' || c == '\'';
}

// A ':' that begins ":name:".
bool begins_emoji(std::string_view text) {
  std::size_t end = 1;
  while (end < text.size() && is_emoji_name(text[end])) ++end;
  return end > 1 && end < text.size() && text[end] == ':';
}

// Formatting begins or ends only at a word's edge; inside a word (prod_db) the character stays as it is.
bool inside_word(char before, std::string_view text) {
  return is_word(before) && text.size() > 1 && is_word(text[1]);
}

std::string_view look_alike(char before, std::string_view text) {
  switch (text.front()) {
    case '*':
      return "∗";  // U+2217
    case '_':
      return inside_word(before, text) ? "_" : "ˍ";  // U+02CD
    case '~':
      return "∼";  // U+223C
    case '`':
      return "ˋ";  // U+02CB
    case ':':
      return begins_emoji(text) ? "∶" : ":";  // U+2236
    default:
      return text.substr(0, 1);
  }
}

std::string_view entity(std::string_view character) {
  if (character == "&") return "&amp;";
  if (character == "<") return "&lt;";
  if (character == ">") return "&gt;";
  return character;
}

std::chrono::sys_days day_of(Time time) {
  return std::chrono::floor<std::chrono::days>(time);
}

std::string utc(const Moment& moment, Time now) {
  const auto day = day_of(moment.at);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(moment.at - day).count();
  std::string text;
  if (day != day_of(now)) {
    const std::chrono::year_month_day date(day);
    text = fmt::format("{:04}-{:02}-{:02} ", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  }
  text += fmt::format("{:02}:{:02}", seconds / 3600, seconds / 60 % 60);
  if (moment.seconds) text += fmt::format(":{:02}", seconds % 60);
  return text + " UTC";
}

// Shown in the reader's own zone, with UTC beside it and as the fallback.
std::string date_entity(const Moment& moment, Time now) {
  const std::string there = utc(moment, now);
  const std::string_view time = moment.seconds ? "{time_secs}" : "{time}";
  const std::string tokens =
      day_of(moment.at) == day_of(now) ? std::string(time) : fmt::format("{{date_short_pretty}} at {}", time);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(moment.at.time_since_epoch()).count();
  return fmt::format("<!date^{}^{}|{}> ({})", seconds, tokens, there, there);
}

}  // namespace

std::string escape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) out += entity(text.substr(i, 1));
  return out;
}

std::string literal(std::string_view text) {
  const std::string clean = clean_text(text);
  std::string_view rest = clean;
  std::string out;
  char before = ' ';
  while (!rest.empty()) {
    out += entity(look_alike(before, rest));
    before = rest.front();
    rest.remove_prefix(1);
  }
  return out;
}

void Mrkdwn::whole(std::string_view piece) {
  const std::size_t units = utf16_units(piece);
  // One unit stays free for the … that tells of a cut.
  if (full_ || used_ + units + 1 > limit_) {
    if (!full_ && used_ < limit_) text_ += "…";
    full_ = true;
    return;
  }
  text_ += piece;
  used_ += units;
}

void Mrkdwn::letters(std::string_view text) {
  while (!text.empty() && !full_) {
    std::size_t length = 0;
    // An entity is never cut in two.
    if (text.front() == '&') {
      const auto end = text.find(';');
      length = end == std::string_view::npos ? 1 : end + 1;
    } else {
      next_code_point(text, length);
    }
    whole(text.substr(0, length));
    text.remove_prefix(length);
  }
}

void Mrkdwn::wrapped(std::string_view mark, std::string_view text) {
  if (text.empty() || full_) return;
  const std::size_t taken = used_ + 2 * mark.size();
  Mrkdwn inner(limit_ > taken ? limit_ - taken : 0);
  inner.letters(text);
  const std::string piece = std::string(mark) + inner.text_ + std::string(mark);
  if (!inner.full_) return whole(piece);
  // Cut inside the marks, so that they stay a pair; with no room for a letter only the … is left.
  const bool some = inner.used_ > 0;
  if (some || used_ < limit_) text_ += some ? piece : std::string("…");
  full_ = true;
}

void Mrkdwn::span(const Span& span, Time now) {
  if (const auto* words = std::get_if<Plain>(&span)) return letters(literal(words->text));
  if (const auto* words = std::get_if<Strong>(&span)) return wrapped("*", literal(words->text));
  if (const auto* words = std::get_if<Code>(&span)) return wrapped("`", literal(words->text));
  if (const auto* mention = std::get_if<Mention>(&span)) {
    const auto& who = mention->who;
    if (who.workspace.starts_with("slack:") && is_user_id(who.user)) return whole("<@" + who.user + ">");
    return letters(literal("@" + who.user));
  }
  if (const auto* mention = std::get_if<ChannelMention>(&span)) {
    if (is_channel_id(mention->channel)) return whole("<#" + mention->channel + ">");
    const bool marked = mention->channel.starts_with('#');
    return letters(literal(marked ? mention->channel : "#" + mention->channel));
  }
  if (const auto* moment = std::get_if<Moment>(&span)) whole(date_entity(*moment, now));
}

void Mrkdwn::line(const Line& line, Time now) {
  if (!text_.empty()) whole("\n");
  for (const auto& part : line) span(part, now);
}

}  // namespace jitbot::slack
