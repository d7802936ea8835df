#pragma once

#include "bot/model/vote.hpp"
#include "store/driver.hpp"

#include <vector>

namespace jitbot::store {

// All votes on a request, oldest first.
std::vector<Vote> read_votes(Driver& driver, const RequestId& id);

}  // namespace jitbot::store
