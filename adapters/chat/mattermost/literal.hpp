#pragma once

#include <string>
#include <string_view>

namespace jitbot::mattermost {

// Words as Markdown that shows them and does nothing else: nobody is pinged, nothing is linked, formatted,
// listed as a hashtag or turned into a picture. Markdown's backslash is shown by what does not render it
// (notifications), so what would begin something is replaced by its look-alike. One line: blanks and ends of
// lines are one space.
std::string literal(std::string_view text);
// The same inside a pair of backticks, where nothing is parsed; empty where there is nothing to show.
std::string code(std::string_view text);
// User text in a fence of its own, longer than any run of backticks inside.
std::string fenced(std::string_view text);
// A line as it stands in a text of several: it begins no list, heading, quote, table or rule.
std::string as_line(std::string line);

// At most `most` code points, with … at the end where something was cut.
std::string cut(std::string_view text, std::size_t most);

}  // namespace jitbot::mattermost
