#include "adapters/chat/slack/doctor.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <set>
#include <string>

using namespace jitbot::slack;

namespace {

// The items of the list under oauth_config.scopes.bot.
std::set<std::string> scopes_of_manifest() {
  std::ifstream file(JITBOT_SOURCE_DIR "/deploy/slack/manifest.yaml");
  std::set<std::string> scopes;
  bool within = false;
  for (std::string line; std::getline(file, line);) {
    const auto begin = line.find_first_not_of(' ');
    if (begin == std::string::npos || line[begin] == '#') continue;
    if (line.substr(begin) == "bot:") {
      within = true;
    } else if (!line.substr(begin).starts_with("- ")) {
      within = false;
    } else if (within) {
      scopes.insert(line.substr(begin + 2));
    }
  }
  return scopes;
}

}  // namespace

TEST_CASE("the scopes that doctor looks for are those that the manifest asks for") {
  std::set<std::string> needed;
  for (const NeededScope& scope : needed_scopes()) {
    CHECK_FALSE(scope.purpose.empty());
    needed.insert(std::string(scope.name));
  }
  CHECK(needed.size() == needed_scopes().size());
  CHECK(needed == scopes_of_manifest());
}
