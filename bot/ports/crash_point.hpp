#pragma once

#include <string_view>

namespace jitbot {

// Where a test may pull the plug: with JITBOT_CRASH_AT=name:k in the environment the k-th pass of that name
// aborts the process, as kill -9 would. Compiled in by JITBOT_CRASH_POINTS alone (dev, asan, tsan presets).
#ifdef JITBOT_CRASH_POINTS
void crash_point(std::string_view name);
#else
inline void crash_point(std::string_view) {}
#endif

}  // namespace jitbot
