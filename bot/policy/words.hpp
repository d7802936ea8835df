#pragma once

#include "bot/model/approval.hpp"
#include "bot/policy/yaml/decode.hpp"

#include <optional>
#include <string>
#include <string_view>

// Words that policies and the configuration share: names, people, channels, templates.
namespace jitbot {

// What a list of people may name besides e-mails and accounts.
struct SubjectsAllowed {
  bool groups = false;
  bool owners = false;
};
// "alice@example.com", "group:sre", "slack:U0123", "mattermost:4xp9…", "owners". Reported where it is none of
// those allowed.
std::optional<Subject> read_subject(const yaml::Value& value, SubjectsAllowed allowed);

// What to do about a word of the format that comes with a later version.
yaml::Kind later_version();

// "#name" or a channel's id, with its platform where it is not Slack's: see bot/model/channel.hpp.
std::optional<std::string> read_channel(const yaml::Value& value);

// An e-mail in lower case, or nothing where this is none.
std::optional<std::string> parse_email(std::string_view text);

// Names of groups, resources, roles, rules, steps and connectors: they are said in commands
// ("staging:viewer"), stand in addresses, and are compared as they are.
bool is_name(std::string_view text);
enum class Patterns { refused, allowed };  // names in which '*' stands for any characters
// Reports a key that is no name. `what` for the message: "a resource".
bool check_name(const yaml::Entry& entry, const yaml::Value& value, yaml::Problems& problems,
                std::string_view what, Patterns patterns = Patterns::refused);
// The same for a value.
std::optional<std::string> read_name(const yaml::Value& value, std::string_view what,
                                     Patterns patterns = Patterns::refused);

// Text that people are shown or a target gets: no control characters, at most `most` bytes.
std::optional<std::string> read_line(const yaml::Value& value, std::size_t most);

}  // namespace jitbot
