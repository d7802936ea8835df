#pragma once

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace jitbot::testing {

// The recorded Mattermost traffic, kept outside the repository: JITBOT_FIXTURES, else beside it.
inline std::filesystem::path mattermost_fixtures() {
  const char* folder = std::getenv("JITBOT_FIXTURES");
  const std::filesystem::path top =
      folder != nullptr ? std::filesystem::path(folder)
                        : std::filesystem::path(JITBOT_SOURCE_DIR).parent_path() / "shared" / "fixtures";
  return top / "mattermost";
}

// False, and said aloud, where the recordings are missing: the test is then skipped.
inline bool have_mattermost_fixtures() {
  if (std::filesystem::is_directory(mattermost_fixtures())) return true;
  WARN("skipped: no recordings in " << mattermost_fixtures());
  return false;
}

inline nlohmann::json mattermost_fixture(const std::string& name) {
  std::ifstream file(mattermost_fixtures() / (name + ".json"));
  REQUIRE(file.good());
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return nlohmann::json::parse(text);
}

}  // namespace jitbot::testing
