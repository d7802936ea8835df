#pragma once

#include "bot/app/config.hpp"

namespace jitbot {

// Logs go to standard error, one event a line: `key=value` text, or JSON objects with time, level and
// message.
void set_up_logging(const LogSettings& settings);

}  // namespace jitbot
