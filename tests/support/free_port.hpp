#pragma once

#include <cstdint>

namespace jitbot::testing {

// One of 127.0.0.1 that nobody listens on now: for a server that has to be told its port before it starts.
std::uint16_t free_port();

}  // namespace jitbot::testing
