#pragma once

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

namespace jitbot::testing {

// The recorded Slack traffic, kept outside the repository: JITBOT_FIXTURES, else beside it.
inline std::filesystem::path slack_fixtures() {
  const char* folder = std::getenv("JITBOT_FIXTURES");
  const std::filesystem::path top =
      folder != nullptr ? std::filesystem::path(folder)
                        : std::filesystem::path(JITBOT_SOURCE_DIR).parent_path() / "shared" / "fixtures";
  return top / "slack";
}

// False, and said aloud, where the recordings are missing: the test is then skipped.
inline bool have_slack_fixtures() {
  if (std::filesystem::is_directory(slack_fixtures())) return true;
  WARN("skipped: no recordings in " << slack_fixtures());
  return false;
}

inline nlohmann::json slack_fixture(const std::string& name) {
  std::ifstream file(slack_fixtures() / (name + ".json"));
  REQUIRE(file.good());
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return nlohmann::json::parse(text);
}

}  // namespace jitbot::testing
