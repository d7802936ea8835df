#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace jitbot::mattermost {

// 26 characters of [a-z0-9]: users, channels, posts and teams alike.
bool is_id(std::string_view text);
// As the server takes names: lower case, digits, '.', '_' and '-'; those of other servers with a ':'.
bool is_username(std::string_view text);
// "all", "channel" and "here": a mention of it tells everybody, whoever may be called that.
bool names_a_crowd(std::string_view username);
bool is_channel_name(std::string_view text);
bool is_team_name(std::string_view text);

// The groups that policies can name, as directories are asked for them.
struct Source {
  enum class Kind { channel, group, team } kind = Kind::channel;
  std::string id;  // of a team also its name, as addresses have it
};
std::string to_string(const Source& source);                  // "mattermost:channel/<id>"
std::optional<Source> parse_source(std::string_view source);  // nothing: none of this platform's

}  // namespace jitbot::mattermost
