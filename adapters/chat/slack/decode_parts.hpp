#pragma once

#include "adapters/chat/slack/decode.hpp"

#include <nlohmann/json_fwd.hpp>

#include <set>
#include <string>
#include <string_view>

namespace jitbot::slack {

Decoded decode_command(const nlohmann::json& payload, const Self& self, Time received);
Decoded decode_interactive(const nlohmann::json& payload, const Self& self, Time received);
Decoded decode_event(const nlohmann::json& payload, const Self& self, Time received);
// What decode_event reads, by the names under which an app subscribes to it.
std::set<std::string> events_understood();

// "1605853645.582706" to the millisecond; `otherwise` where it is no such thing.
Time time_of_ts(std::string_view ts, Time otherwise);

}  // namespace jitbot::slack
