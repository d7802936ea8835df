#pragma once

#include "bot/model/past.hpp"
#include "bot/model/result.hpp"

#include <filesystem>
#include <vector>

namespace jitbot {

// Everything that was asked for in [since, until), refusals too, oldest first: read-only, beside a running
// bot. An error: the store cannot be read.
Result<std::vector<PastRequest>> read_past(const std::filesystem::path& store, Time since, Time until);

}  // namespace jitbot
