#pragma once

#include "tests/unit/mattermost/fixtures.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace jitbot::mattermost::testing {

using jitbot::testing::have_mattermost_fixtures;
using jitbot::testing::mattermost_fixture;

// All request and response pairs of a recording, however deep.
inline void collect_exchanges(const nlohmann::json& json, std::vector<nlohmann::json>& found) {
  if (!json.is_structured()) return;
  if (json.is_object() && json.contains("request") && json.contains("response")) found.push_back(json);
  for (const auto& inner : json) collect_exchanges(inner, found);
}
inline std::vector<nlohmann::json> exchanges(const std::string& name) {
  std::vector<nlohmann::json> found;
  collect_exchanges(mattermost_fixture(name), found);
  REQUIRE_FALSE(found.empty());
  return found;
}

// What the server sent as text in a list of recorded frames.
inline std::vector<nlohmann::json> frames_in(const nlohmann::json& frames) {
  std::vector<nlohmann::json> sent;
  for (const auto& frame : frames) {
    const bool from_server = frame.value("dir", "") == "<" && frame.value("kind", "") == "text";
    if (from_server && frame.contains("json")) sent.push_back(frame.at("json"));
  }
  return sent;
}

}  // namespace jitbot::mattermost::testing
