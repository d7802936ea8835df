#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jitbot::mattermost {

// User ids by username, in lower case.
using Ids = std::map<std::string, std::string, std::less<>>;

// What people typed, made harmless: valid UTF-8, without control characters and without anything that hides,
// reorders or imitates text; line ends are \n, at most two in a row.
std::string clean_text(std::string_view text);

// Mentions are plain text on the wire. All usernames that `text` may mention, in lower case: of "@carol."
// both "carol." and "carol", since names may end in what also ends a sentence.
std::vector<std::string> names_in(std::string_view text);
// Each mention of a known name as k_mention_open + id + k_mention_close, the longest name first; what nobody
// is called stays as it was typed.
std::string with_mentions(std::string_view text, const Ids& ids);

// What follows the first mention of `username`, or what stood before it where nothing follows. Nothing: it is
// not mentioned, or only inside code, where the server sees no mention either.
std::optional<std::string> said_to(std::string_view text, std::string_view username);

}  // namespace jitbot::mattermost
