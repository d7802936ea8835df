#pragma once

#include "bot/cards/home.hpp"

#include <nlohmann/json_fwd.hpp>

namespace jitbot::slack {

// Home as a view for views.publish, within Slack's limits whatever is in it: at most 100 blocks and 250 KB;
// what does not fit is said to be missing.
nlohmann::json render_home(const Home& home, Time now);

}  // namespace jitbot::slack
