#include "bot/cards/text.hpp"

#include "bot/model/channel.hpp"

#include <fmt/format.h>

#include <chrono>

namespace jitbot {

namespace {

// With its date: plain text is read later, and elsewhere, and cannot know which day "today" was.
std::string utc_text(const Moment& moment) {
  const auto day = std::chrono::floor<std::chrono::days>(moment.at);
  const std::chrono::year_month_day date(day);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(moment.at - day).count();
  std::string text = fmt::format("{:04}-{:02}-{:02} {:02}:{:02}", static_cast<int>(date.year()),
                                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                 seconds / 3600, seconds / 60 % 60);
  if (moment.seconds) text += fmt::format(":{:02}", seconds % 60);
  return text + " UTC";
}

struct PlainText {
  std::string operator()(const Plain& span) const { return span.text; }
  std::string operator()(const Strong& span) const { return span.text; }
  std::string operator()(const Code& span) const { return span.text; }
  std::string operator()(const Mention& span) const { return "@" + span.who.user; }
  std::string operator()(const ChannelMention& span) const {
    return is_channel_name(span.channel) ? span.channel : "#" + span.channel;
  }
  std::string operator()(const Moment& span) const { return utc_text(span); }
};

}  // namespace

Line plain(std::string text) {
  Line line;
  line.emplace_back(Plain{std::move(text)});
  return line;
}

std::string to_plain_text(const Line& line) {
  std::string text;
  for (const auto& span : line) text += std::visit(PlainText{}, span);
  return text;
}

}  // namespace jitbot
