#pragma once

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>

// Recorded traffic and public test cases, kept outside the repository: JITBOT_FIXTURES, else beside it.
namespace jitbot::testing {

// "slack", "mattermost", "cel"
std::filesystem::path recordings(const std::string& folder);
// False, and said aloud, where they are missing: the test is then skipped.
bool have_recordings(const std::string& folder);
// By its name without ".json"; one that is missing fails the test.
nlohmann::json recording(const std::string& folder, const std::string& name);

}  // namespace jitbot::testing
