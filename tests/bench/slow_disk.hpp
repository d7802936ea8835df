#pragma once

#include <chrono>

namespace jitbot::bench {

// From now on each flush of this process's SQLite databases takes that much longer. Call it before the first
// is opened. The product knows nothing of it.
void make_disk_slower(std::chrono::microseconds each_flush);

}  // namespace jitbot::bench
