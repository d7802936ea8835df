#pragma once

#include "bot/model/time.hpp"

#include <optional>
#include <string_view>

namespace jitbot::chat {

// The Date header's form, IMF-fixdate of RFC 9110 section 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT".
std::optional<Time> parse_http_date(std::string_view text);

}  // namespace jitbot::chat
