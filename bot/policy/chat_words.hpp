#pragma once

#include <optional>
#include <string>
#include <string_view>

// How policies and the configuration write accounts, channels and groups of the chat platforms.
namespace jitbot {

// "slack:U0123", "mattermost:4xp9fdt77pncbef59f4k1qe83o"
bool is_chat_account(std::string_view text);
// Begins like an account of a platform, whatever follows.
bool is_of_a_chat(std::string_view text);
// "C0123", "slack:C0123", "mattermost:4xp9…"; "#name" with a platform before it, or without.
bool is_chat_channel(std::string_view text);

// A kind of group whose members are asked live.
struct LiveSource {
  std::string_view prefix;   // "slack:usergroup/"
  std::string_view whose;    // "a user group's"
  std::string_view example;  // "S0123ABCD"
  std::string_view where;    // how one finds the id
  bool (*is_id)(std::string_view id);
};
// Nothing: it begins like none of them.
const LiveSource* live_source(std::string_view text);
// "slack:usergroup/ID, slack:channel/ID, …"
std::string all_live_sources();

}  // namespace jitbot
