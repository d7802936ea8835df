#pragma once

#include "tests/support/recordings.hpp"

namespace jitbot::testing {

// The recorded Slack traffic.
inline bool have_slack_fixtures() {
  return have_recordings("slack");
}
inline nlohmann::json slack_fixture(const std::string& name) {
  return recording("slack", name);
}

}  // namespace jitbot::testing
