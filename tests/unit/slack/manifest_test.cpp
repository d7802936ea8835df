#include "adapters/chat/sandbox/sandbox.hpp"
#include "adapters/chat/slack/decode_parts.hpp"
#include "adapters/chat/slack/doctor.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <set>
#include <string>

using namespace jitbot::slack;

namespace {

std::ifstream manifest() {
  return std::ifstream(JITBOT_SOURCE_DIR "/deploy/slack/manifest.yaml");
}

// The items of the list under that key.
std::set<std::string> list_of_manifest(const std::string& key) {
  std::ifstream file = manifest();
  std::set<std::string> items;
  bool within = false;
  for (std::string line; std::getline(file, line);) {
    const auto begin = line.find_first_not_of(' ');
    if (begin == std::string::npos || line[begin] == '#') continue;
    if (line.substr(begin) == key + ":") {
      within = true;
    } else if (!line.substr(begin).starts_with("- ")) {
      within = false;
    } else if (within) {
      items.insert(line.substr(begin + 2));
    }
  }
  return items;
}

}  // namespace

TEST_CASE("the scopes that doctor looks for are those that the manifest asks for") {
  std::set<std::string> needed;
  for (const NeededScope& scope : needed_scopes()) {
    CHECK_FALSE(scope.purpose.empty());
    needed.insert(std::string(scope.name));
  }
  CHECK(needed.size() == needed_scopes().size());
  CHECK(needed == list_of_manifest("bot"));
}

TEST_CASE("the manifest subscribes to exactly the events that we understand, and the sandbox sends those") {
  const auto subscribed = list_of_manifest("bot_events");
  CHECK(subscribed == events_understood());
  const auto sent = jitbot::sandbox::default_events();
  CHECK(subscribed == std::set<std::string>(sent.begin(), sent.end()));
  CHECK(subscribed.size() == sent.size());
}

TEST_CASE("the manifest has Home, the shortcut, and the messages tab") {
  std::set<std::string> lines;
  std::ifstream file = manifest();
  for (std::string line; std::getline(file, line);) {
    const auto begin = line.find_first_not_of(" -");
    if (begin != std::string::npos) lines.insert(line.substr(begin));
  }
  CHECK(lines.contains("home_tab_enabled: true"));
  CHECK(lines.contains("messages_tab_enabled: true"));
  CHECK(lines.contains("callback_id: request_access"));
  CHECK(lines.contains("type: global"));
}
