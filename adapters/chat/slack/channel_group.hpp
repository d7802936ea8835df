#pragma once

#include "adapters/chat/slack/decode.hpp"
#include "adapters/chat/slack/web_api.hpp"
#include "bot/model/person.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <set>
#include <string>
#include <string_view>

// A private channel as a group: whoever is in it was let in by somebody who was.
namespace jitbot::slack {

// "C0123" of "slack:channel/C0123"; nothing: it is no such source.
std::optional<std::string> channel_of_source(std::string_view source);
std::string source_of_channel(const std::string& channel);

// Why this channel, as conversations.info describes it, names nobody, and what to do; nothing: it is a group.
struct NoGroup {
  std::string why;     // "#ops is public: anybody could join it, so it names nobody"
  std::string advice;  // for doctor
};
std::optional<NoGroup> why_no_group(const nlohmann::json& channel);

// Its members without `bot`, asked live, while it is a group; an error otherwise, and never a part of them.
Task<Result<std::set<PrincipalId>>> members_of_channel(WebApi& api, std::string channel, Self self);

}  // namespace jitbot::slack
