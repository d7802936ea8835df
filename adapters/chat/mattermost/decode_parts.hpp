#pragma once

#include "bot/model/time.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace jitbot::mattermost {

// Milliseconds since 1970 as the server tells them; `otherwise` where they are no time.
Time time_of(std::int64_t ms, Time otherwise);
// Direct conversations are named by their two people: "idA__idB".
bool is_direct_with(std::string_view channel_name, std::string_view user);

// application/x-www-form-urlencoded; names may come more than once, their values stay in order. A broken
// escape stands for itself, and bytes that are no UTF-8 become U+FFFD.
using FormValues = std::map<std::string, std::vector<std::string>, std::less<>>;
FormValues read_form(std::string_view body);
std::string first_of(const FormValues& form, std::string_view name);  // "" where there is none

}  // namespace jitbot::mattermost
