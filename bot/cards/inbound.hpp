#pragma once

#include "bot/cards/form.hpp"
#include "bot/model/person.hpp"
#include "bot/model/result.hpp"
#include "bot/model/secret.hpp"

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <optional>
#include <string>
#include <variant>

namespace jitbot {

// Inside Said::text a mention is k_mention_open + user id + k_mention_close. Adapters strip both characters
// from what people type, so a mention cannot be imitated.
inline constexpr std::string_view k_mention_open = "\xEF\xBF\xB9";   // U+FFF9
inline constexpr std::string_view k_mention_close = "\xEF\xBF\xBB";  // U+FFFB

// Where a private answer goes. Purged from the store an hour after the Inbound.
struct ReplyTo {
  std::string channel;  // where it was said
  std::string thread;   // the thread there, if any
  std::string message;  // the message whose button was pressed, if any and if others see it too
  Secret url;           // a platform's answer address
  enum class Where {
    channel,
    direct
  } where = Where::channel;  // direct: the bot's own DM, a post is private there
};

// `/jit …`, a mention of the bot, or a direct message to it: the words after the command.
struct Said {
  std::string text;
};
struct Clicked {
  ButtonValue button;
};
struct Submitted {
  FormKind form = FormKind::request;
  std::optional<ButtonValue> about;
  std::map<std::string, std::string> values;  // by field name; empty optional fields are absent
};
// Directory and channel events only refresh: the truth is asked again.
struct PersonChanged {
  PrincipalId who;
};
struct GroupChanged {
  std::string source;
};  // "slack:usergroup/S1", "slack:channel/C1"
struct ChannelChanged {
  std::string channel;
  std::string what;
};  // "archived", "renamed", "shared", "left" …

// One thing that the platform told us. Durable before it is acknowledged.
struct Inbound {
  // The same event gives the same key, however often and on whatever connection it comes.
  std::string key;
  PrincipalId from;
  Time at;  // when it was said, as the platform tells it, else when it came
  ReplyTo reply;
  std::variant<Said, Clicked, Submitted, PersonChanged, GroupChanged, ChannelChanged> what;
};

nlohmann::json to_json(const Inbound& inbound);
Result<Inbound> inbound_from_json(const nlohmann::json& json);

}  // namespace jitbot
