#include "tests/support/recordings.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>

namespace jitbot::testing {

std::filesystem::path recordings(const std::string& folder) {
  const char* given = std::getenv("JITBOT_FIXTURES");
  const std::filesystem::path top =
      given != nullptr ? std::filesystem::path(given)
                       : std::filesystem::path(JITBOT_SOURCE_DIR).parent_path() / "shared" / "fixtures";
  return top / folder;
}

bool have_recordings(const std::string& folder) {
  if (std::filesystem::is_directory(recordings(folder))) return true;
  WARN("skipped: no recordings in " << recordings(folder) << " (set JITBOT_FIXTURES)");
  return false;
}

nlohmann::json recording(const std::string& folder, const std::string& name) {
  std::ifstream file(recordings(folder) / (name + ".json"));
  INFO(folder << "/" << name);
  REQUIRE(file.good());
  return nlohmann::json::parse(file);
}

}  // namespace jitbot::testing
