#pragma once

#include "bot/policy/load.hpp"

#include <filesystem>
#include <vector>

namespace jitbot {

// The commit that HEAD of the Git checkout around `folder` names, and whether the files, as they were read
// from the folder, differ from what it has there: one that is changed, not in it, or in it and not there any
// more. Empty: no checkout, or none that can be read. Blocks on the disk.
PolicyCommit commit_of(const std::filesystem::path& folder, const std::vector<PolicyFile>& files);

}  // namespace jitbot
