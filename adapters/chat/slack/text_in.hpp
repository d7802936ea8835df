#pragma once

#include <string>
#include <string_view>

namespace jitbot::slack {

// What people typed, made harmless: valid UTF-8; control characters, bidi controls, zero-width and other
// invisible characters and line separators gone; line ends are \n, at most two in a row.
std::string clean_text(std::string_view text);

// Message and command text (docs.slack.dev, "Formatting message text"): <…> tokens become a mention, a
// channel id or the address that was typed; then &amp; &lt; &gt; are undone, once; then cleaned. Labels
// inside tokens are free text of somebody and are not believed.
std::string read_text(std::string_view text);

// What follows the first mention of `user`, or what stood before it where nothing follows. Text from
// read_text.
std::string after_mention(std::string_view text, std::string_view user);

bool is_user_id(std::string_view text);     // U… or W…
bool is_channel_id(std::string_view text);  // C…, G… or D…

}  // namespace jitbot::slack
