#pragma once

#include "bot/model/ids.hpp"
#include "bot/model/time.hpp"

#include <string>
#include <variant>
#include <vector>

// Words of ours, as every platform can show them. A string in a span is never parsed by a platform: an
// adapter escapes it. People are mentions, never display names; times are shown in the reader's own zone, UTC
// beside.
namespace jitbot {

struct Plain {
  std::string text;
  bool operator==(const Plain&) const = default;
};
struct Strong {
  std::string text;
  bool operator==(const Strong&) const = default;
};
struct Code {
  std::string text;
  bool operator==(const Code&) const = default;
};
struct Mention {
  PrincipalId who;
  bool operator==(const Mention&) const = default;
};
struct ChannelMention {
  std::string channel;
  bool operator==(const ChannelMention&) const = default;
};  // id or #name
struct Moment {
  Time at;
  bool seconds = false;
  bool operator==(const Moment&) const = default;
};  // time of day; with the date when not today

using Span = std::variant<Plain, Strong, Code, Mention, ChannelMention, Moment>;
using Line = std::vector<Span>;

Line plain(std::string text);
// The line as plain text: for notifications, fall-backs and tests. "@U1", times in UTC.
std::string to_plain_text(const Line& line);

}  // namespace jitbot
