#pragma once

#include "bot/model/person.hpp"
#include "bot/model/request.hpp"
#include "bot/model/result.hpp"

namespace jitbot {

// Whether what was asked for is still there, where a catalog lists it (`asked.catalog`, to be among the
// Facts). refused: "preview-42 does not exist any more"; unavailable: it cannot be checked now.
Result<void> still_exists(const Asked& asked, const Facts& facts);

}  // namespace jitbot
