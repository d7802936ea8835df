#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

// Slack's text objects, for messages and modals (docs.slack.dev, "Reference: text object").
namespace jitbot::slack {

bool is_blank(std::string_view text);  // holds nothing but blanks and ends of lines

// {"type":"plain_text"} with nothing converted, at most `max` units and never empty.
nlohmann::json plain_text(std::string_view text, std::size_t max);
// {"type":"mrkdwn"} of what is mrkdwn already; verbatim: bare names and addresses are not turned into links
// or pings.
nlohmann::json mrkdwn(std::string text);

}  // namespace jitbot::slack
