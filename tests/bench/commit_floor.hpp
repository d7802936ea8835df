#pragma once

#include "tests/bench/measure.hpp"

#include <filesystem>

// What bare SQLite does in the same folder, with the settings of our store (WAL, synchronous FULL) and
// nothing of ours in between.
namespace jitbot::bench {

struct CommitFloor {
  double per_second = 0;
  Waits commits;
};
// One small row a commit, one after the other; `every`: a commit each so often, 0: without a pause.
CommitFloor commit_one_by_one(const std::filesystem::path& folder, int commits,
                              std::chrono::microseconds every);

// Seconds to write all rows of the finished store `from` into an empty one of the same schema, once, in that
// many commits.
double rewrite_seconds(const std::filesystem::path& from, const std::filesystem::path& folder, int commits);

}  // namespace jitbot::bench
