#pragma once

#include "bot/app/config.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace jitbot {

// The tests that a policy carries: where each of those that fail stands, and how it fails.
using PolicyTests = std::function<std::vector<PolicyProblem>(const Policy&)>;
std::vector<PolicyProblem> failed_tests(const Policy& policy);

// The policy of the configured folder, if it may be in force: it loads, it has every group that the
// configuration names, and its own tests pass. Else everything that is wrong with it. Blocks on the disk.
tl::expected<std::shared_ptr<const Policy>, std::vector<PolicyProblem>> policy_of_folder(
    const Config& config, const PolicyTests& tests = failed_tests);

}  // namespace jitbot
